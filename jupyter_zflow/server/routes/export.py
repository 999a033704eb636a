"""``POST /zflow/export``: write the pipeline folder of a saved notebook.

The export runs in a process of its own: synthesis starts Node and runs the exported script,
and neither has a place in the process that serves everybody's notebooks.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.errors import ToolError
from jupyter_zflow.model.value import Value
from jupyter_zflow.server.routes.base import ZflowHandler, status_of
from jupyter_zflow.server.routes.paths import contents_path, contents_root, inside_root

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = 2
"""Exit status of the command line for findings of severity error and for wrong usage."""


class ExportBody(Value):
    """What is exported, and where to."""

    path: str
    """Contents path of the notebook."""
    folder: str | None = None
    """Contents path of the pipeline folder; default: a folder beside the notebook."""


class ExportHandler(ZflowHandler):
    """The pipeline folder of one notebook."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Export, and answer what was written as contents paths."""
        body = self.body(ExportBody)
        notebook = inside_root(self.contents_manager, body.path)
        if not notebook.is_file():
            raise web.HTTPError(404, f"There is no notebook {body.path!r}.")
        words = ["export", notebook.name, "--json"]
        if body.folder is not None:
            folder = inside_root(self.contents_manager, body.folder)
            words += ["--output", str(folder)]
        status, answer = await _command(
            words, cwd=notebook.parent, timeout=self.settings["zflow_export_timeout"]
        )
        if status == REFUSED and "reason" in answer:
            self.set_status(status_of(answer["reason"]))
            answer["message"] = f"{answer['message']} {answer['remedy']}".rstrip()
        self.answer(self._shown(answer, notebook.parent))

    def _shown(self, answer: dict[str, Any], cwd: Path) -> dict[str, Any]:
        """Return the answer with contents paths instead of files of this machine."""
        root = contents_root(self.contents_manager)

        def shown(text: str) -> str:
            file = (cwd / text).resolve()
            return contents_path(self.contents_manager, file) if file.is_relative_to(root) else text

        for key in ("folder", "template"):
            if isinstance(answer.get(key), str):
                answer[key] = shown(answer[key])
        if "files" in answer:
            answer["files"] = [shown(file) for file in answer["files"]]
        return answer


async def _command(words: list[str], *, cwd: Path, timeout: float) -> tuple[int, dict[str, Any]]:  # noqa: ASYNC109
    """Run our command line in a process and return its status and its JSON document."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "jupyter_zflow",
        *words,
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), timeout)
    except TimeoutError:
        process.kill()
        await process.wait()
        message = f"The export took longer than {timeout:g} s and was stopped."
        raise ToolError(
            message, remedy="Raise c.ZflowExtension.export_timeout, or export in a terminal."
        ) from None
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or process.returncode not in {0, REFUSED}:
        tail = errors.decode(errors="replace").strip()[-2000:]
        message = f"The export ended with status {process.returncode}: {tail}"
        raise ToolError(message)
    return process.returncode, answer


ROUTES = [(r"/zflow/export", ExportHandler)]
