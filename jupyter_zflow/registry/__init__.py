"""What exists at AWS, known without asking it: instance types, and how a schedule is written."""

from __future__ import annotations

from jupyter_zflow.registry.instances import (
    Instance,
    JobKind,
    check_instance_type,
    instance,
    instance_types,
)
from jupyter_zflow.registry.schedule import check_schedule, check_timezone

__all__ = [
    "Instance",
    "JobKind",
    "check_instance_type",
    "check_schedule",
    "check_timezone",
    "instance",
    "instance_types",
]
