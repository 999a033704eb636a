"""A look at what a stage handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd  # noqa: TID253  values of people's notebooks
import pytest

from jupyter_zflow.actions.preview import artifacts, preview
from jupyter_zflow.artifacts.exchange import save_variables
from jupyter_zflow.artifacts.manifest import Manifest
from jupyter_zflow.artifacts.store import FolderStore
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Rude:
    def __repr__(self) -> str:
        raise OSError("I would rather not")


FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["r", "s"])


def saved(place: Path, **variables: Any) -> Path:
    store = FolderStore(place)
    found, groups, refused = save_variables(variables, store, "made")
    manifest = Manifest("made", variables=found, groups=groups, absent=("gone",), refused=refused)
    store.write("made/manifest.json", manifest.to_json().encode())
    return place


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(3, {"kind": "scalar", "text": "3"}, id="number"),
        pytest.param("a\ud800b", {"kind": "scalar", "text": "a?b"}, id="half_a_character"),
        pytest.param([1, 2], {"kind": "text", "shape": [2], "text": "[1, 2]"}, id="list"),
        pytest.param(FRAME, {"kind": "table", "shape": [2, 2], "columns": ["'a'", "'b'"]}, id="frame"),
        pytest.param(FRAME["a"].to_numpy(), {"kind": "array", "shape": [2], "types": ["int64"]}, id="array"),
        pytest.param(Rude(), {"kind": "none", "text": "OSError: I would rather not"}, id="rude"),
        pytest.param("x" * 9_000, {"kind": "scalar"}, id="long"),
    ],
)  # fmt: skip
def test_a_value_is_looked_at(tmp_path: Path, value: Any, expected: dict[str, Any]) -> None:
    found = preview(saved(tmp_path, value=value), "made", "value")

    expected = {**expected, **({"columns": ["a", "b"]} if "columns" in expected else {})}
    assert expected.items() <= found.items()
    assert len(found.get("text", "")) <= 2_000


def test_all_that_a_stage_handed_on_is_listed(tmp_path: Path) -> None:
    shared = [1]
    run = saved(tmp_path, a=shared, b=[shared], frame=FRAME, generator=(i for i in ()))

    found = {one["name"]: one for one in artifacts(run, "made", "Made")}

    assert (found["a"]["with"], found["b"]["with"]) == (["b"], ["a"])
    assert (found["frame"]["type"], found["frame"]["stage"]) == ("pandas.DataFrame", "Made")
    assert {name: one["state"] for name, one in found.items() if one["state"] != "saved"} == {
        "gone": "absent",
        "generator": "refused",
    }
    assert artifacts(run, "later", "later") == []


def test_what_was_not_saved_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no variable 'other'"):
        preview(saved(tmp_path, value=1), "made", "other")
