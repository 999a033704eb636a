"""A CloudFormation stack: how it stands, what a change set would do to it, and how that goes."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.deploy.account import RefusedCallError
from jupyter_zflow.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_zflow.deploy.account import Account

    Pause = Callable[[float], object]
    Observer = Callable[[dict[str, Any]], None]

INLINE_LIMIT = 51_200
"""Bytes of a template that a request may carry (CloudFormation quotas)."""
_NOT_THERE = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
_STUCK = {
    "ROLLBACK_COMPLETE": (
        "its creation failed and was taken back, so it can only be deleted",
        "aws cloudformation delete-stack --stack-name {name}",
    ),
    "ROLLBACK_FAILED": (
        "its creation failed and could not be taken back, so it can only be deleted",
        "aws cloudformation delete-stack --stack-name {name}",
    ),
    "CREATE_FAILED": (
        "its creation failed, so it can only be deleted",
        "aws cloudformation delete-stack --stack-name {name}",
    ),
    "DELETE_FAILED": (
        "its deletion failed",
        "aws cloudformation delete-stack --stack-name {name}",
    ),
    "UPDATE_ROLLBACK_FAILED": (
        "an update failed and could not be taken back",
        "aws cloudformation continue-update-rollback --stack-name {name}",
    ),
}
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as it stands."""

    name: str
    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What a change set does to one resource."""

    action: str
    """``Add``, ``Modify`` or ``Remove``."""
    logical: str
    type: str
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that can be executed."""

    stack: str
    id: str
    creates: bool
    """Whether the stack is new."""
    resources: tuple[ResourceChange, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stack is to become."""

    body: str
    """The template's text, or its address in S3."""
    parameters: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def find_stack(account: Account, name: str) -> Stack | None:
    """Return the stack; ``None`` when there is none that has resources."""
    try:
        answer = account.call("cloudformation", "describe_stacks", StackName=name)
    except RefusedCallError as error:
        if "does not exist" in error.reason:
            return None
        raise
    found = answer["Stacks"][0]
    if found["StackStatus"] in _NOT_THERE:
        return None
    return Stack(
        name=found["StackName"],
        status=found["StackStatus"],
        parameters={
            p["ParameterKey"]: p.get("ParameterValue", "") for p in found.get("Parameters", ())
        },
        outputs={o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", ())},
    )


def check_ready(stack: Stack | None) -> None:
    """Raise when the stack cannot be changed now.

    Raises
    ------
    ServiceError
        When somebody else changes it, or it is stuck.
    """
    if stack is None:
        return
    if stack.status in _STUCK:
        why, remedy = _STUCK[stack.status]
        raise ServiceError(
            f"The stack {stack.name!r} is in {stack.status}: {why}.",
            remedy=f"{remedy.format(name=stack.name)}, then deploy again.",
        )
    if stack.status.endswith("_IN_PROGRESS"):
        raise ServiceError(
            f"The stack {stack.name!r} is being changed: {stack.status}.",
            remedy="Wait until that has ended, then deploy again.",
        )


def deployed_template(account: Account, name: str) -> Any:
    """Return the template as it was deployed: text, or the object that boto3 made of JSON."""
    answer = account.call(
        "cloudformation", "get_template", StackName=name, TemplateStage="Original"
    )
    return answer["TemplateBody"]


def make_change_set(
    account: Account, name: str, wanted: Wanted, *, creates: bool, pause: Pause = time.sleep
) -> ChangeSet | None:
    """Make a change set; return ``None`` when there is nothing to change.

    Raises
    ------
    ServiceError
        When CloudFormation refuses the template or a parameter.
    """
    label = f"zflow-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    source = "TemplateURL" if wanted.body.startswith(("https://", "http://")) else "TemplateBody"
    made = account.call(
        "cloudformation",
        "create_change_set",
        StackName=name,
        ChangeSetName=label,
        ChangeSetType="CREATE" if creates else "UPDATE",
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in wanted.parameters.items()
        ],
        Capabilities=list(wanted.capabilities),
        Tags=[{"Key": key, "Value": value} for key, value in wanted.tags.items()],
        **{source: wanted.body},
    )
    change_set = ChangeSet(name, made["Id"], creates, ())
    told = _settled(account, change_set, pause)
    if told["Status"] == "FAILED":
        discard(account, change_set)
        reason = str(told.get("StatusReason", "")).strip()
        if any(words in reason for words in _UNCHANGED):
            return None
        raise ServiceError(f"cloudformation refused the changes: {reason or 'it gave no reason'}")
    return ChangeSet(name, made["Id"], creates, _resources(account, change_set))


def discard(account: Account, change_set: ChangeSet) -> None:
    """Delete a change set, and the empty stack that it made."""
    if change_set.creates:
        account.call("cloudformation", "delete_stack", StackName=change_set.stack)
        return
    with contextlib.suppress(KeyError):  # an emulator's answer that is emptier than it should be
        account.call(
            "cloudformation",
            "delete_change_set",
            StackName=change_set.stack,
            ChangeSetName=change_set.id,
        )


def execute(
    account: Account,
    change_set: ChangeSet,
    *,
    on_event: Observer = lambda _event: None,
    pause: Pause = time.sleep,
) -> Stack:
    """Execute a change set, tell what happens, and return the stack as it ended.

    Raises
    ------
    ServiceError
        When it failed; the message is the first resource's reason.
    """
    seen = {event["EventId"] for event in _events(account, change_set.stack)}
    account.call(
        "cloudformation",
        "execute_change_set",
        StackName=change_set.stack,
        ChangeSetName=change_set.id,
    )
    failures: list[str] = []
    for wait in _pauses():
        stack = account.call("cloudformation", "describe_stacks", StackName=change_set.stack)
        status = stack["Stacks"][0]["StackStatus"]
        for event in reversed(_events(account, change_set.stack)):
            if event["EventId"] in seen:
                continue
            seen.add(event["EventId"])
            failures += _failure(event)
            on_event(_told(event))
        if not status.endswith("_IN_PROGRESS"):
            break
        pause(wait)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        reason = stack["Stacks"][0].get("StackStatusReason", "")
        raise ServiceError(
            f"The stack {change_set.stack!r} ended in {status}: "
            f"{(failures or [reason or 'it gave no reason'])[0]}"
        )
    found = find_stack(account, change_set.stack)
    assert found is not None
    return found


def _settled(account: Account, change_set: ChangeSet, pause: Pause) -> dict[str, Any]:
    """Return the change set's description as soon as it is worked out."""
    for wait in _pauses():
        told = account.call(
            "cloudformation",
            "describe_change_set",
            StackName=change_set.stack,
            ChangeSetName=change_set.id,
        )
        if told["Status"] not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            break
        pause(wait)
    return told


def _resources(account: Account, change_set: ChangeSet) -> tuple[ResourceChange, ...]:
    pages = account.pages(
        "cloudformation",
        "describe_change_set",
        "Changes",
        StackName=change_set.stack,
        ChangeSetName=change_set.id,
    )
    changes = [page["ResourceChange"] for page in pages if "ResourceChange" in page]
    return tuple(
        ResourceChange(
            action=change["Action"],
            logical=change["LogicalResourceId"],
            type=change["ResourceType"],
            replaced=change.get("Replacement") == "True",
        )
        for change in changes
    )


def _events(account: Account, name: str) -> list[dict[str, Any]]:
    """Return the stack's events, the latest first."""
    return list(
        account.pages("cloudformation", "describe_stack_events", "StackEvents", StackName=name)
    )


def _failure(event: Mapping[str, Any]) -> list[str]:
    reason = event.get("ResourceStatusReason", "")
    # What was cancelled because of another's failure explains nothing.
    if not str(event.get("ResourceStatus", "")).endswith("_FAILED") or "cancelled" in reason:
        return []
    return [f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"]


def _told(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event": "resource",
        "resource": event["LogicalResourceId"],
        "type": event["ResourceType"],
        "status": event["ResourceStatus"],
        "reason": event.get("ResourceStatusReason", ""),
    }


def _pauses() -> Any:
    wait = _FIRST_PAUSE
    while True:
        yield wait
        wait = min(wait * 1.5, _LONGEST_PAUSE)
