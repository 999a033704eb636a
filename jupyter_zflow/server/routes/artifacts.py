"""``GET /zflow/executions/{id}/artifacts``: what the stages handed on, and a look at it."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.actions.preview import artifacts
from jupyter_zflow.errors import ToolError, UsageError
from jupyter_zflow.model.names import state_name
from jupyter_zflow.model.value import Value
from jupyter_zflow.server.executions import state_of
from jupyter_zflow.server.refusals import MissingError
from jupyter_zflow.server.routes.executions import ExecutionHandler
from jupyter_zflow.server.worker.process import once


class ArtifactsQuery(Value):
    """Which artifacts."""

    stage: str | None = None
    name: str | None = None


class ArtifactsHandler(ExecutionHandler):
    """The artifacts of an execution."""

    @web.authenticated
    @authorized
    async def get(self, execution: str) -> None:
        """Answer the artifacts; a single one with a preview."""
        self.services.need("artifacts")
        query = self.query(ArtifactsQuery)
        if query.name is not None and query.stage is None:
            raise UsageError("A name needs the stage that saved it.")
        record = await self.record(execution)
        stages = [stage.name for stage in record.stages]
        if query.stage is not None:
            state_of(record, query.stage)
            found = record.stage(query.stage)
            stages = [] if found is None else [found.name]
        listed: list[dict[str, Any]] = []
        for stage in stages:
            listed += await asyncio.to_thread(artifacts, record.run, state_name(stage), stage)
        if query.name is not None:
            listed = [one for one in listed if one["name"] == query.name]
            if not listed:
                raise MissingError(f"Stage {query.stage!r} handed on no {query.name!r}.")
            for one in listed:
                one["preview"] = await self._preview(str(record.run), one)
        self.answer({"artifacts": listed})

    async def _preview(self, run: str, artifact: dict[str, Any]) -> dict[str, Any] | None:
        if artifact["kind"] != "variable" or artifact["state"] != "saved":
            return None
        arguments = {"run": run, "state": state_name(artifact["stage"]), "name": artifact["name"]}
        seconds = self.services.limits.preview_seconds
        try:
            return await once("preview", arguments, limit=seconds)
        except ToolError as error:  # rebuilding it ended the process, or took too long
            return {"kind": "none", "text": str(error)}


ROUTES = [(r"/zflow/executions/([^/]+)/artifacts", ArtifactsHandler)]
