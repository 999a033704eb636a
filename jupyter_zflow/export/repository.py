"""The Git repository around a pipeline folder: what was committed, and committing the folder alone.

Nothing but the folder is ever touched: other files, what is staged of them, and the branch that is
checked out stay as they are. On the current branch Git itself commits, hooks included; another
branch gets its commit without being checked out.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from jupyter_zflow.errors import ToolError, UsageError

_LOCAL = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX")
"""What a hook of another repository may have left in the environment."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository and a folder in it.

    Parameters
    ----------
    top
        The working tree's root.
    folder
        The pipeline folder relative to it, ``.`` for the root.
    """

    top: Path
    folder: str

    def branch(self) -> str | None:
        """Return the branch that is checked out; ``None`` when HEAD is detached."""
        done = self._git("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
        return done.stdout.decode().strip() or None

    def commit_of(self, name: str) -> str | None:
        """Return the id of a commit; ``None`` when there is none of that name."""
        done = self._git(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{name}^{{commit}}",
            check=False,
        )
        return done.stdout.decode().strip() or None

    def restore(self, commit: str, place: Path) -> bool:
        """Lay the folder of a commit into a place; say whether the commit has one."""
        pathspec = [] if self.folder == "." else [self.folder]
        if not self._git("ls-tree", "--name-only", commit, "--", *pathspec).stdout.strip():
            return False
        packed = self._git("archive", "--format=tar", commit, "--", *pathspec).stdout
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            with tarfile.open(fileobj=BytesIO(packed)) as archive:
                archive.extractall(scratch, filter="data")
            Path(scratch, self.folder).rename(place)
            Path(scratch).mkdir(exist_ok=True)  # when the folder is the repository
        return True

    def commit(self, message: str, *, branch: str | None = None) -> str | None:
        """Commit the folder as it is; return the commit, or ``None`` when nothing changed.

        Parameters
        ----------
        branch
            Where to; made from HEAD when it does not exist. Default: what is checked out.

        Raises
        ------
        UsageError
            When HEAD is detached and no branch is named, or the name is none.
        ToolError
            When Git refuses.
        """
        current = self.branch()
        if branch is None and current is None:
            raise UsageError(
                "HEAD is detached: there is no branch to commit to.",
                remedy="Name one with --branch.",
            )
        if branch is None or branch == current:
            return self._commit_here(message)
        return self._commit_there(message, branch)

    def _commit_here(self, message: str) -> str | None:
        self._git("add", "--all", "--", self.folder)
        staged = self._git("diff", "--cached", "--quiet", "--", self.folder, check=False)
        if staged.returncode == 0:
            return None
        # `--only` leaves out of the commit whatever else is staged, and leaves it staged.
        self._git("commit", "--quiet", "--only", "--file=-", "--", self.folder, given=message)
        return self.commit_of("HEAD")

    def _commit_there(self, message: str, branch: str) -> str | None:
        if self._git("check-ref-format", "--branch", branch, check=False).returncode != 0:
            raise UsageError(f"{branch!r} is no name of a branch.")
        before = self.commit_of(f"refs/heads/{branch}")
        parent = before or self.commit_of("HEAD")
        with tempfile.TemporaryDirectory() as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
            self._git("read-tree", parent or "--empty", variables=index)
            self._git("add", "--all", "--", self.folder, variables=index)
            tree = self._git("write-tree", variables=index).stdout.decode().strip()
        if parent and tree == self._git("rev-parse", f"{parent}^{{tree}}").stdout.decode().strip():
            return None
        above = ["-p", parent] if parent else []
        made = self._git("commit-tree", tree, *above, "-F", "-", given=message)
        commit = made.stdout.decode().strip()
        # The last word makes Git refuse when somebody else has moved the branch meanwhile.
        self._git("update-ref", f"refs/heads/{branch}", commit, before or "0" * 40)
        return commit

    def _git(
        self,
        *words: str,
        check: bool = True,
        given: str = "",
        variables: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return _git(self.top, *words, check=check, given=given, variables=variables)


def find_repository(folder: Path) -> Repository | None:
    """Return the repository that a folder, which need not exist, is in."""
    existing = folder.absolute()
    while not existing.is_dir():
        existing = existing.parent
    done = _git(existing, "rev-parse", "--show-toplevel", check=False)
    if done.returncode != 0:
        return None
    top = Path(os.fsdecode(done.stdout.rstrip(b"\n")))
    return Repository(top, folder.resolve().relative_to(top.resolve()).as_posix())


def _git(
    place: Path,
    *words: str,
    check: bool = True,
    given: str = "",
    variables: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=place,
            env={**kept, "LC_ALL": "C", **(variables or {})},
            input=given.encode(),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ToolError("There is no 'git' on the PATH.", remedy="Install Git.") from None
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise ToolError(f"git {words[0]} failed: {said}")
    return done
