"""``GET /zflow/status``: the version, what the administrator set, and how busy it is."""

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
        """Answer how the extension is."""
        services = self.services
        self.answer(
            {
                "version": version("jupyter-zflow"),
                "hidden": sorted(services.hidden),
                "running": services.running,
                "limit": services.limits.executions,
                "default_role": services.defaults.role,
                "bucket": services.defaults.bucket,
                "subnets": list(services.defaults.subnets),
                "security_groups": list(services.defaults.security_groups),
            }
        )


ROUTES = [(r"/zflow/status", StatusHandler)]
