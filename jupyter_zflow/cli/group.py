"""A click group whose verbs are imported when they are called."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


class VerbGroup(click.Group):
    """Verbs by name, as ``module:attribute``."""

    def __init__(self, *args: Any, verbs: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._verbs = dict(verbs)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the verbs in the order of the table, which is the order of use."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the verb."""
        place = self._verbs.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or say which ones exist."""
        if args and args[0] not in self._verbs and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], self._verbs, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            verbs = ", ".join(self._verbs)
            raise click.UsageError(f"There is no verb {args[0]!r}.{hint} Verbs: {verbs}.", ctx)
        return super().resolve_command(ctx, args)
