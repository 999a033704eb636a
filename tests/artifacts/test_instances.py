"""Instances of the notebook's own classes cross without their classes' methods having a say."""

from __future__ import annotations

import io
import pickle
import sys
import types
from typing import Any

import pytest

from jupyter_zflow.artifacts.pickler import Pickler

CASES: dict[str, tuple[str, str, object]] = {
    "a field that __getstate__ drops": (
        (
            "class A:\n"
            "    def __init__(self): self.x, self.y = 1, 2\n"
            "    def __getstate__(self): return {'x': self.x}\n"
            "    def __setstate__(self, s): self.__dict__.update(s, z=9)\n"
            "v = A()"
        ),
        "sorted(vars(v).items())",
        [("x", 1), ("y", 2)],
    ),
    "a __reduce__ that makes a new one": (
        (
            "class A:\n"
            "    made = 0\n"
            "    def __init__(self): A.made += 1; self.x = A.made\n"
            "    def __reduce__(self): return (A, ())\n"
            "v = A()"
        ),
        "(v.x, A.made)",
        (1, 1),
    ),
    "a list whose append does more": (
        (
            "class L(list):\n    def append(self, x): super().append(x * 10)\nv = L([1]); v.append(2)\n"
            "v.note = 'n'"
        ),
        "(list(v), v.note, type(v).__name__)",
        ([1, 20], "n", "L"),
    ),
    "a dict whose __setitem__ does more": (
        (
            "class D(dict):\n    def __setitem__(self, k, x): super().__setitem__(k, [x])\n"
            "v = D(); v['a'] = 1"
        ),
        "dict(v)",
        {"a": [1]},
    ),
    "a str with an argument of its own": (
        (
            "class S(str):\n"
            "    def __new__(cls, text, tag): self = super().__new__(cls, text); self.tag = tag; "
            "return self\n"
            "v = S('t', 3)"
        ),
        "(str(v), v.tag)",
        ("t", 3),
    ),
    "a frozen dataclass with slots": (
        (
            "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass P:\n"
            "    x: int\nv = P(4)"
        ),
        "v.x",
        4,
    ),
    "an exception with arguments of its own": (
        (
            "class E(Exception):\n    def __init__(self, code, *, detail):\n"
            "        super().__init__(f'{code}'); self.detail = detail\n"
            "try:\n    try: 1 / 0\n    except ZeroDivisionError as e: raise E(5, detail='d') from e\n"
            "except E as e: v = e"
        ),
        "(v.args, v.detail, type(v.__cause__).__name__)",
        (("5",), "d", "ZeroDivisionError"),
    ),
    "an object that holds itself": (
        "class L(list): pass\nv = L(); v.append(v); v.me = v",
        "v[0] is v and v.me is v",
        True,
    ),
}


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the namespace of a kernel."""
    module = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    return vars(module)


@pytest.mark.parametrize("name", CASES)
def test_crosses_as_it_is(name: str, main: dict[str, Any]) -> None:
    source, question, answer = CASES[name]
    exec(source, main)
    buffers: list[pickle.PickleBuffer] = []
    file = io.BytesIO()
    Pickler(file, buffer_callback=buffers.append).dump(main["v"])

    main["v"] = pickle.loads(file.getvalue(), buffers=buffers)

    assert eval(question, main) == answer
