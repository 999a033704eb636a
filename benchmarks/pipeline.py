"""What a stage, a check and an export cost, beside their floors, in one run.

Usage: ``python benchmarks/pipeline.py [RUNS]`` in the environment that has the package installed.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_zflow.analysis import analyse
from jupyter_zflow.notebook.document import parse

CLI = [sys.executable, "-m", "jupyter_zflow"]
EXAMPLE = Path(__file__).parent.parent / "examples" / "fashion_returns.ipynb"


def notebook(cells: list[tuple[str, str]]) -> str:
    """Return a notebook of (tag, source) cells."""
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"c{place}",
                    "metadata": {"tags": [tag] if tag else []},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for place, (tag, source) in enumerate(cells)
            ],
        }
    )


def chain(stages: int) -> list[tuple[str, str]]:
    """Return a chain of trivial stages."""
    first = [("stage:s0", "x0 = 1")]
    return first + [(f"stage:s{i}", f"x{i} = x{i - 1} + 1") for i in range(1, stages)]


def fan(branches: int) -> list[tuple[str, str]]:
    """Return one source, branches that sleep for two seconds, and one join."""
    middle = [(f"stage:b{i}", f"time.sleep(2)\nr{i} = x + {i}") for i in range(branches)]
    total = " + ".join(f"r{i}" for i in range(branches))
    return [("stage:source", "import time\nx = 1"), *middle, ("stage:join", f"print({total})")]


def long(cells: int) -> list[tuple[str, str]]:
    """Return a notebook of many small cells, ten to a stage."""
    start = "import pandas as pd\ndf = pd.DataFrame({'a': range(10)})\nxs = []"
    sources = [start]
    sources += [_cell(i) for i in range(1, cells)]
    return [(f"stage:s{i // 10}" if i % 10 == 0 else "", text) for i, text in enumerate(sources)]


def _cell(i: int) -> str:
    return (
        f"df['c{i}'] = df['a'] * {i}",
        f"y{i} = df['c{i - 1}'].sum()\nxs.append(y{i})",
        f"def g{i}(v):\n    return v + y{i - 1} + len(xs)",
        f"z{i} = g{i - 1}({i})\nprint(z{i})",
    )[(i - 1) % 4]


def timed(command: list[str], folder: Path, runs: int) -> float:
    """Return the median wall time of a command, in seconds."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def analysed(cells: int, runs: int) -> float:
    """Return the median time of a warm analysis, in seconds."""
    document = parse(notebook(long(cells)))
    analyse(document)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        analyse(document)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "chain.ipynb").write_text(notebook(chain(20)))
        (folder / "one.ipynb").write_text(notebook(chain(1)))
        (folder / "fan.ipynb").write_text(notebook(fan(8)))
        for cells in (10, 100, 1000):
            (folder / f"long{cells}.ipynb").write_text(notebook(long(cells)))
        python = timed([sys.executable, "-c", ""], folder, runs)
        package = timed([sys.executable, "-c", "import jupyter_zflow"], folder, runs)
        one = timed([*CLI, "run", "one.ipynb"], folder, runs)
        twenty = timed([*CLI, "run", "chain.ipynb"], folder, runs)
        branches = timed([*CLI, "run", "fan.ipynb"], folder, runs)
        print(f"{'figure':44} {'seconds':>8}  beside")
        rows = [
            ("import jupyter_zflow, new process", package, f"bare Python {python:.3f}"),
            ("run, one trivial stage", one, ""),
            ("run, chain of 20 trivial stages", twenty, ""),
            ("  each further stage", (twenty - one) / 19, "a kernel's start, about 0.5"),
            ("run, 1 -> 8 branches asleep for 2 s -> 1", branches, "critical path 2.0"),
            ("export of the example, whole process",
             timed([*CLI, "export", str(EXAMPLE), "-o", str(folder / "out"), "--force"], folder,
                   runs), ""),
        ]  # fmt: skip
        for cells in (10, 100, 1000):
            whole = timed([*CLI, "check", f"long{cells}.ipynb"], folder, runs)
            rows.append((f"check, {cells} cells, whole process", whole,
                         f"warm in process {analysed(cells, runs):.3f}"))  # fmt: skip
        for label, seconds, beside in rows:
            print(f"{label:44} {seconds:8.3f}  {beside}")


if __name__ == "__main__":
    main()
