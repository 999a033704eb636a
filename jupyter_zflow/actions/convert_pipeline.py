"""``convert --from elyra``: write the pipeline folder of a pipeline that Elyra drew."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.actions.convert import ConvertResult
from jupyter_zflow.errors import ConflictError, RefusedError, UsageError
from jupyter_zflow.export.bundle import write_files
from jupyter_zflow.export.folder import write_folder
from jupyter_zflow.export.lock import Lock
from jupyter_zflow.export.project import TEMPLATE
from jupyter_zflow.model.names import slug

if TYPE_CHECKING:
    from jupyter_zflow.export.folder import OnConflict


def convert_pipeline(source: Path, *, output: Path | None, force: bool) -> ConvertResult:
    """Convert a pipeline file.

    Raises
    ------
    ConflictError
        When the folder has something in it, and it is not to be overwritten.
    """
    from jupyter_zflow.convert.elyra import from_elyra
    from jupyter_zflow.synth import definition_sha256, definition_text
    from jupyter_zflow.synth.app import write

    made = from_elyra(source)
    if any(finding.severity == "error" for finding in made.findings):
        raise RefusedError(made.findings)
    folder = output or source.parent / (slug(made.pipeline.name) or "pipeline")
    _check_folder(folder, force=force)
    definition = definition_text(made.pipeline)
    files = dict(made.files)
    on_conflict: OnConflict = "overwrite" if force else "refuse"
    with tempfile.TemporaryDirectory(prefix="zflow-convert-") as scratch:
        place = Path(scratch, "folder")
        write_files(files, place)
        write([made.pipeline], stack=made.pipeline.name, path=place / TEMPLATE, folder=place)
        files[TEMPLATE] = place / TEMPLATE
        lock = Lock(
            pipeline=made.pipeline.name,
            notebook=source.name,
            definition_sha256=definition_sha256(definition),
        )
        write_folder(files, folder, lock=lock, on_conflict=on_conflict)
    return ConvertResult("elyra", folder, made.analysis, made.entries, made.findings)


def _check_folder(folder: Path, *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder.", remedy="Choose another with -o.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise ConflictError(
            f"{folder} is not empty, and nothing was written.",
            remedy="--force overwrites what is converted again, -o names another folder.",
        )
