"""The words after ``%zflow``: a verb, what it takes, and what was meant by a slip."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from jupyter_zflow.errors import UsageError

NOTEBOOK: Final = ("--notebook",)
OUTPUT: Final = ("-o", "--output", "--output-dir")
PARAMETER: Final = ("-p", "--parameter")


@dataclass(frozen=True, slots=True)
class Verb:
    """What one verb takes."""

    valued: tuple[str, ...] = ()
    """Options with a value."""
    flags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Words of which one may follow."""

    @property
    def options(self) -> tuple[str, ...]:
        """Everything that begins with a dash."""
        return (*self.valued, *self.flags)


VERBS: Final = {
    "check": Verb(valued=("--explain", *NOTEBOOK)),
    "graph": Verb(valued=NOTEBOOK),
    "export": Verb(valued=(*OUTPUT, *NOTEBOOK), flags=("--force",)),
    "run": Verb(valued=(*PARAMETER, "--from", "--only", *OUTPUT, *NOTEBOOK)),
    "verify": Verb(
        valued=(*PARAMETER, "--tolerance", "--html", *OUTPUT, *NOTEBOOK), flags=("--observe",)
    ),
    "observe": Verb(valued=NOTEBOOK, words=("on", "off")),
    "status": Verb(valued=NOTEBOOK),
}
_PAIRS: Final = frozenset({"--explain"})


@dataclass(slots=True)
class Request:
    """What the line asks for; everything that its verb may take."""

    verb: str
    notebook: str | None = None
    output: str | None = None
    parameters: list[str] = field(default_factory=list)
    start: str | None = None
    only: str | None = None
    html: str | None = None
    tolerance: float = 0.0
    explain: tuple[str, str] | None = None
    word: str | None = None
    flags: set[str] = field(default_factory=set)


def parse(line: str) -> Request:
    """Read the verb and its options.

    Raises
    ------
    UsageError
        When the verb or an option is unknown, or a value is missing or wrong.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"%zflow {line}: {str(error).lower()}.") from None
    if not words or words[0] not in VERBS:
        given = f"not {words[0]!r}" if words else "nothing is given"
        hint = _hint(words[0], VERBS) if words else ""
        message = f"%zflow takes a verb, {given}.{hint}"
        raise UsageError(message, remedy=f"Verbs: {', '.join(VERBS)}.")
    request = Request(words.pop(0))
    verb = VERBS[request.verb]
    while words:
        word, equals, value = words.pop(0).partition("=")
        if word in verb.flags and not equals:
            request.flags.add(word)
        elif word in verb.words and not equals and request.word is None:
            request.word = word
        elif word in verb.valued:
            values = [value] if equals else []
            while len(values) < 1 + (word in _PAIRS) and words:
                values.append(words.pop(0))
            _set(request, word, values)
        else:
            allowed = (*verb.words, *verb.options)
            what = "option" if word[:1] == "-" else "word"
            message = f"%zflow {request.verb}: unknown {what} {word!r}.{_hint(word, allowed)}"
            raise UsageError(message, remedy=f"Allowed: {', '.join(allowed)}.")
    return request


def _set(request: Request, option: str, given: list[str]) -> None:
    if len(given) < 1 + (option in _PAIRS):
        needs = "two stages" if option in _PAIRS else "a value"
        raise UsageError(f"%zflow {request.verb}: {option} needs {needs}.")
    if option in PARAMETER:
        request.parameters.append(given[0])
    elif option in OUTPUT:
        request.output = given[0]
    elif option == "--explain":
        request.explain = (given[0], given[1])
    elif option == "--tolerance":
        request.tolerance = _tolerance(given[0])
    else:
        names = {"--notebook": "notebook", "--from": "start", "--only": "only", "--html": "html"}
        setattr(request, names[option], given[0])


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not value >= 0:
        raise UsageError(f"%zflow verify: --tolerance is {text!r}, not a number from 0 up.")
    return value


def _hint(word: str, known: object) -> str:
    close = get_close_matches(word, list(known), n=1)  # type: ignore[call-overload]
    return f" Did you mean {close[0]}?" if close else ""
