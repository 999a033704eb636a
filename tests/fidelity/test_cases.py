"""Every case computes what its notebook computed, or is refused.

The tables in ``cases/`` hold little notebooks, how they are split, and the last line that the
un-split notebook prints (written by ``straight.py``). Each becomes a pipeline, runs on this
machine, and must print the same line. The stages of all cases are forked from one template, so a
case costs its kernels and no more.

``WRONG`` has no list of exceptions and never gets one. A failure at run time is loud, so it is
allowed where ``known_failures.json`` gives a reason; so is, in ``known_refusals.json``, the refusal
of a notebook whose values could all cross. Who is in a list and runs must leave it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from jupyter_zflow.actions.prepare import accepted, prepare
from jupyter_zflow.errors import RefusedError, ZflowError
from jupyter_zflow.export.bundle import build_bundle, write_files
from jupyter_zflow.notebook.document import read
from jupyter_zflow.runner.local import run_local
from jupyter_zflow.runner.warm import WarmStarter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.runner.local import ExecutionResult

HERE = Path(__file__).parent
HEAVY = ("matplotlib", "pylab", "scipy", "sklearn")
"""Cases that import these are slow: each of their stages imports them again."""


@dataclass(frozen=True)
class Case:
    """A notebook, how it is split, and the last line that the un-split notebook prints."""

    name: str
    cells: tuple[str, ...]
    expected: str
    stages: tuple[str, ...] = ()
    """The words of each cell: a stage's name, ``setup``, ``after:x``...; default: s1, s2, ..."""
    files: dict[str, str] = field(default_factory=dict)
    may_refuse: bool = False

    def write(self, folder: Path) -> Path:
        """Write the notebook and the files beside it."""
        words = self.stages or tuple(f"s{place + 1}" for place in range(len(self.cells)))
        cells: list[dict[str, Any]] = [
            {
                "cell_type": "code",
                "id": f"c{place}",
                "metadata": {"tags": [_tag(word) for word in text.split()]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for place, (source, text) in enumerate(zip(self.cells, words, strict=True))
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": kernel},
            "cells": cells,
        }
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        path = folder / "notebook.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path


@dataclass(frozen=True)
class Outcome:
    """How a case ended."""

    kind: Literal["right", "refused", "failed", "WRONG"]
    detail: str = ""


class KeptStarter(WarmStarter):
    """A template that outlives an execution."""

    async def close(self) -> None:
        """Leave the execution's event loop, and keep the template."""
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._listening = False
        self._started.clear()
        self._ended.clear()

    async def end(self) -> None:
        """End the template."""
        await super().close()


@pytest.fixture(scope="session")
def starter() -> Iterator[KeptStarter]:
    """Return the template that all cases share."""
    kept = KeptStarter()
    yield kept
    asyncio.run(kept.end())


def judge(case: Case, folder: Path, starter: KeptStarter) -> Outcome:
    """Run a case as a pipeline and compare."""
    try:
        result = _run(case.write(folder), folder / "execution", starter)
    except RefusedError as refused:
        return _refusal(refused)
    except ZflowError as error:
        return Outcome("refused", str(error))
    if result.status != "SUCCEEDED":
        errors = [run.error for run in result.stages if run.error]
        return Outcome("failed", str(errors[:1] or result.error))
    printed = _last_line(Path(result.folder), len(case.cells) - 1)
    if printed != case.expected:
        return Outcome("WRONG", f"printed {printed!r}, the notebook {case.expected!r}")
    return Outcome("right")


def _run(notebook: Path, folder: Path, starter: KeptStarter) -> ExecutionResult:
    prepared = prepare(read(notebook))
    _, definition = accepted(prepared)
    bundle = build_bundle(prepared.document, prepared.analysis)
    if any(finding.severity == "error" for finding in bundle.findings):
        raise RefusedError(bundle.findings)
    write_files(bundle.files, folder / "bundle")
    return run_local(definition, bundle=folder / "bundle", folder=folder / "run", starter=starter)


def _refusal(refused: RefusedError) -> Outcome:
    errors = [finding for finding in refused.findings if finding.severity == "error"]
    return Outcome("refused", "; ".join(f"{f.code} cell {f.cell}: {f.message}" for f in errors))


def _last_line(folder: Path, cell: int) -> str:
    """Return the last line that a cell printed, wherever it ran last."""
    printed: list[str] = []
    for path in sorted(folder.glob("*.ipynb")):
        for found in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if found["metadata"].get("zflow", {}).get("cell") == cell:
                printed = ["".join(out["text"]) for out in found["outputs"] if _stdout(out)]
    lines = "".join(printed).strip().splitlines()
    return lines[-1].strip() if lines else ""


def _stdout(output: dict[str, Any]) -> bool:
    return output.get("name") == "stdout"


def _tag(word: str) -> str:
    plain = word in {"setup", "parameters", "skip"} or word.startswith("after:")
    return word if plain else f"stage:{word}"


def _case(name: str, entry: dict[str, Any]) -> Case:
    return Case(
        name=name,
        cells=tuple(entry["cells"]),
        expected=entry.get("expected", ""),
        stages=tuple(entry.get("stages", ())),
        files=entry.get("files", {}),
        may_refuse=entry.get("may_refuse", False),
    )


def _cases() -> dict[str, Case]:
    return {
        f"{path.stem}/{name}": _case(f"{path.stem}/{name}", entry)
        for path in sorted((HERE / "cases").glob("*.json"))
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items()
    }


def _known(name: str) -> dict[str, str]:
    """Return who is excused and why."""
    reasons: dict[str, str] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return reasons


CASES = _cases()
FAILURES = _known("known_failures.json")
REFUSALS = _known("known_refusals.json")


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    heavy = any(library in source for library in HEAVY for source in case.cells)
    return [pytest.mark.slow] if heavy else []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=_marks(case)) for name, case in CASES.items()]
)
def test_right_or_refused(name: str, tmp_path: Path, starter: KeptStarter) -> None:
    case = CASES[name]
    allowed = {"right"}
    if case.may_refuse:
        allowed.add("refused")
    if name in FAILURES:
        allowed = allowed - {"right"} | {"failed"}
    if name in REFUSALS:
        allowed = {"refused"}

    outcome = judge(case, tmp_path, starter)

    assert outcome.kind in allowed, outcome.detail


def test_every_case_has_run_straight() -> None:
    assert not [name for name, case in CASES.items() if not case.expected]


def test_lists_name_cases() -> None:
    assert {*FAILURES, *REFUSALS} <= CASES.keys()
    assert all(reason.strip() for reason in (*FAILURES.values(), *REFUSALS.values()))
