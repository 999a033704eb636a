"""Executions over HTTP: started, followed, looked into, debugged and stopped."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import nbformat
import psutil
import pytest
from nbclient import NotebookClient  # noqa: TID253  it is a kernel that is asked

from jupyter_zflow.server.events import EXECUTION, JOB

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAILING = ("import pandas as pd\ndf = pd.DataFrame({'a': range(n)})\nprint('made')",
           "total = int(df.a.sum())\nprint(1 / 0)")  # fmt: skip
SLEEPING = ("import time\nprint('asleep')\ntime.sleep(600)", "x = 1")


@pytest.fixture
def zflow_config() -> dict[str, Any]:
    return {"max_executions": 2}


async def until(ask: Any, name: str, *statuses: str) -> dict[str, Any]:
    """Wait for an execution to be in one of the statuses."""
    for _ in range(600):
        _, execution = await ask("GET", f"executions/{name}")
        if execution["status"] in statuses:
            return execution
        await asyncio.sleep(0.1)
    raise AssertionError(execution)


async def running_cell(ask: Any, name: str) -> dict[str, Any]:
    """Wait until a cell of the author's runs, and return the execution."""
    for _ in range(600):
        _, execution = await ask("GET", f"executions/{name}")
        if any(stage["source_cell"] is not None for stage in execution["stages"]):
            return execution
        await asyncio.sleep(0.1)
    raise AssertionError(execution)


async def test_a_failure_is_followed_and_debugged(  # noqa: PLR0915  one execution, looked at from all sides
    ask: Any, write: Callable[..., Path], jp_root_dir: Path, jp_serverapp: Any
) -> None:
    heard: list[dict[str, Any]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=EXECUTION, listener=listen)
    write("sub/fail.ipynb", *FAILING, parameters="n: int = 3")

    status, begun = await ask(
        "POST", "executions", {"path": "sub/fail.ipynb", "parameters": {"n": 4}}
    )
    assert (status, begun["status"], begun["parameters"]) == (201, "RUNNING", {"n": 4})
    name = begun["id"]
    ended = await until(ask, name, "FAILED", "ABORTED")

    assert ended["path"] == "sub/fail.ipynb"
    assert ended["error"] == {
        "name": "ZeroDivisionError", "message": "division by zero", "stage": "s1", "cell": 2, "line": 2,
    }  # fmt: skip
    assert [stage["status"] for stage in ended["stages"]] == ["SUCCEEDED", "FAILED"]
    assert (jp_root_dir / ended["stages"][1]["notebook"]).is_file()

    # What was told while it ran.
    await asyncio.sleep(0)
    told = [event["event"] for event in heard]
    assert (told[0], told[-1]) == ("execution_started", "execution_finished")
    assert {event["path"] for event in heard} == {"sub/fail.ipynb"}
    assert {event.get("source_cell") for event in heard if event["event"] == "cell"} == {
        None,
        0,
        1,
        2,
    }

    # What it left.
    _, log = await ask("GET", f"executions/{name}/logs", stage="s0")
    assert (log["text"], log["ended"]) == ("made\n", True)
    _, rest = await ask(
        "GET", f"executions/{name}/logs", stage="s0", offset=log["next"] - 2, limit=1
    )
    assert rest["text"] == "e"
    _, executed = await ask("GET", f"executions/{name}/notebooks/s1", content="true")
    assert executed["content"]["cells"]
    _, listed = await ask("GET", f"executions/{name}/artifacts")
    assert [(one["stage"], one["name"], one["type"]) for one in listed["artifacts"]] == [
        ("s0", "df", "pandas.DataFrame")
    ]
    _, seen = await ask("GET", f"executions/{name}/artifacts", stage="s0", name="df")
    assert seen["artifacts"][0]["preview"] == {
        "kind": "table", "shape": [4, 1], "columns": ["a"], "types": ["int64"],
        "rows": [[str(number), str(number)] for number in range(4)],
    }  # fmt: skip
    _, found = await ask("GET", "executions", path="sub/fail.ipynb", status="FAILED")
    assert [one["id"] for one in found["executions"]] == [name]
    _, found = await ask("GET", "executions", path="other.ipynb")
    assert found["executions"] == []

    # Its inputs, in a kernel.
    status, debug = await ask("POST", f"executions/{name}/debug")
    assert (status, debug["stage"]) == (201, "s1")
    content = nbformat.read(jp_root_dir / debug["path"], as_version=4)
    assert content.cells[debug["failed_cell"]].source == FAILING[1]
    content.cells = [
        *content.cells[: debug["run_first"]],
        nbformat.v4.new_code_cell("int(df.a.sum()), __import__('os').getcwd()"),
    ]
    await NotebookClient(content, kernel_name="python3").async_execute()
    answer = content.cells[-1].outputs[0]["data"]["text/plain"]
    assert answer.startswith("(6, ")

    # Once more from the failed stage.
    status, again = await ask("POST", "executions", {"path": "sub/fail.ipynb", "from": "s1"})
    assert (status, again["from"]) == (201, "s1")
    ended = await until(ask, again["id"], "FAILED", "ABORTED")
    assert [stage["status"] for stage in ended["stages"]] == ["REUSED", "FAILED"]


