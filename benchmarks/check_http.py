"""The panel's round trip: a check over HTTP while somebody types, at 10, 100 and 1,000 cells.

Starts a server of its own; every request carries the whole notebook with one cell edited, and
nothing else runs in the server. ``python benchmarks/check_http.py``
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SIZES = {10: 60, 100: 60, 1000: 20}
"""Cells -> requests."""
STAGES = 8


def notebook(cells: int, edited: int) -> dict[str, Any]:
    """Return a notebook of chained cells in eight stages, one of them just edited."""
    made = []
    for index in range(cells):
        before = f"y{index - 1}" if index else "0"
        lines = ["import math", f"x{index} = [n for n in range({index})]",
                 f"y{index} = sum(x{index}) + {before}", f"print(y{index})"]  # fmt: skip
        if index == edited % cells:
            lines.append(f"z = {edited}")
        first = index % max(1, cells // STAGES) == 0
        made.append(
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {"tags": [f"stage:s{index}"] if first else []},
                "source": "\n".join(lines),
                "outputs": [],
                "execution_count": None,
            }
        )
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}


def start(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Jupyter server with nothing but the extension; return it and its address."""
    (home / "root").mkdir()
    places = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0",
         "--ip=127.0.0.1", "--IdentityProvider.token=tok", f"--ServerApp.root_dir={home / 'root'}",
         "--ServerApp.jpserver_extensions={'jupyter_zflow': True}"],
        env={**os.environ, **places, "JUPYTER_NO_CONFIG": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    facts = home / "RUNTIME" / f"jpserver-{server.pid}.json"
    while not facts.exists() or not facts.read_text().endswith("}"):
        if server.poll() is not None:
            sys.exit("The server did not start.")
        time.sleep(0.1)
    return server, json.loads(facts.read_text())["url"]


def measure(address: str, cells: int, requests: int) -> list[float]:
    """Return the milliseconds of each request, sorted."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    taken = []
    for number in range(requests + 3):
        body = {"notebook": notebook(cells, number), "path": "n.ipynb", "tab": "t"}
        text = json.dumps(body)
        began = time.perf_counter()
        connection.request("POST", f"{place.path}zflow/check", text, {"Authorization": "token tok"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.HTTPStatus.OK:
            sys.exit(content.decode())
        taken.append((time.perf_counter() - began) * 1e3)
    return sorted(taken[3:])


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as home:
        server, address = start(Path(home))
        try:
            print(f"{'cells':>6}  {'median':>9}  {'p95':>9}")
            for cells, requests in SIZES.items():
                taken = measure(address, cells, requests)
                late = taken[int(len(taken) * 0.95) - 1]
                print(f"{cells:>6}  {statistics.median(taken):>6.1f} ms  {late:>6.1f} ms")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
