"""``/zflow/executions``: what runs and what ran on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from jupyter_zflow.actions.executions import NAME
from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.value import Value
from jupyter_zflow.server.routes.base import ZflowHandler
from jupyter_zflow.server.routes.verify import Parameters

if TYPE_CHECKING:
    from jupyter_zflow.actions.history import ExecutionRecord


class ExecutionBody(Value):
    """What is executed, and how."""

    path: str = Field(min_length=1, max_length=4096)
    """Contents path of a notebook or of a pipeline folder."""
    parameters: Parameters = {}
    start: str | None = Field(default=None, max_length=1000, alias="from")
    only: str | None = Field(default=None, max_length=1000)
    jobs: int = Field(default=0, ge=0, le=1000)


class ExecutionsQuery(Value):
    """Which executions."""

    path: str | None = None
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"] | None = None
    limit: int = Field(default=100, ge=1, le=1000)


class ExecutionHandler(ZflowHandler):
    """Finds executions and shows them with contents paths."""

    async def record(self, name: str) -> ExecutionRecord:
        """Return an execution as it stands; 404 when there is none."""
        return await asyncio.to_thread(self.services.executions.find, name)

    def told(self, record: ExecutionRecord) -> dict[str, Any]:
        """Return an execution as JSON."""
        content = record.to_json()
        for key in ("path", "folder"):
            content[key] = content[key] and self.shown(Path(content[key]))
        for stage in content["stages"]:
            stage["notebook"] = stage["notebook"] and self.shown(Path(stage["notebook"]))
        return content


class ExecutionsHandler(ExecutionHandler):
    """All executions."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the executions, the latest first."""
        query = self.query(ExecutionsQuery)
        target = None if query.path is None else self.file_of(query.path)
        found = await asyncio.to_thread(
            self.services.executions.search, target=target, status=query.status, limit=query.limit
        )
        told = await asyncio.to_thread(lambda: [self.told(one) for one in found.executions])
        self.answer({"executions": told, "complete": found.complete})

    @web.authenticated
    @authorized("execute")
    async def post(self) -> None:
        """Start an execution."""
        self.services.need("run")
        body = self.body(ExecutionBody)
        if body.start and body.only:
            raise UsageError("`from` and `only` exclude each other.")
        target = self.existing(body.path)
        place = target if target.is_dir() else target.parent
        if self.shown(place / NAME) is None:
            raise UsageError(f"{NAME} beside {body.path!r} leads out of the folder that is shown.")
        home = self.services.home
        if home is not None and self.services.root is not None:
            # Two notebooks of one name in different folders must not share their executions.
            home /= place.relative_to(self.services.root)
            await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
        record = await self.services.executions.start(
            {
                "path": str(target),
                "parameters": body.parameters,
                "from": body.start,
                "only": body.only,
                "jobs": body.jobs,
                "home": None if home is None else str(home),
            }
        )
        self.set_status(201)
        self.answer(self.told(record))


class OneHandler(ExecutionHandler):
    """One execution."""

    @web.authenticated
    @authorized
    async def get(self, execution: str) -> None:
        """Answer the execution."""
        self.answer(self.told(await self.record(execution)))

    @web.authenticated
    @authorized("execute")
    async def delete(self, execution: str) -> None:
        """Stop the execution, and answer how it ended."""
        await self.stop(execution)

    async def stop(self, execution: str) -> None:
        """Stop the execution, and answer how it ended."""
        record = await self.services.executions.stop(await self.record(execution))
        self.answer(self.told(record))


class StopHandler(OneHandler):
    """The end of one execution, for clients that cannot DELETE."""

    SUPPORTED_METHODS = ("POST", "OPTIONS")

    @web.authenticated
    @authorized("execute")
    async def post(self, execution: str) -> None:
        """Stop the execution, and answer how it ended."""
        await self.stop(execution)


ROUTES = [
    (r"/zflow/executions", ExecutionsHandler),
    (r"/zflow/executions/([^/]+)", OneHandler),
    (r"/zflow/executions/([^/]+)/stop", StopHandler),
]
