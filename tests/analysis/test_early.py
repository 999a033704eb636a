from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse, Row

LEN = "def len(x): return 42"


@pytest.mark.parametrize("words", ["setup", "a"])
@pytest.mark.parametrize(
    ("early", "between", "late"),
    [
        pytest.param("try:\n    print(y)\nexcept NameError:\n    pass", "y = 1", "print(y)", id="unbound_name"),
        pytest.param("print(len([]))", LEN, "print(len([]))", id="built_in_that_is_shadowed"),
        pytest.param("print('y' in globals())", "y = 1", "print(y)", id="asks_for_names"),
        pytest.param("print(sum([1]))", "from math import fsum as sum", "print(sum([1]))", id="import_that_shadows"),
        pytest.param("import os\nprint(os.environ.get('K'))", "import os\nos.environ['K'] = '1'", "print(os.environ)", id="setting"),
        pytest.param("import math\nprint(math.floor(1.5))", "import math\nmath.floor = abs", "print(math.floor(1.5))", id="patch"),
        pytest.param("import random\nrandom.seed(1)", "import random\nrandom.seed(2)", "print(random.random())", id="seed"),
        pytest.param("def f():\n    return y\ntry:\n    f()\nexcept NameError:\n    pass", "y = 1", "print(y)", id="in_a_function"),
    ],
)  # fmt: skip
def test_a_first_cell_that_would_notice(
    analysed: Analyse, words: str, early: str, between: str, late: str
) -> None:
    analysis = analysed(("b", early), (words, between), ("b", late))

    assert "ZF204" in {finding.code for finding in analysis.errors}


@pytest.mark.parametrize("words", ["setup", "a"])
@pytest.mark.parametrize(
    ("early", "between", "late"),
    [
        pytest.param("print(x)", "y = 1", "print(y)", id="other_name"),
        pytest.param("print(x)", LEN, "print(len([]))", id="built_in_that_it_does_not_use"),
        pytest.param("print(x)", "import json", "print(json)", id="import"),
        pytest.param("print(x)", "import random\nrandom.seed(1)", "print(random.random())", id="seed"),
    ],
)  # fmt: skip
def test_a_first_cell_that_would_not_notice(
    analysed: Analyse, words: str, early: str, between: str, late: str
) -> None:
    analysis = analysed(("setup", "x = 1"), ("b", early), (words, between), ("b", late))

    assert not analysis.errors


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        pytest.param(
            [("b", "os.path.exists('a')"), ("a", "open('a', 'w').write('x')"), ("b", "open('a').read()")],
            1,
            id="missing_file",
        ),
        pytest.param(
            [("b", "os.listdir('.')"), ("a", "open('a', 'w').write('x')"), ("b", "open('a').read()")],
            1,
            id="empty_folder",
        ),
        pytest.param(
            [("a", "open('a', 'w').write('x')"), ("b", "os.listdir('.')"), ("a", "open('b', 'w').write('x')")],
            2,
            id="producer_goes_on",
        ),
        pytest.param(
            [("b", "open('a', 'w').write('x')"), ("a", "open('a', 'w').write('y')"), ("b", "open('a').read()")],
            1,
            id="own_file_is_replaced",
        ),
    ],
)  # fmt: skip
def test_files_that_are_there_too_early(analysed: Analyse, rows: list[Row], cell: int) -> None:
    analysis = analysed(("setup", "import os"), *rows)

    assert ("ZF204", cell) in [(finding.code, finding.cell) for finding in analysis.errors]


def test_other_files_may_be_written_later(analysed: Analyse) -> None:
    analysis = analysed(
        ("a", "open('a', 'w').write('x')"),
        ("b", "print(open('a').read())"),
        ("a", "open('b', 'w').write('x')"),
    )

    assert not analysis.errors


def test_everything_that_a_stage_hands_on_may_overwrite_a_setup_cell(analysed: Analyse) -> None:
    wild = "globals()[str(1)] = 2"
    rows = [("a", f"u = 1\n{wild}"), ("setup", "u = 2"), ("b", f"{wild}\nprint(u)")]

    assert ("ZF204", 2) in [(f.code, f.cell) for f in analysed(*rows).errors]
    assert not analysed(rows[1], rows[0], rows[2]).errors
