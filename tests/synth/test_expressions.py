from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_zflow.synth.expressions import literal, quoted


def arrives(value: object) -> object:
    """Return what Step Functions would see of a field, after CloudFormation has filled it."""
    from jsonata import Jsonata

    if isinstance(value, dict):
        return {key: arrives(item) for key, item in value.items()}
    if isinstance(value, list):
        return [arrives(item) for item in value]
    if not isinstance(value, str):
        return value
    text = value.replace("${!", "${")
    if text.startswith("{%") and text.endswith("%}"):
        return Jsonata(text[2:-2].strip()).evaluate(None)
    return text


# The first use raises the recursion limit, which Hypothesis would take for our doing.
arrives("{% 1 %}")

TRICKY = st.text(st.sampled_from("{}%$!'\"\\ ab\n\t/é€"), max_size=12)


@given(TRICKY | st.text())
def test_any_text_arrives_as_written(text: str) -> None:
    assert arrives(json.loads(json.dumps(literal(text)))) == text


@pytest.mark.parametrize(
    "text", ["{% $states.input %}", " {% 'it''s' %}", '{% "a" & \\n %}', "${Bucket}", "{%%}"]
)
def test_nothing_of_the_authors_is_computed(text: str) -> None:
    assert arrives(literal({"key": [text]})) == {"key": [text]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", "'plain'"), ("it's", '"it\'s"'), ("a\\b", '"a\\\\b"'), ("é", "'é'")],
)
def test_quoted(text: str, expected: str) -> None:
    assert quoted(text) == expected
