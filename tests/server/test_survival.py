"""A real server that shuts down, and one that is killed: what becomes of its executions."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def asleep(execution: dict[str, Any]) -> bool:
    return any(stage["source_cell"] is not None for stage in execution["stages"])


def group(root: Path) -> list[psutil.Process]:
    """Return the processes of all executions below a folder."""
    pids = [json.loads(file.read_text())["pid"] for file in root.rglob("about.json")]
    leaders = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return [*leaders, *(child for one in leaders for child in one.children(recursive=True))]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["shut_down", "killed"])
def test_executions_end_with_a_server_that_shuts_down_and_outlive_one_that_is_killed(
    tmp_path: Path,
    write_below: Callable[..., Path],
    served: Callable[..., Any],
    end: signal.Signals,
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
