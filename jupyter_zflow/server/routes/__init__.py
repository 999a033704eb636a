"""All routes, as one table of tables."""

from __future__ import annotations

from jupyter_zflow.server.routes import check, export, status

ROUTES = [*status.ROUTES, *check.ROUTES, *export.ROUTES]
