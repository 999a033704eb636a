"""The templates on an emulator of AWS: everything comes to life under its own name."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.synth.template import build_template, render_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_zflow.model.pipeline import Pipeline

pytestmark = [
    pytest.mark.aws,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PARAMETERS = {
    "Bucket": "some-bucket",
    "DatabricksHost": "https://some.cloud.databricks.com",
    "DatabricksConnection": "arn:aws:events:eu-central-1:000000000000:connection/some/1",
    "DatabricksInstanceProfile": "arn:aws:iam::000000000000:instance-profile/some",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    import boto3

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("ministack") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [Path(sys.executable).parent / "ministack"],
            env={**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(lambda: socket.create_connection(("127.0.0.1", port), 0.2).close() or True)
        yield lambda service: boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="eu-central-1",
            aws_access_key_id="some",
            aws_secret_access_key="some",
        )
    finally:
        server.terminate()
        server.wait()


def _await(answer: Callable[[], Any]) -> Any:
    for _ in range(200):
        try:
            if result := answer():
                return result
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail("the emulator did not answer in time")


def test_deployment(client: Callable[[str], Any], example: Pipeline) -> None:
    template = build_template([example])
    open_ = [key for key, field in template["Parameters"].items() if "Default" not in field]
    given = {
        **dict.fromkeys(open_, "arn:aws:kms:eu-central-1:123456789012:key/some"),
        **PARAMETERS,
        **_activities(template, client("stepfunctions")),
    }
    name = f"stack-{example.name.split()[0].lower()}"
    stacks = client("cloudformation")
    stacks.create_stack(
        StackName=name,
        TemplateBody=render_template(template),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in given.items()
            if key in template["Parameters"]
        ],
        Capabilities=["CAPABILITY_IAM"],
    )

    def settled() -> Any:
        stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    stack = _await(settled)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    (machine,) = (value for key, value in outputs.items() if key.endswith("StateMachineArn"))
    deployed = client("stepfunctions").describe_state_machine(stateMachineArn=machine)["definition"]
    assert "${" not in deployed.replace("${5}", "").replace("${fast}", "")
    assert json.loads(deployed)["QueryLanguage"] == "JSONata"
    wanted = [r for r in template["Resources"].values() if r["Type"] == "AWS::IAM::Role"]
    roles = [role["RoleName"] for role in client("iam").list_roles()["Roles"]]
    assert len([role for role in roles if role.startswith(name)]) == len(wanted)
    schedules = client("scheduler").list_schedules()["Schedules"]
    assert len([s for s in schedules if s["Target"]["Arn"] == machine]) == bool(example.schedule)
    stacks.delete_stack(StackName=name)


def _activities(template: dict[str, Any], machines: Any) -> dict[str, str]:
    """Create activities by hand and hand them in: the emulator's CloudFormation knows none."""
    found = [k for k, r in template["Resources"].items() if r["Type"].endswith("::Activity")]
    for logical in found:
        del template["Resources"][logical]
        template["Parameters"][logical] = {"Type": "String"}
    return {name: machines.create_activity(name=name)["activityArn"] for name in found}
