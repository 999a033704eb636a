from __future__ import annotations

import pytest

from jupyter_zflow.analysis.record import FileLog, normal, overlap


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a.csv", "a.csv", True),
        ("a.csv", "./a.csv", True),
        ("d/../a.csv", "a.csv", True),
        ("a.csv", "b.csv", False),
        ("d", "d/a.csv", True),
        ("d/a.csv", "d", True),
        ("d/a.csv", "d/b.csv", False),
        ("da", "d", False),
        ("d/*.csv", "d/a.csv", True),
        ("d/*.csv", "e/a.csv", False),
        ("*.csv", "e/a.csv", True),
        ("d/x-*/a", "d/y", True),
        (".", "a", True),
        (None, "a", True),
        ("a", None, True),
    ],
)
def test_overlap(one: str | None, other: str | None, *, expected: bool) -> None:
    assert overlap(one, other) == expected
    assert overlap(other, one) == expected


@pytest.mark.parametrize(
    ("path", "expected"), [("", "."), ("a/./b", "a/b"), ("a/../b", "b"), ("../a", "../a")]
)
def test_normal(path: str, expected: str) -> None:
    assert normal(path) == expected


Write = tuple[str | None, int, bool]


@pytest.mark.parametrize(
    ("writes", "path", "expected"),
    [
        pytest.param([("a", 0, True)], "a", (0,), id="one"),
        pytest.param([("a", 0, True), ("a", 1, True)], "a", (1,), id="replaced"),
        pytest.param([("a", 0, True), ("a", 1, False)], "a", (0, 1), id="appended"),
        pytest.param([("a", 0, True), ("b", 1, True)], "a", (0,), id="other"),
        pytest.param([(None, 0, True), ("a", 1, True)], "a", (0, 1), id="unknown_stays"),
        pytest.param([("d/a", 0, True), ("d/b", 1, True)], "d", (0, 1), id="folder"),
        pytest.param([("a", 0, True), ("b", 1, True)], None, (0, 1), id="unknown_reads_all"),
        pytest.param([("a", 9, True)], "a", (), id="own"),
    ],
)
def test_writers(writes: list[Write], path: str | None, expected: tuple[int, ...]) -> None:
    log = FileLog()
    for written, cell, replaces in writes:
        log.write(written, cell=cell, replaces=replaces)

    assert log.writers(path, excluding=9) == expected


def test_folder_writers() -> None:
    log = FileLog()
    log.write("d", cell=0, replaces=False)
    log.write("e", cell=1, replaces=False)
    log.write("d/a", cell=2, replaces=True)

    assert log.folder_writers("d/a", excluding=9) == (0,)
    assert log.knows("d/a")
    assert not log.knows("d/b")
