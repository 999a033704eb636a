from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_zflow.errors import ParameterError
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.notebook.parameters import bind, parse_assignment, read_parameters

SOURCE = """\
%matplotlib inline
lr: float = 0.1  # learning rate
n = -3
tag = "#1"
a, b = 1, [2.5, None]
kind: Literal["x", "y"] = "x"
size = (2, 3)
mapping = {"k": 1}
import os
where = os.getcwd()
later: str
big = 2**80
huge = 100000000000000000000000
keys = {1: 2}
"""


def test_reads_literals() -> None:
    parameters, findings = read_parameters(SOURCE, cell=4)

    assert [(p.name, p.default, p.annotation, p.help) for p in parameters] == [
        ("lr", 0.1, "float", "learning rate"),
        ("n", -3, None, ""),
        ("tag", "#1", None, ""),
        ("a", 1, None, ""),
        ("b", [2.5, None], None, ""),
        ("kind", "x", 'Literal["x", "y"]', ""),
        ("size", [2, 3], "tuple", ""),
        ("mapping", {"k": 1}, None, ""),
    ]
    assert [(f.code, f.line, f.cell) for f in findings] == [
        ("ZF114", 10, 4),
        ("ZF114", 11, 4),
        ("ZF114", 12, 4),
        ("ZF114", 13, 4),
        ("ZF114", 14, 4),
    ]


@pytest.mark.parametrize("source", ["x = = 1", "\x00", "(" * 500, ""])
def test_what_cannot_be_parsed_has_no_parameters(source: str) -> None:
    assert read_parameters(source, cell=0) == ((), ())


def parameter(annotation: str | None, default: Any) -> Parameter:
    return Parameter(name="p", default=default, annotation=annotation)


NO = object()


@pytest.mark.parametrize(
    ("annotation", "default", "text", "expected"),
    [
        (None, 1, "2", 2),
        (None, 1, "2.5", 2.5),
        (None, 1, "true", NO),
        (None, 1, "null", None),
        (None, 0.5, "-1", -1.0),
        (None, 0.5, "-0.1", -0.1),
        (None, 0.5, "x", NO),
        (None, 0.5, "NaN", NO),
        (None, "a", "5", "5"),
        (None, "a", "null", None),
        (None, "a", "None", None),
        (None, "a", "it's", "it's"),
        (None, "a", '"quoted"', "quoted"),
        (None, True, "False", False),
        (None, True, "1", NO),
        (None, [1], '["a","b"]', ["a", "b"]),
        (None, [1], "a,b", NO),
        (None, None, "5", 5),
        (None, None, "abc", "abc"),
        (None, {}, '{"a": 1}', {"a": 1}),
        ("str", "a", "null", "null"),
        ("str", "a", "5", "5"),
        ("str | None", None, "null", None),
        ("str | None", None, "5", "5"),
        ("Optional[int]", 3, "None", None),
        ("Optional[int]", 3, "x", NO),
        ("typing.Optional[int]", 3, "4", 4),
        ("int", 1, "2.5", NO),
        ("int", 1, "true", NO),
        ("int", 1, "null", NO),
        ("float", 1.0, "2", 2.0),
        ("int | float", 1, "2", 2),
        ("float | None", 1.0, "2", 2.0),
        ('Literal["a", "b"]', "a", "b", "b"),
        ('Literal["a", "b"]', "a", "c", NO),
        ("Literal[1, 2]", 1, "2", 2),
        ("Literal[1, 2]", 1, "true", NO),
        ('Literal["1", "2"]', "1", "2", "2"),
        ("list[str]", [], '["a"]', ["a"]),
        ("list[str]", [], "[1]", NO),
        ("List", [], "[1]", [1]),
        ("dict[str, int]", {}, '{"a": 1}', {"a": 1}),
        ("dict[str, int]", {}, '{"a": "b"}', NO),
        ("tuple", [1], "[1, 2]", [1, 2]),
        ("tuple[int, ...]", [1], "[1, 2, 3]", [1, 2, 3]),
        ("tuple[int, str]", [1, "a"], "[1]", NO),
        ("Union[int, list[int]]", 1, "[1]", [1]),
        ("'int'", 1, "x", NO),
        ("Any", 1, "x", "x"),
        ("Annotated[int, 'help']", 1, "x", NO),
        ("Path", "a", "b", "b"),
        ("Path", "a", "[1]", "[1]"),
        ("Color", 3, "x", NO),
    ],
)
def test_assignments(annotation: str | None, default: Any, text: str, expected: Any) -> None:
    known = [parameter(annotation, default)]

    if expected is NO:
        with pytest.raises(ParameterError, match="'p'"):
            parse_assignment(f"p={text}", known)
    else:
        name, value = parse_assignment(f"p={text}", known)
        assert (name, value, type(value)) == ("p", expected, type(expected))
        assert bind(known, {"p": value}) == {"p": expected}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rat=1", "there is no parameter 'rat'. Did you mean 'rate'? Parameters: rate, n."),
        ("rate", "NAME=VALUE"),
        ("=1", "there is no parameter ''"),
    ],
)
def test_wrong_assignments(text: str, said: str) -> None:
    known = [Parameter(name="rate", default=1), Parameter(name="n", default=1)]

    with pytest.raises(ParameterError) as caught:
        parse_assignment(text, known)

    assert said in str(caught.value)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ParameterError, match="this pipeline has none"):
        bind([], {"x": 1})


@given(st.text(alphabet="int|str[],. 'LiteralUnion(0)", max_size=20), st.text(max_size=6))
def test_whatever_the_annotation_it_is_bound_or_refused(annotation: str, text: str) -> None:
    with contextlib.suppress(ParameterError):
        assert parse_assignment(f"p={text}", [parameter(annotation, 1)])[0] == "p"
