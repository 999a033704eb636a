"""``/zflow/jobs``: exports and verifications as they stand."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.server.routes.base import ZflowHandler


class JobsHandler(ZflowHandler):
    """All jobs of this server."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the jobs, the latest first."""
        self.answer({"jobs": [job.to_json() for job in self.services.jobs.latest()]})


class JobHandler(ZflowHandler):
    """One job."""

    @web.authenticated
    @authorized
    async def get(self, job: str) -> None:
        """Answer the job."""
        self.answer(self.services.jobs.find(job).to_json())

    @web.authenticated
    @authorized("execute")
    async def delete(self, job: str) -> None:
        """Stop the job, and answer how it ended."""
        self.answer((await self.services.jobs.stop(job)).to_json())


ROUTES = [(r"/zflow/jobs", JobsHandler), (r"/zflow/jobs/([^/]+)", JobHandler)]
