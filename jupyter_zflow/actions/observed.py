"""What is known of a notebook from runs: the record beside it, and its last local execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.executions import NAME, latest
from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.names import slug, state_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jupyter_zflow.analysis.observed import Observed, SeenValue
    from jupyter_zflow.model.analysis import Analysis, Edge
    from jupyter_zflow.notebook.document import NotebookDocument


def read_observed(document: NotebookDocument) -> Observed:
    """Return what runs showed; nothing for a notebook that has no file."""
    from jupyter_zflow.analysis.observed import NOTHING, from_cells
    from jupyter_zflow.runtime.observe.record import place_of, read_cells

    if document.path is None:
        return NOTHING
    return from_cells(read_cells(place_of(document.path)), _handed(document))


def described(edges: Iterable[Edge], analysis: Analysis) -> list[dict[str, Any]]:
    """Return edges as JSON, with type and size of the value where a run saw it."""
    seen = {(found.producer, found.consumer, found.name): found for found in analysis.crossings}
    said = []
    for edge in edges:
        content = edge.model_dump()
        found = seen.get((edge.producer, edge.consumer, edge.name))
        if edge.kind == "variable" and found is not None:
            content |= {"type": found.type, "size": found.size}
        said.append(content)
    return said


def digests(document: NotebookDocument) -> frozenset[str]:
    """Return what the cells of a notebook are called in a record."""
    from jupyter_zflow.notebook.source import split
    from jupyter_zflow.runtime.observe.record import digest_of

    return frozenset(
        digest_of(split(cell.source).code.text) for cell in document.cells if cell.kind == "code"
    )


def keep_record(document: NotebookDocument, record: Path) -> Path | None:
    """Put what a run noted of the notebook's cells beside it; return where, None without any.

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    from jupyter_zflow.runtime.observe.record import place_of, read_cells, write_cells

    assert document.path is not None
    known = digests(document)
    cells = {digest: cell for digest, cell in read_cells(record).items() if digest in known}
    if not cells:
        return None
    place = place_of(document.path)
    try:
        write_cells(place, cells)
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error}.") from None
    return place


def _handed(document: NotebookDocument) -> dict[tuple[str, str], SeenValue]:
    """Return type and size of what the stages of the last execution saved."""
    from jupyter_zflow.notebook.layout import lay_out

    assert document.path is not None
    home = document.path.absolute().parent / NAME
    if not home.is_dir():
        return {}
    layout = lay_out(document)
    execution = latest(home / slug(layout.name))
    if execution is None:
        return {}
    found = {}
    for stage in layout.stages:
        found.update(_saved(execution / "run", stage.name))
    return found


def _saved(run: Path, stage: str) -> dict[tuple[str, str], SeenValue]:
    from jupyter_zflow.analysis.observed import SeenValue
    from jupyter_zflow.artifacts import manifest
    from jupyter_zflow.artifacts.store import open_store
    from jupyter_zflow.errors import ArtifactError

    try:
        kept = manifest.read(open_store(str(run)), state_name(stage))
    except ArtifactError:
        return {}
    return {
        (stage, name): SeenValue(variable.type, variable.size)
        for name, variable in kept.variables.items()
    }
