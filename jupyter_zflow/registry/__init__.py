"""What exists at AWS: instance types, as one file that needs no network to be read."""

from __future__ import annotations

from jupyter_zflow.registry.instances import (
    Instance,
    JobKind,
    check_instance_type,
    instance,
    instance_types,
)

__all__ = ["Instance", "JobKind", "check_instance_type", "instance", "instance_types"]
