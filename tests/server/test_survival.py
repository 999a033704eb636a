"""A real server that shuts down, and one that is killed: what becomes of its executions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from jupyter_server.utils import url_path_join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Server:
    """A Jupyter server in a process of its own."""

    def __init__(self, root: Path, home: Path) -> None:
        places = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
             "--IdentityProvider.token=tok", f"--ServerApp.root_dir={root}",
             "--ServerApp.jpserver_extensions={'jupyter_zflow': True}"],
            env={**os.environ, **places, "JUPYTER_NO_CONFIG": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.url = ""
        for _ in range(600):
            found = list((home / "RUNTIME").glob(f"jpserver-{self.process.pid}.json"))
            if found and (text := found[0].read_text()).endswith("}"):
                self.url = json.loads(text)["url"]
                return
            assert self.process.poll() is None
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def ask(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(
            url_path_join(self.url, "zflow", path),
            data=None if body is None else json.dumps(body).encode(),
            method=verb,
            headers={"Authorization": "token tok"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content: dict[str, Any] = json.load(answer)
            return content

    def until(self, path: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(600):
            content = self.ask("GET", path)
            if holds(content):
                return content
            time.sleep(0.1)
        raise AssertionError(content)


@contextmanager
def served(root: Path, home: Path) -> Iterator[Server]:
    server = Server(root, home)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def asleep(execution: dict[str, Any]) -> bool:
    return any(stage["source_cell"] is not None for stage in execution["stages"])


def group(root: Path) -> list[psutil.Process]:
    """Return the processes of all executions below a folder."""
    pids = [json.loads(file.read_text())["pid"] for file in root.rglob("about.json")]
    leaders = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return [*leaders, *(child for one in leaders for child in one.children(recursive=True))]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["shut_down", "killed"])
def test_executions_end_with_a_server_that_shuts_down_and_outlive_one_that_is_killed(
    tmp_path: Path, write_below: Callable[..., Path], end: signal.Signals
) -> None:
    root = tmp_path / "root"
    for name in ("a", "b"):
        write_below(root, f"{name}.ipynb", "import time\nprint('asleep')\ntime.sleep(600)", "y = 1")
    with served(root, tmp_path / "first") as server:
        names = [
            server.ask("POST", "executions", {"path": f"{name}.ipynb"})["id"] for name in ("a", "b")
        ]
        for name in names:
            server.until(f"executions/{name}", asleep)
        processes = group(root)
        assert (
            len(processes) >= 6
        )  # for each execution: itself, its template, its stage, the kernel
        server.process.send_signal(end)
        server.process.wait(60)

    _, alive = psutil.wait_procs(processes, timeout=0 if end == signal.SIGKILL else 10)
    assert bool(alive) == (end == signal.SIGKILL)

    with served(root, tmp_path / "second") as server:
        found = server.ask("GET", "executions")["executions"]
        assert [one["id"] for one in found] == sorted(names, reverse=True)
        expected = "RUNNING" if end == signal.SIGKILL else "ABORTED"
        assert {one["status"] for one in found} == {expected}
        for name in names:
            stopped = server.ask("DELETE", f"executions/{name}")
            assert (stopped["status"], stopped["stages"][0]["notebook"] is None) == (
                "ABORTED",
                False,
            )
    assert psutil.wait_procs(processes, timeout=10)[1] == []
