"""The file of an artifact: a pickle and its buffers, aligned, hashed while it is written.

::

    magic | pickle | padding | buffer 0 | padding | buffer 1 ... | index | length of index | magic

Readers map the file copy-on-write, so that a big array costs no copy and may be changed without
the file changing. The digest is a SHA-256 over the SHA-256 of each leaf of 8 MiB, so several
threads share the work.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    import pickle
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jupyter_zflow.artifacts.elements import Piece

MAGIC = b"ZFLOW\x01\r\n"
ALIGNMENT = 64
LEAF = 8 << 20
_LENGTH = struct.Struct("<Q")
_THREADS = min(4, os.cpu_count() or 1)
_TICK = 0.02
"""Seconds; file systems' clocks are finer."""


@dataclass(frozen=True)
class Written:
    """What was written: the digest that names it, and its size in bytes."""

    digest: str
    size: int


class _Sink:
    """Write bytes to a file and hash them in leaves, in other threads."""

    def __init__(self, file: BinaryIO) -> None:
        self.size = 0
        self._file = file
        self._leaf: list[memoryview] = []
        self._room = LEAF
        self._leaves: list[bytes] = []
        self._pending: deque[Future[bytes]] = deque()
        self._pool: ThreadPoolExecutor | None = None

    def write(self, data: Any) -> None:
        view = memoryview(data).cast("B")
        while view:
            part = view[: self._room]
            self._leaf.append(part)
            self._room -= len(part)
            if self._room == 0:
                self._submit()
            self._file.write(part)
            self.size += len(part)
            view = view[len(part) :]

    def align(self) -> None:
        self.write(bytes(-self.size % ALIGNMENT))

    def digest(self) -> str:
        if self._pool is not None:
            self._leaves.extend(future.result() for future in self._pending)
            self._pool.shutdown()
        if self._leaf:
            self._leaves.append(_hash_leaf(self._leaf))
        return hashlib.sha256(b"".join(self._leaves)).hexdigest()

    def _submit(self) -> None:
        self._pool = self._pool or ThreadPoolExecutor(_THREADS)
        self._pending.append(self._pool.submit(_hash_leaf, self._leaf))
        while len(self._pending) > 2 * _THREADS:
            self._leaves.append(self._pending.popleft().result())
        self._leaf, self._room = [], LEAF


def _hash_leaf(parts: Sequence[Any]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def write(path: Path, payload: Any, buffers: Sequence[pickle.PickleBuffer | Piece]) -> Written:
    """Write a pickle and its buffers to a new file."""
    with path.open("wb", buffering=0) as raw:
        sink = _Sink(raw)
        sink.write(MAGIC)
        places = [[sink.size, len(payload), 0]]
        sink.write(payload)
        for buffer in buffers:
            with buffer.raw() as view:
                sink.align()
                places.append([sink.size, view.nbytes, int(view.readonly)])
                sink.write(view)
        index = json.dumps(places, separators=(",", ":")).encode()
        sink.write(index)
        sink.write(_LENGTH.pack(len(index)))
        sink.write(MAGIC)
        return Written(sink.digest(), sink.size)


def digest_of(path: Path) -> str:
    """Return the digest of a file."""
    if path.stat().st_size == 0:
        return hashlib.sha256(b"").hexdigest()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        return _digest(memory)


def _digest(memory: mmap.mmap) -> str:
    view = memoryview(memory)
    leaves = [view[start : start + LEAF] for start in range(0, len(view), LEAF)]
    try:
        if len(leaves) == 1:
            return hashlib.sha256(_hash_leaf(leaves)).hexdigest()
        with ThreadPoolExecutor(_THREADS) as pool:
            digests = list(pool.map(_hash_leaf, ([leaf] for leaf in leaves)))
        return hashlib.sha256(b"".join(digests)).hexdigest()
    finally:
        for leaf in leaves:
            leaf.release()
        view.release()


@dataclass(frozen=True)
class Opened:
    """A mapped container: the pickle and the buffers beside it."""

    payload: memoryview
    buffers: tuple[memoryview, ...]


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return what changes whenever somebody writes to a file: inode, size and both times.

    The time of a status change is set by the system at each write and cannot be set back, so as
    long as all are as they were, the content is, too, and need not be read to know it. That only
    pays for large files; others have no stamp.
    """
    stat = path.stat()
    if stat.st_size < LEAF:
        return ()
    # File systems keep time in ticks: a write in the same tick as the stamp would not show.
    time.sleep(max(0.0, min(_TICK, stat.st_ctime + _TICK - time.time())))
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def open_container(path: Path, digest: str, *, stamp: tuple[int, ...] = ()) -> Opened:
    """Map a container copy-on-write, after its content was checked.

    Parameters
    ----------
    stamp
        The file's stamp when it was written; a file that still has it is not hashed again.

    Raises
    ------
    ArtifactError
        The file is missing, or it does not hold what was written.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < len(MAGIC):
                raise damaged(path)
            untouched = bool(stamp) and stamp_of(path) == stamp
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except FileNotFoundError:
        message = f"the artifact {path} is missing."
        raise ArtifactError(message, remedy="Run the stage that makes it again.") from None
    if not untouched and _digest(memory) != digest:
        raise damaged(path)
    view = memoryview(memory)
    payload, *buffers = _parts(view)
    return Opened(payload, tuple(buffers))


def _parts(view: memoryview) -> Iterator[memoryview]:
    tail = len(view) - len(MAGIC) - _LENGTH.size
    (length,) = _LENGTH.unpack(view[tail : tail + _LENGTH.size])
    for start, size, readonly in json.loads(bytes(view[tail - length : tail])):
        part = view[start : start + size]
        yield part.toreadonly() if readonly else part


def damaged(path: Path) -> ArtifactError:
    """Return the error for a file that does not hold what was written."""
    return ArtifactError(
        f"the artifact {path} is damaged: its content is not what its stage wrote.",
        remedy="Run the stage that makes it again.",
    )
