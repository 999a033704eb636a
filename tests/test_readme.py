"""The README's ten lines do what it says: its blocks are cells and commands."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_ten_lines(tmp_path: Path) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{index}",
            "metadata": {},
            "source": source.rstrip("\n"),
            "outputs": [],
            "execution_count": None,
        }
        for index, source in enumerate(blocks("python"))
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    (tmp_path / "squares.ipynb").write_text(json.dumps(notebook | {"cells": cells}))
    commands = [
        line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    for command in commands:
        done = subprocess.run(
            shlex.split(command),
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    assert len(commands) == 3
    assert (tmp_path / "pipeline" / "pipeline.py").is_file()
    assert (tmp_path / "pipeline" / "template.yaml").is_file()
    assert '"285\\n"' in (tmp_path / "executed" / "total.ipynb").read_text()
