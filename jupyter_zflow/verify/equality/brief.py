"""A value in a few words, whatever its own ``repr`` would do."""

from __future__ import annotations

import re
import reprlib
import sys
import types
from typing import Any

LIMIT = 160
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_PLAIN = (str, bytes, int, float, complex, bool, type(None), list, tuple, dict, set, frozenset)

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = LIMIT
_short.maxlevel = 3


def brief(value: Any) -> str:
    """Return a short text for people; it is never compared."""
    try:
        text = _text(value)
    except Exception:  # noqa: BLE001  whatever the value's own code raises
        text = f"<{type_name(value)}>"
    text = _ADDRESS.sub("", " ".join(text.split()))
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 3]}..."


def type_name(value: Any) -> str:
    """Return the type as a person would write it."""
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    plain = module in {"builtins", "__main__"}
    return kind.__qualname__ if plain else f"{module}.{kind.__qualname__}"


def _text(value: Any) -> str:
    if type(value) in _PLAIN:
        return _short.repr(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{type_name(value)} {' x '.join(map(str, shape))}{_sample(value)}"
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, type) or callable(value):
        return f"{type_name(value)} {getattr(value, '__qualname__', '')}".rstrip()
    if type(value).__module__ == "__main__":
        return f"<{type_name(value)}>"
    return repr(value)


def _sample(value: Any) -> str:
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray:
        return f" {value.dtype}: {_short.repr(value.ravel()[:6].tolist())}"
    return ""
