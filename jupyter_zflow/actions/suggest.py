"""``suggest``: propose stages for a notebook, and write them into it when asked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.output import check_free, write_text
from jupyter_zflow.errors import UsageError
from jupyter_zflow.notebook.document import parse, read
from jupyter_zflow.notebook.rewrite import rewrite
from jupyter_zflow.suggest import suggest as propose

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.suggest import By, Group, Proposal


@dataclass(frozen=True, slots=True)
class SuggestResult:
    """A proposal, and the notebook that was written with it."""

    proposal: Proposal
    written: Path | None = None

    @property
    def stages(self) -> tuple[Group, ...]:
        """The proposed stages."""
        return self.proposal.stages

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What ``check`` says about the notebook with the proposed tags."""
        return self.proposal.findings

    @property
    def refused(self) -> bool:
        """Whether the notebook has errors that no split can answer."""
        return bool(self.proposal.analysis.errors)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        written = None if self.written is None else str(self.written)
        return {**self.proposal.to_json(), "written": written}


def suggest(
    path: Path, *, by: By | None = None, output: Path | None = None, force: bool = False
) -> SuggestResult:
    """Propose stages for a notebook file.

    Parameters
    ----------
    by
        Where to cut; by default at headings where there are enough of them.
    output
        The notebook to write with the proposed tags; it may be the same file.
    force
        Overwrite another file, or stages that the notebook has already.

    Raises
    ------
    UsageError
        When nothing can be proposed, or something would be overwritten.
    """
    document = read(path)
    proposal = propose(document, by=by)
    if output is None:
        return SuggestResult(proposal)
    same = output.resolve() == path.resolve()
    if same and not force:
        _check_untagged(document)
    if not same:
        check_free(output, force=force)
    text = path.read_bytes().decode("utf-8-sig")
    if parse(text, path=path) != document:
        raise UsageError(f"{path} was changed while its stages were proposed.")
    write_text(output, rewrite(text, tags=proposal.tags))
    return SuggestResult(proposal, output)


def suggest_document(document: NotebookDocument, *, by: By | None = None) -> SuggestResult:
    """Propose stages for a notebook that was read already, saved or not."""
    return SuggestResult(propose(document, by=by))


def _check_untagged(document: NotebookDocument) -> None:
    for cell in document.cells:
        for tag in cell.tags:
            if tag.startswith("stage:") and cell.kind == "code":
                raise UsageError(
                    f"Cell {cell.index + 1} is tagged {tag!r} already.",
                    remedy="--force replaces the stages, -o writes another notebook.",
                )
