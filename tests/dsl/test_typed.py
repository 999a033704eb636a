from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TYPED = Path(__file__).with_name("typed.py")


def test_mypy_flags_the_wrong_lines_and_no_other() -> None:
    root = Path(__file__).parents[2]
    wrong = {
        number
        for number, line in enumerate(TYPED.read_text(encoding="utf-8").splitlines(), 1)
        if line.endswith("# wrong")
    }

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(TYPED)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    flagged = re.findall(r"typed\.py:(\d+): error", done.stdout)
    assert {int(number) for number in flagged} == wrong
