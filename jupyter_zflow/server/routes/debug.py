"""``POST /zflow/executions/{id}/debug``: a notebook whose kernel can hold a stage's inputs."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.actions.debug import debug_notebook
from jupyter_zflow.model.value import Value
from jupyter_zflow.server.executions import state_of
from jupyter_zflow.server.refusals import MissingError
from jupyter_zflow.server.routes.executions import ExecutionHandler


class DebugQuery(Value):
    """Which stage."""

    stage: str | None = None


class DebugHandler(ExecutionHandler):
    """The way into a stage that failed."""

    @web.authenticated
    @authorized("execute")
    async def post(self, execution: str) -> None:
        """Write the notebook and answer where it is."""
        self.services.need("debug")
        query = self.query(DebugQuery)
        record = await self.record(execution)
        if self.shown(record.folder) is None:
            raise MissingError(
                f"Execution {execution!r} is kept outside of the folder that this server shows.",
                remedy="Ask the administrator for an execution_root below it.",
            )
        if query.stage is not None:
            state_of(record, query.stage)
        made = await asyncio.to_thread(debug_notebook, record, query.stage)
        self.set_status(201)
        self.answer({**made.to_json(), "path": self.shown(made.path)})


ROUTES = [(r"/zflow/executions/([^/]+)/debug", DebugHandler)]
