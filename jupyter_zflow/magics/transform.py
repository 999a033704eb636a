"""Run a ``%%stage`` cell exactly as usual: take its first line off before IPython compiles it.

A cell magic that executes its body itself loses what IPython does for a plain cell: displaying
the last expression, ``await``, true line numbers in tracebacks, magics inside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError
from jupyter_zflow.notebook.magics import parse_stage

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_STAGE = re.compile(r"%%stage(?=\s|$)(?P<options>.*)", re.DOTALL)


def install(shell: InteractiveShell) -> None:
    """Add the transformer once, even when the extension is loaded again."""
    transformers = shell.input_transformers_cleanup
    transformers[:] = [known for known in transformers if not _is_ours(known)]
    transformers.append(take_off)


def take_off(lines: list[str]) -> list[str]:
    """Return the cell without ``%%stage``; the line itself stays, empty."""
    match = _STAGE.match(lines[0]) if lines else None
    if match is None:
        return lines
    try:
        parse_stage(match["options"].strip())
    except UsageError as error:
        from IPython.core.error import UsageError as IPythonUsageError

        raise IPythonUsageError(str(error)) from None
    body = lines[1:]
    first = next((line for line in body if line.strip()), "")
    if first.startswith("%%"):  # a cell magic is one only in the first line
        return body[body.index(first) :]
    return ["\n", *body]


# IPython leaves such transformers out while it only asks whether a cell is complete.
take_off.has_side_effects = True  # type: ignore[attr-defined]


def _is_ours(transformer: object) -> bool:
    module = getattr(transformer, "__module__", None)
    return module == __name__ and getattr(transformer, "__name__", "") == "take_off"
