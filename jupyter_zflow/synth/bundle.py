"""The version of a pipeline folder's code, which the template's parameter has for a default."""

from __future__ import annotations

from jupyter_zflow.bundle.content import PARTS, bundle_version

__all__ = ["PARTS", "bundle_version"]
