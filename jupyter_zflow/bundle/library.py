"""``lib/`` of a bundle: the runtime as it is installed here, and how it is started.

::

    lib/run_stage.py      the container's entry point: any Python 3.10, standard library only
    lib/serve_stage.py    the same for a model's container, which answers requests
    lib/model.tar.gz      both programs: what SageMaker unpacks in a model's container
    lib/requirements.txt  what the runtime itself must find
    lib/jupyter_zflow/    errors, names, artifacts, runtime
"""

from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
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
_SERVING = ("run_stage.py", "serve_stage.py")
_MODEL = "model.tar.gz"
_made: list[tempfile.TemporaryDirectory[str]] = []
"""Holds the archive's folder, which goes when the process does."""


@cache
def library() -> Mapping[str, Path]:
    """Return the files of ``lib/`` by their path in the bundle, sorted."""
    found = {f"{FOLDER}/{path.name}": path for path in sorted(_ENTRY.iterdir()) if path.is_file()}
    found[f"{FOLDER}/{_MODEL}"] = _model()
    for name in _TRAVELLING:
        place = _PACKAGE / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found[f"{FOLDER}/jupyter_zflow/{path.relative_to(_PACKAGE).as_posix()}"] = path
    return dict(sorted(found.items()))


def _model() -> Path:
    """Write the archive of a model's container: the same bytes for the same programs."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in _SERVING:
            source = (_ENTRY / name).read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(source)
            archive.addfile(entry, io.BytesIO(source))
    place = tempfile.TemporaryDirectory(prefix="zflow-model-")
    _made.append(place)
    path = Path(place.name, _MODEL)
    # Not compressed: what zlib makes of it differs between versions.
    path.write_bytes(gzip.compress(content.getvalue(), compresslevel=0, mtime=0))
    return path
