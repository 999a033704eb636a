"""``POST /zflow/suggest``: propose stages; nothing is changed."""

from __future__ import annotations

from typing import Literal

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.server.routes.check import NotebookBody, NotebookHandler


class SuggestBody(NotebookBody):
    """Which notebook, and where to cut."""

    by: Literal["headings", "dataflow"] | None = None


class SuggestHandler(NotebookHandler):
    """A proposal of stages."""

    @web.authenticated
    @authorized("read")
    async def post(self) -> None:
        """Answer what ``jupyter zflow suggest --json`` prints."""
        self.services.need("suggest")
        body = self.body(SuggestBody)
        self.answer(await self.ask("suggest", body, by=body.by))


ROUTES = [(r"/zflow/suggest", SuggestHandler)]
