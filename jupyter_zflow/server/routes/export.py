"""``POST /zflow/export``: write the pipeline folder of a saved notebook, or say what it would be.

Synthesis needs Node and CDK, which have no place in the process that serves everybody's notebooks:
another process keeps them for a while, because to start them takes longer than an export. A script
with hand edits is run by a process of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from jupyter_zflow.errors import ToolError, UsageError
from jupyter_zflow.model.value import Value
from jupyter_zflow.server.refusals import TaskError
from jupyter_zflow.server.routes.base import ZflowHandler

if TYPE_CHECKING:
    from jupyter_zflow.server.worker.process import Observer


class CommitBody(Value):
    """A commit of what was written."""

    branch: str | None = Field(default=None, max_length=200)


class ExportBody(Value):
    """What is exported, and where to."""

    path: str = Field(min_length=1, max_length=4096)
    """Contents path of the notebook."""
    folder: str | None = Field(default=None, min_length=1, max_length=4096)
    """Contents path of the pipeline folder; default: a folder beside the notebook."""
    dry_run: bool = False
    on_conflict: Literal["refuse", "overwrite", "beside"] = "refuse"
    commit: CommitBody | None = None


class ExportHandler(ZflowHandler):
    """The pipeline folder of one notebook."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Export, and answer what was written as contents paths."""
        self.services.need("export")
        body = self.body(ExportBody)
        if body.commit is not None:
            self.services.need("commit")
        notebook = self.notebook(body.path)
        arguments = {
            "path": str(notebook),
            "folder": None if body.folder is None else str(self._folder(body.folder, notebook)),
            "dry_run": body.dry_run,
            "on_conflict": body.on_conflict,
            "commit": None if body.commit is None else body.commit.model_dump(),
            "root": str(self.services.root),
            "policy": self.services.policy.model_dump(mode="json"),
        }

        async def work(_observe: Observer) -> dict[str, Any]:
            return self._shown(await self.services.synthesis.ask("export", arguments))

        jobs = self.services.jobs
        job = await jobs.wait(jobs.start("export", body.path, work).id)
        if job.error is not None:
            if "findings" in job.error or job.status == "ABORTED":
                raise TaskError({"reason": "ToolError", **job.error})
            raise ToolError(job.error["message"])
        self.answer(job.result or {})

    def _folder(self, path: str, notebook: Path) -> Path:
        """Return the pipeline folder; refuse one that holds more than a pipeline."""
        folder = self.file_of(path)
        if notebook.is_relative_to(folder):
            raise UsageError(
                f"{path!r} holds the notebook itself, and a pipeline needs a folder of its own.",
                remedy="Name a folder beside the notebook.",
            )
        return folder

    def _shown(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with contents paths instead of files of this machine."""
        for key in ("folder", "template"):
            answer[key] = self.shown(Path(answer[key])) or answer[key]
        answer["files"] = [self.shown(Path(file)) or file for file in answer["files"]]
        return answer


ROUTES = [(r"/zflow/export", ExportHandler)]
