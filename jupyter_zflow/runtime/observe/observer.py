"""Looks before and after each cell, and writes down what is different."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runtime.observe.looks import Looks, look
from jupyter_zflow.runtime.observe.record import both, digest_of, read_cells, write_cells
from jupyter_zflow.runtime.observe.trace import Trace, shown

if TYPE_CHECKING:
    from collections.abc import Callable


class Observer:
    """Listens to IPython's events."""

    def __init__(
        self, shell: Any, place: Path, *, code_of: Callable[[str], str], keep: frozenset[str]
    ) -> None:
        self.place = place.absolute()
        self._shell = shell
        self._code_of = code_of
        self._cells = {
            digest: cell for digest, cell in read_cells(self.place).items() if digest in keep
        }
        self._own: set[str] = set()
        """Digests of cells that this observer saw."""
        self._before = Looks()
        self._trace: Trace | None = None
        self._code = ""
        self._home = ""

    def begin(self) -> None:
        """Start to listen."""
        self._before = look()
        self._shell.events.register("pre_run_cell", self._pre)
        self._shell.events.register("post_run_cell", self._post)

    def end(self) -> None:
        """Listen no more."""
        self._drop_trace()
        for event, callback in (("pre_run_cell", self._pre), ("post_run_cell", self._post)):
            self._shell.events.unregister(event, callback)

    def _pre(self, info: Any) -> None:
        self._code = self._code_of(info.raw_cell or "")
        self._home = str(Path.cwd())
        self._trace = Trace(sys.modules["__main__"].__dict__)
        self._trace.begin()

    def _post(self, result: Any) -> None:
        trace = self._drop_trace()
        before, after = self._before, look()
        self._before = after
        if trace is None or not self._code.strip():
            return  # it was running when the observation began
        digest = digest_of(self._code)
        seen = self._seen(trace, before, after, finished=bool(result.success))
        if digest in self._own:
            seen = both(self._cells[digest], seen)
        self._own.add(digest)
        self._cells[digest] = seen
        write_cells(self.place, self._cells)

    def _drop_trace(self) -> Trace | None:
        trace, self._trace = self._trace, None
        if trace is not None:
            trace.end()
        return trace

    def _seen(self, trace: Trace, before: Looks, after: Looks, *, finished: bool) -> dict[str, Any]:
        bound = {
            name
            for name, now in after.variables.items()
            if name not in before.variables or before.variables[name].identity != now.identity
        }
        kept = before.variables.keys() & after.variables.keys() - bound
        same = {name for name in kept if _same(name, before, after)}
        # What cannot be compared may have changed; it is in neither list.
        changed = {
            name
            for name in kept - same
            if before.variables[name].mark is not None and after.variables[name].mark is not None
        }
        moved = {
            kind
            for kind, mark in after.states.items()
            if mark is not None and before.states.get(kind) not in {None, mark}
        }
        still = {
            kind
            for kind, mark in after.states.items()
            if mark is not None and before.states.get(kind) == mark
        }
        return {
            "finished": finished,
            "reads": sorted(trace.names & before.variables.keys()),
            "binds": sorted(bound),
            "deletes": sorted(before.variables.keys() - after.variables.keys()),
            "changed": sorted(changed),
            "unchanged": sorted(same),
            "aliases": after.aliases,
            "states_changed": sorted(moved),
            "states_unchanged": sorted(still),
            "files_read": shown(trace.read, home=self._home),
            "files_written": shown(trace.written, home=self._home),
            "lines": sorted(trace.lines),
            "values": {
                name: seen.to_json()
                for name, seen in sorted(after.variables.items())
                if name not in same
            },
        }


def _same(name: str, before: Looks, after: Looks) -> bool:
    """Return whether a variable is what it was, and shares with whom it shared."""
    old, new = before.variables[name], after.variables[name]
    if not old.same(new):
        return False
    known = before.variables.keys() & after.variables.keys()
    return {*old.sharers} & known == {*new.sharers} & known
