"""What stands around a state machine, and the settings that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Pause, Stage
from jupyter_zflow.model.surroundings import Trigger
from jupyter_zflow.synth.template import build_template


def _template(**settings: Any) -> dict[str, Any]:
    fields = {"stages": (Stage(name="fit"),), **settings}
    return build_template([Pipeline(name="p", parameters=(Parameter(name="n"),), **fields)])


def test_names_that_are_left_open_become_parameters() -> None:
    template = _template(kms_key="${KmsKey}", on_failure="${Topic}", alarm_topic="${Topic}")

    assert {"KmsKey", "Topic"} <= template["Parameters"].keys()
    assert template["Resources"]["PLogs"]["Properties"]["KmsKeyId"] == {"Fn::Sub": "${KmsKey}"}


def test_every_role_is_limited() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    template = _template(
        permissions_boundary=boundary,
        role_path="/team/",
        triggers=(Trigger(bucket="b"),),
        schedule=Schedule(expression="rate(1 day)"),
    )

    roles = [
        r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::IAM::Role"
    ]
    assert len(roles) == 4
    assert {(role["PermissionsBoundary"], role["Path"]) for role in roles} == {(boundary, "/team/")}


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"triggers": (Trigger(bucket="b", parameters={"m": "$.detail.x"}),)}, "'m', which is no"),
        (
            {"triggers": (Trigger(bucket="b", parameters={"n": "detail.x"}),)},
            "no place in an event",
        ),
        ({"schedule": Schedule(expression="rate(1 day)", parameters={"m": 1})}, "'m', which is no"),
        ({"stages": (Stage(name="w", kind="wait", pause=Pause(until="soon")),)}, "no parameter"),
        ({"stages": (Stage(name="w", kind="wait", pause=Pause(until="2030-12-01")),)}, "no moment"),
        ({"stages": (Stage(name="f", kind="fail", may_fail=True),)}, "have no 'may_fail'"),
        ({"stages": (Stage(name="f", metric_definitions={"a": "b"}),)}, "no metric_definitions"),
        (
            {"stages": (Stage(name="f", kind="training", metric_definitions={"a": "a=.*"}),)},
            "has 0 groups",
        ),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], part: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _template(**settings)

    assert part in str(caught.value)
