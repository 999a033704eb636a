from __future__ import annotations

from typing import Any

import pytest

from jupyter_zflow.runtime.injection import injected, translate_exactly


@pytest.mark.parametrize(
    ("default", "kind", "given", "expected"),
    [
        (1.0, "float", 1, {}),
        (1.0, "float", 2, {"p": 2.0}),
        (1, None, 1, {}),
        (1, None, True, {"p": True}),
        (True, None, 1, {"p": 1}),
        ([1, 2.0], "tuple", [1.0, 2], {}),
        ([1], "tuple", [1, 2], {"p": (1, 2)}),
        ([1], None, [1, 2], {"p": [1, 2]}),
        ({"a": [1]}, None, {"a": [1.0]}, {}),
        ({"a": [1]}, None, {"b": [1]}, {"p": {"b": [1]}}),
        (None, None, None, {}),
        ("a", None, None, {"p": None}),
    ],
)
def test_what_is_injected(default: Any, kind: str | None, given: Any, expected: Any) -> None:
    settings = {
        "parameters": ["p"],
        "defaults": {"p": default},
        "types": {"p": kind} if kind else {},
    }

    made = injected(settings, {"p": given, "foreign": 1})

    assert made == expected
    assert [type(value) for value in made.values()] == [type(v) for v in expected.values()]


def test_without_defaults_everything_given_is_injected() -> None:
    assert injected({"parameters": ["p", "q"]}, {"p": 1}) == {"p": 1}


@pytest.mark.parametrize(
    "value",
    [(1, "a"), (1,), (), 'it\'s "x"\n\\', -0.1, None, {"a": [True, (2,)]}, "日本 {%x%}", 1e300],
)
def test_papermill_writes_it_exactly(value: Any) -> None:
    from papermill.translators import papermill_translators

    before = papermill_translators.find_translator("python3", "python")
    translate_exactly()
    try:
        source = papermill_translators.find_translator("python3", "python").codify({"p": value})
    finally:
        papermill_translators.register("python", before)
    namespace: dict[str, Any] = {}
    exec(source, namespace)

    assert namespace["p"] == value
