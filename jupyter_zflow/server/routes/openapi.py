"""``GET /zflow/openapi.yaml``: the routes, for people and for programs."""

from __future__ import annotations

from importlib.resources import files

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.server.routes.base import ZflowHandler


class OpenapiHandler(ZflowHandler):
    """The OpenAPI document."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the document."""
        text = (files("jupyter_zflow.server") / "openapi.yaml").read_text(encoding="utf-8")
        self.finish(text, set_content_type="application/yaml")


ROUTES = [(r"/zflow/openapi\.yaml", OpenapiHandler)]
