"""What cannot leave its process, and what is damaged, is said in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Stages

UNSTORABLE = {
    "connection": ("import sqlite3\nc = sqlite3.connect(':memory:')", "(sqlite3.Connection)"),
    "generator": ("c = (i for i in [1])", "make a list of it"),
    "open file": ("c = open('f', 'w')", "an open file belongs to its process"),
    "lock": ("import threading\nc = threading.Lock()", "(_thread.lock)"),
    "socket": ("import socket\nc = socket.socket()", "(socket.socket)"),
    "thread": ("import threading\nc = threading.Thread()", "(threading.Thread)"),
    "coroutine": ("async def f(): pass\nc = f()", "await it first"),
    "memory view": ("c = memoryview(b'abc')", "store bytes instead"),
    "file in memory": (
        "import numpy as np\nc = np.memmap('f', mode='w+', shape=3)", "writes to a file"),
    "nested": ("import threading\nc = {'a': [threading.Lock()]}", "cannot pickle"),
    "own refusal": (
        "class C:\n    def __reduce__(self): raise RuntimeError('not me')\nc = C()", "not me"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSTORABLE)
def test_unstorable_value_is_refused_by_name(name: str, stages: Stages) -> None:
    code, reason = UNSTORABLE[name]

    ended = stages.run("s1", f"{code}\nsave(['c'])")

    last = ended.error.strip().splitlines()
    text = "\n".join(last[-3:])
    assert ended.code == 1
    assert "variable 'c'" in text
    assert "of stage 's1' cannot leave its process" in text
    assert reason in text
    assert "setup cell" in text


def test_everything_leaves_out_what_cannot_be_stored(stages: Stages) -> None:
    made = stages.run(
        "s1", "import threading\na = 1\nlock = threading.Lock()\nsave(everything=True)"
    )
    read = stages.run("s2", "load({'s1': ['*']})\nprint(a, 'lock' in globals())")
    asked = stages.run("s3", "load({'s1': ['lock']})")

    assert made.error == ""
    assert read.out.strip() == "1 False"
    assert "variable 'lock' of stage 's1' cannot leave its process" in asked.error


def test_absent_name_is_unbound_after_loading(stages: Stages) -> None:
    stages.run("s1", "x = 1\ndel x\nsave(['x', 'never'])")
    read = stages.run("s2", "x = 2\nload({'s1': ['x', 'never']})\nprint('x' in globals())")

    assert read.out.strip() == "False"


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "one bit": (_flip, "is damaged"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-20]), "is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "is damaged"),
    "missing": (lambda path: path.unlink(), "is missing"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_artifact_is_never_unpickled(name: str, stages: Stages) -> None:
    damage, told = DAMAGES[name]
    stages.run("s1", "x = list(range(1000))\nsave(['x'])")
    (container,) = (stages.execution / "s1" / "artifacts").iterdir()
    damage(container)

    read = stages.run("s2", "load({'s1': ['x']})")

    assert told in read.error
    assert "Run the stage that makes it again." in read.error


def test_container_that_no_manifest_lists_is_not_loaded(stages: Stages) -> None:
    stages.run("s1", "x = [1]\nsave(['x'])")
    manifest = stages.execution / "s1" / "manifest.json"
    text = manifest.read_text()
    digest = next(iter((stages.execution / "s1" / "artifacts").iterdir())).stem
    manifest.write_text(text.replace(digest, "0" * 64, 1))

    assert "lists no" in stages.run("s2", "load({'s1': ['x']})").error


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("load({'s1': ['y']})", "stage 's1' did not save a variable 'y'"),
        ("load({'s9': ['x']})", "stage 's9' left no artifacts"),
        ("load(states={'s1': ['random']})", "did not save the state 'random'"),
        ("save(states=['weather'])", "there is no ambient state 'weather'"),
    ],
)
def test_wrong_request_is_refused(code: str, told: str, stages: Stages) -> None:
    stages.run("s1", "x = 1\nsave(['x'])")

    assert told in stages.run("s2", code).error


def test_damaged_manifest_is_refused(stages: Stages) -> None:
    stages.run("s1", "x = 1\nsave(['x'])")
    (stages.execution / "s1" / "manifest.json").write_text("{")

    assert "the manifest of stage 's1'" in stages.run("s2", "load({'s1': ['x']})").error
