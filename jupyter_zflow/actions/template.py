"""Read the state machines out of a CloudFormation template: what is deployed is what runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.changes.cloudformation import STATE_MACHINE, definition_of, parse_template
from jupyter_zflow.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine of a template."""

    name: str
    """Its logical id."""
    definition: str
    """The text as the template carries it, before any placeholder is filled."""

    @property
    def sha256(self) -> str:
        """The digest by which two definitions are told to be the same."""
        return hashlib.sha256(self.definition.encode()).hexdigest()

    @property
    def pipeline(self) -> str:
        """The pipeline's name, as its first stages are told; else the logical id."""
        try:
            states = json.loads(self.definition)["States"].values()
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.name
        bodies = [state.get("Arguments", {}).get("Body") for state in states]
        found = [body.get("pipeline") for body in bodies if isinstance(body, dict)]
        return next((name for name in found if isinstance(name, str)), self.name)


def read_machines(template: Path) -> tuple[Machine, ...]:
    """Return a template's state machines.

    Raises
    ------
    DefinitionError
        When the file is no template, or a definition cannot be read.
    """
    return tuple(
        Machine(str(name), _definition(resource, f"{template}: {name}"))
        for name, resource in read_template(template)["Resources"].items()
        if isinstance(resource, dict) and resource.get("Type") == STATE_MACHINE
    )


def read_template(template: Path) -> dict[str, Any]:
    """Return a template's content.

    Raises
    ------
    DefinitionError
        When the file is no template.
    """
    try:
        text = template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise DefinitionError(f"{template} cannot be read: {reason}.") from None
    return parse_template(text, str(template))


def the_machine(template: Path) -> Machine:
    """Return a template's only state machine."""
    machines = read_machines(template)
    if len(machines) != 1:
        found = ", ".join(machine.name for machine in machines) or "none"
        raise UsageError(f"{template} should have one state machine; it has {found}.")
    return machines[0]


def _definition(resource: dict[str, Any], label: str) -> str:
    text = definition_of(resource)
    if isinstance(text, dict):
        text = json.dumps(text, indent=2, ensure_ascii=False)
    if not isinstance(text, str):
        raise DefinitionError(f"{label} has no definition that can be read here.")
    return text
