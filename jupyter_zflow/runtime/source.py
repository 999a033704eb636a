"""Which code a result belongs to."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def source_digest(notebook: Path) -> str:
    """Return the digest of what a stage notebook computes: its code cells and its inputs."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    inputs = content["metadata"].get("zflow", {}).get("files", [])
    return hashlib.sha256(json.dumps([cells, inputs]).encode()).hexdigest()
