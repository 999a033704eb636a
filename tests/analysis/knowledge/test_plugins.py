"""Tables that installed packages bring: real distributions on the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Analyse

TABLE = """
from jupyter_zflow.analysis.knowledge.table import FRESH, SCALAR, Effect, Library, TypeTable, each
LIBRARY = Library(
    "{name}",
    functions={{
        "{name}.measure": SCALAR,
        "{name}.scale": Effect("scalar", changes=(0,)),
        "{name}.seed": Effect("scalar", shares=False, state="{name} seed", light=True),
        "{name}.Tank": Effect("{name}.Tank", shares=False, light=True),
    }},
    prefixes={{"{name}.plain.": FRESH}},
    types={{"{name}.Tank": TypeTable(methods=each("level", SCALAR))}},
)
"""


def install(folder: Path, name: str, source: str) -> None:
    """Lay down a package with its metadata, as an installer does."""
    (folder / f"{name}_tables.py").write_text(source, encoding="utf-8")
    info = folder / f"{name}_tables-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-tables\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[jupyter_zflow.knowledge]\n{name} = {name}_tables:LIBRARY\n"
    )


def after(analysed: Analyse, name: str, use: str) -> set[str]:
    """Return whom the last of two stages that use the same value waits for."""
    analysis = analysed(
        ("setup", f"import {name}, {name}.plain"),
        ("one", f"x = [1]\nt = {name}.Tank()"),
        ("two", use),
        ("three", "print(x, t)"),
    )
    assert not analysis.errors
    return set(analysis.stages[-1].after)


@pytest.mark.parametrize(
    ("use", "waits"),
    [
        ("n.measure(x)", {"one"}),
        ("n.plain.anything(1)", {"one"}),
        ("t.level(x)", {"one"}),
        ("n.scale(x)", {"one", "two"}),
        ("n.other(x)", {"one", "two"}),
        ("t.other(x)", {"two"}),
    ],
)
def test_a_table_tells_what_its_library_does(
    analysed: Analyse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    use: str,
    waits: set[str],
) -> None:
    name = f"lib{abs(hash(use))}"
    install(tmp_path, name, TABLE.format(name=name))
    monkeypatch.syspath_prepend(tmp_path)

    assert after(analysed, name, use.replace("n.", f"{name}.")) == waits


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("broken_a", "LIBRARY = 1 / 0", "ZeroDivisionError"),
        ("broken_b", "LIBRARY = {}", "is no Library table but dict"),
        ("broken_c", "", "has no attribute 'LIBRARY'"),
        ("broken_d", TABLE.format(name="numpy"), "speaks of 'numpy.Tank'"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_warning(  # noqa: PLR0917  fixtures and a row
    analysed: Analyse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    source: str,
    why: str,
) -> None:
    install(tmp_path, name, source)
    monkeypatch.syspath_prepend(tmp_path)

    analysis = analysed(("one", f"import {name}\nx = [1]"), ("two", f"{name}.measure(x)"))

    (finding,) = [finding for finding in analysis.findings if finding.code == "ZF232"]
    assert (finding.severity, finding.cell, finding.line) == ("warning", 0, 1)
    assert why in finding.message
    assert analysis.stages[-1].loads == {"one": ("x",)}


def test_nobody_is_loaded_who_is_not_imported(
    analysed: Analyse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "never_imported", "raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)

    assert not analysed(("one", "x = 1"), ("two", "print(x)")).findings