async def test_two_at_once_are_all_that_may_run_and_both_are_stopped(
    ask: Any, write: Callable[..., Path]
) -> None:
    write("sleep.ipynb", *SLEEPING)
    write("other.ipynb", *SLEEPING)

    begun = [(await ask("POST", "executions", {"path": path}))[1] for path in ("sleep.ipynb", "other.ipynb")]  # fmt: skip
    status, refused = await ask("POST", "executions", {"path": "sleep.ipynb"})
    assert (status, refused["reason"]) == (429, "BusyError")
    for one in begun:
        at = await running_cell(ask, one["id"])
        assert (at["stages"][0]["status"], at["stages"][0]["source_cell"]) == ("RUNNING", 0)
    status, log = await ask("GET", f"executions/{begun[0]['id']}/logs", stage="s0")
    assert (log["ended"], log["stage"]) == (False, "s0")

    _, first = await ask("DELETE", f"executions/{begun[0]['id']}")
    _, second = await ask("POST", f"executions/{begun[1]['id']}/stop")
    _, again = await ask("DELETE", f"executions/{begun[0]['id']}")

    for one in (first, second, again):
        assert (one["status"], one["stages"][0]["status"]) == ("ABORTED", "ABORTED")
    left = [process.cmdline() for process in psutil.Process().children(recursive=True)]
    assert not [words for words in left if "ipykernel" in " ".join(words)]


async def test_a_verification_is_a_job(
    ask: Any, write: Callable[..., Path], jp_serverapp: Any
) -> None:
    heard: list[dict[str, Any]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=JOB, listener=listen)
    write("v.ipynb", "x = 1", "y = x + 1")

    status, job = await ask("POST", "verify", {"path": "v.ipynb"})
    assert (status, job["status"]) == (202, "RUNNING")
    while job["status"] == "RUNNING":
        await asyncio.sleep(0.1)
        _, job = await ask("GET", f"jobs/{job['id']}")

    assert (job["status"], job["result"]["equal"]) == ("SUCCEEDED", True)
    told = [event["event"] for event in heard]
    assert (told[0], set(told[1:-1]), told[-1]) == ("started", {"progress"}, "finished")

    write("w.ipynb", *SLEEPING)
    _, job = await ask("POST", "verify", {"path": "w.ipynb"})
    _, job = await ask("DELETE", f"jobs/{job['id']}")
    assert job["status"] == "ABORTED"


@pytest.fixture
def begun(write: Callable[..., Path], jp_root_dir: Path) -> Callable[[], list[Path]]:
    """Save two notebooks; tells which executions have begun."""
    write("ok.ipynb", "x = n", parameters="n: int = 3")
    write("refused.ipynb", "g = (i for i in range(3))", "print(next(g))")
    return lambda: list(jp_root_dir.rglob("about.json"))


@pytest.mark.parametrize(
    ("body", "expected", "words"),
    [
        pytest.param({"path": "none.ipynb"}, 404, "none", id="no_such_notebook"),
        pytest.param({"path": "../x.ipynb"}, 404, "x.ipynb", id="outside"),
        pytest.param(
            {"path": "ok.ipynb", "parameters": {"m": 1}}, 422, "m", id="unknown_parameter"
        ),
        pytest.param({"path": "ok.ipynb", "parameters": {"n": "a"}}, 422, "n", id="wrong_type"),
        pytest.param({"path": "ok.ipynb", "parameters": {"n=1": 2}}, 400, "n=1", id="no_name"),
        pytest.param({"path": "ok.ipynb", "from": "s9"}, 400, "s9", id="no_such_stage"),
        pytest.param({"path": "ok.ipynb", "from": "s0", "only": "s0"}, 400, "exclude", id="both"),
        pytest.param({"path": "ok.ipynb", "jobs": -1}, 400, "jobs", id="negative"),
        pytest.param({"path": "ok.ipynb", "jobs": "2"}, 400, "jobs", id="text_for_number"),
        pytest.param({"path": "."}, 400, "template", id="a_folder_that_is_no_pipeline"),
        pytest.param({"path": "refused.ipynb"}, 422, "generator", id="findings"),
    ],
)
async def test_what_cannot_run_is_refused_before_it_runs(
    ask: Any, begun: Callable[[], list[Path]], body: dict[str, Any], expected: int, words: str
) -> None:
    status, answer = await ask("POST", "executions", body)

    assert (status, words in answer["message"]) == (expected, True), answer
    assert begun() == []


@pytest.mark.parametrize(
    "path",
    ["executions/none", "executions/none/logs", "executions/none/artifacts", "executions/none/notebooks/a",
     "executions/..%2F..%2Fetc", "jobs/none"],
)  # fmt: skip
async def test_what_is_not_there_is_missing(ask: Any, path: str) -> None:
    status, answer = await ask("GET", path)

    assert (status, answer["reason"]) == (404, "MissingError")


async def test_what_a_killed_process_left_is_told(
    ask: Any, write: Callable[..., Path], jp_root_dir: Path
) -> None:
    write("sleep.ipynb", *SLEEPING)
    _, begun = await ask("POST", "executions", {"path": "sleep.ipynb"})
    await running_cell(ask, begun["id"])
    about = json.loads((jp_root_dir / begun["folder"] / "about.json").read_text())

    os.kill(about["pid"], 9)
    ended = await until(ask, begun["id"], "ABORTED")

    assert ended["error"]["message"].startswith("The process that ran it is gone.")
    assert ended["stages"][0]["status"] == "ABORTED"
