"""What an observed run may take away, and what it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.analysis import analyse
from jupyter_zflow.analysis.observed import NOTHING, Observed, SeenCell, SeenValue, from_cells
from jupyter_zflow.notebook.document import parse
from jupyter_zflow.runtime.observe.record import digest_of

from .conftest import notebook_text

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.analysis import Analysis

MODULE = "def look(*things, **more):\n    return 1\n"
IMPORTS = "import random\nimport lib\nrandom.seed(1)"
DATA = "rows = [1, [2]]\nother = {'a': rows}"
LOOK = "found = lib.look(rows)"
CALM = SeenCell(
    unchanged=frozenset({"rows", "other", "n", "found"}),
    states_unchanged=frozenset({"random"}),
    lines=frozenset(range(1, 9)),
)


def seen(sources: dict[str, SeenCell]) -> Observed:
    return Observed({digest_of(source): cell for source, cell in sources.items()})


def analysed(folder: Path, *cells: str, observed: Observed = NOTHING) -> Analysis:
    """Analyse a setup cell, a cell of data, and one stage for each further cell."""
    (folder / "lib.py").write_text(MODULE)
    rows = [("setup", IMPORTS), ("load", DATA)]
    rows += [(f"s{place}", source) for place, source in enumerate(cells)]
    return analyse(parse(notebook_text(*rows), path=folder / "notebook.ipynb"), observed)


def producers(analysis: Analysis, name: str, consumer: str) -> list[str]:
    """Return from which stages a stage takes a variable or state."""
    return [
        edge.producer for edge in analysis.edges if edge.name == name and edge.consumer == consumer
    ]


LAST = "print(rows, random.random())"


@pytest.mark.parametrize(
    ("cell", "record", "takes_from", "relies"),
    [
        pytest.param(LOOK, None, "s0", [], id="not_observed"),
        pytest.param(LOOK, CALM, "load", ["rows"], id="observed"),
        pytest.param(LOOK, SeenCell(), "s0", [], id="observed_to_change"),
        pytest.param(
            LOOK, SeenCell(frozenset({"rows"})), "load", ["rows"], id="holder_changed_and_it_not"
        ),
        pytest.param("rows.append(lib.look(3))", CALM, "s0", [], id="known_to_change"),
        pytest.param("lib.look(rows)\nrows.append(3)", CALM, "s0", [], id="also_known_to_change"),
        pytest.param("rows = lib.look(rows)", CALM, "s0", ["other"], id="bound_again"),
        pytest.param("if n:\n    lib.look(rows)", CALM, "load", ["rows"], id="it_ran"),
        pytest.param(
            "if n:\n    lib.look(rows)",
            SeenCell(CALM.unchanged, CALM.states_unchanged, frozenset({1})),
            "s0",
            [],
            id="it_did_not_run",
        ),
        pytest.param(
            "def f(x):\n    return lib.look(x)\nfound = f(rows)",
            CALM,
            "load",
            ["rows"],
            id="inside_a_function",
        ),
        pytest.param("exec(input)\nlib.look(rows)", CALM, "s0", [], id="may_do_anything"),
        pytest.param("temp = [rows]\nlib.look(temp)", CALM, "load", ["other", "rows"], id="holder"),
    ],
)  # fmt: skip
def test_a_feared_change(
    tmp_path: Path, cell: str, record: SeenCell | None, takes_from: str, relies: list[str]
) -> None:
    observed = NOTHING if record is None else seen({cell: record})

    analysis = analysed(tmp_path, cell, LAST, observed=observed)

    found = [name for stage in analysis.stages for r in stage.relies for name in r.variables]
    assert producers(analysis, "rows", "s1")[-1:] == [takes_from]
    assert found == relies


@pytest.mark.parametrize(
    ("cell", "record", "takes_from"),
    [
        pytest.param(LOOK, None, ["s0"], id="not_observed"),
        pytest.param(LOOK, CALM, [], id="observed"),
        pytest.param(LOOK, SeenCell(CALM.unchanged), ["s0"], id="observed_to_draw"),
        pytest.param(f"{LOOK}\nrandom.random()", CALM, ["s0"], id="known_to_draw"),
    ],
)
def test_a_feared_draw(
    tmp_path: Path, cell: str, record: SeenCell | None, takes_from: list[str]
) -> None:
    observed = NOTHING if record is None else seen({cell: record})

    analysis = analysed(tmp_path, cell, LAST, observed=observed)

    assert producers(analysis, "random", "s1") == takes_from


def test_what_changes_later_is_held_to_see_what_is_shared(tmp_path: Path) -> None:
    cells = (LOOK, "rows[1].append(3)\nprint(other)")

    analysis = analysed(tmp_path, *cells, observed=seen({LOOK: CALM}))

    (found,) = (found for stage in analysis.stages for found in stage.relies)
    assert found.variables == ("other", "rows")
    assert producers(analysis, "other", "s0") == ["load"]


def test_two_stages_that_only_look(tmp_path: Path) -> None:
    cells = (LOOK, "more = lib.look(rows, 1)", "print(found, more, rows, random.random())")

    analysis = analysed(tmp_path, *cells, observed=seen(dict.fromkeys(cells, CALM)))

    after = {stage.name: stage.after for stage in analysis.stages}
    assert after == {
        "load": (), "s0": ("load",), "s1": ("load",), "s2": ("load", "s0", "s1"),
    }  # fmt: skip


def test_an_edited_cell_has_no_record(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, LOOK + "  # edited", LAST, observed=seen({LOOK: CALM}))

    assert producers(analysis, "rows", "s1") == ["s0"]
    assert analysis.relieved == ()


def test_what_is_relied_on_is_said(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, LOOK, LAST, observed=seen({LOOK: CALM}))

    (finding,) = (found for found in analysis.findings if found.code == "ZF227")
    assert (finding.severity, finding.cell, finding.line) == ("info", 2, 1)
    assert "nothing is known about lib.look()" in finding.message.lower()
    assert {(edge.producer, edge.consumer, edge.name) for edge in analysis.relieved} >= {
        ("s0", "s1", "rows"),
        ("s0", "s1", "random"),
    }


def test_nobody_else_has_it(tmp_path: Path) -> None:
    source = "mine = [1]\nlib.look(mine)"
    again = "lib.look(mine)"
    record = SeenCell(unchanged=frozenset({"mine"}), lines=frozenset({1}))
    (tmp_path / "lib.py").write_text(MODULE)
    rows = [("setup", IMPORTS), ("a", source), ("a", again), ("b", "print(1)")]
    document = parse(notebook_text(*rows), path=tmp_path / "notebook.ipynb")

    analysis = analyse(document, seen({again: record}))

    assert [stage.relies for stage in analysis.stages] == [(), ()]


def test_a_later_change_in_the_stage_ends_what_lasts(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text(MODULE)
    rows = [("setup", IMPORTS), ("load", DATA), ("a", LOOK), ("b", LAST), ("a", "rows.append(1)")]
    document = parse(notebook_text(*rows), path=tmp_path / "notebook.ipynb")

    analysis = analyse(document, seen({LOOK: CALM}))

    (found,) = next(stage.relies for stage in analysis.stages if stage.name == "a")
    assert "rows" in found.variables
    assert "rows" not in found.lasting


LOCK = SeenValue("_thread.lock", None, "it is or holds a lock")
BIG = SeenValue("pandas.DataFrame", 3 << 30)


@pytest.mark.parametrize(
    ("value", "reader", "complete", "codes"),
    [
        pytest.param(LOCK, "print(rows)", True, [("ZF228", "error")], id="cannot_cross"),
        pytest.param(LOCK, "print(rows)", False, [("ZF228", "warning")], id="edited_above"),
        pytest.param(LOCK, "exec(input)", True, [("ZF228", "warning")], id="perhaps_not_read"),
        pytest.param(BIG, "print(rows)", True, [("ZF229", "warning")], id="large"),
        pytest.param(SeenValue("list", 9), "print(rows)", True, [], id="small"),
    ],
)
def test_values_that_cross(
    tmp_path: Path, value: SeenValue, reader: str, complete: bool, codes: list[tuple[str, str]]
) -> None:
    cells = {DATA: SeenCell(values={"rows": value})} | ({IMPORTS: SeenCell()} if complete else {})

    analysis = analysed(tmp_path, reader, observed=seen(cells))

    found = [f for f in analysis.findings if f.code in {"ZF228", "ZF229"}]
    assert [(f.code, f.severity) for f in found] == codes
    assert all(value.type in f.message and "'rows'" in f.message for f in found)
    assert ("rows", value.type, value.size) in {
        (c.name, c.type, c.size) for c in analysis.crossings
    }


def test_sizes_of_the_last_execution(tmp_path: Path) -> None:
    observed = Observed(handed={("load", "rows"): SeenValue("list", 40)})

    (found,) = analysed(tmp_path, "print(rows)", observed=observed).crossings

    assert (found.producer, found.name, found.size, found.fresh) == ("load", "rows", 40, False)


GOOD = {"finished": True, "unchanged": ["a"], "lines": [1], "values": {}}


@pytest.mark.parametrize(
    ("cell", "known"),
    [
        pytest.param(GOOD, True, id="good"),
        pytest.param({**GOOD, "finished": False}, False, id="failed"),
        pytest.param(None, False, id="none"),
        pytest.param([], False, id="list"),
        pytest.param({"finished": True}, True, id="empty"),
        pytest.param({"finished": True, "unchanged": 3, "lines": ["x"]}, True, id="odd"),
        pytest.param(
            {"finished": True, "values": {"a": {"type": 3}, "b": 1}}, True, id="odd_values"
        ),
    ],
)
def test_malformed_records(cell: Any, known: bool) -> None:
    found = from_cells({"d": cell})

    assert ("d" in found.cells) is known
