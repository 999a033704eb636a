"""``export --commit``: the exported folder as a commit that says what changed in the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions import versions
from jupyter_zflow.bundle import read_bundle
from jupyter_zflow.changes import Facts, compare, lines, subject
from jupyter_zflow.errors import RefusedError, UsageError
from jupyter_zflow.export.lock import read_lock
from jupyter_zflow.export.repository import Repository, find_repository

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.changes import Change


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What was committed."""

    commit: str | None
    """``None`` when nothing had changed."""
    branch: str
    message: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "commit": self.commit,
            "branch": self.branch,
            "message": self.message,
            "changes": [change.to_json() for change in self.changes],
        }


def repository_of(folder: Path, *, branch: str | None) -> Repository:
    """Return the repository that a folder can be committed to.

    Raises
    ------
    UsageError
        When there is none, or HEAD is detached and no branch is named.
    """
    found = find_repository(folder)
    if found is None:
        raise UsageError(f"{folder} is in no Git repository.", remedy="Make one with `git init`.")
    if branch is None and found.branch() is None:
        raise UsageError(
            "HEAD is detached: there is no branch to commit to.", remedy="Name one with --branch."
        )
    return found


def commit(folder: Path, *, branch: str | None = None) -> CommitResult:
    """Commit an exported folder, and nothing else.

    Parameters
    ----------
    branch
        Where to; made from HEAD when it does not exist. Default: what is checked out.

    Raises
    ------
    UsageError
        When there is no repository or no branch.
    RefusedError
        When a file holds a secret.
    ToolError
        When Git refuses.
    """
    repository = repository_of(folder, branch=branch)
    findings = read_bundle(folder).findings
    if findings:  # what must not travel must not be kept either
        raise RefusedError(findings)
    target = branch or repository.branch() or ""
    base = next(filter(repository.commit_of, (f"refs/heads/{target}", "HEAD")), None)
    before = versions.facts_of_commit(repository, base) if base else Facts()
    changes = compare(before, versions.facts_of_folder(folder))
    message = _message(changes, folder)
    made = repository.commit(message, branch=branch)
    return CommitResult(made, target, message, changes)


def _message(changes: tuple[Change, ...], folder: Path) -> str:
    lock = read_lock(folder)
    name = lock.pipeline if lock and lock.pipeline else folder.name
    origin = f"Exported from {lock.notebook}." if lock and lock.notebook else ""
    body = "\n".join(lines(changes))
    return "\n\n".join(filter(None, [subject(changes, pipeline=name), body, origin])) + "\n"
