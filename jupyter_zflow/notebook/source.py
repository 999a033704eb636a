"""Find the lines of a cell where IPython would see a magic, and blank out our own.

A line that starts with ``%``, ``!`` or ``?`` is a magic only where a statement may start: not
inside a string or brackets, not after a backslash. One regular expression walks the source and
keeps track of that; it never fails, whatever the text is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = frozenset({"pipeline", "zflow"})

_STAGE = re.compile(r"\A(?P<blank>\s*)%%stage(?![^\s])(?P<options>[^\n]*)")
_CELL_MAGIC = re.compile(r"\A\s*%%\s*\w")
_MAYBE = re.compile(r"^[ \t]*%(?:%stage|pipeline|zflow|load_ext|reload_ext)\b", re.MULTILINE)
_MAGIC_LINE = re.compile(r"[ \t]*(?P<text>[%!?](?:[^\n]*\\\r?\n)*[^\n]*?)[ \t\r]*(?=\n|\Z)")
_JOINED = re.compile(r"\\\r?\n")
_TOKEN = re.compile(
    r"""
      (?P<long>'''|\"\"\")
    | (?P<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    | (?P<comment>\#[^\n]*)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<joined>\\\r?\n)
    | (?P<newline>\n)
    """,
    re.VERBOSE | re.DOTALL,
)
_LONG_END = {
    quote: re.compile(rf"(?:\\.|(?!{quote}).)*{quote}", re.DOTALL) for quote in ("'''", '"""')
}


@dataclass(frozen=True, slots=True)
class MagicLine:
    """A line that IPython reads as a magic; ``line`` counts from 1."""

    line: int
    text: str
    last_line: int
    """Differs from ``line`` where a backslash joins lines."""


@dataclass(frozen=True, slots=True)
class CellCode:
    """A cell's source without our own magics; every line keeps its number."""

    text: str


@dataclass(frozen=True, slots=True)
class OwnMagics:
    """What our magics in one cell say."""

    code: CellCode
    stage: str | None = None
    """Options of ``%%stage``, when the cell starts with it."""
    stage_line: int = 1
    pipelines: tuple[MagicLine, ...] = ()
    """Options of each ``%pipeline``."""
    misplaced: tuple[int, ...] = ()
    """Lines with a ``%%stage`` that is not the first one."""


def split(source: str) -> OwnMagics:
    """Take our own magics out of a cell's source."""
    if _MAYBE.search(source) is None:
        return OwnMagics(CellCode(source))
    stage: str | None = None
    stage_line = 1
    text = source
    match = _STAGE.match(source)
    if match is not None:
        stage = match["options"].strip()
        stage_line = match["blank"].count("\n") + 1
        text = "\n" * (stage_line - 1) + source[match.end() :]
    pipelines: list[MagicLine] = []
    misplaced: list[int] = []
    lines = text.split("\n")
    if _CELL_MAGIC.match(text) is None:
        for magic in magic_lines(text):
            name, _, options = magic.text[1:].strip().partition(" ")
            if magic.text.startswith("%%"):
                if re.match(r"%%stage(?![^\s])", magic.text):
                    misplaced.append(magic.line)
                continue
            if not magic.text.startswith("%") or not _is_ours(name, options):
                continue
            if name == "pipeline":
                pipelines.append(MagicLine(magic.line, options.strip(), magic.last_line))
            _blank(lines, magic)
    return OwnMagics(
        CellCode("\n".join(lines)), stage, stage_line, tuple(pipelines), tuple(misplaced)
    )


def without_magics(source: str) -> str:
    """Return the source with every magic line blanked, so that it parses as Python."""
    lines = source.split("\n")
    for magic in magic_lines(source):
        _blank(lines, magic)
    return "\n".join(lines)


def magic_lines(source: str) -> Iterator[MagicLine]:
    """Yield the lines that start with an escape where a statement may start."""
    position, line, depth, fresh = 0, 1, 0, True
    while position < len(source):
        if fresh:
            magic = _MAGIC_LINE.match(source, position)
            if magic is not None:
                last = line + magic["text"].count("\n")
                yield MagicLine(line, _JOINED.sub(" ", magic["text"]), last)
                position, line = magic.end(), last
            fresh = False
            continue
        token = _TOKEN.search(source, position)
        if token is None:
            return
        position = token.end()
        kind = token.lastgroup
        if kind == "long":
            end = _LONG_END[token["long"]].match(source, position)
            position = len(source) if end is None else end.end()
            line += source.count("\n", token.end(), position)
        elif kind == "string":
            line += token[0].count("\n")
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "joined":
            line += 1
        elif kind == "newline":
            line += 1
            fresh = depth == 0


def _is_ours(name: str, options: str) -> bool:
    if name in {"load_ext", "reload_ext"}:
        return options.strip() == "jupyter_zflow"
    return name in OURS


def _blank(lines: list[str], magic: MagicLine) -> None:
    lines[magic.line - 1 : magic.last_line] = [""] * (magic.last_line - magic.line + 1)
