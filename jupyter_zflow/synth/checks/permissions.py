"""Each role has what its state machine needs, and nothing more.

What a state needs is worked out here from the definition alone, not from the code that wrote the
role, so that each can find the other wrong.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_zflow.synth.checks.machine import is_expression, states
from jupyter_zflow.synth.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding


class Need(NamedTuple):
    """An action that a state takes, and on what."""

    state: str
    action: str
    resource: str
    """The last part of its ARN or its logical id, with ``*`` for what is computed later."""


_SYNC = {
    "createProcessingJob": ("ProcessingJob", "processing-job", "Processing"),
    "createTrainingJob": ("TrainingJob", "training-job", "Training"),
    "createTransformJob": ("TransformJob", "transform-job", "Transform"),
    "createHyperParameterTuningJob": (
        "HyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        "Tuning",
    ),
}


POLICY = 10_240
"""Characters that all policies inside one role may have together."""
_ARN = 110


def needs(definition: Mapping[str, Any]) -> list[Need]:
    """Return what the state machine's role must allow."""
    return [
        need
        for name, state in states(definition)
        if state.get("Type") == "Task"
        for need in _needs(name, str(state.get("Resource")), state.get("Arguments", {}))
    ]


def check_permissions(
    definition: Mapping[str, Any], resources: Mapping[str, Any], *, name: str
) -> Iterator[Finding]:
    """Yield what the role lacks, and what it has in vain.

    Parameters
    ----------
    resources
        The template's.
    name
        The role's logical id.
    """
    role = resources[name]["Properties"]
    inside = [
        statement
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    beside = [
        statement
        for policy in role.get("ManagedPolicyArns", [])
        if isinstance(policy, dict) and policy.get("Ref") in resources
        for statement in resources[policy["Ref"]]["Properties"]["PolicyDocument"]["Statement"]
    ]
    statements = [*inside, *beside]
    size = _size(inside)
    if size > POLICY:
        yield finding(
            "ZF342",
            f"Role {name} would have about {size} characters of policy; IAM accepts {POLICY}.",
            remedy="Split the pipeline.",
        )
    needed = needs(definition)
    for need in needed:
        if not any(_allows(statement, need) for statement in statements):
            yield finding(
                "ZF321",
                f"Role {name} lacks {need.action} on {need.resource}, "
                f"which state {need.state!r} needs.",
            )
    for statement in statements:
        for action in _list(statement["Action"]):
            used = any(fnmatchcase(need.action, action) for need in needed)
            if not used and not _free(action):
                yield finding("ZF322", f"Role {name} allows {action}, which no state needs.")
            everywhere = "*" in _list(statement["Resource"]) and "Condition" not in statement
            if "*" in action or (everywhere and not _free(action)):
                yield finding("ZF322", f"Role {name} allows {action} on more than it needs.")
        yield from _passing(statement, name)


def _free(action: str) -> bool:
    """Return whether logging, tracing or encryption needs the action, whatever the states do."""
    return action.startswith(("logs:", "xray:", "kms:"))


def _passing(statement: Mapping[str, Any], name: str) -> Iterator[Finding]:
    condition = str(statement.get("Condition"))
    if "iam:PassRole" in _list(statement["Action"]) and "iam:PassedToService" not in condition:
        yield finding("ZF322", f"Role {name} may pass roles to any service.")


def _size(statements: list[Any]) -> int:
    """Return about how long the policy is when its references are filled."""
    text = json.dumps(statements, separators=(",", ":"))
    return len(re.sub(r'\{"Fn::GetAtt":\[[^]]*\]\}', "x" * _ARN, text))


def _needs(state: str, resource: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    action = resource.rpartition(":")[2].removesuffix(".sync")
    if resource.endswith(".sync") and action in _SYNC:
        job, kind, rule = _SYNC[action]
        jobs = f"{kind}/{_pattern(arguments.get(f'{job}Name'))}"
        for verb in ("Create", "Describe", "Stop"):
            yield Need(state, f"sagemaker:{verb}{job}", jobs)
        for verb in ("AddTags", "ListTags"):
            yield Need(state, f"sagemaker:{verb}", jobs)
        rules = f"rule/StepFunctionsGetEventsForSageMaker{rule}JobsRule"
        for verb in ("DescribeRule", "PutRule", "PutTargets"):
            yield Need(state, f"events:{verb}", rules)
    elif ":sagemaker:createModel" in resource:
        models = f"model/{_pattern(arguments.get('ModelName'))}"
        yield Need(state, "sagemaker:CreateModel", models)
        yield Need(state, "sagemaker:AddTags", models)
    elif resource.endswith((":s3:putObject", ":s3:getObject")):
        verb = "PutObject" if resource.endswith("putObject") else "GetObject"
        yield Need(
            state, f"s3:{verb}", f"{arguments.get('Bucket')}/{_pattern(arguments.get('Key'))}"
        )
    elif resource.endswith(":http:invoke"):
        yield Need(state, "states:InvokeHTTPEndpoint", "*")
        connection = _logical(arguments.get("Authentication", {}).get("ConnectionArn"))
        yield Need(state, "events:RetrieveConnectionCredentials", connection)
        for verb in ("DescribeSecret", "GetSecretValue"):
            kept = "secret:events!connection/${Connection}/*"
            yield Need(state, f"secretsmanager:{verb}", kept)
    for field in ("RoleArn", "ExecutionRoleArn"):
        if field in arguments:
            yield Need(state, "iam:PassRole", _logical(arguments[field]))


def _pattern(text: Any) -> str:
    """Return a text of the definition with ``*`` for what is computed when it runs."""
    if not is_expression(text):
        return str(text)
    words = str(text)[2:-2].strip().split(" & ")
    literal = [word[1:-1] if re.fullmatch("'[^']*'", word) else "*" for word in words]
    return re.sub(r"\*+(?:-\*+)*", "*", "".join(literal))


def _logical(text: Any) -> str:
    """Return the logical id in ``${Role.Arn}`` or ``${Connection}``."""
    found = re.fullmatch(r"\$\{(\w+)(?:\.\w+)?\}", str(text))
    return found[1] if found else str(text)


def _allows(statement: Mapping[str, Any], need: Need) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    if not any(fnmatchcase(need.action, action) for action in _list(statement["Action"])):
        return False
    return any(_covers(resource, need.resource) for resource in _list(statement["Resource"]))


def _covers(allowed: Any, needed: str) -> bool:
    if isinstance(allowed, dict):
        target = allowed.get("Fn::GetAtt", allowed.get("Ref"))
        if target is not None:
            return bool(needed == (target[0] if isinstance(target, list) else target))
        text = allowed.get("Fn::Sub", "")
        allowed = text[0] if isinstance(text, list) else text
    # Placeholders hold colons, which would hide where the ARN's last part begins.
    plain = re.sub(r"\$\{[\w:.]+\}", lambda found: found[0].replace(":", "."), str(allowed))
    # A star in what is needed is a plain character here, so only a star covers it.
    return fnmatchcase(needed, plain.split(":", 5)[-1])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
