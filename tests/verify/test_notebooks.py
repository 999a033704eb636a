from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.notebooks import observed, straight_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

CELLS = (
    ("import math", "setup"),
    ("rate = 1.0", "parameters"),
    ("x = rate", "stage:a", "slow"),
    ("print('left out')", "skip"),
    ("%%stage b\ny = x + math.pi",),
)


def after(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"]["zflow"].get("afterwards", "").splitlines()


def test_the_straight_notebook_holds_what_the_author_runs(make_case: Callable[..., Any]) -> None:
    case = make_case(*CELLS)
    exported = [
        json.loads(case.bundle.files[f"stages/{stage}.ipynb"]) for stage in ("a", "b")
    ]  # fmt: skip

    text = straight_notebook(case.document, case.analysis, exported, files=["data.csv"])

    notebook = json.loads(text)
    assert ["".join(cell["source"]) for cell in notebook["cells"]] == [
        "import math",
        "rate = 1.0",
        "x = rate",
        "\ny = x + math.pi",
    ]
    assert [cell["metadata"]["tags"] for cell in notebook["cells"]] == [
        ["setup"],
        ["parameters"],
        ["stage:a", "slow"],
        [],
    ]
    settings = notebook["metadata"]["zflow"]
    assert (settings["files"], settings["parameters"]) == (["data.csv"], ["rate"])
    assert [len(after(cell)) for cell in notebook["cells"]] == [0, 0, 1, 2]


def test_a_stage_gets_no_cell_more(make_case: Callable[..., Any]) -> None:
    text = make_case(*CELLS).bundle.files["stages/a.ipynb"]

    seen = json.loads(observed(text, "a"))

    assert [cell["source"] for cell in seen["cells"]] == [
        cell["source"] for cell in json.loads(text)["cells"]
    ]
    assert len(after(seen["cells"][-1])) == 1
