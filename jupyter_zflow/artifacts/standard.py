"""Objects of the standard library that pickle refuses, but that are not bound to a process.

Each is reduced to what makes an equal one, and only if that really makes an equal one.
"""

from __future__ import annotations

import queue
import re
import struct
import threading
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _reduce_match(match: re.Match[Any]) -> tuple[Any, ...]:
    for way in ("match", "search", "fullmatch", "finditer"):
        arguments = (match.re, way, match.string, match.pos, match.endpos, match.regs)
        if make_match(*arguments) is not None:
            return (make_match, arguments)
    raise PicklingError("the match cannot be found again; store its groups")


def make_match(  # noqa: PLR0917
    pattern: Any, way: str, text: Any, start: int, end: int, spans: Any
) -> Any:
    """Match again; return nothing unless it is the same match."""
    found = getattr(pattern, way)(text, start, end)
    matches = found if way == "finditer" else [found]
    return next((one for one in matches if one is not None and one.regs == spans), None)


def _reduce_struct(form: struct.Struct) -> tuple[Any, ...]:
    return (struct.Struct, (form.format,))


def _reduce_queue(waiting: Any) -> tuple[Any, ...]:
    if waiting.mutex.locked():
        raise PicklingError("a thread is using the queue")
    state = {"queue": waiting.queue, "unfinished_tasks": waiting.unfinished_tasks}
    return (type(waiting), (waiting.maxsize,), state)


def _reduce_event(event: threading.Event) -> tuple[Any, ...]:
    return (make_event, (event.is_set(),))


def make_event(happened: bool) -> threading.Event:  # noqa: FBT001  pickle calls it by position
    """Make an event."""
    event = threading.Event()
    if happened:
        event.set()
    return event


REDUCERS: Mapping[type, Callable[[Any], tuple[Any, ...]]] = {
    re.Match: _reduce_match,
    struct.Struct: _reduce_struct,
    queue.Queue: _reduce_queue,
    queue.LifoQueue: _reduce_queue,
    queue.PriorityQueue: _reduce_queue,
    threading.Event: _reduce_event,
}
