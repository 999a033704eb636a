"""The headings of a notebook: what its author called the parts.

Markdown's two ways to write a heading are read (``## Text`` and an underlined line), outside of
fenced code. A cell may hold several; each is an entry of its own.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.notebook.document import NotebookDocument

_HASHES = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_TAG = re.compile(r"<[^>]+>")
_MARKS = re.compile(r"[*`$]|(?<!\w)_|_(?!\w)")


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading; ``cell`` counts from 0, ``level`` from 1."""

    cell: int
    level: int
    text: str


def headings(document: NotebookDocument) -> tuple[Heading, ...]:
    """Return the headings with a text, in notebook order."""
    return tuple(
        Heading(cell.index, level, text)
        for cell in document.cells
        if cell.kind == "markdown"
        for level, text in _headings(cell.source)
        if text
    )


def _headings(source: str) -> Iterator[tuple[int, str]]:
    fence = ""
    before = ""
    for line in source.splitlines():
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = ""
            continue
        if mark:
            fence, before = mark[1], ""
            continue
        hashes = _HASHES.fullmatch(line)
        underline = _UNDERLINE.fullmatch(line)
        if hashes:
            yield len(hashes[1]), _plain(hashes[2])
        elif underline and before.strip() and not before.lstrip().startswith(("|", "-", ">", "*")):
            yield 1 if underline[1].startswith("=") else 2, _plain(before)
        before = "" if hashes or underline else line


def _plain(text: str) -> str:
    """Return the text without the marks of Markdown and HTML."""
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    return " ".join(html.unescape(_MARKS.sub("", _TAG.sub("", text))).split())
