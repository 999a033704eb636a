"""Paths of files that lie above the notebook's folder, such as ``../styles/custom.css``.

A stage finds them by the same relative path, because its working directory lies as deep below a
folder of its own as the notebook lies below what they share. In a bundle, where no path may lead
out, they lie in ``.above/<levels>/`` below ``files/``.
"""

from __future__ import annotations

import posixpath

FOLDER = ".above"


def levels(path: str) -> int:
    """Return how many folders a relative path goes up before it goes down."""
    return posixpath.normpath(path).split("/").count("..")


def stored(path: str) -> str:
    """Return where a relative path lies below ``files/``."""
    path = posixpath.normpath(path)
    up = levels(path)
    return path if not up else "/".join([FOLDER, str(up), *path.split("/")[up:]])


def laid(name: str) -> str:
    """Return the relative path of what lies below ``files/``."""
    first, _, rest = name.partition("/")
    up, _, path = rest.partition("/")
    if first != FOLDER or not up.isdecimal() or not path:
        return name
    return "../" * int(up) + path
