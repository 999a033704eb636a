"""Pictures of Pillow that look at the memory of an array.

Pillow takes some arrays and byte arrays as they are, and marks the picture as read-only: it copies
before it writes, but what others write shows. It does not tell whose memory it is, so one byte is
changed and put back, and the picture is asked whether it saw that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def looks_elsewhere(thing: Any, kind: type) -> bool:
    """Return whether a thing is a picture that may look at the memory of something else."""
    return kind.__module__ == "PIL.Image" and bool(getattr(thing, "readonly", 0))


def source(picture: Any, candidates: Iterable[Any]) -> Any:
    """Return the array or byte array whose memory the picture shows, or nothing."""
    content = picture.tobytes()
    if not content:
        return None
    for candidate in candidates:
        memory = _writable(candidate)
        if memory is None or len(memory) != len(content) or memory[0] != content[0]:
            continue
        memory[0] ^= 1
        try:
            seen = picture.tobytes()[0] != content[0]
        finally:
            memory[0] ^= 1
        if seen:
            return candidate
    return None


def _writable(candidate: Any) -> memoryview | None:
    try:
        memory = memoryview(candidate)
        return None if memory.readonly else memory.cast("B")
    except (TypeError, ValueError):  # has gaps, or is made of what has no bytes
        return None


def reduce_picture(picture: Any, memory: Any) -> tuple[Any, ...]:
    """Reduce a picture to the memory that it shows."""
    return (make_picture, (picture.mode, picture.size, memory))


def make_picture(mode: str, size: tuple[int, int], memory: Any) -> Any:
    """Make a picture that shows memory as it is."""
    from PIL import Image

    return Image.frombuffer(mode, size, memory, "raw", mode, 0, 1)
