"""Reads a notebook without running it: an abstract interpreter, one layer on another.

========================= ==========================================================
``ambient``               files, settings and random states so far; the cell's record
``machine``               names and heap so far
``opaque``                code that may do anything
``relying``               what an observed run showed of calls that are not known
``holding``               what containers and arrays hold
``libraries``             what known and unknown library calls do
``following``             functions and classes of the notebook, when they are called
``calls``                 which call is which
``implicit``              what Python calls by itself: special methods, descriptors
``access``                attributes, subscripts, iteration; binding and storing
``operators``             arithmetic, comparisons and tests
``expressions``           everything else that has a value
``special``               ``eval``, ``exec``, ``globals()`` and other built-ins of their own kind
``definitions``           imports, functions, classes, decorators
``statements``            everything else
``interactive``           magics and shell commands; the entry point
========================= ==========================================================
"""
