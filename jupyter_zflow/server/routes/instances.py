"""``GET /zflow/instances``: what a stage may run on, as far as the administrator allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_zflow.model.compute import SageMakerCompute
from jupyter_zflow.model.value import Value
from jupyter_zflow.registry import JobKind
from jupyter_zflow.registry.instances import catalogue
from jupyter_zflow.server.routes.base import ZflowHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.registry import Instance


class InstancesQuery(Value):
    """Which instance types."""

    kind: JobKind | None = None


class InstancesHandler(ZflowHandler):
    """The choice of compute."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer instance types, partitions and images."""
        query = self.query(InstancesQuery)
        services = self.services
        self.answer(
            {
                "instances": [entry.model_dump() for entry in self._allowed(query.kind)],
                "partitions": list(services.partitions),
                "images": list(services.policy.images),
                "default": SageMakerCompute().instance_type,
            }
        )

    def _allowed(self, kind: JobKind | None) -> Iterator[Instance]:
        policy = self.services.policy
        for entry in catalogue().values():
            if kind in {None, *entry.kinds} and policy.allows(entry.name, policy.instance_types):
                yield entry


ROUTES = [(r"/zflow/instances", InstancesHandler)]
