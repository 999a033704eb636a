"""The entry point before the runtime is there: packages, and what it says when it cannot start."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.bundle import read_bundle, write_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Start = Callable[..., subprocess.CompletedProcess[str]]

PACKAGE = "zflow_tiny"


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Start:
    """Return a function that starts the stage in a bundle with the requirements."""

    def begin(*requirements: str, mode: str = "pinned") -> subprocess.CompletedProcess[str]:
        (folder / "requirements" / "fit.txt").write_text("\n".join(requirements))
        bundle = write_bundle(read_bundle(folder), tmp_path / "bundle")
        # In the runtime's place: a program that tells what it sees.
        (bundle / "lib/jupyter_zflow/runtime/__main__.py").write_text(
            f"def main(words):\n    import {PACKAGE}, os\n"
            f"    print({PACKAGE}.__version__, words, os.environ['PYTHONPATH'] != '')\n    return 7\n"
        )
        (bundle / "lib/jupyter_zflow/runtime/__init__.py").write_text("")
        words = ["--bundle", str(bundle), "--stage", "fit"]
        return subprocess.run(
            [sys.executable, bundle / "lib/run_stage.py", *words],
            env={
                "PATH": "/usr/bin:/bin",
                "ZFLOW_REQUIREMENTS": mode,
                "PIP_CONFIG_FILE": "/dev/null",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return begin


@pytest.fixture
def wheels(folder: Path) -> Path:
    """Put a wheel into the pipeline's own folder of wheels."""
    place = folder / "wheels"
    place.mkdir()
    info = f"{PACKAGE}-1.5.dist-info"
    with zipfile.ZipFile(place / f"{PACKAGE}-1.5-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{PACKAGE}.py", "__version__ = '1.5'\n")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.5\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return place


def test_pinned_packages_come_from_the_bundles_wheels(start: Start, wheels: Path) -> None:
    done = start("# comment", f"{PACKAGE}==1.5", "jupyter-zflow==0.0.1")

    assert done.returncode == 7, done.stderr
    assert f"run_stage: installing {PACKAGE}==1.5\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1.5 ['--bundle',")


@pytest.mark.parametrize(
    ("requirement", "mode", "said"),
    [
        (f"{PACKAGE}==1.5", "installed", f"the image has no {PACKAGE}, and ZFLOW_REQUIREMENTS"),
        (f"{PACKAGE}==2.0", "pinned", f"No matching distribution found for {PACKAGE}==2.0"),
        ("", "sometimes", "ZFLOW_REQUIREMENTS is 'sometimes'; allowed are pinned, missing, inst"),
    ],
)
def test_what_cannot_start_says_why(
    start: Start, wheels: Path, requirement: str, mode: str, said: str
) -> None:
    done = start(requirement, mode=mode)

    assert done.returncode == 2
    assert said in done.stderr


def test_another_version_is_told_where_it_is_kept(start: Start) -> None:
    done = start("pytest==0.1", mode="missing")

    assert f"run_stage: pytest==0.1 was pinned, {pytest.__version__} is installed\n" in done.stdout
