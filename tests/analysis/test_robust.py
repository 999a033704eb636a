"""The same answer every time, and no notebook that breaks the analysis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_zflow.analysis import analyse
from jupyter_zflow.errors import ZflowError
from jupyter_zflow.notebook.document import parse

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis

ROOT = Path(__file__).parents[2]
THOROUGH = settings.get_current_profile_name() == "thorough"
MANY = settings(
    max_examples=10_000 if THOROUGH else 200, derandomize=not THOROUGH, deadline=None, database=None
)

SOURCES = (
    "import numpy as np, os\nfrom math import *\nimport random; random.seed(1)",
    "x = [1, {'a': [2]}]\ny = x[1]['a']\ndef f(a, *b, c=x, **d):\n    a.append(c)\n    return lambda: y",
    "class C(dict):\n    n = 0\n    @property\n    def p(self): return x\n    def m(self): self.q = f(x); C.n += 1",
    "for i, (j, *k) in enumerate([(1, 2, 3)]):\n    x.append(C().m())\nelse:\n    z = [i for i in x if (w := i)]",
    "with open(f'{i}.txt', 'w') as out:\n    out.write(str(x))\nprint(open('0.txt').read(), os.listdir('.'))",
    "try:\n    a = np.zeros(3); b = a[:2]; b += random.random()\nexcept (ValueError, NameError) as e:\n    del a\nfinally:\n    os.environ['K'] = '1'",
    "match x:\n    case [first, {'a': rest}]:\n        first, rest = rest, first\n    case C(n=m) if m: pass",
    "async def g():\n    async with h() as t: yield await t\n%time y = f(x)\n!ls {x} > out.txt\nexec('u = 1')",
    "%%bash\nls",
    "global_counter = 0\ndef count():\n    global global_counter\n    global_counter += 1\n    def inner():\n        nonlocal_value = 1\n    return inner\ncount()",
)
TAGS = (
    "setup",
    "parameters",
    "skip",
    "stage:a",
    "stage:b",
    "stage:c",
    "after:a",
    "stage:",
    "%%",
    "",
)


def notebook(cells: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{place}",
                "metadata": {"tags": [tag]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for place, (tag, source) in enumerate(cells)
        ],
    }


ALL = json.dumps(
    notebook([(("stage:a", "stage:b", "setup")[n % 3], text) for n, text in enumerate(SOURCES)])
)


def analysis_of(text: str) -> Analysis | None:
    """Analyse a notebook; only an error of our own may come out."""
    try:
        return analyse(parse(text, path=Path("notebook.ipynb")))
    except ZflowError:
        return None


def test_two_analyses_are_equal() -> None:
    first, second = analysis_of(ALL), analysis_of(ALL)

    assert first is not None
    assert first == second


def test_hash_seeds_change_nothing() -> None:
    code = (
        "import sys; from pathlib import Path; from jupyter_zflow.analysis import analyse; "
        "from jupyter_zflow.notebook.document import parse; "
        "print(analyse(parse(sys.stdin.read(), path=Path('n.ipynb'))).model_dump_json())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=ALL,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "42")
    }

    (only,) = told
    assert len(json.loads(only)["stages"]) > 1


@MANY
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_random_bytes(content: bytes) -> None:
    analysis_of(content.decode("utf-8", "replace"))


@MANY
@given(st.integers(0, len(ALL)), st.integers(0, len(ALL)))
def test_truncated_notebooks(start: int, end: int) -> None:
    analysis_of(ALL[:start])
    analysis_of(ALL[:start] + ALL[end:])


@st.composite
def mutated(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Return cells with pieces cut out, doubled and swapped."""
    cells = []
    for _ in range(draw(st.integers(1, 6))):
        text = draw(st.sampled_from(SOURCES))
        for _ in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(text)))
            end = draw(st.integers(start, min(len(text), start + 12)))
            piece = draw(
                st.sampled_from(
                    [
                        "",
                        text[start:end] * 2,
                        "x",
                        "\n",
                        " ",
                        "(",
                        "*",
                        ":=",
                        "\n    ",
                        "%",
                        "!",
                        "\0",
                        "lambda: ",
                    ]
                )
            )
            text = text[:start] + piece + text[end:]
        cells.append((draw(st.sampled_from(TAGS)), text))
    return cells


