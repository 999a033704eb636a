"""Pure values: what a pipeline is, without anything that acts on it.

Only the standard library and pydantic are used here. Values are frozen; to change one is
to make a new one.
"""
