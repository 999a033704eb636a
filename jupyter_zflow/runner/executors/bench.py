"""The workbench that all executors of an execution share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.runner.failures import TASK_FAILED, StateFailedError
from jupyter_zflow.runner.stages import StageOrder

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from jupyter_zflow.runner.places import Places
    from jupyter_zflow.runner.stages import StageRunner


@dataclass(frozen=True)
class Bench:
    """Folders, the runner of stages, and what jobs leave for each other."""

    places: Places
    stages: StageRunner
    runs: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    """Databricks runs by their id."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Idempotency token -> run id."""
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    """SageMaker models by their name: what ``createModel`` was told of the container."""

    def order(
        self, arguments: Sequence[str], *, state: str, environment: dict[str, str] | None = None
    ) -> StageOrder:
        """Return the stage that a job's command line asks for.

        Raises
        ------
        DefinitionError
            The command line is not one of ours.
        """
        given = dict(zip(arguments[::2], arguments[1::2], strict=False))
        expected = {"--bundle", "--stage", "--execution", "--attempt"}
        if len(arguments) != len(given) * 2 or given.keys() - {"--item"} != expected:
            raise DefinitionError(
                f"state {state!r} starts a job that is not a stage: {' '.join(arguments)!r}."
            )
        if self.places.path(given["--execution"]) != self.places.folder:
            raise DefinitionError(f"state {state!r} belongs to another execution.")
        item = int(given["--item"]) if "--item" in given else None
        return StageOrder(given["--stage"], int(given["--attempt"]), environment or {}, item)


async def run_job(bench: Bench, order: StageOrder, *, limit: float | None = None) -> dict[str, Any]:
    """Run a stage as a job; a stage that fails is a failed task."""
    run = await bench.stages.run(order, limit=limit)
    if run.status != "SUCCEEDED":
        error = run.error or {}
        place = "" if error.get("cell") is None else f" in cell {error['cell'] + 1}"
        cause = f"{error.get('name', 'Error')}{place}: {error.get('message', '')}"
        raise StateFailedError(TASK_FAILED, cause)
    return {"seconds": run.seconds}
