"""The directive ``zflow-help``: what ``jupyter zflow VERB --help`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from jupyter_zflow.cli.main import zflow

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class HelpText(SphinxDirective):
    """The help of one verb, as a literal block."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Ask the verb for its help."""
        group = click.Context(zflow, info_name="jupyter zflow")
        verb = zflow.get_command(group, self.arguments[0])
        if verb is None:
            raise self.error(f"There is no verb {self.arguments[0]!r}.")
        context = click.Context(verb, info_name=self.arguments[0], parent=group)
        context.terminal_width = 72
        return [nodes.literal_block(text=verb.get_help(context), language="none")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("zflow-help", HelpText)
    return {"parallel_read_safe": True}
