"""The OpenAPI document, fuzzed: no 5xx, nobody unauthenticated, nothing but what is documented.

``ZFLOW_FUZZ_EXAMPLES=200 pytest -s tests/server/test_fuzz.py`` is the long run; it takes minutes,
because it exports and executes, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = int(os.environ.get("ZFLOW_FUZZ_EXAMPLES", "0"))
SLOW = ("export", "startExecution", "verify")
"""Operations that start processes when they are asked for something possible."""
CHECKS = "not_a_server_error,ignored_auth,response_schema_conformance,content_type_conformance,status_code_conformance"
SECRET = "SECRET_0815"


def ways() -> list[list[str]]:
    if LONG:
        return [["--phases", "examples,coverage,fuzzing,stateful"]]
    coverage = ["--phases", "coverage,fuzzing"]
    others = [word for name in SLOW for word in ("--exclude-operation-id", name)]
    slow = [word for name in SLOW for word in ("--include-operation-id", name)]
    return [[*coverage, *others], [*coverage, "--mode", "negative", *slow]]


def fuzz(url: str, way: list[str], reports: Path) -> tuple[int, str]:
    """Fuzz a server in one way; returns the exit status and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run",
         str(files("jupyter_zflow.server") / "openapi.yaml"), "--url", f"{url}zflow",
         "--header", "Authorization: token tok", "--checks", CHECKS, "--seed", "1",
         "--max-examples", str(LONG or 3), "--suppress-health-check", "all",
         "--request-timeout", "120", "--no-color",
         "--report", "har", "--report-har-path", str(reports), *way],
        cwd=reports.parent,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout[-20_000:] + done.stderr[-2000:]


def test_nothing_that_is_asked_breaks_the_server(
    tmp_path: Path, write_below: Callable[..., Path], served: Callable[..., Any]
) -> None:
    root = tmp_path / "root"
    write_below(root, "analysis.ipynb", "x = 1", "print(x)")
    write_below(tmp_path, "outside.ipynb", f"{SECRET} = 1")
    with served(root, tmp_path / "home") as server:
        for number, way in enumerate(ways()):
            reports = tmp_path / f"{number}.har"
            status, said = fuzz(server.url, way, reports)
            if LONG:
                sys.stdout.write(said)

            assert status == 0, said
            assert SECRET not in reports.read_text()
    assert [path.name for path in tmp_path.glob("*.ipynb")] == ["outside.ipynb"]
