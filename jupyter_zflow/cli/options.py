"""Options that several verbs share, and how a result leaves the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTEBOOK = click.argument("notebook", type=click.Path(path_type=Path))
FOLDER = click.argument("folder", type=click.Path(path_type=Path))
JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output."
)


def print_json(content: Mapping[str, Any]) -> None:
    """Print the one document; everything else is on standard error."""
    click.echo(json.dumps(content, ensure_ascii=False, default=str))
