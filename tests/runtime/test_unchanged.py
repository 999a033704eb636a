"""Values compared around a cell: what counts as a change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.runtime import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Execute = Callable[[str], None]

START = """
import random, threading
import numpy as np
random.seed(1)
xs = [3, 1]
ys = xs
a, b = [[1]], [[1]]
array = np.zeros(4)
view, copied = array[:2], np.zeros(2)
settings = {"x": 1, "y": 2}
lock = threading.Lock()
class Box:
    limit = 1
    def __init__(self): self.kept = []
box = Box()
def count(store=[]):
    store.append(1)
"""


@pytest.fixture
def execute() -> Iterator[Execute]:
    """Return a function that runs cells in a namespace as a kernel has it."""
    main: dict[str, Any] = sys.modules["__main__"].__dict__
    before = dict(main)
    exec(START, main)
    yield lambda source: exec(source, main)
    main.clear()
    main.update(before)


@pytest.mark.parametrize(
    ("cell", "names", "changed"),
    [
        pytest.param("len(xs)", ["xs", "ys"], "", id="only_read"),
        pytest.param("xs.append(1); xs.pop()", ["xs"], "", id="there_and_back"),
        pytest.param("zs = list(xs)", ["xs"], "", id="something_else_bound"),
        pytest.param("pass", ["nowhere"], "", id="never_bound"),
        pytest.param("xs.append(1)", ["xs", "a"], "'xs'", id="list"),
        pytest.param("ys.append(1)", ["xs"], "'xs'", id="through_another_name"),
        pytest.param("xs = [3, 1, 2]", ["xs"], "'xs'", id="bound_again"),
        pytest.param("del xs", ["xs"], "'xs'", id="deleted"),
        pytest.param("nowhere = 1", ["nowhere"], "'nowhere'", id="bound_here"),
        pytest.param("b[0] = a[0]", ["a", "b"], "'a', 'b'", id="equal_but_shared"),
        pytest.param("b = a", ["a", "b"], "'a', 'b'", id="equal_but_one"),
        pytest.param("view[0] = 5", ["array"], "'array'", id="through_a_view"),
        pytest.param("view = copied", ["array", "view"], "'array', 'view'", id="view_cut_off"),
        pytest.param("array.flags.writeable = False", ["array"], "'array'", id="read_only"),
        pytest.param("settings['x'] = settings.pop('x')", ["settings"], "'settings'", id="order"),
        pytest.param("box.kept.append(1)", ["box"], "'box'", id="attribute"),
        pytest.param("count()", ["count"], "'count'", id="default_of_a_function"),
        pytest.param("pass", ["lock"], "'lock'", id="cannot_be_compared"),
    ],
)
def test_variables(execute: Execute, cell: str, names: list[str], changed: str) -> None:
    asked = {"variables": names}
    execute(guard.before(asked))
    execute(cell)

    if not changed:
        execute(guard.after(asked))
        return
    with pytest.raises(ArtifactError) as caught:
        execute(guard.after(asked))

    assert f"this cell changed {changed}, and" in caught.value.message
    assert "observe the notebook again" in caught.value.remedy


@pytest.mark.parametrize(
    ("cell", "moved"),
    [
        pytest.param("random.Random(1).random()", False, id="own_generator"),
        pytest.param("random.random()", True, id="draw"),
        pytest.param("random.seed(1)", False, id="seeded_the_same"),
        pytest.param("random.seed(2)", True, id="seeded"),
    ],
)
def test_states(execute: Execute, cell: str, moved: bool) -> None:
    asked = {"states": ["random"]}
    execute(guard.before(asked))
    execute(cell)

    if not moved:
        execute(guard.after(asked))
        return
    with pytest.raises(ArtifactError, match="the state random"):
        execute(guard.after(asked))


def test_what_lasts_is_compared_at_the_end(execute: Execute) -> None:
    asked = {"variables": ["xs", "a"], "lasting": ["xs"]}
    execute(guard.before(asked))
    execute(guard.after(asked))
    execute("a.append(1)")
    execute(guard.last(["xs"]))
    execute("ys.append(1)")

    with pytest.raises(ArtifactError, match="this stage changed 'xs'"):
        execute(guard.last(["xs"]))
