"""Whether a value is still what it was, told by what would be saved of it.

A fingerprint is the digest of the very bytes that would leave the process. Two equal ones mean
that a stage which loads the one version computes what it would have computed from the other, for
nothing else crosses the border. They are compared within one process only.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.artifacts.groups import Group


def fingerprint(variables: Mapping[str, Any]) -> str | None:
    """Return the digest of variables and of what they share; None if one cannot be saved."""
    packed = groups.pack(variables)
    if packed.refused:
        return None
    digest = hashlib.sha256()
    for group in packed.groups:
        digest.update(repr(group.names).encode())
        digest.update(digest_of(group))
    return digest.hexdigest()


def digest_of(group: Group) -> bytes:
    """Return the digest of a pickle and its buffers."""
    digest = hashlib.sha256(group.payload)
    for buffer in group.buffers:
        with buffer.raw() as view:
            digest.update(view.nbytes.to_bytes(8, "little"))
            digest.update(view)
    return digest.digest()


def size_of(group: Group) -> int:
    """Return how many bytes a pickle and its buffers take."""
    return len(group.payload) + sum(buffer.raw().nbytes for buffer in group.buffers)
