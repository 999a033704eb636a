"""``POST /zflow/check``: analyse a notebook as it is in the editor, saved or not."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.model.value import Value
from jupyter_zflow.server.routes.base import ZflowHandler
from jupyter_zflow.server.routes.paths import inside_root

if TYPE_CHECKING:
    from pathlib import Path


class CheckBody(Value):
    """What a check is asked about."""

    notebook: dict[str, Any]
    """The notebook as nbformat JSON; outputs are not read."""
    path: str = ""
    """Its contents path: names the pipeline, and local files are looked for beside it."""


class CheckHandler(ZflowHandler):
    """The analysis of one notebook."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer what ``jupyter zflow check --json`` prints."""
        body = self.body(CheckBody)
        path = inside_root(self.contents_manager, body.path) if body.path else None
        self.answer(await asyncio.to_thread(_check, body.notebook, path))


def _check(notebook: dict[str, Any], path: Path | None) -> dict[str, Any]:
    from jupyter_zflow.actions.check import check_document
    from jupyter_zflow.notebook.document import parse

    return check_document(parse(json.dumps(notebook), path=path)).to_json()


ROUTES = [(r"/zflow/check", CheckHandler)]
