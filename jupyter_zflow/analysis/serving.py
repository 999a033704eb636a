"""What a transform stage does after its cells have run: it calls ``predict`` for every request.

No cell shows these calls, so the last cell of the stage is read as if it ended in them. Whatever
``predict`` takes from other stages is then loaded like anything that a cell uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_zflow.notebook.layout import Layout, StageCells

_CALLS = "\nassert predict(object()) or True\n"
"""Certain to run, binds nothing and shows nothing."""


def read_texts(layout: Layout) -> list[tuple[int, str]]:
    """Return the text of each code cell as it is to be read, in notebook order."""
    texts = {index: layout.code[index].text for index in sorted(layout.code)}
    for stage in layout.stages:
        if stage.settings.kind == "transform":
            python = [index for index in stage.cells if not _is_magic(texts.get(index, "%%"))]
            for index in python[-1:]:
                texts[index] += _CALLS
    return list(texts.items())


def waits_for(stage: StageCells, layout: Layout) -> tuple[str, ...]:
    """Return the stages that it waits for as its author says, by ``after`` or by its input."""
    data = stage.settings.transform
    if data is None or data.input is None or data.input.startswith("s3://"):
        return stage.after
    maker = data.input.partition("/")[0]
    known = {other.name for other in layout.stages} - {stage.name}
    return tuple(dict.fromkeys([*stage.after, *([maker] if maker in known else [])]))


def _is_magic(text: str) -> bool:
    return text.lstrip().startswith("%%")
