"""CloudFormation's functions and ARNs, as the plain values that a template holds."""

from __future__ import annotations

from typing import Any

from jupyter_zflow.synth.images import ACCOUNT, MAPPING

_ACCOUNT = {"Fn::FindInMap": [MAPPING, {"Ref": "AWS::Region"}, "Account"]}


def sub(text: str) -> Any:
    """Return the text with its ``${...}`` filled at deployment; plain text stays plain."""
    if "${" not in text:
        return text
    if f"${{{ACCOUNT}}}" in text:
        return {"Fn::Sub": [text, {ACCOUNT: _ACCOUNT}]}
    return {"Fn::Sub": text}


def ref(logical: str) -> Any:
    """Return a reference to a parameter or a resource."""
    return {"Ref": logical}


def attribute(logical: str, name: str) -> Any:
    """Return a reference to an attribute of a resource."""
    return {"Fn::GetAtt": [logical, name]}


def arn(service: str, resource: str, *, account: str = "${AWS::AccountId}") -> Any:
    """Return the ARN of a resource in the stack's region."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:{account}:{_ascii(resource)}")


def s3_arn(path: str) -> Any:
    """Return the ARN of a bucket or of objects; S3 has neither regions nor accounts there."""
    return sub(f"arn:${{AWS::Partition}}:s3:::{_ascii(path)}")


def _ascii(text: str) -> str:
    """Replace what IAM does not accept in a policy by its wildcard for one character."""
    return "".join(character if " " <= character <= "~" else "?" for character in text)
