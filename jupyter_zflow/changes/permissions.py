"""Who may do what, one line for each action on each resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORDS = {"StringEquals": "is", "StringLike": "is like", "ArnLike": "is like", "ArnEquals": "is"}


def read_permissions(resources: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return what each role and policy of a template allows, by what it is described as."""
    found: dict[str, frozenset[str]] = {}
    for logical, resource in resources.items():
        kind = resource.get("Type", "")
        if kind not in {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"}:
            continue
        properties = resource.get("Properties", {})
        whose = properties.get("Description") or logical
        documents = [policy.get("PolicyDocument", {}) for policy in properties.get("Policies", ())]
        documents.append(properties.get("PolicyDocument", {}))
        told = frozenset(line for document in documents for line in _lines(document))
        trusted = frozenset(_trust(properties.get("AssumeRolePolicyDocument", {})))
        managed = frozenset(f"has {_text(arn)}" for arn in properties.get("ManagedPolicyArns", ()))
        found[whose] = found.get(whose, frozenset()) | told | trusted | managed
    return found


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in _several(document.get("Statement", ())):
        effect = "" if statement.get("Effect", "Allow") == "Allow" else "never "
        condition = _condition(statement.get("Condition", {}))
        for action in _several(statement.get("Action", ())):
            for resource in _several(statement.get("Resource", ())):
                yield f"{effect}{action} on {_text(resource)}{condition}"


def _condition(condition: Mapping[str, Any]) -> str:
    """Return a condition as ``if KEY is VALUE and ...``; empty when there is none."""
    parts = [
        f"{key} {_WORDS.get(operator, operator)} {' or '.join(map(_text, _several(values)))}"
        for operator, pairs in condition.items()
        for key, values in pairs.items()
    ]
    return f" if {' and '.join(parts)}" if parts else ""


def _trust(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in _several(document.get("Statement", ())):
        yield f"is assumed by {_text(statement.get('Principal', ''))}"


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    """Return a value of a template in few words."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((key, inner),) = value.items()
        if key == "Fn::Sub":
            text = str(inner[0] if isinstance(inner, list) else inner)
            # What every ARN of the stack begins with says nothing.
            return text.replace("arn:${AWS::Partition}:", "").replace(
                "${AWS::Region}:${AWS::AccountId}:", ""
            )
        if key == "Ref":
            return str(inner)
        if key == "Fn::GetAtt":
            return str(inner[0] if isinstance(inner, list) else inner.partition(".")[0])
        if key in {"Service", "AWS"}:
            return _text(inner)
    return json.dumps(value, sort_keys=True)
