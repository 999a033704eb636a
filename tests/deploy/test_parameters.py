from __future__ import annotations

import pytest

from jupyter_zflow.deploy.parameters import parse_settings, stack_parameters
from jupyter_zflow.errors import ParameterError

DECLARED = {
    "Bucket": {"Type": "String", "Description": "where", "AllowedPattern": "[a-z-]+"},
    "BundleVersion": {"Type": "String", "Default": "new"},
    "State": {"Type": "String", "Default": "ON", "AllowedValues": ["ON", "OFF"]},
}


@pytest.mark.parametrize(
    ("given", "before", "values"),
    [
        pytest.param({"Bucket": "a"}, {}, "a new ON", id="defaults"),
        pytest.param({}, {"Bucket": "b", "State": "OFF"}, "b new OFF", id="earlier values hold"),
        pytest.param({"State": "ON"}, {"Bucket": "b", "State": "OFF"}, "b new ON", id="given wins"),
        pytest.param({}, {"Bucket": "b", "BundleVersion": "old"}, "b new ON", id="code is new"),
        pytest.param({"BundleVersion": "old"}, {"Bucket": "b"}, "b old ON", id="code on demand"),
    ],
)
def test_values(given: dict[str, str], before: dict[str, str], values: str) -> None:
    found = stack_parameters(DECLARED, given, before=before)

    assert " ".join(found.values()) == values


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs a value for Bucket (where)"),
        ({"Buckt": "a"}, "no parameter 'Buckt'. Did you mean 'Bucket'?"),
        ({"Bucket": "A B"}, "Bucket is 'A B', which does not look like it should: [a-z-]+"),
        ({"Bucket": "a", "State": "AUS"}, "State is 'AUS'; allowed are ON, OFF."),
    ],
)
def test_refusals(given: dict[str, str], said: str) -> None:
    with pytest.raises(ParameterError) as error:
        stack_parameters(DECLARED, given, before={})

    assert said in str(error.value)


def test_words() -> None:
    assert parse_settings(["A=1", "B=x=y", "C="]) == {"A": "1", "B": "x=y", "C": ""}
    with pytest.raises(ParameterError, match="'A' is no NAME=VALUE"):
        parse_settings(["A"])
