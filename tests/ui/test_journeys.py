"""Longer ways through the panel: what is run, compared, written and rearranged from it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.ui

CHAIN = [
    ("n: int = 3", "parameters"),
    ("values = list(range(n))", "stage:read"),
    ("total = sum(values)", "stage:fit"),
    ("other = n * 2", "stage:side"),
    ("print(total)", "stage:show"),
]


def waits_for(file: Path) -> list[tuple[str, str]]:
    """Return a notebook whose second stage waits for a file, and fails where it says so."""
    wait = f"import pathlib, time\ngo = pathlib.Path({str(file)!r})\n"
    wait += "while not go.exists():\n    time.sleep(0.05)\n"
    return [
        ("import pandas as pd", "setup"),
        ("n: int = 3", "parameters"),
        ("sales = pd.DataFrame({'item': ['shoe', 'hat'], 'price': [40, 15]})", "stage:read"),
        (wait, "stage:fit"),
        ("answer = go.read_text()\nassert answer == 'fine', answer", "stage:fit"),
        ("total = int(sales.price.sum())", "stage:fit"),
        ("print(total * n, answer)", "stage:show"),
    ]


def test_an_execution_is_stopped_run_again_and_looked_into(
    page: Page, panel: Any, lab: Any, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    panel.open(lab.address(lab.add("waits.ipynb", waits_for(go))))
    page.locator('[data-parameter="n"] input').fill("5")
    panel.press("run-pipeline")
    page.locator('.jp-CodeCell[data-zflow-status="running"]').first.wait_for()
    panel.press("open-executions")
    detail = page.locator(".jp-Zflow-executionDetail")
    page.locator(".jp-Zflow-execution", has_text="waits").locator(".jp-Zflow-item").click()
    detail.get_by_role("button", name="Stop").click()
    status = detail.locator(".jp-Zflow-header .jp-Zflow-status")
    status.get_by_text("ABORTED").wait_for()

    go.write_text("bad")
    detail.get_by_role("button", name="Run again", exact=True).click()
    status.get_by_text("FAILED").wait_for()
    go.write_text("fine")
    detail.get_by_role("button", name="Run again from fit").click()
    status.get_by_text("SUCCEEDED").wait_for()
    assert (
        detail.locator("tr", has_text="read").locator(".jp-Zflow-status").inner_text() == "REUSED"
    )

    detail.locator("tr").get_by_role("button", name="read", exact=True).click()
    detail.locator("summary", has_text="sales").click()
    detail.get_by_role("button", name="Show the beginning").click()
    detail.locator("td", has_text="shoe").wait_for()

    page.locator('[data-parameter="n"] input').fill("7")
    detail.get_by_role("button", name="Edit parameters").click()
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").wait_for()
    page.wait_for_function("document.querySelector('[data-parameter=n] input').value === '5'")


def test_what_the_stages_compute_is_compared(page: Page, panel: Any, lab: Any) -> None:
    cells = [*CHAIN, ("import os\nprocess = os.getpid()", "stage:show")]
    panel.open(lab.address(lab.add("compared.ipynb", cells)))
    panel.press("verify-notebook")
    page.get_by_role("button", name="Show the comparison").first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("The stages compute what the notebook computes").wait_for()
    # A process id differs from run to run: it is shown, and proves nothing.
    assert "not counted" in dialog.locator("tr", has_text="process").inner_text()
    assert dialog.locator('tr[data-equal="false"]').count() == 0
    assert dialog.locator("tr", has_text="output of cell 5").count() == 1
    assert panel.violations(".jp-Dialog") == []


def test_an_export_is_committed(page: Page, panel: Any, lab: Any) -> None:
    repository = lab.folder / "repository"
    repository.mkdir()

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=repository, check=True, capture_output=True, text=True
        )
        return done.stdout

    git("init", "-q", "-b", "main")
    git("config", "user.name", "A")
    git("config", "user.email", "a@b.c")
    name = lab.add("repository/sums.ipynb", CHAIN)
    git("add", ".")
    git("commit", "-q", "-m", "notebook")
    panel.open(lab.address(name))
    panel.press("export-pipeline")
    page.get_by_label("Commit to Git").check()
    page.get_by_label("Branch").fill("pipelines")
    page.locator(".jp-Zflow-diff").first.wait_for()
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text(re.compile("committed as .* on pipelines")).first.wait_for()
    assert "sums/template.yaml" in git("show", "--stat", "--format=", "pipelines", "--", ".")
    assert git("branch", "--show-current").strip() == "main"


def test_an_export_from_the_file_browser_spares_what_was_edited(
    page: Page, panel: Any, lab: Any
) -> None:
    name = lab.add("spared.ipynb", CHAIN)
    page.goto(f"{lab.url}/lab?token={lab.token}&reset")
    page.locator(".jp-DirListing-item", has_text=name).click(button="right")
    page.locator(".lm-Menu-item", has_text="Export to Pipeline").click()
    page.locator(".jp-Zflow-diff").first.wait_for()
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text("Exported to spared").first.wait_for()

    script = lab.folder / "spared" / "pipeline.py"
    edited = script.read_text() + "\n# by hand\n"
    script.write_text(edited)
    page.get_by_role("tab", name=name).click()
    page.locator('.jp-SideBar [data-id="jp-zflow-panel"]').click()
    page.get_by_label("Description").fill("Sums.")
    panel.press("export-pipeline")
    choice = page.get_by_label("Files that were edited by hand")
    choice.wait_for()
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text("Nothing was exported: pipeline.py was edited by hand").first.wait_for()
    panel.press("export-pipeline")
    choice.select_option("beside")
    page.get_by_role("button", name="Export", exact=True).click()
    page.locator(".jp-FileEditor").get_by_text("PipelineBuilder").first.wait_for()

    assert script.read_text() == edited
    assert "Sums." in script.with_name("pipeline.py.new").read_text()


def test_stages_are_rearranged(page: Page, panel: Any, lab: Any) -> None:
    name = lab.add("arranged.ipynb", CHAIN)
    panel.open(lab.address(name))

    def menu(stage: str, *words: str) -> None:
        page.get_by_role("button", name=f"Change stage {stage}").click()
        for word in words:
            item = page.locator(".lm-Menu-item", has_text=re.compile(f"^{re.escape(word)}"))
            item.last.click()

    menu("side", "Rename…")
    page.get_by_label("Name of the stage").fill("beside")
    page.get_by_role("button", name="Rename", exact=True).click()
    page.locator(".jp-Zflow-node", has_text="beside").wait_for()

    out = page.locator('.react-flow__node[data-id="beside"] .react-flow__handle.source')
    into = page.locator('.react-flow__node[data-id="show"] .react-flow__handle.target')
    out.drag_to(into)
    page.locator(".jp-Zflow-edgeLabel", has_text="order").wait_for()
    panel.save()
    assert lab.metadata(name)[0][4] == ["stage:show", "after:beside"]

    menu("show", "Runs after", "beside")
    page.locator(".jp-Zflow-edgeLabel", has_text="order").wait_for(state="detached")
    menu("show", "Runs after", "beside")
    page.locator(".jp-Zflow-edgeLabel", has_text="order").wait_for()
    menu("fit", "Merge into", "read")
    page.locator(".jp-Zflow-chip", has_text="fit").wait_for(state="detached")
    menu("beside", "Delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.locator(".jp-Zflow-node", has_text="beside").wait_for(state="detached")
    panel.save()


def test_hidden_features_have_no_buttons(page: Page, panel: Any, lab: Any) -> None:
    def hide(route: Route) -> None:
        answer = route.fetch()
        hidden = ["suggest", "run", "verify", "commit", "debug", "artifacts"]
        route.fulfill(response=answer, json=answer.json() | {"hidden": hidden})

    page.route("**/zflow/status*", hide)
    panel.open(lab.address(lab.add("hidden.ipynb", CHAIN)))
    page.locator('[data-command-id="zflow:verify-notebook"]').wait_for(state="detached")
    buttons = page.locator(".jp-Zflow-header .jp-Zflow-actions button").all_inner_texts()
    assert buttons == ["Check", "Export to pipeline", "Executions"]

    panel.press("export-pipeline")
    page.locator(".jp-Zflow-diff").first.wait_for()
    assert page.get_by_label("Commit to Git").count() == 0
    page.get_by_role("button", name="Cancel").click()
