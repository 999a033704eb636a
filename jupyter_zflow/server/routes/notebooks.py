"""``GET /zflow/executions/{id}/notebooks/{stage}``: a stage's executed notebook."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.model.value import Value
from jupyter_zflow.server.executions import state_of
from jupyter_zflow.server.refusals import MissingError
from jupyter_zflow.server.routes.executions import ExecutionHandler


class NotebookQuery(Value):
    """How much of it."""

    content: bool = False


class ExecutedHandler(ExecutionHandler):
    """An executed notebook."""

    @web.authenticated
    @authorized
    async def get(self, execution: str, stage: str) -> None:
        """Answer where it is, and what is in it."""
        query = self.query(NotebookQuery)
        record = await self.record(execution)
        state_of(record, stage)
        found = record.stage(stage)
        if found is None or found.notebook is None:
            raise MissingError(f"Stage {stage!r} of {execution!r} has left no notebook yet.")
        file = Path(found.notebook)
        content = await asyncio.to_thread(_read, file) if query.content else None
        self.answer({"stage": found.name, "path": self.shown(file), "content": content})


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MissingError(f"The executed notebook cannot be read: {error}.") from None
    return content if isinstance(content, dict) else {}


ROUTES = [(r"/zflow/executions/([^/]+)/notebooks/([^/]+)", ExecutedHandler)]
