"""What the cells of a notebook really did, noted in the kernel while it runs them.

For each cell: what it read and bound, which variables it changed and which it left as they were,
which ones share an object, what random state it moved, which files it opened, and for each
variable its type, its size and whether it can leave the process. Names, types and sizes; never a
value. The analysis may rely on the record where nothing else is known, and the stages check it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from jupyter_zflow.runtime.observe.observer import Observer

PLACE = "ZFLOW_OBSERVED"
"""The environment variable that tells a kernel to observe, and where to write."""

_observer: Observer | None = None


def start(
    shell: Any,
    place: Path,
    *,
    code_of: Callable[[str], str] = str,
    keep: Iterable[str] = (),
) -> None:
    """Observe each cell from now on, and write the record after each.

    Parameters
    ----------
    code_of
        Returns a cell's source without the magics that are not the user's code.
    keep
        Digests of cells whose older records stay.
    """
    from jupyter_zflow.runtime.observe.observer import Observer

    global _observer  # noqa: PLW0603  one kernel, one observer
    stop()
    _observer = Observer(shell, place, code_of=code_of, keep=frozenset(keep))
    _observer.begin()


def stop() -> Path | None:
    """Observe no more; return where the record is, None when nobody observed."""
    global _observer  # noqa: PLW0603  one kernel, one observer
    if _observer is None:
        return None
    place = _observer.place
    _observer.end()
    _observer = None
    return place


def observing() -> Path | None:
    """Return where the record is being written, None when nobody observes."""
    return None if _observer is None else _observer.place
