"""The hard notebooks of tests/fidelity: whatever is proposed for them, the analysis accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis import analyse
from jupyter_zflow.notebook.document import NotebookDocument, parse
from jupyter_zflow.suggest import suggest
from jupyter_zflow.suggest.proposal import retagged

if TYPE_CHECKING:
    from jupyter_zflow.suggest import By

CASES = Path(__file__).parents[1] / "fidelity" / "cases"


def cut_at_every_cell(name: str, sources: list[str], folder: Path) -> NotebookDocument:
    """Return a notebook with a heading above each of its cells."""
    cells = [
        {"cell_type": kind, "id": f"{kind}{place}", "metadata": {}, "source": source}
        for place, code in enumerate(sources)
        for kind, source in (("markdown", f"## Part {place}"), ("code", code))
    ]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    return parse(text, path=folder / f"{name}.ipynb")


def errors(document: NotebookDocument) -> set[tuple[str, int | None, int | None]]:
    return {(found.code, found.cell, found.line) for found in analyse(document).errors}


@pytest.mark.parametrize("by", [None, "dataflow"])
@pytest.mark.parametrize("table", ["crossing", "identity", "state"])
def test_accepted(table: str, by: By | None, tmp_path: Path) -> None:
    refused: list[str] = []
    split = 0
    for name, case in json.loads((CASES / f"{table}.json").read_text(encoding="utf-8")).items():
        document = cut_at_every_cell(name, case["cells"], tmp_path)
        proposal = suggest(document, by=by)

        as_one = errors(document)
        split += len(proposal.stages) > 1
        if errors(retagged(document, proposal.tags)) - as_one:
            refused.append(name)

    assert refused == []
    assert split
