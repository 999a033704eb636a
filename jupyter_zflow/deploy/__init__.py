"""What happens in an AWS account: bundles, stacks, executions, logs.

Every call goes through :class:`~jupyter_zflow.deploy.account.Account`, which knows where AWS is
and turns its refusals into one clear message. Nothing here prints, and nothing is changed that was
not asked for: a change set is made first, and executed by a call of its own.
"""
