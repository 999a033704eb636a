"""``POST /zflow/verify``: start the comparison of a straight run with the isolated stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from jupyter_server.auth.decorator import authorized
from pydantic import AfterValidator, Field
from tornado import web

from jupyter_zflow.model.value import Json, Value
from jupyter_zflow.server.routes.base import ZflowHandler
from jupyter_zflow.server.worker.process import once

if TYPE_CHECKING:
    from jupyter_zflow.server.worker.process import Observer


def _names(parameters: dict[str, Json]) -> dict[str, Json]:
    for name in parameters:
        if not name.isidentifier():
            message = f"{name!r} is not a name"
            raise ValueError(message)
    return parameters


Parameters = Annotated[dict[str, Json], AfterValidator(_names)]
"""Values of parameters that differ from their defaults."""


class VerifyBody(Value):
    """What is verified, and with which parameters."""

    path: str = Field(min_length=1, max_length=4096)
    parameters: Parameters = {}
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class VerifyHandler(ZflowHandler):
    """The verification of one notebook."""

    @web.authenticated
    @authorized("execute")
    async def post(self) -> None:
        """Start the job and answer it as it stands."""
        self.services.need("verify")
        body = self.body(VerifyBody)
        arguments = {
            "path": str(self.notebook(body.path)),
            "parameters": body.parameters,
            "tolerance": body.tolerance,
        }
        seconds = self.services.limits.verify_seconds

        async def work(observe: Observer) -> dict[str, Any]:
            return await once("verify", arguments, limit=seconds, on_event=observe)

        job = self.services.jobs.start("verify", body.path, work)
        self.set_status(202)
        self.answer(job.to_json())


ROUTES = [(r"/zflow/verify", VerifyHandler)]
