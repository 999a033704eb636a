"""Contents paths become files, and never ones outside of the contents root."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_core.paths import is_hidden
from tornado.web import HTTPError

if TYPE_CHECKING:
    from jupyter_server.services.contents.manager import ContentsManager


def contents_root(contents: ContentsManager) -> Path:
    """Return the folder that the server shows; refuse when contents are not files."""
    root = getattr(contents, "root_dir", "")
    if not root:
        raise HTTPError(501, "The contents of this server are not files on a disk.")
    return Path(root).resolve()


def inside_root(contents: ContentsManager, path: str) -> Path:
    """Return the file of a contents path, links followed.

    Raises
    ------
    HTTPError
        404 when it would be outside of the contents root or is hidden, as if it did not
        exist; 400 when it cannot be a path at all.
    """
    root = contents_root(contents)
    try:
        file = (root / path.lstrip("/")).resolve()
        inside = file.is_relative_to(root)
        hidden = inside and is_hidden(str(file), str(root)) and not contents.allow_hidden
    except (OSError, ValueError, RuntimeError) as error:
        raise HTTPError(400, f"{path!r} is not a path: {error}.") from None
    if not inside or hidden:
        raise HTTPError(404, f"{path!r} is not below the folder that this server shows.")
    return file


def contents_path(contents: ContentsManager, file: Path) -> str | None:
    """Return the contents path of a file; nothing for one outside of the root."""
    root, real = contents_root(contents), file.resolve()
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else None
