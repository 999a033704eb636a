"""Run a folder's ``pipeline.py`` as the author would, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError, ToolError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "pipeline.py"
_MARK = "AWSTemplateFormatVersion"
_TAIL = 2000
"""Characters of a script's own output that an error repeats."""


def run_script(folder: Path) -> Path:
    """Run ``pipeline.py`` and return the template that it wrote.

    Raises
    ------
    UsageError
        When there is no script, or it wrote no template.
    SettingsError
        When the script was refused; the message is its own.
    ToolError
        When the script failed in another way.
    """
    if not (folder / SCRIPT).is_file():
        raise UsageError(
            f"{folder} has no {SCRIPT}.",
            remedy="Name a folder that `jupyter zflow export` wrote.",
        )
    began = time.time_ns()
    done = subprocess.run(
        [sys.executable, SCRIPT],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "CDK_OUTDIR"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    said = done.stderr.strip()[-_TAIL:]
    if done.returncode == SettingsError.exit_status:
        raise SettingsError(said)
    if done.returncode != 0:
        raise ToolError(f"{folder / SCRIPT} ended with status {done.returncode}:\n{said}")
    written = [path for path in templates(folder) if path.stat().st_mtime_ns >= began - 10**9]
    if not written:
        raise UsageError(
            f"{folder / SCRIPT} wrote no template.", remedy="End it with stack.generate()."
        )
    return max(written, key=lambda path: path.stat().st_mtime_ns)


def templates(folder: Path) -> list[Path]:
    """Return the CloudFormation templates in a folder, ``template.yaml`` first."""
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in {".yaml", ".yml", ".json"} and path.is_file() and _is_template(path)
    ]
    return sorted(found, key=lambda path: path.name != "template.yaml")


def _is_template(path: Path) -> bool:
    try:
        return _MARK in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
