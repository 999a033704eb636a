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
    "memory view of a stream": (
        "import io\nb = io.BytesIO(b'abc')\nc = b.getbuffer()", "store bytes instead"),
    "weak reference": (
        "import weakref\nclass O: pass\no = O()\nc = weakref.ref(o)", "does not keep what it points to"),
    "weak proxy": (
        "import weakref\nclass O: pass\no = O()\nc = [weakref.proxy(o)]",
        "does not keep what it points to"),
    "weak dictionary": (
        "import weakref\nclass O: pass\no = O()\nc = weakref.WeakValueDictionary(k=o)",
        "does not keep what it points to"),
    "finalizer": (
        "import weakref\nclass O: pass\no = O()\nc = weakref.finalize(o, print, end='')",
        "waits for the end of an object"),
    "handle in an object": (
        "class C:\n    def __init__(self): self.f = open('f', 'w')\nc = C()", "an open file"),
    "handle in a closure": (
        "def make():\n    f = open('f', 'w')\n    return lambda t: f.write(t)\nc = make()",
        "an open file"),
    "handle in containers": ("c = {'a': [open('f', 'w')]}", "(dict)"),
    "compressed file": ("import gzip\nc = gzip.open('f', 'w')", "an open file"),
    "temporary file": ("import tempfile\nc = tempfile.NamedTemporaryFile()", "an open file"),
    "generator in a context manager": (
        "import contextlib\n@contextlib.contextmanager\ndef m(): yield\nc = m(); c.__enter__()",
        "a running generator"),
    "child process": ("import subprocess\nc = subprocess.Popen(['true']); c.wait()", "a child process"),
    "row of a connection": (
        ("import sqlite3\nk = sqlite3.connect(':memory:'); k.row_factory = sqlite3.Row\n"
        "c = k.execute('select 1').fetchall()"), "store dict(row) or tuple(row)"),
    "traceback": (
        "try: 1 / 0\nexcept ZeroDivisionError as e: c = (1, e.__traceback__)", "a traceback holds running code"),
    "frame": ("import sys\nc = sys._getframe()", "a frame is running code"),
    "chunks of a table": (
        "import pandas as pd\nopen('t', 'w').write('a\\n1')\nc = pd.read_csv('t', chunksize=1)", "an open file"),
    "reader of lines": ("import csv\nc = csv.reader(['a'])", "make a list of it"),
    "shared number": ("import multiprocessing as mp\nc = mp.Value('i', 3)", "shares with its children"),
    "shared memory": (
        ("from multiprocessing import shared_memory as s\nc = s.SharedMemory(create=True, size=8)\n"
        "c.unlink()"), "shared memory ends with its process"),
    "mapped file": ("import mmap\nc = mmap.mmap(-1, 8)", "a mapped file"),
    "structure": (
        "import ctypes\nclass P(ctypes.Structure): _fields_ = [('x', ctypes.c_int)]\nc = P(1)",
        "ctypes.Structure"),
    "foreign memory": (
        "import ctypes\nb = bytearray(4)\nc = (ctypes.c_byte * 4).from_buffer(b)", "memory of another object"),
    "thread-local values": ("import threading\nc = threading.local()", "belong to their thread"),
    "context variable": ("import contextvars\nc = contextvars.ContextVar('c')", "a context variable"),
    "queue between threads": ("import queue\nc = queue.SimpleQueue()", "a queue between threads"),
    "executor": (
        "from concurrent.futures import ThreadPoolExecutor\nc = ThreadPoolExecutor(1)", "(concurrent."),
    "future": ("from concurrent.futures import Future\nc = Future()", "store its result"),
    "running hash": ("import hashlib\nc = hashlib.sha256()", "store its digest"),
    "iterator over an array": (
        "import numpy as np\nc = np.arange(3).flat", "make one where it is used"),
    "listed folder": ("import os\nc = [*os.scandir('..')]", "store its path"),
    "picture's pixels": (
        "from PIL import Image\nc = Image.new('L', (2, 2)).load()", "the pixels of an image"),
    "file in memory": (
        "import numpy as np\nc = np.memmap('f', mode='w+', shape=3)", "writes to a file"),
    "nested": ("import threading\nc = {'a': [threading.Lock()]}", "it is or holds a lock"),
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
