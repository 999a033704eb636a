"""Tab completion for ``%zflow``: verbs first, then what the verb takes."""

from __future__ import annotations

from typing import Any

from jupyter_zflow.magics.options import VERBS


def install(shell: Any) -> None:
    """Tell the shell how to complete the magic."""
    for text in ("%zflow", "zflow"):
        shell.set_hook("complete_command", _complete, str_key=text)


def _complete(_shell: Any, event: Any) -> list[str]:
    return completions(event.line)


def completions(line: str) -> list[str]:
    """Return what may stand where the line ends."""
    words = line.split()[1:]
    started = words.pop() if words and not line[-1:].isspace() else ""
    if not words:
        return [verb for verb in VERBS if verb.startswith(started)]
    verb = VERBS.get(words[0])
    if verb is None or words[-1] in verb.valued:
        return []
    return [word for word in (*verb.words, *verb.options) if word.startswith(started)]
