"""Every pair of content type and value."""

from __future__ import annotations

from typing import Any

import numpy as np  # noqa: TID253
import pandas as pd  # noqa: TID253
import pytest

from jupyter_zflow.runtime.bodies import BodyError, decoded, encoded

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "ü,"]})


@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        ("1,x\n2,y\n", "text/csv", pd.DataFrame({0: [1, 2], 1: ["x", "y"]})),
        ('a,b\n1,x\n2,"ü,"\n', "text/csv; charset=utf-8; header=present", FRAME),
        ('{"a":1,"b":"x"}\n\n{"a":2,"b":"ü,"}', "application/jsonlines", FRAME),
        ("[1, 2]\n[3, 4]\n", "application/jsonlines", pd.DataFrame([[1, 2], [3, 4]])),
    ],
)
def test_a_frame_is_read(body: str, kind: str, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(decoded(body.encode(), kind), wanted)


@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        (b'{"a": [1, null]}', "application/json", {"a": [1, None]}),
        (b"\x89PNG", "image/png", b"\x89PNG"),
        (b"1,2", "", b"1,2"),
    ],
)
def test_anything_else_is_read(body: bytes, kind: str, wanted: Any) -> None:
    assert decoded(body, kind) == wanted


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/csv"),
        (b"1,2\n1,2,3,4\n", "text/csv"),
        (b"{", "application/json"),
        (b"\xff", "application/json"),
        (b'{"a":1}\n{', "application/jsonlines"),
    ],
)
def test_what_is_not_of_its_type_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(BodyError, match=f"^the body is no {kind}: [^\n]+[.]$") as caught:
        decoded(body, kind)

    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        (FRAME, "text/csv", '1,x\n2,"ü,"\n'),
        (FRAME, "text/csv; header=present", 'a,b\n1,x\n2,"ü,"\n'),
        (FRAME, "application/json", '[{"a":1,"b":"x"},{"a":2,"b":"ü,"}]'),
        (FRAME, "application/jsonlines", '{"a":1,"b":"x"}\n{"a":2,"b":"ü,"}\n'),
        (FRAME["a"], "text/csv", "1\n2\n"),
        (FRAME["a"], "application/json", "[1,2]"),
        (np.array([[0.1, 2], [3, 4]]), "text/csv", "0.1,2.0\n3.0,4.0\n"),
        (np.array([0.1, 1 / 3]), "application/jsonlines", "0.1\n0.3333333333333333\n"),
        ([1, "a"], "text/csv", "1\na\n"),
        ({"p": np.float64(0.5), "q": (np.int64(1),)}, "application/json", '{"p":0.5,"q":[1]}'),
        ({"p": 1}, "application/jsonlines", '{"p":1}\n'),
        ("as it is", "text/csv", "as it is"),
        (b"as it is", "image/png", "as it is"),
    ],
)
def test_a_value_is_written(value: Any, kind: str, wanted: str) -> None:
    assert encoded(value, kind) == (wanted.encode(), kind)


@pytest.mark.parametrize(
    ("value", "kind", "status", "part"),
    [
        (None, "text/csv", 500, "returned None"),
        ([1.0, float("nan")], "application/json", 500, "list cannot be written"),
        ([object()], "application/jsonlines", 500, "list cannot be written"),
        (7, "text/csv", 500, "int cannot be written"),
        ([1], "image/png", 406, "list cannot be written as 'image/png'"),
    ],
)
def test_what_cannot_be_written_is_refused(value: Any, kind: str, status: int, part: str) -> None:
    with pytest.raises(BodyError, match=part) as caught:
        encoded(value, kind)

    assert caught.value.status == status
    assert "\n" not in str(caught.value)
