"""Activities: what a worker of the HPC cluster would fetch runs here at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner.executors.bench import run_job

if TYPE_CHECKING:
    from jupyter_zflow.runner.executors.bench import Bench
    from jupyter_zflow.runner.interpreter import TaskCall

BEAT = 30.0
"""Seconds between two signs of life."""


async def work(call: TaskCall, bench: Bench) -> Any:
    """Run the stage that the activity's input describes."""
    import asyncio

    given = call.arguments
    arguments = [
        *("--bundle", given["bundle"], "--stage", given["stage"]),
        *("--execution", given["execution"], "--attempt", str(given["attempt"])),
        *(("--item", str(given["item"])) if "item" in given else ()),
    ]
    order = bench.order(arguments, state=call.state, environment=given.get("environment", {}))
    job = asyncio.ensure_future(run_job(bench, order))
    try:
        while not job.done():
            # The process is ours: as long as it lives, so does the work.
            call.beat()
            await asyncio.wait({job}, timeout=BEAT)
        return job.result()
    finally:
        if not job.done():
            job.cancel()
            await asyncio.wait({job})
