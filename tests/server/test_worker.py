"""The warm worker: only the latest edit counts, and nothing that it is given breaks it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jupyter_zflow.errors import ToolError
from jupyter_zflow.server.refusals import SupersededError, TaskError
from jupyter_zflow.server.worker.process import Child, once
from jupyter_zflow.server.worker.warm import WarmWorker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def cells(*sources: str) -> dict[str, Any]:
    return {
        "path": None,
        "policy": {},
        "notebook": json.dumps(
            {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": {},
                "cells": [
                    {
                        "cell_type": "code",
                        "metadata": {"tags": [f"stage:s{index}"]},
                        "source": source,
                        "outputs": [],
                        "execution_count": None,
                    }
                    for index, source in enumerate(sources)
                ],
            }
        ),
    }


def children() -> list[psutil.Process]:
    """Return the workers of this process, which may have started others for other tests."""
    found = []
    for process in psutil.Process().children():
        with suppress(psutil.Error):
            if "jupyter_zflow.server.worker.child" in process.cmdline():
                found.append(process)
    return found


SMALL = cells("x = 1", "print(x)")
LARGE = cells(*(f"y{index} = [x for x in range({index})]\nz = y0" for index in range(3000)))


@asynccontextmanager
async def working(limit: float = 60.0, idle: float | None = None) -> AsyncIterator[WarmWorker]:
    worker = WarmWorker(limit=limit, idle=idle)
    try:
        yield worker
    finally:
        await worker.close()


async def test_one_process_answers_all() -> None:
    async with working() as worker:
        first = await worker.ask("check", SMALL)
        before = children()
        second = await worker.ask("check", SMALL)

        assert [stage["name"] for stage in first["stages"]] == ["s0", "s1"]
        assert second["stages"] == first["stages"]
        assert children() == before


async def test_the_latest_request_takes_the_place_of_earlier_ones() -> None:
    async with working() as worker:
        await worker.ask("check", SMALL)  # it is warm
        worked_on = asyncio.ensure_future(worker.ask("check", LARGE, key="tab"))
        other = asyncio.ensure_future(worker.ask("check", SMALL, key="another tab"))
        await asyncio.sleep(0.3)
        waiting = asyncio.ensure_future(worker.ask("check", LARGE, key="tab"))
        latest = asyncio.ensure_future(worker.ask("check", SMALL, key="tab"))

        answers = await asyncio.gather(worked_on, other, waiting, latest, return_exceptions=True)

        assert [type(answer) for answer in answers] == [
            SupersededError,
            dict,
            SupersededError,
            dict,
        ]


@pytest.mark.parametrize(
    ("task", "arguments", "expected"),
    [
        pytest.param("check", {**SMALL, "notebook": "{"}, "NotebookError", id="refused"),
        pytest.param("check", {**SMALL, "notebook": "[" * 50_000}, "NotebookError", id="deep"),
        pytest.param("check", {}, "InternalError", id="a_mistake_of_ours"),
        pytest.param("nothing", {}, "InternalError", id="no_such_task"),
    ],
)
async def test_a_refusal_is_no_end(task: str, arguments: dict[str, Any], expected: str) -> None:
    async with working() as worker:
        with pytest.raises(TaskError) as caught:
            await worker.ask(task, arguments)

        assert caught.value.reason == expected
        assert (await worker.ask("check", SMALL))["stages"]


async def test_a_child_does_not_outlive_an_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    async with working() as worker:
        await worker.ask("check", SMALL)
        before = children()
        (site / "package").mkdir()
        await worker.ask("check", SMALL)

        assert not set(before) & set(children())


async def test_a_child_goes_when_nobody_asks() -> None:
    async with working(idle=0.01) as worker:
        await worker.ask("check", SMALL)
        for _ in range(100):
            if not children():
                break
            await asyncio.sleep(0.05)

        assert children() == []
        assert (await worker.ask("check", SMALL))["stages"]


async def test_a_killed_child_is_replaced() -> None:
    async with working() as worker:
        await worker.ask("check", SMALL)
        for child in children():
            os.kill(child.pid, signal.SIGKILL)

        with pytest.raises(ToolError, match="ended with status -9"):
            await worker.ask("check", LARGE)

        assert (await worker.ask("check", SMALL))["stages"]


async def test_what_takes_too_long_is_stopped() -> None:
    async with working(limit=0.05) as worker:
        with pytest.raises(ToolError, match=r"longer than 0\.05 s"):
            await worker.ask("check", LARGE)


async def test_a_child_that_is_left_ends_with_its_group() -> None:
    child = await Child.start(warm=True)
    process = psutil.Process(child.pid)

    await child.close()

    assert not process.is_running()


async def test_a_task_of_its_own_has_a_limit() -> None:
    with pytest.raises(ToolError, match="preview took longer"):
        await once("preview", {"run": "/", "state": "x", "name": "y"}, limit=0.01)
