"""The directive ``zflow-fields``: the fields of a value, with what their docstrings say."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from pydantic import BaseModel
    from sphinx.application import Sphinx


def kind(schema: dict[str, Any]) -> str:
    """Return in a few words what a field takes."""
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            choices = (kind(part) for part in schema[union] if part.get("type") != "null")
            return " or ".join(choices)
    if schema.get("type") == "array":
        return "list"
    return {"object": "mapping", "string": "text"}.get(
        schema.get("type", ""), schema.get("type", "")
    )


def rows(value: type[BaseModel]) -> list[str]:
    """Return one row of the table per field."""
    schema = value.model_json_schema()
    return [
        f"| `{name}` | {kind(field)} | {' '.join(field.get('description', '').split())} |"
        for name, field in schema["properties"].items()
        if "const" not in field
    ]


class FieldsTable(SphinxDirective):
    """Name, what it takes and meaning of every field of the class that is named."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Write the table as Markdown and let it be parsed."""
        module, _, name = self.arguments[0].rpartition(".")
        value = getattr(importlib.import_module(f"jupyter_zflow.model.{module}"), name)
        lines = ["| field | takes | |", "|---|---|---|", *rows(value)]
        container = nodes.container()
        self.state.nested_parse(StringList(lines, source=module), self.content_offset, container)
        return container.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("zflow-fields", FieldsTable)
    return {"parallel_read_safe": True}
