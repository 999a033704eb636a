"""The judge: a case as a notebook, its pipeline on this machine, and what came out of it.

The stages of all cases are forked from one template, so a case costs its kernels and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
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

TABLES = Path(__file__).parent / "cases"


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
        cells = [
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


def cases() -> dict[str, Case]:
    """Return all cases by ``subject/name``."""
    return {
        f"{path.stem}/{name}": _case(f"{path.stem}/{name}", entry)
        for path in sorted(TABLES.glob("*.json"))
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items()
    }


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
    return run_local(
        definition, bundle=folder / "bundle", folder=folder / "run", starter=starter
    )


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
        expected=entry["expected"],
        stages=tuple(entry.get("stages", ())),
        files=entry.get("files", {}),
        may_refuse=entry.get("may_refuse", False),
    )
