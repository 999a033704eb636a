"""Which validator finds which fault: ours, and those that are public.

``python benchmarks/faults.py`` puts each fault of the tests into a good template, asks everybody,
and prints a table. A public validator finds a fault when it says something that it does not say
about the good template.
"""

from __future__ import annotations

import contextlib
import copy
import json
import logging
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from jupyter_zflow.synth import render  # noqa: E402
from jupyter_zflow.synth.checks import check_definition, check_template  # noqa: E402
from jupyter_zflow.synth.template import build_template, render_template  # noqa: E402
from tests.synth.checks.test_checks import FAULTS, GOOD, TEMPLATE_FAULTS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Template = dict[str, Any]
MACHINE = "GoodStateMachine"
_ASL = (
    "const validate = require('asl-validator'), fs = require('fs');"
    "const read = text => { try { const found = validate(JSON.parse(text));"
    " return found.isValid ? [] : found.errors.map(e => JSON.stringify(e)); }"
    " catch (error) { return ['' + error]; } };"
    "console.log(JSON.stringify(JSON.parse(fs.readFileSync(0)).map(read)));"
)


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    good = build_template([GOOD])
    faulty = dict(_faulty(good))
    texts = {name: _definition(template) for name, template in faulty.items()}
    judged = {
        "ours": {name: _ours(template) for name, template in faulty.items()},
        "cfn-lint": _beyond(_cfn_lint, good, faulty),
        "cloudformation-validate": _beyond(_cloudformation_validate, good, faulty),
        "asl-validator": _asl_validator(texts),
        "parliament": _beyond(_parliament, good, faulty),
    }
    print(f"| fault | {' | '.join(judged)} |")
    print(f"|---|{'---|' * len(judged)}")
    for name in faulty:
        cells = ["yes" if found[name] else "" for found in judged.values()]
        print(f"| {name} | {' | '.join(cells)} |")
    totals = [f"{sum(map(bool, found.values()))} of {len(faulty)}" for found in judged.values()]
    print(f"| **all** | {' | '.join(totals)} |")


def _faulty(good: Template) -> Any:
    for name, (fault, _, _) in FAULTS.items():
        template = copy.deepcopy(good)
        properties = template["Resources"][MACHINE]["Properties"]
        machine = json.loads(_definition(good))
        fault(machine)
        _write(properties, render(machine))
        yield name, template
    for name, (fault, _, _) in TEMPLATE_FAULTS.items():
        template = copy.deepcopy(good)
        fault(template)
        yield name, template


def _definition(template: Template) -> str:
    text = template["Resources"][MACHINE]["Properties"]["DefinitionString"]["Fn::Sub"]
    return str(text[0] if isinstance(text, list) else text)


def _write(properties: dict[str, Any], text: str) -> None:
    before = properties["DefinitionString"]["Fn::Sub"]
    properties["DefinitionString"] = {
        "Fn::Sub": [text, *before[1:]] if isinstance(before, list) else text
    }


def _ours(template: Template) -> set[str]:
    found = {*check_template(template)}
    with contextlib.suppress(ValueError):
        found |= {*check_definition(json.loads(_definition(template)))}
    return {str(finding) for finding in found if finding.severity == "error"}


def _beyond(
    judge: Callable[[Template], set[str]], good: Template, faulty: Mapping[str, Template]
) -> dict[str, set[str]]:
    usual = judge(good)
    return {name: judge(template) - usual for name, template in faulty.items()}


def _cfn_lint(template: Template) -> set[str]:
    from cfnlint.api import lint_all

    return {f"{m.rule.id} {m.message}" for m in lint_all(render_template(template))}


def _cloudformation_validate(template: Template) -> set[str]:
    import cloudformation_validate as validate

    report = validate.CompositeEngine().validate_template(render_template(template).encode())
    return {f"{found.rule_id} {found.message}" for found in report.diagnostics}


def _asl_validator(texts: Mapping[str, str]) -> dict[str, list[str]]:
    node = shutil.which("node")
    if node is None:
        raise SystemExit("asl-validator needs Node on the PATH.")
    done = subprocess.run(
        [node, "-e", _ASL],
        input=json.dumps(list(texts.values())),
        cwd=ROOT / "tests" / "tools",
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(texts, json.loads(done.stdout), strict=True))


def _parliament(template: Template) -> set[str]:
    from parliament import analyze_policy_string

    from tests.synth.test_validators import _filled, _policies

    found: set[str] = set()
    for logical, document in _policies(template["Resources"]):
        policy = analyze_policy_string(json.dumps(_filled(document)))
        found |= {f"{logical} {finding.issue} {finding.detail}" for finding in policy.findings}
    return found


if __name__ == "__main__":
    main()
