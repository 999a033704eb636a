"""All routes, as one table of tables."""

from __future__ import annotations

from jupyter_zflow.server.routes import (
    artifacts,
    check,
    debug,
    executions,
    export,
    instances,
    jobs,
    logs,
    notebooks,
    openapi,
    schemas,
    status,
    suggest,
    verify,
)

ROUTES = [
    *openapi.ROUTES,
    *status.ROUTES,
    *schemas.ROUTES,
    *instances.ROUTES,
    *check.ROUTES,
    *suggest.ROUTES,
    *export.ROUTES,
    *verify.ROUTES,
    *jobs.ROUTES,
    *executions.ROUTES,
    *logs.ROUTES,
    *notebooks.ROUTES,
    *artifacts.ROUTES,
    *debug.ROUTES,
]
