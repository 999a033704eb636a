"""A stack's ways: what stops a deployment before it begins, and how a failure is told."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_zflow.deploy import stack
from jupyter_zflow.errors import ServiceError

from .fake import FakeAccount


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            "ROLLBACK_COMPLETE",
            "can only be deleted. aws cloudformation delete-stack --stack-name s",
        ),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name s, then deploy again"),
        ("UPDATE_IN_PROGRESS", "is being changed: UPDATE_IN_PROGRESS. Wait"),
    ],
)
def test_what_cannot_be_changed_now(status: str, said: str) -> None:
    with pytest.raises(ServiceError) as error:
        stack.check_ready(stack.Stack("s", status))

    assert said in str(error.value)


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
)
def test_what_can_be_changed(status: str) -> None:
    stack.check_ready(stack.Stack("s", status))
    stack.check_ready(None)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Stack with id s does not exist", False),
        ({"Stacks": [{"StackName": "s", "StackStatus": "REVIEW_IN_PROGRESS"}]}, False),
        ({"Stacks": [{"StackName": "s", "StackStatus": "CREATE_COMPLETE"}]}, True),
    ],
)
def test_an_empty_stack_is_none(answer: Any, found: bool) -> None:
    account: Any = FakeAccount(describe_stacks=answer)

    assert (stack.find_stack(account, "s") is not None) == found


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("The submitted information didn't contain changes.", None),
        ("No updates are to be performed.", None),
        ("Requires capabilities : [CAPABILITY_IAM]", "refused the changes: Requires capabilities"),
    ],
)
def test_a_change_set_that_fails_is_deleted(reason: str, error: str | None) -> None:
    account: Any = FakeAccount(
        create_change_set={"Id": "c"},
        describe_change_set=[
            {"Status": "CREATE_PENDING"},
            {"Status": "FAILED", "StatusReason": reason},
        ],
    )
    wanted = stack.Wanted("text", {})

    if error is None:
        made = stack.make_change_set(account, "s", wanted, creates=False, pause=lambda _s: None)
        assert made is None
    else:
        with pytest.raises(ServiceError, match=error):
            stack.make_change_set(account, "s", wanted, creates=False, pause=lambda _s: None)
    assert account.calls[-1] == "delete_change_set"


def event(number: int, resource: str, status: str, reason: str = "") -> dict[str, Any]:
    return {
        "EventId": str(number),
        "LogicalResourceId": resource,
        "ResourceType": "AWS::IAM::Role",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_the_first_failure_is_the_reason() -> None:
    old = [event(1, "s", "CREATE_COMPLETE")]
    events = [
        event(5, "Other", "CREATE_FAILED", "Resource creation cancelled"),
        event(4, "Fit", "CREATE_FAILED", "no permission"),
        event(3, "Fit", "CREATE_IN_PROGRESS"),
        *old,
    ]
    account: Any = FakeAccount(
        describe_stack_events=[{"StackEvents": old}, {"StackEvents": old}, {"StackEvents": events}],
        describe_stacks=[
            {"Stacks": [{"StackName": "s", "StackStatus": "UPDATE_IN_PROGRESS"}]},
            {"Stacks": [{"StackName": "s", "StackStatus": "UPDATE_ROLLBACK_COMPLETE"}]},
        ],
    )
    told: list[dict[str, Any]] = []

    with pytest.raises(ServiceError) as error:
        stack.execute(
            account,
            stack.ChangeSet("s", "c", creates=False, resources=()),
            on_event=told.append,
            pause=lambda _s: None,
        )

    assert str(error.value) == (
        "The stack 's' ended in UPDATE_ROLLBACK_COMPLETE: Fit (AWS::IAM::Role): no permission"
    )
    assert [(e["resource"], e["status"]) for e in told] == [
        ("Fit", "CREATE_IN_PROGRESS"),
        ("Fit", "CREATE_FAILED"),
        ("Other", "CREATE_FAILED"),
    ]
