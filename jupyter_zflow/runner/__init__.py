"""Run the state machine on this machine, with no AWS account and no container.

What runs is the very definition that the template carries. `interpreter` knows the states,
`expressions` the JSONata in them, `executors` what each ``Resource`` means here, and `local` puts
them together with a folder that keeps the execution.
"""
