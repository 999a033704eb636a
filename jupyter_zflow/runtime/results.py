"""Results that no other stage reads: shown with the execution, not stored as artifacts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runtime import context, handover

if TYPE_CHECKING:
    from collections.abc import Iterable


def record_outputs(names: Iterable[str]) -> None:
    """Add the variables that JSON can hold to the outputs of the stage."""
    path = Path(context.current().scratch) / handover.OUTPUTS
    known: dict[str, Any] = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    here = sys.modules["__main__"].__dict__
    for name in names:
        if name in here and handover._is_output(here[name]):  # noqa: SLF001  one rule for both
            known[name] = here[name]
    text = json.dumps(known, default=handover._number, separators=(",", ":"))  # noqa: SLF001
    path.write_text(text, encoding="utf-8")