@MANY
@given(mutated())
def test_mutated_cells(cells: list[tuple[str, str]]) -> None:
    found = analysis_of(json.dumps(notebook(cells)))

    if found is not None:
        for finding in found.findings:
            assert finding.cell is None or 0 <= finding.cell < len(cells)
            assert finding.line is None or finding.line >= 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@MANY
@given(
    st.sampled_from(["cells", "metadata", "nbformat", "nbformat_minor"]),
    st.sampled_from(["", "cell_type", "metadata", "source", "outputs", "id", "execution_count"]),
    JSON,
)
def test_wrong_values(place: str, inner: str, value: Any) -> None:
    whole = notebook([("stage:a", "x = 1"), ("stage:b", "print(x)")])
    if inner:
        whole["cells"][1][inner] = value
    else:
        whole[place] = value

    analysis_of(json.dumps(whole))


@MANY
@given(JSON)
def test_wrong_settings(value: Any) -> None:
    whole = notebook([("stage:a", "x = 1"), ("stage:b", "print(x)")])
    whole["metadata"]["zflow"] = value
    analysis_of(json.dumps(whole))
    whole["metadata"]["zflow"] = {"stages": {"a": value}, "pipeline": value}

    analysis_of(json.dumps(whole))


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("(" * 2000, id="brackets"),
        pytest.param("-" * 3000 + "1", id="signs"),
        pytest.param("x = " + "[" * 90 + "]" * 90, id="nested_lists"),
        pytest.param("\n".join("    " * n + "if x:" for n in range(90)), id="nested_blocks"),
        pytest.param("x = " + "+".join(["y"] * 3000), id="long_sum"),
        pytest.param("def f(): return f()\nf()", id="recursion"),
        pytest.param("def f(): return g()\ndef g(): return f()\nf()", id="mutual_recursion"),
        pytest.param("x = []\nx.append(x)\nx[0][0].append(x)", id="circle"),
        pytest.param("class A: pass\nA.b = A\nA.b.b.b()", id="class_circle"),
        pytest.param("f = lambda g: g(g)\nf(f)", id="self_application"),
        pytest.param("class A(A): pass", id="class_of_itself"),
        pytest.param("@f\ndef f(): pass", id="decorated_by_itself"),
        pytest.param("\ud800", id="lone_surrogate"),
        pytest.param("x = '\\N{no such name}'", id="bad_escape"),
        pytest.param("x = 0" + "1" * 5000, id="leading_zero"),
        pytest.param("x = " + "1" * 5000, id="huge_number"),
        pytest.param("\x0c\x00", id="control_characters"),
        pytest.param("%%", id="magic_without_name"),
        pytest.param("%", id="line_magic_without_name"),
        pytest.param("!", id="shell_without_command"),
        pytest.param("?", id="question_alone"),
        pytest.param("%run nowhere.py\n%run", id="run"),
        pytest.param("%%writefile", id="writefile_without_name"),
        pytest.param("get_ipython().run_cell_magic()", id="magic_without_arguments"),
        pytest.param("eval(eval('eval'))('x')\nexec('exec(\"exec(1)\")')", id="nested_eval"),
        pytest.param("super().x", id="super_outside"),
        pytest.param("return 1", id="return_outside"),
        pytest.param("from x import (a as b, *)", id="star_in_brackets"),
        pytest.param("open(*['a'], **{'mode': 'w'})", id="spread_open"),
        pytest.param("print(*x, **y, *z)", id="spread"),
        pytest.param("nonlocal x", id="nonlocal_outside"),
        pytest.param("def f():\n    nonlocal x\n    x = 1\nf()", id="nonlocal_of_nothing"),
        pytest.param("global x\nx = 1\ndel x", id="global_outside"),
        pytest.param("*a, = []\na, b = a = 1, 2", id="odd_targets"),
        pytest.param("type X = int\nx: X = 1", id="type_statement"),
    ],
)
def test_strange_sources(source: str) -> None:
    text = json.dumps(
        notebook([("stage:a", "x = y = f = []"), ("stage:b", source), ("stage:c", "x")])
    )

    found = analysis_of(text)

    assert found is None or len(found.stages) == 3
