"""The Jupyter server extension: what the panel asks, over HTTP.

One file per resource in ``routes/``, each a thin front of :mod:`jupyter_zflow.actions`. No user
code runs in the server's process: a check only reads, and an export is a process of its own.
"""
