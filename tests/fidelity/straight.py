"""Run the cases' notebooks straight and write down what they print.

What a pipeline must print is never written by hand. Each case runs in kernels of its own, one
after the other in a new folder, and ``expected`` becomes the last line that they print::

    python tests/fidelity/straight.py            all cases that have no expectation yet
    python tests/fidelity/straight.py --all      all cases
    python tests/fidelity/straight.py names      the subject names.json

A case that fails, prints nothing or prints different lines in two runs is no case: it is named on
standard error, keeps no expectation, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

CASES = Path(__file__).parent / "cases"
RUNS = 2
PATIENCE = 60.0
"""Seconds for one cell."""


class NotACaseError(Exception):
    """A notebook that does not run to its end."""


def main() -> int:
    """Fill in expectations."""
    parser = argparse.ArgumentParser(description="Write what straight runs print.")
    parser.add_argument("subjects", nargs="*")
    parser.add_argument("--all", action="store_true", help="also those that have an expectation")
    options = parser.parse_args()
    bad = 0
    for path in sorted(CASES.glob("*.json")):
        if options.subjects and path.stem not in options.subjects:
            continue
        cases = json.loads(path.read_text(encoding="utf-8"))
        wanted = [name for name in cases if options.all or "expected" not in cases[name]]
        with ThreadPoolExecutor(2) as pool:
            for name, result in zip(wanted, pool.map(settled, map(cases.get, wanted)), strict=True):
                cases[name].pop("expected", None)
                if isinstance(result, str):
                    cases[name]["expected"] = result
                else:
                    bad += 1
                    sys.stderr.write(f"{path.stem}/{name}: {result}\n")
        if wanted:
            write(path, cases)
    return int(bad > 0)


def write(path: Path, cases: dict[str, Any]) -> None:
    """Write a subject's table."""
    text = json.dumps(cases, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def settled(case: dict[str, Any]) -> str | NotACaseError:
    """Return what a case prints in every run."""
    try:
        lines = {last_line(case) for _ in range(RUNS)}
    except NotACaseError as error:
        return error
    if len(lines) > 1:
        return NotACaseError(f"not deterministic: {sorted(lines)}")
    return lines.pop()


def last_line(case: dict[str, Any]) -> str:
    """Run a case in a fresh kernel and an own folder; return the last line that it prints."""
    with tempfile.TemporaryDirectory(prefix="straight-", ignore_cleanup_errors=True) as folder:
        lay_files(case, Path(folder))
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(cwd=folder, stderr=subprocess.DEVNULL)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            printed = [
                run_cell(client, source)
                for source, words in zip(case["cells"], tags(case), strict=True)
                if "skip" not in words
            ]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    lines = "".join(printed).strip().splitlines()
    if not lines:
        raise NotACaseError("prints nothing")
    return lines[-1].strip()


def run_cell(client: Any, source: str) -> str:
    """Run a cell and return what it wrote to standard output."""
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            printed.append(message["content"]["text"])

    try:
        reply = client.execute_interactive(
            source, allow_stdin=False, output_hook=hear, timeout=PATIENCE
        )
    except TimeoutError:
        raise NotACaseError(f"too slow: {source!r}") from None
    if reply["content"]["status"] != "ok":
        raise NotACaseError(f"{reply['content'].get('evalue')}: {source!r}")
    return "".join(printed)


def lay_files(case: dict[str, Any], folder: Path) -> None:
    """Write the local files of a case."""
    for name, text in case.get("files", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def tags(case: dict[str, Any]) -> list[list[str]]:
    """Return the words of each cell: a stage's name, ``setup``, ``skip``, ``after:x``..."""
    number = len(case["cells"])
    words = case.get("stages") or [f"s{place + 1}" for place in range(number)]
    return [text.split() for text in words]


if __name__ == "__main__":
    sys.exit(main())
