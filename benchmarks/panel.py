"""How long from a keystroke to redrawn findings, at 10, 100 and 1,000 cells, in a real browser.

Usage: python benchmarks/panel.py URL TOKEN FOLDER, with a JupyterLab that shows FOLDER.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

STAGES = 5
KEYS = 20

WATCH = """() => {
  window.latencies = [];
  window.tasks = [];
  new PerformanceObserver(list => list.getEntries().forEach(task => tasks.push(task.duration)))
    .observe({ entryTypes: ['longtask'] });
  document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
  const findings = document.querySelector('[data-section=findings]');
  new MutationObserver(() => {
    if (window.wanted && findings.textContent.includes(`'${window.wanted}'`)) {
      window.wanted = '';
      requestAnimationFrame(() =>
        setTimeout(() => latencies.push(performance.now() - window.pressed)));
    }
  }).observe(findings, { subtree: true, childList: true, characterData: true });
}"""


def write(path: Path, count: int) -> None:
    """Write a notebook of as many cells; the middle one reads a name that nothing binds."""
    sources = [f"x{n} = x{n - 1} + 1" if n else "x0 = 0" for n in range(count)]
    sources[count // 2] = "z"
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {"tags": [f"stage:s{n * STAGES // count}"]},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate(sources)
    ]
    spec = {"name": "python3", "display_name": "Python 3"}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}}
    path.write_text(json.dumps(content | {"cells": cells}))


def measure(page: Page, address: str) -> tuple[list[float], list[float]]:
    """Type into the middle cell and return latencies and long tasks, in ms."""
    page.set_default_timeout(180_000)
    page.goto(address)
    page.locator('.jp-SideBar [data-id="jp-zflow-panel"]').click()
    page.locator(".jp-Zflow-finding .jp-Zflow-item", has_text="'z'").click()
    page.locator(".jp-mod-active .cm-content:focus").wait_for()
    page.wait_for_timeout(2000)
    page.keyboard.press("End")
    page.evaluate(WATCH)
    for count in range(1, KEYS + 1):
        page.evaluate("name => { window.wanted = name }", "z" + "q" * count)
        page.keyboard.press("q")
        page.wait_for_function("count => latencies.length === count", arg=count)
        page.wait_for_timeout(150)
    return page.evaluate("() => latencies"), page.evaluate("() => tasks")


def main() -> None:
    """Print median and 95th percentile for each size."""
    url, token, folder = sys.argv[1:]
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for count in (10, 100, 1000):
            name = f"latency-{count}.ipynb"
            write(Path(folder, name), count)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            times, tasks = measure(page, f"{url}/lab/tree/{name}?token={token}&reset")
            page.close()
            p95 = statistics.quantiles(times, n=20)[-1]
            print(
                f"{count} cells: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, "
                f"longest task {max(tasks, default=0):.0f} ms"
            )
        browser.close()


if __name__ == "__main__":
    main()
