"""``lib/`` of a bundle: the runtime as it is installed here, and how it is started.

::

    lib/run_stage.py      the container's entry point: any Python 3.10, standard library only
    lib/requirements.txt  what the runtime itself must find
    lib/jupyter_zflow/    errors, names, artifacts, runtime
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "lib"
_PACKAGE = Path(__file__).resolve().parents[1]
_ENTRY = Path(__file__).resolve().parent / "entry"
_TRAVELLING = ("__init__.py", "errors.py", "model", "artifacts", "runtime")
"""What the contract of the runtime allows it to import."""


@cache
def library() -> Mapping[str, Path]:
    """Return the files of ``lib/`` by their path in the bundle, sorted."""
    found = {f"{FOLDER}/{path.name}": path for path in sorted(_ENTRY.iterdir()) if path.is_file()}
    for name in _TRAVELLING:
        place = _PACKAGE / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found[f"{FOLDER}/jupyter_zflow/{path.relative_to(_PACKAGE).as_posix()}"] = path
    return dict(sorted(found.items()))
