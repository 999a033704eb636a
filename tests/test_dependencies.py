"""Every dependency is explained in docs/dependencies.md, and nothing else is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


PAGE = (ROOT / "docs" / "dependencies.md").read_text()
SHARED = ("@jupyterlab/", "@jupyter/", "@lumino/", "react", "@rjsf/core", "@rjsf/utils")
"""What JupyterLab shares with its extensions, or is only there for its types."""


def explained(section: str) -> set[str]:
    """Return the packages that a section's table explains."""
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}

    assert explained(PAGE.partition("## In the browser")[0]) == declared


def test_every_dependency_of_the_panel_is_explained() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    declared = {name for name in package["dependencies"] if not name.startswith(SHARED)}

    assert explained(PAGE.partition("## In the browser")[2]) == declared
