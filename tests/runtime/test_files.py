"""Files that one stage writes and another one reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.artifacts.conftest import Stages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    """Return an execution without stages."""
    return Stages(tmp_path)


CASES = {
    "a file": ("open('a.txt', 'w').write('hi')", "print(open('a.txt').read())", "hi"),
    "in a folder": (
        "import os\nos.makedirs('d/e'); open('d/e/f', 'w').write('x')",
        "print(open('d/e/f').read())", "x"),
    "an empty folder": ("import os\nos.mkdir('out')", "open('out/f', 'w').close(); print('ok')", "ok"),
    "binary and mode": (
        "import os\nopen('p', 'wb').write(b'\\0\\1'); os.chmod('p', 0o755)",
        "import os; print(open('p', 'rb').read(), oct(os.stat('p').st_mode & 0o777))", "b'\\x00\\x01' 0o755"),
    "a database": (
        "import sqlite3\nc = sqlite3.connect('d.db'); c.execute('create table t(a)'); c.execute('insert into t values(3)'); c.commit()",
        "import sqlite3; print(sqlite3.connect('d.db').execute('select a from t').fetchall())", "[(3,)]"),
    "written by a shell": ("import os\nos.system('echo hi > s.txt')", "print(open('s.txt').read().strip())", "hi"),
    "a buffered handle that was left open": (
        "f = open('h.txt', 'w'); f.write('B')", "print(open('h.txt').read())", "B"),
    "caches stay behind": (
        "import os\nos.mkdir('__pycache__'); open('__pycache__/x', 'w').close()",
        "import os; print(os.listdir())", "[]"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_file_arrives(name: str, stages: Stages) -> None:
    producer, consumer, printed = CASES[name]

    made = stages.run("s1", f"{producer}\nsave(files=True)")
    read = stages.run("s2", f"load(files=['s1'])\n{consumer}")

    assert (made.error, read.error) == ("", "")
    assert read.out.strip() == printed


def test_changes_and_deletions_come_in_order(stages: Stages) -> None:
    stages.run("s1", "for n in 'abc': open(n, 'w').write('1')\nsave(files=True)")
    stages.run(
        "s2",
        "load(files=['s1'])\nimport os\nopen('a', 'w').write('22'); os.remove('b')\nsave(files=True)",
    )
    read = stages.run(
        "s3",
        "load(files=['s1', 's2'])\nimport os\nprint(sorted(os.listdir()), open('a').read(), open('c').read())",
    )
    manifest = (stages.execution / "s2" / "manifest.json").read_text()

    assert read.out.strip() == "['a', 'c'] 22 1"
    assert '"path": "c"' not in manifest


def test_reader_may_change_its_copy(stages: Stages) -> None:
    stages.run("s1", "open('a', 'w').write('1')\nsave(files=True)")
    stages.run("s2", "load(files=['s1'])\nopen('a', 'a').write('2')")
    read = stages.run("s3", "load(files=['s1'])\nprint(open('a').read())")

    assert read.out.strip() == "1"


def test_path_into_the_working_directory_moves_with_the_files(stages: Stages) -> None:
    stages.run(
        "s1",
        "import os, pathlib\nopen('a', 'w').write('1')\np = os.path.abspath('a'); q = pathlib.Path.cwd() / 'a'\n"
        "save(['p', 'q'], files=True)",
    )
    read = stages.run(
        "s2",
        "load({'s1': ['p', 'q']}, files=['s1'])\nopen('a', 'w').write('2')\nprint(open(p).read(), q.read_text())",
    )

    assert read.out.strip() == "2 2"


def test_file_outside_the_working_directory_comes_back(stages: Stages, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere" / "x.txt"
    outside.parent.mkdir()
    stages.run("s1", f"open({str(outside)!r}, 'w').write('hi')\nsave(files=True)")
    outside.unlink()
    read = stages.run("s2", f"load(files=['s1'])\nprint(open({str(outside)!r}).read())")

    assert read.out.strip() == "hi"


def test_damaged_file_is_refused(stages: Stages) -> None:
    stages.run("s1", "open('a', 'w').write('1')\nsave(files=True)")
    (stored,) = (stages.execution / "s1" / "artifacts").iterdir()
    stored.write_text("2")

    assert "is damaged" in stages.run("s2", "load(files=['s1'])").error
