"""Request bodies as what ``predict`` takes, and what it returns as response bodies.

======================== ==================================== ===============================
content type             ``predict`` takes                    what it returned is written as
======================== ==================================== ===============================
``text/csv``             a frame, columns ``0, 1, ...``       rows without names and index
``text/csv;``            a frame, columns of the first row    rows below a row of names
``header=present``
``application/jsonlines`` a frame, a line for each row        a value for each line
``application/json``     the JSON value                       one JSON value
anything else            ``bytes``                            text and bytes only
======================== ==================================== ===============================

Text and bytes that ``predict`` returns are sent as they are, whatever the type. A frame becomes
objects in JSON, an array or a column becomes a list.
"""

from __future__ import annotations

import io
import json
from email.message import Message
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"
_NAMED = ("header", "present")
"""RFC 4180, section 3: whether the first row holds names."""


class BodyError(Exception):
    """A request that cannot be answered: the status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def decoded(body: bytes, content_type: str) -> Any:
    """Return what ``predict`` takes.

    Raises
    ------
    BodyError
        The body is not what its type says (400), or nothing here can read the type (415).
    """
    kind, named = _media(content_type)
    if kind not in (CSV, JSON, LINES):
        return body
    try:
        if kind == CSV:
            pandas = _pandas(kind)
            return pandas.read_csv(io.BytesIO(body), header=0 if named else None)
        text = body.decode("utf-8")
        if kind == JSON:
            return json.loads(text)
        rows = [json.loads(line) for line in text.split("\n") if line.strip()]
        return _pandas(kind).DataFrame(rows)
    except ValueError as error:
        raise BodyError(400, f"the body is no {kind}: {_first_line(error)}.") from None


def encoded(value: Any, accept: str) -> tuple[bytes, str]:
    """Return a body and its type.

    Raises
    ------
    BodyError
        The value cannot be written so: the type is unknown (406), or the value is none of those
        that are (500).
    """
    kind, named = _media(accept)
    if isinstance(value, str):
        return value.encode(), accept
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value), accept
    if value is None:
        raise BodyError(500, "predict returned None.")
    if kind not in (CSV, JSON, LINES):
        raise BodyError(406, f"{type(value).__name__} cannot be written as {kind!r}.")
    try:
        if kind == CSV:
            frame = _pandas(kind).DataFrame(value if _is_tabular(value) else list(value))
            text: str = frame.to_csv(index=False, header=named, lineterminator="\n")
            return text.encode(), accept
        plain = _plain(value)
        if kind == JSON:
            return _json(plain).encode(), accept
        rows = plain if isinstance(plain, list) else [plain]
        return "".join(f"{_json(row)}\n" for row in rows).encode(), accept
    except (TypeError, ValueError) as error:
        what = type(value).__name__
        raise BodyError(500, f"{what} cannot be written as {kind}: {_first_line(error)}.") from None


def _media(content_type: str) -> tuple[str, bool]:
    """Return the type without parameters, and whether the first row holds names."""
    message = Message()
    message["Content-Type"] = content_type or "application/octet-stream"
    header = message.get_param(_NAMED[0])
    return message.get_content_type(), str(header).lower() == _NAMED[1]


def _pandas(kind: str) -> ModuleType:
    try:
        import pandas as pd
    except ImportError:
        message = f"{kind} needs pandas, which the stage does not have."
        raise BodyError(415, message) from None
    module: ModuleType = pd
    return module


def _is_tabular(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] in {"pandas", "numpy"}


def _plain(value: Any) -> Any:
    """Return the value in JSON's terms, as far as it is one of pandas or numpy."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return _plain(value.to_dict(orient="records"))
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _json(value: Any) -> str:
    # NaN is not JSON: a reader would refuse it, or take it for something else.
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _first_line(error: BaseException) -> str:
    lines: Iterable[str] = str(error).strip().splitlines() or [type(error).__name__]
    return next(iter(lines)).rstrip(".")
