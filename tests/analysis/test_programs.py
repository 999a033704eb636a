"""Generated programs, split at random, compute what they compute when they run straight.

``statements.txt`` holds the pieces. A program is a list of cells; its cells are spread over
stages, and each stage runs in a process of its own with exactly what the analysis says: its
replayed cells, what it loads, its own cells, what it saves. Every cell must print what it prints
when all cells run in one process. A refusal is allowed, and so is a loud failure; both are counted
(``--hypothesis-show-statistics``). A difference never is.

``pytest tests/analysis/test_programs.py --hypothesis-profile=thorough`` tries 10,000 programs.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from jupyter_zflow.analysis import analyse
from jupyter_zflow.export.notebooks import load_source, save_source
from jupyter_zflow.model.names import state_name
from jupyter_zflow.notebook.document import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_zflow.model.analysis import Analysis

HERE = Path(__file__).parent
THOROUGH = settings.get_current_profile_name() == "thorough"

IMPORTS = """\
import collections, contextlib, copy, dataclasses, functools, io, json, math, os, random, types
import warnings, weakref
from pathlib import Path
import numpy as np"""

# -- programs ---------------------------------------------------------------------------------

NAMES = {
    "int": "i j k n",
    "text": "s t",
    "list": "a b c d",
    "lists": "m l",
    "dict": "e p",
    "listdict": "q",
    "ask": "f g",
    "number": "h u",
    "change": "r w",
    "class": "C D",
    "object": "o x",
    "array": "v y",
}
"""Names that a kind of value prefers; few, so that they are bound again and again."""

SHOWN = {
    "int": "{}", "text": "{}", "list": "{}", "lists": "{}", "dict": "{}", "listdict": "{}",
    "set": "{}", "tuple": "{}", "counter": "{}", "pair": "{}", "object": "{}.items",
    "class": "{}.shared, {}.count", "array": "{}.tolist()", "ask": "{}()", "number": "{}(2)",
    "change": "{}([1, 2])",
}  # fmt: skip
"""How values of a kind are printed."""

MADE = frozenset({"int", "text", "any", "path", "stmt"})
"""Holes that are never left empty."""

PATHS = ("a.txt", "b.txt")
HOLE = re.compile(r"\$([=+?]?)([a-z]+)(\d*)")


@dataclass(frozen=True)
class Program:
    """Cells and what is tagged to them; the order in which stages run where it is free."""

    cells: tuple[str, ...]
    tags: tuple[str, ...]
    order: tuple[int, ...] = ()

    def without(self, cell: int, line: int) -> Program:
        """Return the program without the statement at a line of a cell."""
        source = self.cells[cell]
        lines = source.splitlines()
        for statement in ast.parse(source).body:
            decorators = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(part.lineno for part in decorators)])
            assert statement.end_lineno is not None
            if first <= line <= statement.end_lineno:
                rest = [*lines[: first - 1], *lines[statement.end_lineno :]]
                cells = [*self.cells]
                cells[cell] = "\n".join(rest)
                return replace(self, cells=tuple(cells))
        raise AssertionError(line, source)

    def __repr__(self) -> str:
        parts = [f"# [{tag}]\n{cell}" for cell, tag in zip(self.cells, self.tags, strict=True)]
        return "\n\n".join(["", *parts, f"# order {self.order}"])


@dataclass
class Writer:
    """Writes programs; ``choose(n)`` returns a number below n."""

    choose: Callable[[int], int]
    kinds: dict[str, str] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    fresh: int = 0

    def program(self) -> Program:
        """Write a program."""
        cells, tags = [IMPORTS], [("setup", "stage:s0")[self.choose(2)]]
        mixed = self.choose(8) == 0
        stage = 1
        for _ in range(3 + self.choose(8)):
            pieces = [self.piece() for _ in range(1 + self.choose(4))]
            if self.choose(2):
                pieces.append(f"print({self.shown()})")
            cells.append("\n".join(pieces))
            if self.choose(2):
                stage += 1
            lane = 1 + self.choose(stage) if mixed else stage
            tags.append("setup" if self.choose(12) == 0 else f"stage:s{lane}")
        if self.choose(4):
            every = [self.shown_as(name) for name in self.kinds]
            cells.append("\n".join(f"print({text})" for text in every if text))
            tags.append("stage:last")
        order = tuple(self.choose(3) for _ in range(stage + 1))
        return Program(tuple(cells), tuple(tags), order)

    def piece(self, *, nested: int = 0) -> str:
        """Write a piece that the names in sight allow."""
        pieces = INNER if nested else PIECES
        start = self.choose(len(pieces))
        for step in range(len(pieces)):
            piece = pieces[(start + step * 37) % len(pieces)]
            if all(self.allows(*hole.groups()) for hole in HOLE.finditer(piece)):
                return self.fill(piece, nested)
        return "pass"

    def allows(self, sign: str, kind: str, number: str) -> bool:
        """Return whether there is something to put into a hole."""
        if sign == "?":
            return kind in self.marks
        if kind == "known":
            return any(path in self.marks for path in PATHS)
        if sign or kind == "fresh" or (kind in MADE and not number):
            return True
        return kind in self.kinds.values()

    def fill(self, piece: str, nested: int) -> str:
        """Fill the holes of a piece."""
        chosen: dict[str, str] = {}
        bound: dict[str, str] = {}

        def fill_hole(found: re.Match[str]) -> str:
            sign, kind, number = found.groups()
            key = f"{kind}{number}"
            if number and key in chosen:
                return chosen[key]
            chosen[key] = self.word(sign, kind, number, found, nested=nested)
            if sign == "=":
                bound[chosen[key]] = kind
            return chosen[key]

        text = HOLE.sub(fill_hole, piece)
        if not nested:
            self.kinds.update(bound)
            if text.startswith("del "):
                for name in text[4:].split(", "):
                    self.kinds.pop(name, None)
        return text

    def word(self, sign: str, kind: str, number: str, found: re.Match[str], *, nested: int) -> str:
        """Return what stands in a hole."""
        if sign in {"+", "?"}:
            self.marks |= {kind} if not nested else set()
            return ""
        if sign == "=":
            return self.target(kind)
        if kind == "int" and not number:
            return self.number()
        if kind == "text" and not number:
            return self.pick("text") or '"abc"'
        if kind == "any":
            return self.shown()
        if kind == "fresh":
            self.fresh += 1
            return f"z{self.fresh}"
        if kind == "path":
            path = PATHS[self.choose(2)]
            self.marks |= {path} if not nested else set()
            return path
        if kind == "known":
            paths = [path for path in PATHS if path in self.marks]
            return paths[self.choose(len(paths))]
        if kind == "stmt":
            line = found.string.rfind("\n", 0, found.start()) + 1
            indent = " " * (found.start() - line)
            inner = self.piece(nested=nested + 1) if nested < 2 else "pass"
            return inner.replace("\n", f"\n{indent}")
        return self.pick(kind) or "None"

    def pick(self, kind: str) -> str:
        """Return a variable of a kind."""
        names = [name for name, own in self.kinds.items() if own == kind]
        return names[self.choose(len(names))] if names else ""

    def target(self, kind: str) -> str:
        """Return a name to bind."""
        if self.choose(20) == 0 and self.kinds:
            return list(self.kinds)[self.choose(len(self.kinds))]
        names = NAMES.get(kind, f"{kind[0]}1 {kind[0]}2").split()
        return names[self.choose(len(names))]

    def number(self) -> str:
        """Return an expression for a number."""
        style = self.choose(8)
        if style == 1 and (name := self.pick("int")):
            return name
        if style == 2 and (name := self.pick("list")):
            return f"len({name})"
        if style == 3 and (name := self.pick("number")):
            return f"{name}({self.choose(4)})"
        if style == 4 and (name := self.pick("dict")):
            return f'{name}.get("a", 0)'
        if style == 5 and (name := self.pick("object")):
            return f"len({name}.items)"
        return str(self.choose(6))

    def shown(self) -> str:
        """Return something that prints the same in every process."""
        names = [name for name, kind in self.kinds.items() if kind in SHOWN]
        return self.shown_as(names[self.choose(len(names))]) if names else "0"

    def shown_as(self, name: str) -> str:
        """Return an expression that shows a variable; nothing when it has no such."""
        return SHOWN.get(self.kinds[name], "").replace("{}", name)


def read_pieces() -> tuple[list[str], list[str]]:
    """Return the pieces for anywhere, and those for the top level."""
    text = (HERE / "statements.txt").read_text(encoding="utf-8")
    parts: list[list[str]] = [[], []]
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line[:1] != "#"]
        if lines == ["====="]:
            parts.reverse()
        elif lines:
            parts[0].append("\n".join(lines))
    return parts[1], parts[0]


INNER, OUTER = read_pieces()
PIECES = [*INNER, *OUTER, *OUTER]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    return Writer(lambda size: draw(st.integers(0, size - 1))).program()


# -- running ----------------------------------------------------------------------------------


class Processes:
    """The process that forks the kernels."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, str(HERE / "processes.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run jobs one after the other."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{json.dumps(jobs)}\n")
        self._server.stdin.flush()
        results: list[dict[str, Any]] = json.loads(self._server.stdout.readline())
        return results

    def close(self) -> None:
        """End the process."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(60)


def analysis_of(program: Program) -> Analysis:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": [tag]},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for place, (source, tag) in enumerate(zip(program.cells, program.tags, strict=True))
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return analyse(parse(json.dumps(notebook), path=None))


def jobs_of(program: Program, analysis: Analysis) -> list[dict[str, Any]]:
    """Return the stages as jobs, in an order that respects ``after`` and nothing else."""
    jobs = []
    waiting = list(analysis.stages)
    done: set[str] = set()
    for turn in range(len(waiting)):
        ready = [stage for stage in waiting if done.issuperset(stage.after)]
        choice = program.order[turn % len(program.order)] if program.order else 0
        stage = ready[-1] if choice == 1 else ready[choice % len(ready)]
        waiting.remove(stage)
        done.add(stage.name)
        last = not any(stage.name in other.after for other in analysis.stages)
        around = [(-1, load_source(stage)), (-2, save_source(stage, last=last))]
        sources = [
            *((cell, program.cells[cell]) for cell in stage.replays),
            around[0],
            *((cell, program.cells[cell]) for cell in stage.cells),
            around[1],
        ]
        jobs.append({"stage": state_name(stage.name), "cells": sources})
    return jobs


def runnable(program: Program, processes: Processes, *, fresh: bool) -> tuple[Program, list[str]]:
    """Leave out statements that fail; return the rest, and what each cell prints."""
    while True:
        job = {"cells": list(enumerate(program.cells)), "patient": True, "fresh": fresh}
        (result,) = processes.run([job])
        if result["error"] is None:
            return program, [text for _, text in result["printed"]]
        assert result["left_out"], result["error"]
        for cell, line in sorted(result["left_out"], reverse=True):
            program = program.without(cell, line)


@dataclass(frozen=True)
class Outcome:
    kind: str
    detail: str = ""


def plain(text: str) -> str:
    """Return what is printed without the addresses of objects."""
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def judge(program: Program, processes: Processes) -> tuple[Outcome, Program]:
    """Compare the isolated run with the straight one.

    Kernels are used again, so what is not right gets kernels of its own, and so does a part of
    what is right.
    """
    fresh = zlib.crc32(repr(program).encode()) % 20 == 0
    outcome, ran = compare(program, processes, fresh=fresh)
    if outcome.kind in {"different", "failed"} and not fresh:
        outcome, ran = compare(program, processes, fresh=True)
    return outcome, ran


def compare(program: Program, processes: Processes, *, fresh: bool) -> tuple[Outcome, Program]:
    program, expected = runnable(program, processes, fresh=fresh)
    analysis = analysis_of(program)
    if analysis.errors:
        return Outcome("refused", analysis.errors[0].code), program
    jobs = jobs_of(program, analysis)
    results = processes.run([{**job, "fresh": fresh} for job in jobs])
    for result in results:
        for cell, text in result["printed"]:
            if cell >= 0 and plain(text) != plain(expected[cell]):
                if runnable(program, processes, fresh=True) != (program, expected):
                    return Outcome("of chance"), program
                detail = f"cell {cell} printed {text!r}, straight {expected[cell]!r}"
                return Outcome("different", detail), program
    failed = [result for result in results if result["error"] is not None]
    if failed:
        return Outcome("failed", f"cell {failed[0].get('cell')}: {failed[0]['error']}"), program
    return Outcome("right"), program


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    server = Processes()
    yield server
    server.close()


@settings(max_examples=10_000 if THOROUGH else 200, derandomize=not THOROUGH, deadline=None)
@given(program=programs())
def test_right_refused_or_loud(program: Program, processes: Processes) -> None:
    outcome, ran = judge(program, processes)

    event(outcome.kind)
    assert outcome.kind != "different", f"{outcome.detail}\n{ran}"
