"""The text of every example, byte by byte; ``ZFLOW_UPDATE_GOLDEN=1`` writes it anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from jupyter_zflow.model.names import slug
from jupyter_zflow.synth import definition_text
from jupyter_zflow.synth.template import build_template, render_template

if TYPE_CHECKING:
    from jupyter_zflow.model.pipeline import Pipeline

GOLDEN = Path(__file__).parent / "golden"


def _same(path: Path, text: str) -> bool:
    if os.environ.get("ZFLOW_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text


def test_definition(example: Pipeline) -> None:
    assert _same(GOLDEN / f"{slug(example.name)}.json", definition_text(example) + "\n")


def test_template(example: Pipeline) -> None:
    assert _same(GOLDEN / f"{slug(example.name)}.yaml", render_template(build_template([example])))


def test_the_yaml_says_what_was_built(example: Pipeline) -> None:
    template = build_template([example])

    assert yaml.safe_load(render_template(template)) == template


def test_the_template_carries_the_definition_as_readable_text(example: Pipeline) -> None:
    lines = render_template(build_template([example])).splitlines()

    start = next(i for i, line in enumerate(lines) if line.endswith("|-"))
    indent = lines[start + 1].index("{")
    block = [line[indent:] for line in lines[start + 1 :]]
    text = "\n".join(block[: block.index("}") + 1])

    assert text == definition_text(example)


def test_null_survives(examples: dict[str, Pipeline]) -> None:
    assert '"sample": null' in render_template(build_template([examples["processing"]]))
