"""The wheel that a clean checkout gives carries the panel, its settings and the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARE = "share/jupyter/labextensions/jupyter-zflow"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the files that Git knows, as they are now."""
    folder = tmp_path_factory.mktemp("checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("this is no Git checkout")
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> zipfile.ZipFile:
    environment = {key: os.environ[key] for key in os.environ if key != "SKIP_JUPYTER_BUILDER"}
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", "dist", "."],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    (path,) = (checkout / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.slow
def test_wheel_carries_the_panel(wheel: zipfile.ZipFile) -> None:
    data = {name.partition(".data/data/")[2] for name in wheel.namelist()}

    assert {
        "etc/jupyter/jupyter_server_config.d/jupyter_zflow.json",
        f"{SHARE}/install.json",
        f"{SHARE}/package.json",
        f"{SHARE}/schemas/jupyter-zflow/commands.json",
        f"{SHARE}/static/style.js",
    } <= data
    assert any(name.startswith(f"{SHARE}/static/remoteEntry.") for name in data)


@pytest.mark.slow
def test_wheel_carries_all_modules_once(wheel: zipfile.ZipFile, checkout: Path) -> None:
    names = set(wheel.namelist())
    modules = {
        path.relative_to(checkout).as_posix() for path in (checkout / "jupyter_zflow").rglob("*.py")
    }

    assert modules - names == set()
    assert "jupyter_zflow/py.typed" in names
    assert not any(name.startswith(("jupyter_zflow/labextension/", "tests/")) for name in names)


@pytest.mark.slow
def test_wheel_has_the_command(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))

    assert "jupyter-zflow = jupyter_zflow.cli:main" in wheel.read(entry_points).decode()
