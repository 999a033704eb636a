"""The straight run beside the stages: same warm processes, same moment.

It is a starter of stage processes, so the runner need not know. The straight run is one more
process of the same kind; what decides the order of sets (the seed of hashes) is the same for both
sides, so that a difference is a difference of the pipeline.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner.places import Places
from jupyter_zflow.runner.stages import StageOrder, StageRun, StageRunner
from jupyter_zflow.verify.notebooks import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jupyter_zflow.model.value import Json
    from jupyter_zflow.runner.stages import Process, Starter

    Observer = Callable[[dict[str, Any]], None]

LABEL = "straight run"
"""What the straight run is called in progress."""


@dataclass(frozen=True)
class Straight:
    """A straight run's place on disk."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def bundle(self) -> Path:
        """Where its notebook and its files lie."""
        return self.folder / "bundle"

    @property
    def run(self) -> Path:
        """Where it leaves everything."""
        return self.folder / "run"

    def lay(
        self, notebook: str, files: Path, parameters: Mapping[str, Json], pipeline: str
    ) -> None:
        """Lay down what the runtime reads; the files stay where they are."""
        stages = self.bundle / "stages"
        stages.mkdir(parents=True)
        (stages / f"{STATE}.ipynb").write_text(notebook, encoding="utf-8", newline="\n")
        (self.bundle / "files").symlink_to(files.absolute(), target_is_directory=True)
        self.run.mkdir()
        facts = {"execution": LABEL, "pipeline": pipeline, "parameters": dict(parameters)}
        (self.run / "execution.json").write_text(json.dumps(facts), encoding="utf-8")

    async def execute(
        self, starter: Starter, observe: Observer, *, environment: Mapping[str, str] | None = None
    ) -> StageRun:
        """Run it to its end."""
        runner = StageRunner(
            Places(self.bundle, self.run, LABEL),
            starter=starter,
            observe=lambda event: observe({**event, "stage": LABEL}),
        )
        given = {**self.environment, **(environment or {})}
        return await runner.run(StageOrder(STATE, 0, given))


class Beside:
    """A starter that also runs the notebook straight.

    Parameters
    ----------
    inner
        Starts the processes.
    together
        Run it while the stages run; else after them.
    """

    def __init__(
        self,
        inner: Starter,
        straight: Straight,
        *,
        observe: Observer,
        together: bool,
    ) -> None:
        self.result: StageRun | None = None
        self._inner = inner
        self._straight = straight
        self._observe = observe
        self._together = together
        self._task: asyncio.Task[StageRun] | None = None
        self._stopped = False

    async def start(self, arguments: Any, environment: dict[str, str]) -> Process:
        """Start a stage's process, and the straight run with the first one."""
        if self._together:
            self._begin()
        return await self._inner.start(arguments, environment)

    def stop(self) -> None:
        """Let nothing more run: the user asked for the end."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """Wait for the straight run, and stop what was kept ready."""
        try:
            if not self._stopped:
                self._begin()
            if self._task is not None:
                await asyncio.wait({self._task})
                self.result = None if self._task.cancelled() else self._task.result()
        finally:
            if self._task is not None and not self._task.done():
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
            await self._inner.close()

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(self._straight.execute(self._inner, self._observe))
