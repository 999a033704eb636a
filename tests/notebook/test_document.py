from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_zflow.errors import NotebookError
from jupyter_zflow.notebook.document import parse, read

CODE = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1"}


def text(**changes: Any) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []} | changes)


def test_reads_cells() -> None:
    cells = [
        {**CODE, "metadata": {"tags": ["setup"]}, "source": ["x = 1\n", "y"], "execution_count": 3},
        {"cell_type": "markdown", "metadata": {}, "source": "# hi"},
    ]

    document = parse(text(cells=cells), path=Path("a b.ipynb"))

    assert [(c.index, c.kind, c.source, c.tags) for c in document.cells] == [
        (0, "code", "x = 1\ny", ("setup",)),
        (1, "markdown", "# hi", ()),
    ]
    assert document.cells[0].execution_count == 3
    assert document.title == "a b"


def test_ids_are_kept_unless_missing_wrong_or_double() -> None:
    ids = ["good-1", None, "not good", "twice", "twice"]
    cells = [{**CODE, "id": own} for own in ids]

    first, *derived = [cell.id for cell in parse(text(cells=cells)).cells]

    assert first == "good-1"
    assert len(set(derived)) == 4
    assert not set(derived) & {"not good", "twice"}


@pytest.mark.parametrize(
    ("metadata", "kernel"),
    [
        ({}, "python3"),
        ({"kernelspec": {"name": "py311", "language": "python"}}, "py311"),
        ({"language_info": {"name": "python"}, "kernelspec": {"name": "x"}}, "x"),
        ({"kernelspec": 3}, "python3"),
    ],
)
def test_kernel_name(metadata: dict[str, Any], kernel: str) -> None:
    assert parse(text(metadata=metadata)).kernel_name == kernel


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "broken JSON at line 1, column 1"),
        ('{"nbformat": 4, "cells": [', "broken JSON"),
        ("[]", "its JSON is a list"),
        ("{}", "no nbformat number"),
        (text(nbformat=5), "notebook format 5"),
        (text(nbformat=True), "no nbformat number"),
        (text(cells={}), "`cells` is an object"),
        (text(cells=[3]), "cell 1 is a number"),
        (text(cells=[{**CODE, "cell_type": "sql"}]), "unknown cell_type 'sql'"),
        (text(cells=[{**CODE, "source": [1]}]), "`source` is a list"),
        (text(cells=[{**CODE, "metadata": []}]), "metadata of cell 1 is a list"),
        (text(cells=[{**CODE, "metadata": {"tags": "x"}}]), "`tags` is not a list"),
        (text(cells=[{**CODE, "source": "\ud800"}]), "half of a character"),
        (text(metadata=7), "metadata is a number"),
        (text(metadata={"language_info": {"name": "julia"}}), "is written in julia"),
        (text(metadata={"kernelspec": {"name": "ir"}}), "is written in R"),
        ("[" * 100_000, "recursion"),
        ('{"nbformat": ' + "9" * 5000 + "}", "digits"),
    ],
)
def test_what_is_no_notebook(content: str, said: str) -> None:
    with pytest.raises(NotebookError, match="(?i)" + said.replace("(", r"\(")):
        parse(content)


def test_old_format_is_upgraded() -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell(input="x = 1")])]
    )

    document = parse(json.dumps(old))

    assert [cell.source for cell in document.cells] == ["x = 1"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"\x80", "folder"])
def test_files_that_cannot_be_read(content: bytes | str | None, tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)

    with pytest.raises(NotebookError, match=r"n\.ipynb"):
        read(path)


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + text().encode())

    assert read(path).cells == ()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | ANYTHING,
        "metadata": st.fixed_dictionaries({}, optional={"tags": ANYTHING}) | ANYTHING,
        "source": st.text() | ANYTHING,
        "id": ANYTHING,
    },
)
NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([2, 3, 4]) | ANYTHING,
        "metadata": ANYTHING,
        "cells": st.lists(CELL | ANYTHING, max_size=3) | ANYTHING,
        "worksheets": ANYTHING,
    },
)


@settings(deadline=None)
@given(NOTEBOOK)
def test_whatever_it_holds_it_is_read_or_refused(content: Any) -> None:
    with contextlib.suppress(NotebookError):
        assert parse(json.dumps(content)).language == "python"


@settings(deadline=None)
@given(st.binary(max_size=60) | st.integers(0, 400).map(lambda cut: text(cells=[CODE])[:cut]))
def test_whatever_its_bytes_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes | str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with contextlib.suppress(NotebookError):
        assert read(path).path == path
