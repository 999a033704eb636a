"""``POST /zflow/check``: analyse a notebook as it is in the editor, saved or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from pydantic import Field, model_validator
from tornado import web

from jupyter_zflow.model.value import Value
from jupyter_zflow.server.routes.base import ZflowHandler

if TYPE_CHECKING:
    from collections.abc import Hashable


class NotebookBody(Value):
    """A saved notebook, or one as it is in the editor."""

    notebook: dict[str, Any] | None = None
    """The notebook as nbformat JSON; outputs are not read."""
    path: str = Field(default="", max_length=4096)
    """Its contents path: names the pipeline, and local files are looked for beside it."""

    @model_validator(mode="after")
    def _one_of_them(self) -> NotebookBody:
        if self.notebook is None and not self.path:
            message = "notebook or path is needed"
            raise ValueError(message)
        return self


class CheckBody(NotebookBody):
    """What a check is asked about, and by whom."""

    tab: str = Field(default="", max_length=200)
    """The same for all requests of one editor."""
    generation: int | None = None
    """Comes back in the answer."""


class NotebookHandler(ZflowHandler):
    """Has a task done with a notebook."""

    async def ask(
        self, task: str, body: NotebookBody, *, key: Hashable = None, **more: Any
    ) -> dict[str, Any]:
        """Return what the warm worker says about a notebook."""
        path: Path | None = None
        if body.notebook is None:
            path = self.notebook(body.path)
        elif body.path:
            path = self.file_of(body.path)
        arguments = {
            "notebook": None if body.notebook is None else json.dumps(body.notebook),
            "path": None if path is None else str(path),
            "policy": self.services.policy.model_dump(mode="json"),
            **more,
        }
        return await self.services.analysis.ask(task, arguments, key=key)


class CheckHandler(NotebookHandler):
    """The analysis of one notebook."""

    @web.authenticated
    @authorized("read")
    async def post(self) -> None:
        """Answer what ``jupyter zflow check --json`` prints, and more that the panel shows."""
        body = self.body(CheckBody)
        key = (body.path, body.tab) if body.tab else None
        answer = await self.ask("check", body, key=key)
        if answer["export"] is not None:
            answer["export"]["folder"] = self.shown(Path(answer["export"]["folder"]))
        self.answer({**answer, "generation": body.generation})


ROUTES = [(r"/zflow/check", CheckHandler)]
