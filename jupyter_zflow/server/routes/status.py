"""``GET /zflow/status``: whether the extension is there, and which version."""

from __future__ import annotations

from importlib.metadata import version

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.server.routes.base import ZflowHandler


class StatusHandler(ZflowHandler):
    """The extension itself."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the version."""
        self.answer({"version": version("jupyter-zflow")})


ROUTES = [(r"/zflow/status", StatusHandler)]
