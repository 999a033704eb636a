"""papermill, imported at one place and without what takes long and is not used."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

_GRAMMAR = "rfc3987_syntax"
# jsonschema imports this to check IRIs, which notebooks have none of; it compiles a grammar and
# takes longer than everything else together.


def load() -> Any:
    """Import papermill and return it."""
    modules: dict[str, Any] = sys.modules
    modules.setdefault(_GRAMMAR, None)
    try:
        import_module("jupyter_zflow.runtime.engine")
        return import_module("papermill")
    finally:
        if modules.get(_GRAMMAR, "") is None:
            del modules[_GRAMMAR]


def rehearse() -> None:
    """Read a notebook once, so that what nbformat imports and compiles for it is done."""
    load()
    nbformat = import_module("nbformat")
    empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    nbformat.reads(json.dumps(empty), as_version=4)
