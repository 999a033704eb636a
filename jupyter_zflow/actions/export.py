"""``export``: write the pipeline folder of a notebook.

The folder is put together in a scratch place as it will be, hand edits included; there the
template is made. Only then are the changes carried over, all or none.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.file_diff import FileDiff, differences
from jupyter_zflow.actions.prepare import Prepared, accepted, prepare
from jupyter_zflow.actions.script import run_script
from jupyter_zflow.errors import RefusedError, ZflowError
from jupyter_zflow.export.bundle import build_bundle, write_files
from jupyter_zflow.export.folder import Plan, copy_folder, plan, write_folder
from jupyter_zflow.export.lock import Lock, cell_hashes, file_digest, read_lock
from jupyter_zflow.export.project import SCRIPT, TEMPLATE, project_files
from jupyter_zflow.model.names import slug
from jupyter_zflow.notebook.document import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.export.bundle import Content
    from jupyter_zflow.export.folder import OnConflict
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote."""

    folder: Path
    files: tuple[Path, ...]
    """All generated files, the unchanged ones included."""
    changes: Plan
    definition_sha256: str
    findings: tuple[Finding, ...]
    diffs: tuple[FileDiff, ...] = ()
    dry_run: bool = False
    """Whether nothing was written."""

    @property
    def template(self) -> Path:
        """The CloudFormation template."""
        return self.folder / TEMPLATE

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "folder": str(self.folder),
            "files": [str(path) for path in self.files],
            "template": str(self.template),
            "written": list(self.changes.write),
            "removed": list(self.changes.remove),
            "kept": list(self.changes.kept),
            "conflicts": list(self.changes.conflicts),
            "definition_sha256": self.definition_sha256,
            "dry_run": self.dry_run,
            "findings": [finding.model_dump() for finding in self.findings],
        }


def export(
    notebook: Path,
    folder: Path | None = None,
    *,
    on_conflict: OnConflict = "refuse",
    dry_run: bool = False,
) -> ExportResult:
    """Export a notebook.

    Parameters
    ----------
    folder
        The pipeline folder; by default it is beside the notebook and has the pipeline's name.
    dry_run
        Write nothing; the result says what would be written, conflicts included.

    Raises
    ------
    RefusedError
        When the analysis found errors.
    ConflictError
        When an edited file would have to change.
    """
    from jupyter_zflow.synth import definition_sha256

    prepared = prepare(read(notebook))
    pipeline, definition = accepted(prepared)
    target = folder if folder is not None else notebook.parent / slug(pipeline.name)
    files, findings = _files(prepared, pipeline, notebook.name)
    with tempfile.TemporaryDirectory(prefix="zflow-export-") as scratch:
        place = Path(scratch, "folder")
        _future(files, target, place, on_conflict)
        _make_template(pipeline, place, own_script=files[SCRIPT])
        files[TEMPLATE] = place / TEMPLATE
        lock = Lock(
            pipeline=pipeline.name,
            notebook=notebook.name,
            definition_sha256=definition_sha256(definition),
            cells=cell_hashes(prepared.document, prepared.analysis),
        )
        known = _own_template(target, files[TEMPLATE])
        changes = plan(files, target, known=known)
        diffs = differences(files, target, changes)
        if not dry_run:
            changes = write_folder(files, target, lock=lock, on_conflict=on_conflict, known=known)
    return ExportResult(
        folder=target,
        files=tuple(target / path for path in files),
        changes=changes,
        definition_sha256=lock.definition_sha256,
        findings=findings,
        diffs=diffs,
        dry_run=dry_run,
    )


def _files(
    prepared: Prepared, pipeline: Pipeline, notebook: str
) -> tuple[dict[str, Content], tuple[Finding, ...]]:
    """Return the generated files and all findings, or refuse."""
    bundle = build_bundle(prepared.document, prepared.analysis)
    findings = (*prepared.findings, *bundle.findings)
    if any(finding.severity == "error" for finding in bundle.findings):
        raise RefusedError(findings)
    return project_files(pipeline, prepared.analysis, bundle, notebook=notebook), findings


def _future(
    files: Mapping[str, Content], target: Path, place: Path, on_conflict: OnConflict
) -> None:
    """Make a copy of the folder as it will be after the export, but for the template."""
    if target.is_dir():
        copy_folder(target, place)
    changes = plan(files, target)
    written = changes.write + (changes.conflicts if on_conflict == "overwrite" else ())
    write_files({path: files[path] for path in written}, place)
    for path in changes.remove:
        if path != TEMPLATE:
            (place / path).unlink(missing_ok=True)


def _make_template(pipeline: Pipeline, place: Path, *, own_script: Content) -> None:
    """Write the template: from the script where that has hand edits, else from the pipeline."""
    if (place / SCRIPT).read_text(encoding="utf-8") != own_script:
        run_script(place)
        return
    from jupyter_zflow.synth.app import write

    write([pipeline], stack=pipeline.name, path=place / TEMPLATE, folder=place)


def _own_template(target: Path, made: Content) -> dict[str, str]:
    """Return the template's digest when it is what the folder's own script makes.

    The script may have been run after an edit; what it wrote then is no edit by hand.
    """
    here = file_digest(target / TEMPLATE)
    lock = read_lock(target)
    expected = (lock.files.get(TEMPLATE) if lock else None, file_digest(Path(str(made))))
    if here is None or here in expected or not (target / SCRIPT).is_file():
        return {}
    with tempfile.TemporaryDirectory(prefix="zflow-export-") as scratch:
        copy = Path(scratch, "folder")
        copy_folder(target, copy)
        try:
            again = file_digest(run_script(copy))
        except ZflowError:
            return {}
    return {TEMPLATE: here} if again == here else {}
