"""The tables agree with themselves, with the interpreter, and with the libraries that are here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.connect import CARRIED_STATES
from jupyter_zflow.analysis.heap import CONTAINERS, SCALARS
from jupyter_zflow.analysis.interpreter.ambient import RANDOM_STATES, STATE_TYPES
from jupyter_zflow.analysis.interpreter.machine import BOUND_TYPES
from jupyter_zflow.analysis.knowledge import LIBRARIES
from jupyter_zflow.runtime.states import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.analysis.knowledge.table import Effect, Library, TypeTable

FUNCTIONS = {
    (library.name, name): effect
    for library in LIBRARIES
    for name, effect in library.functions.items()
}
PREFIXES = {
    (library.name, name): effect
    for library in LIBRARIES
    for name, effect in library.prefixes.items()
}
TYPES = {
    (library.name, name): table for library in LIBRARIES for name, table in library.types.items()
}
KNOWN_TYPES = (
    {name for _, name in TYPES} | SCALARS | CONTAINERS | set(BOUND_TYPES) | set(STATE_TYPES)
)


def effects() -> Iterator[tuple[str, Effect]]:
    """Yield every effect with where it stands."""
    for (library, name), effect in {**FUNCTIONS, **PREFIXES}.items():
        yield f"{library}: {name}", effect
    for (library, name), table in TYPES.items():
        for method, effect in table.methods.items():
            yield f"{library}: method {name}.{method}", effect
        if table.default is not None:
            yield f"{library}: method {name}.*", table.default


def named_types(table: TypeTable) -> set[str]:
    effects = [*table.methods.values(), *([table.default] if table.default else [])]
    return {
        table.item,
        table.element,
        table.arithmetic,
        *table.attributes.values(),
        *(effect.result for effect in effects),
    } - {""}


EFFECTS = dict(effects())


def test_results_are_known_types() -> None:
    unknown = {where: effect.result for where, effect in EFFECTS.items() if effect.result}

    # Values of these are only told apart by how they were made.
    made = {effect.result for effect in EFFECTS.values() if effect.result in _without_table()}
    assert {kind for kind in unknown.values() if kind not in KNOWN_TYPES} == made


def _without_table() -> set[str]:
    return {"iterator", "polars", "sklearn.composite", "sklearn.drawing"} - KNOWN_TYPES


@pytest.mark.parametrize("key", TYPES, ids=": ".join)
def test_types_name_known_types(key: tuple[str, str]) -> None:
    assert named_types(TYPES[key]) <= KNOWN_TYPES | _without_table()


def test_changes_name_what_there_is() -> None:
    for where, effect in EFFECTS.items():
        words = [place for place in effect.changes if isinstance(place, str)]
        assert set(words) <= {"self", "deep"}, where
        assert not words or ": method " in where, where
        assert all(place >= 0 for place in effect.changes if isinstance(place, int)), where


def test_states_can_be_carried_or_are_refused() -> None:
    kinds = {effect.state for effect in EFFECTS.values() if effect.state}
    kinds |= {kind for library in LIBRARIES for kind in library.states.values()}

    assert all(kind == kind.strip() for kind in kinds)
    assert kinds & set(KINDS) == kinds & CARRIED_STATES
    assert set(KINDS) == CARRIED_STATES


def test_draws_are_random_states() -> None:
    assert {effect.draws for effect in EFFECTS.values() if effect.draws} <= set(RANDOM_STATES)


def test_contradictions() -> None:
    for where, effect in EFFECTS.items():
        assert not (effect.unless and not effect.draws), where
        assert not (effect.copies and not effect.shares), where
        assert not (effect.light and (effect.clock or effect.draws)), where
        assert not (effect.light and (effect.reads or effect.writes or effect.anywhere)), where
        assert not (effect.result in SCALARS and effect.copies), where


def test_scalars_hold_nothing() -> None:
    for (_, name), table in TYPES.items():
        if name in SCALARS:
            assert not table.consumed
            assert {table.item, table.element} <= SCALARS | {""}


def test_prefixes_end_in_a_dot_and_nothing_else_does() -> None:
    assert all(name.endswith(".") for _, name in PREFIXES)
    assert not [name for _, name in FUNCTIONS if name.endswith(".")]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_no_name_has_two_entries(library: Library) -> None:
    others = [other for other in LIBRARIES if other is not library]
    for table in ("functions", "prefixes", "types", "states"):
        for other in others:
            twice = getattr(library, table).keys() & getattr(other, table).keys()
            assert not twice, (table, other.name)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("numpy.zeros", True),
        ("numpy.some.new.function", True),
        ("sklearn.svm.SVC", True),
        ("sklearn.new_module.NewModel", True),
        ("scipy.stats.norm.rvs", True),
        ("nowhere_1.f", False),
        ("nowhere_1", False),
    ],
)
def test_lookup(path: str, *, found: bool) -> None:
    assert (knowledge.function(path) is not None) == found


def test_longer_prefixes_decide() -> None:
    random = knowledge.function("numpy.random.beta")
    plain = knowledge.function("numpy.beta")

    assert random is not None
    assert plain is not None
    assert (random.draws, plain.draws) == ("numpy.random", "")


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("os.environ", ("os.environ", "os.environ")),
        ("os.environ.data", ("os.environ", "os.environ")),
        ("sys.path", ("sys.path", "sys.path")),
        ("os.path", None),
        ("", None),
    ],
)
def test_states(path: str, state: tuple[str, str] | None) -> None:
    assert knowledge.state_of(path) == state


def test_unknown_types_have_an_empty_table() -> None:
    table = knowledge.type_table("nowhere_1.Thing")

    assert table.default is None
    assert not table.methods


INSTALLED = {
    name: effect
    for (_, name), effect in FUNCTIONS.items()
    if name.partition(".")[0]
    in {"numpy", "pandas", "os", "random", "shutil", "glob", "pathlib", "json", "csv", "warnings",
        "logging", "locale", "tempfile", "threading", "subprocess", "sqlite3", "gzip", "pickle"}
}  # fmt: skip
GONE = frozenset("numpy.in1d numpy.random_sample".split())
"""Names of older or newer versions, or of other systems."""


def _exists(path: str) -> bool:
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        try:
            for part in parts[length:]:
                thing = getattr(thing, part)
        except AttributeError:
            return False
        return True
    return False


def test_entries_name_things_that_exist() -> None:
    missing = {name for name in INSTALLED if not _exists(name)}

    assert missing - GONE == set()


BUILT_IN = {"list": list, "dict": dict, "set": set, "str": str, "tuple": tuple}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_changing_method_of_a_built_in_type_is_listed(name: str) -> None:
    table = knowledge.type_table(name)
    frozen = {"list": tuple, "dict": None, "set": frozenset, "str": str, "tuple": tuple}[name]
    public = {method for method in dir(BUILT_IN[name]) if not method.startswith("_")}
    harmless = {method for method in dir(frozen) if not method.startswith("_")} if frozen else set()

    for method in sorted(public - harmless - {"fromkeys"}):
        effect = table.methods.get(method, table.default)
        assert effect is not None
        copies = method in {"copy", "get", "items", "keys", "values"}
        assert copies or effect.changes or name == "str", f"{name}.{method}"
