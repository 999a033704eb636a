"""The panel in JupyterLab, as its user sees it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ui

EXAMPLE = Path(__file__).parents[2] / "examples" / "fashion_returns.ipynb"

PRICES = [
    ("# Prices", ""),
    ("import statistics", ""),
    ("prices = [100 + day % 7 for day in range(30)]", ""),
    ("# ## Model", ""),
    ("mean = statistics.mean(prices)", ""),
    ("# ## Report", ""),
    ("print(f'{mean:.2f}')", ""),
]

HANDLE = [
    ("n: int = 3", "parameters"),
    ("handle = open('a.txt', 'w')", "stage:read"),
    ("handle.write('x')", "stage:fit"),
    ("total = n", "stage:fit"),
    ("print(total)", "stage:show"),
]

FAILS = [
    ("n: int = 3", "parameters"),
    ("values = list(range(n))", "stage:read"),
    ("print('fitting')\ntotal = sum(values)", "stage:fit"),
    ("ratio = total / (n - n)", "stage:fit"),
    ("print(ratio)", "stage:show"),
]


def stages_of_example() -> list[str]:
    """Read the names off the tags, so that the example may change."""
    tags = [
        tag
        for cell in json.loads(EXAMPLE.read_text())["cells"]
        for tag in cell["metadata"].get("tags", [])
    ]
    return list(dict.fromkeys(tag.partition(":")[2] for tag in tags if tag.startswith("stage:")))


def test_panel_shows_the_stages_of_the_example(
    page: Page, panel: Any, lab: Any, tmp_path: Path
) -> None:
    panel.open(lab.address(EXAMPLE.name))
    page.locator(".jp-Zflow-node").first.wait_for()

    assert set(stages_of_example()) <= set(panel.stages())
    assert set(page.locator(".jp-Zflow-nodeName").all_inner_texts()) == set(panel.stages())
    assert panel.violations(".jp-Zflow", ".jp-Zflow-chip") == []

    page.locator('.jp-SideBar [data-id="filebrowser"]').click()  # away, for the picture
    page.wait_for_timeout(1500)  # likewise: fonts and the kernel's indicator
    page.screenshot(path=os.environ.get("ZFLOW_SCREENSHOT", tmp_path / "panel.png"))


def test_an_untagged_notebook_becomes_a_pipeline(page: Page, panel: Any, lab: Any) -> None:
    panel.open(lab.address(lab.add("prices.ipynb", PRICES)))
    assert panel.chips() == []

    panel.press("suggest-stages")
    names = page.get_by_label("Name of stage 1")
    names.fill("days")
    assert panel.violations(".jp-Dialog") == []
    page.get_by_role("button", name="Accept").click()
    page.locator(".jp-Zflow-chip").first.wait_for()
    assert panel.chips()[:2] == ["setup", "days"]

    panel.press("export-pipeline")
    page.locator(".jp-Zflow-diff summary", has_text="template.yaml").wait_for()
    assert panel.violations(".jp-Dialog") == []
    page.get_by_role("button", name="Export", exact=True).click()
    page.locator(".jp-FileEditor").get_by_text("PipelineBuilder").first.wait_for()
    page.get_by_text("Exported to prices").first.wait_for()

    assert (lab.folder / "prices" / "template.yaml").is_file()


def test_cells_are_given_a_stage_by_their_chips_and_it_is_undone(
    page: Page, panel: Any, lab: Any
) -> None:
    panel.open(lab.address(lab.add("chips.ipynb", HANDLE)))
    page.locator(".jp-Zflow-chip").nth(3).wait_for()

    page.locator(".jp-CodeCell .jp-InputPrompt").nth(2).click()
    page.keyboard.press("Shift+ArrowDown")
    page.locator(".jp-Zflow-chip").nth(2).click()
    page.locator(".lm-Menu-item", has_text=re.compile("^read$")).click()
    page.locator(".jp-Zflow-chip", has_text="fit").wait_for(state="detached")
    assert panel.chips() == ["parameters", "read", "read", "read", "show"]
    assert panel.stages() == ["read", "show"]

    page.keyboard.press("z")
    page.locator(".jp-Zflow-chip", has_text="fit").first.wait_for()
    assert panel.chips() == ["parameters", "read", "fit", "fit", "show"]


def test_a_finding_is_followed_and_fixed_though_the_kernel_is_busy(
    page: Page, panel: Any, lab: Any
) -> None:
    cells = [("import time\ntime.sleep(600)", "setup"), *HANDLE]
    name = lab.add("busy.ipynb", [*cells, *[(f"x{n} = {n}", "") for n in range(40)]])
    panel.open(lab.address(name))
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.locator(".jp-mod-active .cm-content:focus").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".jp-CodeCell").first.get_by_text("[*]").wait_for()

    page.locator(".jp-CodeCell").nth(4).locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("%%stage other --after nowhere\n")
    panel.finding("nowhere").wait_for()
    page.locator(".jp-Notebook .jp-WindowedPanel-outer").evaluate("panel => panel.scrollTo(0, 1e6)")
    panel.finding("'handle'").locator(".jp-Zflow-item").click()
    active = page.locator(".jp-Notebook-cell.jp-mod-active .cm-content")
    active.get_by_text("handle.write").wait_for()

    panel.finding("'handle'").get_by_role("button", name="Merge read and fit").click()
    panel.finding("'handle'").wait_for(state="detached")
    assert "fit" not in panel.chips()
    assert "other" not in (lab.folder / name).read_text()


def test_settings_are_written_into_the_notebook(page: Page, panel: Any, lab: Any) -> None:
    name = lab.add("settings.ipynb", FAILS)
    panel.open(lab.address(name))

    page.locator(".jp-Zflow-stage .jp-Zflow-item").nth(1).click()
    page.get_by_label("Where the stage runs").select_option("sagemaker")
    page.get_by_label("Search instance types").fill("g5 4 vcpu")
    page.locator(".jp-Zflow-option", has_text="ml.g5.xlarge").click()
    page.locator(".jp-Zflow-picked", has_text="A10G").wait_for()
    timeout = page.get_by_label("Timeout", exact=True)
    timeout.fill("90")
    assert panel.violations(".jp-Zflow") == []
    page.get_by_label("Schedule").fill("rate(1 day)")
    page.get_by_label("Schedule").press("Enter")
    page.get_by_label("Time zone").wait_for()
    panel.save()

    tags, settings = lab.metadata(name)
    assert tags[2] == ["stage:fit"]
    assert settings == {
        "version": 1,
        "pipeline": {"schedule": "rate(1 day)"},
        "stages": {"fit": {"compute": "ml.g5.xlarge", "timeout": 90}},
    }


def test_a_failed_stage_is_debugged_where_it_failed(page: Page, panel: Any, lab: Any) -> None:
    panel.open(lab.address(lab.add("fails.ipynb", FAILS)))
    page.locator('[data-parameter="n"] input').fill("4")
    panel.press("run-pipeline")
    failed = page.locator('.jp-CodeCell[data-zflow-status="failed"]')
    failed.get_by_text("ratio").first.wait_for()
    assert panel.chips()[1].startswith("✓ read")

    panel.press("open-executions")
    page.locator(".jp-Zflow-execution").first.click()
    detail = page.locator(".jp-Zflow-executionDetail")
    detail.get_by_text("ZeroDivisionError").first.wait_for()
    detail.locator(".jp-Zflow-log", has_text="fitting").wait_for()
    assert panel.violations("#jp-zflow-executions") == []

    detail.get_by_role("button", name="Debug here").click()
    page.get_by_text("The kernel holds what stage fit was given").first.wait_for()
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    notebook.locator(".jp-CodeCell", has_text="sum(values)").locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("print(values, n)\n")
    page.keyboard.press("Control+Enter")
    notebook.locator(".jp-OutputArea-output", has_text="[0, 1, 2, 3] 4").wait_for()


def test_the_dark_theme(page: Page, panel: Any, lab: Any, tmp_path: Path) -> None:
    panel.open(lab.address(lab.add("dark.ipynb", HANDLE)))
    page.locator(".jp-Zflow-node").first.wait_for()
    page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.locator('body[data-jp-theme-light="false"]').wait_for(state="attached")

    assert panel.violations(".jp-Zflow", ".jp-Zflow-chip") == []
    page.screenshot(path=os.environ.get("ZFLOW_SCREENSHOT_DARK", tmp_path / "dark.png"))


def test_notebook_7(page: Page, panel: Any, lab: Any, tmp_path: Path) -> None:
    pytest.importorskip("notebook")
    page.goto(lab.address(lab.add("classic.ipynb", HANDLE), app="notebooks"))
    page.locator(".jp-Zflow-chip").nth(3).wait_for()
    page.keyboard.press("Escape")
    page.evaluate("() => jupyterapp.commands.execute('zflow:open-panel')")
    page.locator(".jp-Zflow-node", has_text="show").wait_for()
    box = page.locator(".jp-Zflow-node", has_text="show").bounding_box()
    assert box is not None
    assert box["height"] > 10  # a graph that was drawn out of sight would be a dot
    panel.finding("'handle'").get_by_role("button", name="Merge read and fit").click()
    panel.finding("'handle'").wait_for(state="detached")

    assert panel.chips() == ["parameters", "read", "read", "read", "show"]
    page.screenshot(path=os.environ.get("ZFLOW_SCREENSHOT_CLASSIC", tmp_path / "classic.png"))
