"""Other people's validators on every example: what they know of, they must find in order."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.model.compute import SlurmCompute
from jupyter_zflow.synth import definition_text
from jupyter_zflow.synth.checks import check
from jupyter_zflow.synth.template import build_template, render_template

if TYPE_CHECKING:
    from jupyter_zflow.model.pipeline import Pipeline

NEWER = ("Unknown condition states:HTTPMethod", "Unknown condition states:HTTPEndpoint")
"""What IAM has learnt since parliament's list was made."""
TOOLS = Path(__file__).parents[1] / "tools"


def test_our_own_checks_find_nothing(example: Pipeline) -> None:
    assert check(example) == ()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cfn_lint(example: Pipeline) -> None:
    from cfnlint.api import lint_all

    matches = lint_all(render_template(build_template([example])))

    assert [str(match) for match in matches if match.rule.severity != "informational"] == []


def test_cloudformation_validate(example: Pipeline) -> None:
    import cloudformation_validate as validate

    text = render_template(build_template([example]))
    report = validate.CompositeEngine().validate_template(text.encode())

    assert _errors(report) == []


def test_asl_validator(examples: dict[str, Pipeline], tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (TOOLS / "node_modules" / "asl-validator").is_dir():
        pytest.fail("asl-validator is missing: run `npm ci` in tests/tools, with Node on the PATH")
    for name, pipeline in examples.items():
        text = definition_text(pipeline)
        if any(isinstance(stage.compute, SlurmCompute) for stage in pipeline.stages):
            text = text.replace(
                '"Resource": "${',
                '"Resource": "arn:aws:states:eu-central-1:123456789012:activity:${',
            ).replace("Activity}", "Activity")
            text = text.replace("activity:${", "activity:")
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    script = (
        "const validate = require('asl-validator'), fs = require('fs');"
        "const results = process.argv.slice(1).map(path =>"
        " [path, validate(JSON.parse(fs.readFileSync(path)))]);"
        "console.log(JSON.stringify(results));"
    )

    done = subprocess.run(
        [node, "-e", script, *map(str, sorted(tmp_path.iterdir()))],
        cwd=TOOLS,
        capture_output=True,
        text=True,
        check=True,
    )

    results = json.loads(done.stdout)
    assert len(results) == len(examples)
    assert [(path, result["errors"]) for path, result in results if not result["isValid"]] == []


@pytest.mark.filterwarnings("ignore")
def test_parliament(example: Pipeline) -> None:
    from parliament import analyze_policy_string

    findings = []
    for logical, document in _policies(build_template([example])["Resources"]):
        policy = analyze_policy_string(json.dumps(_filled(document)))
        findings += [f"{logical}: {finding}" for finding in policy.findings]

    assert [finding for finding in findings if not any(word in finding for word in NEWER)] == []


def _errors(report: Any) -> list[str]:
    return [
        f"{found.rule_id} {found.message}"
        for found in report.diagnostics
        if str(found.severity).rpartition(".")[2] in {"ERROR", "FATAL"}
    ]


def _policies(resources: dict[str, Any]) -> list[tuple[str, Any]]:
    found = []
    for logical, resource in resources.items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            found.append((logical, properties["PolicyDocument"]))
        found += [(logical, policy["PolicyDocument"]) for policy in properties.get("Policies", [])]
    return found


def _filled(value: Any) -> Any:
    """Fill placeholders and references with something of the right shape."""
    if isinstance(value, list):
        return [_filled(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return "arn:aws:iam::123456789012:role/some"
    if "Ref" in value:
        is_machine = value["Ref"].endswith("StateMachine")
        return f"arn:aws:{'states' if is_machine else 'events'}:eu-central-1:123456789012:" + (
            "stateMachine:some" if is_machine else "connection/some/1"
        )
    if "Fn::Sub" in value:
        text = value["Fn::Sub"][0] if isinstance(value["Fn::Sub"], list) else value["Fn::Sub"]
        filling = {
            "AWS::Partition": "aws",
            "AWS::Region": "eu-central-1",
            "AWS::AccountId": "123456789012",
            "DistributionAccount": "123456789012",
            "Bucket": "bucket",
            "Connection": "name",
            "DatabricksHost": "https://host",
            "KmsKey": "arn:aws:kms:eu-central-1:123456789012:key/some",
        }
        for name, content in filling.items():
            text = text.replace(f"${{{name}}}", content)
        return text
    return {key: _filled(item) for key, item in value.items()}
