from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.convert.soorgeon import from_soorgeon
from jupyter_zflow.errors import NotebookError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_zflow.convert.report import ConvertedNotebook

    Write = Callable[..., Path]


def converted(write: Write, *rows: Any) -> ConvertedNotebook:
    path = write(*rows)
    return from_soorgeon(path.read_text(), path=path, output=path)


def stages(made: ConvertedNotebook) -> dict[str, tuple[int, ...]]:
    return {stage.name: stage.cells for stage in made.analysis.stages}


def test_sections(write: Write) -> None:
    made = converted(
        write,
        "# A title",
        "import math",
        "first = [1]",
        "## Load & check",
        "rows = [first]",
        "### Only a part",
        "count = len(rows)",
        "## 2nd look",
        "def double(x):\n    return 2 * x",
        "twice = double(count)",
        "## Text alone",
        "## The end",
        "print(double(twice), math.pi)",
    )

    assert stages(made) == {
        "load-check": (2, 4, 6),
        "section-2nd-look": (9,),
        "the-end": (12,),
    }
    assert not made.analysis.errors
    assert [cell.tags for cell in made.document.cells if "setup" in cell.tags] == [("setup",)] * 2
    assert [(entry.kind, entry.cell) for entry in made.entries] == [
        ("lost", 10),
        ("changed", 1),
        ("changed", 8),
    ]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (("## Load", "a = [1]", "## Load", "b = [a]"), ["load", "load-2"]),
        (("## Setup", "a = [1]", "## Next", "b = [a]"), ["setup-stage", "next"]),
        (("## Alone", "a = [1]"), ["alone"]),
        (("# A\n## One\n## Two", "a = [1]", "## Three", "b = [a]"), ["one", "three"]),
    ],
)
def test_names(write: Write, rows: tuple[str, ...], names: list[str]) -> None:
    assert list(stages(converted(write, *rows))) == names


def test_what_cannot_be_apart_is_said_and_kept_apart(write: Write) -> None:
    made = converted(write, "## A", "file = open('x.txt')", "## B", "text = file.read()")

    assert list(stages(made)) == ["a", "b"]
    assert [finding.code for finding in made.analysis.errors] == ["ZF203"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("x = 1",), "has no H2 heading"),
        (("# Title", "x = 1", "### Part", "y = 1"), "only H1, H3, and Soorgeon cuts there"),
        (("## A", ("x = 1", "stage:a")), "Cell 2 is tagged 'stage:a'"),
    ],
)
def test_refused(write: Write, rows: tuple[Any, ...], said: str) -> None:
    with pytest.raises(NotebookError, match=said):
        converted(write, *rows)
