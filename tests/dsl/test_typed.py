"""Both type checkers that people use flag the wrong lines, and no other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

TYPED = Path(__file__).with_name("typed.py")
ROOT = Path(__file__).parents[2]
WRONG = {
    number
    for number, line in enumerate(TYPED.read_text(encoding="utf-8").splitlines(), 1)
    if line.endswith("# wrong")
}


def _said(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_mypy() -> None:
    said = _said("mypy", "--strict", "--config-file=", str(TYPED))

    flagged = {int(number) for number in re.findall(r"typed\.py:(\d+): error", said)}
    assert flagged == WRONG


def test_pyright(tmp_path: Path) -> None:
    # Its parent's rules: the ones of the editors that most people have.
    settings = {"typeCheckingMode": "standard", "include": [str(TYPED)], "pythonPlatform": "Linux"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")

    said = _said(
        "basedpyright", "--project", str(tmp_path), "--pythonpath", sys.executable, "--outputjson"
    )

    flagged = {
        found["range"]["start"]["line"] + 1
        for found in json.loads(said)["generalDiagnostics"]
        if found["severity"] == "error"
    }
    assert flagged == WRONG
