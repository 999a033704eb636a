"""A real JupyterLab with the example in it, and a real browser that looks at it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

EXAMPLE = Path(__file__).parents[2] / "examples" / "fashion_returns.ipynb"
AXE = Path(__file__).parents[2] / "labextension/tests/node_modules/axe-core/axe.min.js"
STARTUP = 60
"""Seconds that JupyterLab may take to answer on a busy machine."""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and the folder that it shows."""

    url: str
    token: str
    folder: Path

    def address(self, notebook: str, *, app: str = "lab/tree") -> str:
        return f"{self.url}/{app}/{notebook}?token={self.token}&reset"

    def add(self, name: str, cells: list[tuple[str, str]]) -> str:
        """Write a notebook of (source, tags) rows; a source with a # in front is text."""
        content = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "cells": [_cell(index, *row) for index, row in enumerate(cells)],
        }
        (self.folder / name).write_text(json.dumps(content))
        return name

    def metadata(self, name: str) -> tuple[list[list[str]], dict[str, Any]]:
        """Return the tags of each cell and our settings, as they were saved."""
        content = json.loads((self.folder / name).read_text())
        tags = [cell["metadata"].get("tags", []) for cell in content["cells"]]
        return tags, content["metadata"].get("zflow", {})


def _cell(index: int, source: str, tags: str) -> dict[str, Any]:
    cell = {
        "cell_type": "markdown",
        "id": f"cell-{index}",
        "metadata": {"tags": tags.split()} if tags else {},
        "source": source,
    }
    if source.startswith("# "):
        return cell
    return cell | {"cell_type": "code", "outputs": [], "execution_count": None}


@dataclass(frozen=True)
class Panel:
    """The panel as a test drives it."""

    page: Page

    def open(self, address: str) -> None:
        """Open a notebook, and the panel beside it."""
        self.page.goto(address)
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self.page.locator('.jp-SideBar [data-id="jp-zflow-panel"]').click()
        self.page.locator(".jp-Zflow-stage").first.wait_for()

    def stages(self) -> list[str]:
        """Return the stages that the panel lists."""
        return self.page.locator(".jp-Zflow-stage .jp-Zflow-itemTitle").all_inner_texts()

    def chips(self) -> list[str]:
        """Return what the chips of all cells say."""
        return self.page.locator(".jp-Zflow-chip").all_inner_texts()

    def press(self, name: str) -> None:
        """Press the button of a command."""
        self.page.locator(f'[data-command-id="zflow:{name}"]').click()

    def finding(self, text: str) -> Locator:
        """Return the finding that says something."""
        return self.page.locator(".jp-Zflow-finding", has_text=text)

    def save(self) -> None:
        """Save the notebook in front, and wait until it is."""
        self.page.keyboard.press("Control+s")
        tab = ".lm-DockPanel-tabBar .lm-mod-current:not(.jp-mod-dirty)"
        self.page.locator(tab).first.wait_for()

    def violations(self, *places: str) -> list[dict[str, Any]]:
        """Return what axe-core finds serious or worse in parts of the page."""
        if not AXE.is_file():
            pytest.skip("axe-core is not installed")
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.add_script_tag(path=AXE)
        found = self.page.evaluate(
            "include => axe.run({ include }, { resultTypes: ['violations'] })",
            [[place] for place in places],
        )
        return [
            {"id": rule["id"], "nodes": [node["html"][:200] for node in rule["nodes"]]}
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
        ]


# Not for the whole session: while Playwright is up, no other test can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and in CI there must be one.")
        pytest.skip("there is no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    yield page
    page.close()


@pytest.fixture
def panel(page: Page) -> Panel:
    return Panel(page)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab on the example, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "work"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder)
    lab = Lab(f"http://127.0.0.1:{_free_port()}", secrets.token_hex(8), folder)
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": lab.url.rpartition(":")[2],
        "ServerApp.port_retries": "0",
        "ServerApp.root_dir": str(folder),
        "IdentityProvider.token": lab.token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.expose_app_in_browser": "True",
        "JupyterNotebookApp.expose_app_in_browser": "True",
    }
    words += [f"--{name}={value}" for name, value in options.items()]
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    _settle(home / "settings")
    log = home / "lab.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            words, env=environment, cwd=folder, stdout=stream, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(lab, process, log)
            yield lab
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _settle(settings: Path) -> None:
    """Answer the question about news that a first start asks."""
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTUP
    request = urllib.request.Request(
        f"{lab.url}/zflow/status", headers={"Authorization": f"token {lab.token}"}
    )
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
