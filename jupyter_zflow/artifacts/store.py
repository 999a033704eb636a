"""Where an execution keeps its artifacts: a folder, or a prefix in an object store.

Keys are POSIX paths below the execution, such as ``train/artifacts/<digest>.zf``. A file appears
whole or not at all. In a folder a file is moved or hard-linked in, and read where it lies; from an
object store it is fetched once into a local folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from jupyter_zflow.artifacts.container import stamp_of
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable


class Store(Protocol):
    """What a stage needs of the place that keeps an execution."""

    uri: str

    def put(self, path: Path, key: str) -> None:
        """Move a finished local file into the store."""

    def fetch(self, key: str) -> Path:
        """Return a local file with the content; it must not be changed."""

    def read(self, key: str) -> bytes | None:
        """Return a small file's content, or None when there is none."""

    def write(self, key: str, content: bytes) -> None:
        """Write a small file."""

    def exists(self, key: str) -> bool:
        """Return whether the key is there."""

    def stamp(self, key: str) -> tuple[int, ...]:
        """Return the stamp of a file that lies where it is read, else nothing."""


class FolderStore:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = str(folder)

    def put(self, path: Path, key: str) -> None:
        """Move a finished local file into the store."""
        target = self.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(target)
        except OSError:  # another file system
            whole(target, lambda part: shutil.copyfile(path, part))
            path.unlink()

    def fetch(self, key: str) -> Path:
        """Return the file itself."""
        return self.folder / key

    def read(self, key: str) -> bytes | None:
        """Return a small file's content, or None when there is none."""
        try:
            return (self.folder / key).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, key: str, content: bytes) -> None:
        """Write a small file."""
        target = self.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        whole(target, lambda part: part.write_bytes(content))

    def exists(self, key: str) -> bool:
        """Return whether the key is there."""
        return (self.folder / key).exists()

    def stamp(self, key: str) -> tuple[int, ...]:
        """Return the file's stamp."""
        return stamp_of(self.folder / key)


class RemoteStore:
    """A prefix in an object store that fsspec knows."""

    def __init__(self, uri: str, filesystem: Any) -> None:
        self.uri = uri
        self._filesystem = filesystem
        self._root = filesystem._strip_protocol(uri)  # noqa: SLF001  fsspec offers no other way
        self._cache = Path(tempfile.mkdtemp(prefix="zflow-store-"))

    def put(self, path: Path, key: str) -> None:
        """Upload a finished local file."""
        self._filesystem.put_file(str(path), self._path(key))
        path.unlink()

    def fetch(self, key: str) -> Path:
        """Download the file once."""
        target = self._cache / key
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                whole(target, lambda part: self._filesystem.get_file(self._path(key), str(part)))
            except FileNotFoundError:
                return target
        return target

    def read(self, key: str) -> bytes | None:
        """Return a small file's content, or None when there is none."""
        try:
            return bytes(self._filesystem.cat_file(self._path(key)))
        except FileNotFoundError:
            return None

    def write(self, key: str, content: bytes) -> None:
        """Write a small file."""
        self._filesystem.pipe_file(self._path(key), content)

    def exists(self, key: str) -> bool:
        """Return whether the key is there."""
        return bool(self._filesystem.exists(self._path(key)))

    def stamp(self, key: str) -> tuple[int, ...]:  # noqa: ARG002  one interface
        """Return nothing: what was downloaded is always checked."""
        return ()

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"


def open_store(uri: str) -> Store:
    """Return the store at a path, a ``file://`` URL or any URL that fsspec knows.

    Raises
    ------
    ArtifactError
        No file system is installed for the URL.
    """
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    if not parts.scheme or len(parts.scheme) == 1:
        return FolderStore(Path(uri).absolute())
    if parts.scheme == "s3":
        from jupyter_zflow.artifacts.s3 import S3FileSystem

        return RemoteStore(uri, S3FileSystem())
    try:
        import fsspec

        return RemoteStore(uri, fsspec.filesystem(parts.scheme))
    except (ImportError, ValueError) as error:
        message = f"cannot open {uri}: {error}."
        raise ArtifactError(message, remedy="Use a path, file:// or s3://.") from None


def whole(target: Path, fill: Callable[[Path], object]) -> None:
    """Fill a new file beside the target, then let it appear at once."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    os.close(handle)
    part = Path(name)
    try:
        fill(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
