from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.analysis import analyse
from jupyter_zflow.errors import UsageError
from jupyter_zflow.suggest import suggest
from jupyter_zflow.suggest.proposal import retagged

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.notebook.document import NotebookDocument

    Build = Callable[..., NotebookDocument]

IMPORTS = "import pandas as pd\nfrom sklearn.linear_model import LinearRegression"
STUDY = (
    "# A study",
    IMPORTS,
    "rows = 100\nseed = 7",
    "## 1. Load the data",
    "data = pd.read_csv('data.csv', nrows=rows)",
    "data.head()",
    "## 2. Clean",
    "clean = data.dropna()",
    "clean.plot()",
    "## 3. Fit it",
    "model = LinearRegression()\nmodel.fit(clean[['x']], clean['y'])",
    "## 4. How good is it?",
    "score = model.score(clean[['x']], clean['y'])\nprint(score, seed)",
)


def stages(document: NotebookDocument, **options: Any) -> dict[str, tuple[int, ...]]:
    return {stage.name: stage.cells for stage in suggest(document, **options).stages}


def test_headings_name_the_stages(build: Build) -> None:
    proposal = suggest(build(*STUDY))

    assert proposal.by == "headings"
    assert {stage.name: stage.cells for stage in proposal.stages} == {
        "load-the-data": (4, 5),
        "clean": (7, 8),
        "fit-it": (10,),
        "how-good-is-it": (12,),
    }
    assert proposal.draft.setup == {1}
    assert proposal.draft.parameters == 2
    assert proposal.stages[1].reason == "heading '2. Clean' in cell 7"
    assert not proposal.analysis.errors


def test_what_the_cells_do_names_the_stages(build: Build) -> None:
    code = [row for row in STUDY if not row.startswith("#")]

    found = stages(build(*code))

    assert found == {"load": (2, 3), "prepare": (4, 5), "train": (6,), "evaluate": (7,)}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            (
                "# One",
                "a = object()",
                "# Two",
                "b = object()",
                "## Two b",
                "c = object()",
                "# Three",
                "d = object()",
            ),
            {"one": (1,), "two": (3, 5), "three": (7,)},
            id="the highest level with enough parts",
        ),
        pytest.param(
            (
                "# All",
                "## One",
                "a = object()",
                "## Two",
                "b = object()",
                "## Three",
                "c = object()",
            ),
            {"one": (2,), "two": (4,), "three": (6,)},
            id="a title is no part",
        ),
        pytest.param(
            ("## One", "a = object()", "## One", "b = object()", "## One", "c = object()"),
            {"one": (1,), "one-2": (3,), "one-3": (5,)},
            id="each name once",
        ),
        pytest.param(
            ("## Setup", "a = object()", "## Two", "b = object()", "## !", "c = object()"),
            {"setup-stage": (1,), "two": (3,), "stage": (5,)},
            id="names that cannot be",
        ),
        pytest.param(
            ("a = object()", "## One", "b = object()", "## Two", "c = object()"),
            {"compute": (0,), "one": (2,), "two": (4,)},
            id="code above the first heading",
        ),
        pytest.param(
            (
                "## One",
                "a = object()",
                "## Text only",
                "# Two",
                "b = object()",
                "#\n```\n# no\n```",
                "c = object()",
            ),
            {"one": (1,), "two": (4, 6)},
            id="code in Markdown is no heading",
        ),
    ],
)
def test_sections(build: Build, rows: tuple[str, ...], expected: dict[str, Any]) -> None:
    found = stages(build(*rows), by="headings")

    assert found == expected


def test_many_sections_are_joined(build: Build) -> None:
    rows = [row for n in range(30) for row in (f"## Part {n}", f"x{n} = object()")]

    found = stages(build(*rows))

    assert len(found) == 9
    assert [cell for cells in found.values() for cell in cells] == list(range(1, 60, 2))


@pytest.mark.parametrize(
    ("rows", "together"),
    [
        pytest.param(
            ("## A", "file = open('x.txt')", "## B", "b = object()", "## C", "text = file.read()"),
            (1, 5),
            id="an open file stays with its reader",
        ),
        pytest.param(
            ("## A", "g = (n for n in range(3))", "## B", "s = sum(g)", "## C", "c = object()"),
            (1, 3),
            id="a generator stays with its reader",
        ),
        pytest.param(
            ("## A", "a = object()", "## B", "41 + 1", "## C", "c = _ + 1"),
            (3, 5),
            id="what IPython remembers",
        ),
    ],
)
def test_what_cannot_be_apart_is_joined(
    build: Build, rows: tuple[str, ...], together: tuple[int, int]
) -> None:
    proposal = suggest(build(*rows), by="headings")

    assert not proposal.analysis.errors
    assert proposal.notes
    assert any(set(together) <= set(stage.cells) for stage in proposal.stages)


def test_errors_of_the_notebook_itself_are_told(build: Build) -> None:
    proposal = suggest(build("## A", "a = object()", "## B", "print(nothing)", "## C", "c = 1"))

    assert len(proposal.stages) == 3
    assert [finding.code for finding in proposal.analysis.errors] == ["ZF201"]


def test_definitions_that_several_stages_use_are_setup(build: Build) -> None:
    proposal = suggest(
        build(
            "## A", "a = object()", "def f(): return 1", "def only(): return 2",
            "## B", "b = [f(), only(), a]",
            "## C", "c = [f(), b]",
        ),
        by="headings",
    )  # fmt: skip

    assert 2 in proposal.draft.setup


def test_the_analysis_says_the_same_of_the_tagged_notebook(build: Build) -> None:
    document = build(*STUDY)
    proposal = suggest(document, by="dataflow")

    again = analyse(retagged(document, proposal.tags))

    assert again.stages == proposal.analysis.stages
    assert suggest(document, by="dataflow") == proposal


def test_other_tags_stay(build: Build) -> None:
    document = build(
        ("x = 1", "parameters", "mine"), ("y = [x]", "stage:old", "after:older", "hide"),
        ("z = 1", "skip"), "w = [y]",
    )  # fmt: skip

    tags = suggest(document).tags

    assert tags[0] == ("mine", "parameters")
    assert tags[1][0] == "hide"
    assert len(tags[1]) == 2
    assert tags[2] == ("skip",)


@pytest.mark.parametrize(
    ("rows", "by", "said"),
    [
        (("# Only text",), None, "no code cell"),
        (("x = 1",), "headings", "No headings cut"),
        (("%%stage a\nx = 1",), None, "Cell 1 is placed by %%stage"),
    ],
)
def test_refused(build: Build, rows: tuple[str, ...], by: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        suggest(build(*rows), by=by)
