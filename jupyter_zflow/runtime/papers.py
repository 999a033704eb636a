"""papermill and what belongs to it, imported at one place without what takes long and is not used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def load() -> Any:
    """Import papermill and return it."""
    # jsonschema imports this to check IRIs, which notebooks have none of; it compiles a grammar
    # and takes longer than everything else together.
    if "rfc3987_syntax" not in sys.modules:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import_module("jupyter_zflow.runtime.engine")
        return import_module("papermill")
    finally:
        if sys.modules["rfc3987_syntax"] is None:
            del sys.modules["rfc3987_syntax"]
