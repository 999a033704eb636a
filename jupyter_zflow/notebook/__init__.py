"""The notebook contract: how tags, metadata and magics say what the stages are.

::

    text -> document -> layout -> (analysis)

Nothing here looks at data flow, imports user code or needs a kernel.
"""
