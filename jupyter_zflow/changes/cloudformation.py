"""Read a CloudFormation template, short forms included."""

from __future__ import annotations

from typing import Any

import yaml

from jupyter_zflow.errors import DefinitionError

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


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


def parse_template(text: str, label: str) -> dict[str, Any]:
    """Return a template.

    Parameters
    ----------
    label
        What an error calls it.

    Raises
    ------
    DefinitionError
        When the text is no template.
    """
    try:
        content = yaml.load(text, _Loader)  # noqa: S506  (is safe)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise DefinitionError(f"{label} cannot be read: {reason}.") from None
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        raise DefinitionError(f"{label} is no CloudFormation template: it has no Resources.")
    return content


def definition_of(resource: dict[str, Any]) -> Any:
    """Return the text of a state machine's definition; something else when it has none."""
    properties = resource.get("Properties")
    properties = properties if isinstance(properties, dict) else {}
    text = properties.get("DefinitionString", properties.get("Definition"))
    if isinstance(text, dict) and text.keys() == {"Fn::Sub"}:
        text = text["Fn::Sub"]
        text = text[0] if isinstance(text, list) and text else text
    return text
