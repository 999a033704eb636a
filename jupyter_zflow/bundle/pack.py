"""A bundle on disk: a folder for one's own machine or a shared file system, or one archive."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.bundle.content import MANIFEST
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from jupyter_zflow.bundle.content import Bundle

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: equal content gives equal archives."""
_UNIX = 3


def write_bundle(bundle: Bundle, target: Path) -> Path:
    """Write the bundle as a folder, or as an archive where the name ends in ``.zip``.

    It appears whole or not at all, and nothing is overwritten.

    Raises
    ------
    UsageError
        When the target exists, or cannot be written.
    """
    if target.exists():
        raise UsageError(f"{target} exists already.", remedy="Choose another place, or remove it.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            made = Path(scratch, "bundle")
            (_zip if target.suffix == ".zip" else _folder)(bundle, made)
            made.rename(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error}.") from None
    return target


def _folder(bundle: Bundle, place: Path) -> None:
    for path, file in bundle.files.items():
        copy = place / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.source, copy)
    (place / MANIFEST).write_text(bundle.manifest(), encoding="utf-8")


def _zip(bundle: Bundle, place: Path) -> None:
    with zipfile.ZipFile(place, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for path, file in bundle.files.items():
            with (
                archive.open(_entry(path, file.size), "w") as out,
                file.source.open("rb") as source,
            ):
                shutil.copyfileobj(source, out)
        text = bundle.manifest().encode()
        archive.writestr(_entry(MANIFEST, len(text)), text)
    os.chmod(place, 0o644)  # noqa: PTH101


def _entry(path: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = _UNIX
    entry.external_attr = 0o100644 << 16
    entry.file_size = size
    return entry
