"""Read the state machines out of a CloudFormation template: what is deployed is what runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from jupyter_zflow.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_STATE_MACHINE = "AWS::StepFunctions::StateMachine"


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


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_scalar(node)}  # type: ignore[arg-type]


_Loader.add_multi_constructor("!", _short_form)


def read_machines(template: Path) -> tuple[Machine, ...]:
    """Return a template's state machines.

    Raises
    ------
    DefinitionError
        When the file is no template, or a definition cannot be read.
    """
    try:
        content = yaml.load(template.read_text(encoding="utf-8"), _Loader)  # noqa: S506  (is safe)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise DefinitionError(f"{template} cannot be read: {reason}.") from None
    resources = content.get("Resources") if isinstance(content, dict) else None
    if not isinstance(resources, dict):
        raise DefinitionError(f"{template} is no CloudFormation template: it has no Resources.")
    return tuple(
        Machine(str(name), _definition(resource, f"{template}: {name}"))
        for name, resource in resources.items()
        if isinstance(resource, dict) and resource.get("Type") == _STATE_MACHINE
    )


def the_machine(template: Path) -> Machine:
    """Return a template's only state machine."""
    machines = read_machines(template)
    if len(machines) != 1:
        found = ", ".join(machine.name for machine in machines) or "none"
        raise UsageError(f"{template} should have one state machine; it has {found}.")
    return machines[0]


def _definition(resource: dict[str, Any], label: str) -> str:
    properties = resource.get("Properties")
    properties = properties if isinstance(properties, dict) else {}
    text = properties.get("DefinitionString", properties.get("Definition"))
    if isinstance(text, dict) and text.keys() == {"Fn::Sub"}:
        text = text["Fn::Sub"]
        text = text[0] if isinstance(text, list) and text else text
    elif isinstance(text, dict):
        text = json.dumps(text, indent=2, ensure_ascii=False)
    if not isinstance(text, str):
        raise DefinitionError(f"{label} has no definition that can be read here.")
    return text
