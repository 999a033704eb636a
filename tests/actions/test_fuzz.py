"""A few of the mutants that ``benchmarks/fuzz.py`` makes by the thousand."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
NUMBER = int(os.environ.get("ZFLOW_FUZZ", "200"))
"""How many mutants; 10,000 take about ten minutes."""


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "benchmarks" / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def notebooks() -> list[dict[str, Any]]:
    """Return the example, and the cases of the analysis as notebooks."""
    found = [json.loads((ROOT / "examples" / "fashion_returns.ipynb").read_text("utf-8"))]
    for path in sorted((ROOT / "tests" / "fidelity" / "cases").glob("*.json")):
        for case in itertools.islice(json.loads(path.read_text("utf-8")).values(), 3):
            cells = [
                {
                    "cell_type": "code",
                    "id": f"c{place}",
                    "metadata": {"tags": ["stage:a", "stage:b"][place % 2 :]},
                    "source": source if isinstance(source, str) else source["source"],
                    "outputs": [],
                    "execution_count": None,
                }
                for place, source in enumerate(case["cells"])
            ]
            found.append({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    return found


def test_no_mutant_breaks_anything(fuzz: ModuleType) -> None:
    # The command line is started for one in 200, by the long run; seeds from 1 leave it out.
    tally = fuzz.share(range(1, NUMBER), notebooks())

    assert tally.failures == []
    assert {"refused", "NotebookError"} <= set(tally.outcomes)


def test_a_mutant_that_takes_too_long_is_a_failure(fuzz: ModuleType) -> None:
    with pytest.raises(fuzz.TooSlowError), fuzz.limited(0.02):
        all(number >= 0 for number in itertools.count())
