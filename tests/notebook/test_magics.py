from __future__ import annotations

from typing import Any

import pytest

from jupyter_zflow.errors import UsageError
from jupyter_zflow.notebook.magics import MagicOptions, parse_pipeline, parse_stage


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("train", MagicOptions("train")),
        ("'a b' --after A,B --after=C", MagicOptions("a b", ("A", "B", "C"))),
        ("t --compute local", MagicOptions("t", (), {"compute": {"backend": "local"}})),
        (
            "t --compute ml.g5.xlarge --spot --retry 3 --when 'auc > 0.8'",
            MagicOptions(
                "t",
                (),
                {
                    "compute": {"instance_type": "ml.g5.xlarge", "spot": True},
                    "retry": {"max_attempts": 3},
                    "when": "auc > 0.8",
                },
            ),
        ),
        (
            't --compute \'{"queue": "gpu"}\' --gpus 2',
            MagicOptions("t", (), {"compute": {"queue": "gpu", "gpus": 2}}),
        ),
        (
            "t --env A=1 --env B=x=y",
            MagicOptions("t", (), {"environment": {"A": "1", "B": "x=y"}}),
        ),
    ],
)
def test_stage(line: str, expected: MagicOptions) -> None:
    assert parse_stage(line) == expected


def test_pipeline() -> None:
    options = parse_pipeline("demo --schedule 'cron(0 6 * * ? *)' --timezone UTC --tag team=x")

    schedule: dict[str, Any] = {"expression": "cron(0 6 * * ? *)", "timezone": "UTC"}
    assert options == MagicOptions("demo", (), {"schedule": schedule, "tags": {"team": "x"}})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "needs the name"),
        ("a b", "unexpected 'b'"),
        ("a --kin x", "Did you mean --kind?"),
        ("a --kind", "needs a value"),
        ("a --kind --spot", "needs a value"),
        ("a --retry often", "whole number, not 'often'"),
        ("a --spot=no", "takes no value"),
        ("a --env x", "NAME=VALUE"),
        ("a --timeout 3 --timeout 4", "given twice"),
        ("a --compute {x", "is not JSON"),
        ("a 'b", "no closing quotation"),
        ("a --when auc > 0.8", "quotes around a value"),
    ],
)
def test_wrong_options(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_stage(line)

    assert said in str(caught.value)
