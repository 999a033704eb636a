from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jupyter_zflow.synth.yaml_text import render

LETTERS = st.characters(exclude_categories=["Cs"])
"""Half of a surrogate pair is no text in any encoding."""

SCALARS = (
    st.text(st.sampled_from("ab:{}[],&*#?|-<>=!%@\\'\"\n \t019.é€${}"), max_size=12)
    | st.text(LETTERS, max_size=12)
    | st.integers(-10, 10**12)
    | st.booleans()
    | st.sampled_from(
        ["yes", "No", "on", "~", "null", "1e3", "0x1F", "1_0", "12:30:00", "2012-10-17"]
    )
)
KEYS = st.text(LETTERS, max_size=8) | st.sampled_from(
    ["Ref", "Fn::GetAtt", "a: b", "#", "yes", "1"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3))
def test_what_is_written_can_be_read(value: dict[str, Any]) -> None:
    assert yaml.safe_load(render(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": {"b": ["x", 1, True]}}, "a:\n  b:\n    - x\n    - 1\n    - true\n"),
        ({"a": [{"b": 1, "c": 2}]}, "a:\n  - b: 1\n    c: 2\n"),
        ({"a": "one\n  two\n\nthree"}, "a: |-\n  one\n    two\n\n  three\n"),
        ({"a": {"Ref": "Bucket"}}, "a: {Ref: Bucket}\n"),
        ({"a": {"Fn::GetAtt": ["Role", "Arn"]}}, "a: {Fn::GetAtt: [Role, Arn]}\n"),
        ({"a": "010972774902", "b": "yes", "c": ""}, "a: '010972774902'\nb: 'yes'\nc: \"\"\n"),
        ({"a": {}, "b": []}, "a: {}\nb: []\n"),
    ],
)
def test_how_it_looks(value: dict[str, Any], expected: str) -> None:
    assert render(value) == expected
