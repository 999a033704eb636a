"""Work that has no place in the server's process: done by processes that talk in lines of JSON.

A request is ``{"task", "arguments"}``; the answer is any number of ``{"event"}`` and then one
``{"result"}`` or ``{"error"}``. `tasks` names what there is to do, `child` does it, `process` is
the server's end of it, and `warm` keeps a child whose imports are done.
"""
