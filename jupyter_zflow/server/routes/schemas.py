"""``GET /zflow/schemas``: JSON Schemas of the settings, which forms are made of."""

from __future__ import annotations

from functools import cache
from typing import Any

from jupyter_server.auth.decorator import authorized
from pydantic import TypeAdapter
from tornado import web

from jupyter_zflow.model.compute import Compute
from jupyter_zflow.model.pipeline import NotebookSettings, PipelineSettings, Schedule
from jupyter_zflow.model.stage import Retry, StageSettings
from jupyter_zflow.server.routes.base import ZflowHandler


class SchemasHandler(ZflowHandler):
    """The settings' schemas."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer one schema for each kind of settings."""
        self.answer(_schemas())


@cache
def _schemas() -> dict[str, Any]:
    kinds: dict[str, Any] = {
        "notebook": NotebookSettings,
        "pipeline": PipelineSettings,
        "stage": StageSettings,
        "compute": Compute,
        "schedule": Schedule,
        "retry": Retry,
    }
    return {name: TypeAdapter(kind).json_schema() for name, kind in kinds.items()}


ROUTES = [(r"/zflow/schemas", SchemasHandler)]
