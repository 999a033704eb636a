"""The directive ``zflow-findings``: a table of all finding codes, read off the code itself."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import jupyter_zflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx


def rules() -> Iterator[tuple[str, Any]]:
    """Yield code and rule of every ``RULES`` table below ``jupyter_zflow``."""
    for package in pkgutil.iter_modules(jupyter_zflow.__path__, "jupyter_zflow."):
        try:
            module = importlib.import_module(f"{package.name}.rules")
        except ModuleNotFoundError:
            continue
        yield from module.RULES.items()


class FindingsTable(SphinxDirective):
    """Code, severity and meaning, in the order of the codes."""

    def run(self) -> list[nodes.Node]:
        """Write the table as Markdown and let it be parsed."""
        lines = ["| code | severity | says that |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {rule.severity} | {rule.title} |" for code, rule in sorted(rules())
        ]
        container = nodes.container()
        self.state.nested_parse(StringList(lines, source="rules"), self.content_offset, container)
        return container.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("zflow-findings", FindingsTable)
    return {"parallel_read_safe": True}
