"""The panel in JupyterLab, as its user sees it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ui

EXAMPLE = Path(__file__).parents[2] / "examples" / "fashion_returns.ipynb"


def stages_of_example() -> list[str]:
    """Read the names off the tags, so that the example may change."""
    tags = [
        tag
        for cell in json.loads(EXAMPLE.read_text())["cells"]
        for tag in cell["metadata"].get("tags", [])
    ]
    return list(dict.fromkeys(tag.partition(":")[2] for tag in tags if tag.startswith("stage:")))


def open_panel(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.locator('.jp-SideBar [data-id="jp-zflow-panel"]').click()
    page.locator(".jp-Zflow-stage").first.wait_for()


def stage_names(page: Page) -> list[str]:
    return page.locator(".jp-Zflow-stage .jp-Zflow-itemTitle").all_inner_texts()


def test_panel_shows_the_stages_of_the_example(page: Page, lab: Any, tmp_path: Path) -> None:
    open_panel(page, lab.address(EXAMPLE.name))

    assert set(stages_of_example()) <= set(stage_names(page))

    page.locator('.jp-SideBar [data-id="filebrowser"]').click()  # away, for the picture
    page.wait_for_timeout(1500)  # likewise: fonts and the kernel's indicator
    page.screenshot(path=os.environ.get("ZFLOW_SCREENSHOT", tmp_path / "panel.png"))


def test_export_from_the_panel(page: Page, lab: Any) -> None:
    open_panel(page, lab.address(EXAMPLE.name))

    page.locator(".jp-Zflow-export").click()
    page.get_by_text("Exported to").wait_for()

    (script,) = lab.folder.glob("*/pipeline.py")
    assert (script.parent / "template.yaml").is_file()

    page.get_by_role("button", name="Open the script").click()
    page.locator(".jp-FileEditor").get_by_text("PipelineBuilder").first.wait_for()


def test_a_finding_leads_to_its_cell_though_nothing_was_saved_and_the_kernel_is_busy(
    page: Page, lab: Any
) -> None:
    sources = ["import time\ntime.sleep(600)", *[f"x{n} = {n}" for n in range(40)], "last = 1"]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{index}",
                "metadata": {"tags": ["stage:only"]} if index == 0 else {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for index, source in enumerate(sources)
        ],
    }
    (lab.folder / "busy.ipynb").write_text(json.dumps(notebook))
    open_panel(page, lab.address("busy.ipynb"))
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    page.locator(".jp-CodeCell").first.get_by_text("[*]").wait_for()

    page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("%%stage other --after nowhere\n")

    page.locator(".jp-Zflow-stage", has_text="other").wait_for()
    finding = page.locator('.jp-Zflow-finding[data-severity="error"]', has_text="nowhere")
    finding.wait_for()
    page.locator(".jp-Notebook .jp-WindowedPanel-outer").evaluate("panel => panel.scrollTo(0, 1e6)")
    finding.click()
    active = page.locator(".jp-Notebook-cell.jp-mod-active .cm-content")
    active.wait_for()

    assert "%%stage other" in active.inner_text()
    assert "other" not in (lab.folder / "busy.ipynb").read_text()
