"""Python's built-in functions and types."""

from __future__ import annotations

from jupyter_zflow.analysis.knowledge.table import (
    CHANGES_SELF,
    FRESH,
    LIGHT,
    PURE,
    SCALAR,
    Effect,
    Library,
    TypeTable,
    each,
    returning,
)

_PICKS = Effect(picks=True)
_GROWS = CHANGES_SELF
_POPS = Effect(changes=("self",))
_CLEARS = Effect("scalar", changes=("self",))
_TEXT = Effect(result="str", shares=False)

_SEQUENCE = each("count index __len__", SCALAR)

_DICT = {
    **each("get", _PICKS),
    **each("items", Effect("iterator", pairs=True)),
    **each("keys values", returning(PURE, "iterator")),
    **each("copy", returning(PURE, "dict")),
    **each("update __setitem__ subtract", _GROWS),
    **each("setdefault", Effect(changes=("self",), keeps=True, picks=True)),
    **each("pop", Effect(changes=("self",), picks=True)),
    **each("popitem", _POPS),
    **each("clear move_to_end", _CLEARS),
    **each("most_common", returning(PURE, "list")),
    **each("total", SCALAR),
}

LIBRARY = Library(
    "builtins",
    functions={
        **each(
            "all any ascii bin bool callable chr complex float format hash hex id int isinstance "
            "issubclass len oct ord repr str bytes hasattr",
            SCALAR,
        ),
        **each("abs divmod pow round sum", Effect(number=True)),
        "memoryview": Effect("memoryview"),
        **each("print", SCALAR),
        **each("range slice", returning(LIGHT, "range")),
        **each("type object super property staticmethod classmethod", PURE),
        **each("list sorted", returning(PURE, "list")),
        **each("dict", returning(PURE, "dict")),
        **each("set", returning(PURE, "set")),
        **each("tuple", returning(PURE, "tuple")),
        **each("frozenset", returning(PURE, "frozenset")),
        **each("bytearray", FRESH),
        **each("min max", _PICKS),
        **each("getattr", PURE),
        **each("zip enumerate", Effect("iterator", pairs=True)),
        **each("reversed filter map iter", returning(PURE, "iterator")),
        **each("next anext aiter", Effect(changes=(0,), picks=True)),
        "open": Effect(result="file", shares=False, reads=(0, "file")),
        "display": SCALAR,
        "help": SCALAR,
    },
    types={
        "str": TypeTable(
            default=SCALAR,
            methods={
                **each("split rsplit splitlines", returning(FRESH, "list")),
                **each("partition rpartition", returning(FRESH, "tuple")),
            },
            item="str",
            element="str",
        ),
        **{
            name: TypeTable(default=SCALAR, item="scalar", element="scalar")
            for name in "int float complex bool bytes None scalar range slice type".split()
        },
        "list": TypeTable(
            methods={
                **_SEQUENCE,
                **each("append extend insert", _GROWS),
                **each("pop", Effect(changes=("self",), picks=True)),
                **each("remove clear reverse sort", _CLEARS),
                **each("copy", returning(PURE, "list")),
            },
        ),
        "deque": TypeTable(
            methods={
                **_SEQUENCE,
                **each("append appendleft extend extendleft insert", _GROWS),
                **each("pop popleft", Effect(changes=("self",), picks=True)),
                **each("remove clear reverse rotate", _CLEARS),
                **each("copy", returning(PURE, "deque")),
            },
        ),
        "tuple": TypeTable(default=PURE, methods=_SEQUENCE),
        "dict": TypeTable(methods=_DICT),
        "defaultdict": TypeTable(methods=_DICT),
        "set": TypeTable(
            methods={
                **each("add update", _GROWS),
                **each(
                    "discard remove pop clear difference_update intersection_update "
                    "symmetric_difference_update",
                    _POPS,
                ),
                **each("isdisjoint issubset issuperset", SCALAR),
                **each(
                    "copy union intersection difference symmetric_difference",
                    returning(PURE, "set"),
                ),
            },
        ),
        "frozenset": TypeTable(default=PURE),
        "memoryview": TypeTable(
            methods={
                **each("tolist tobytes hex", SCALAR),
                **each("cast toreadonly", Effect("memoryview")),
            },
        ),
        "memory file": TypeTable(default=_POPS, element="str", consumed=True),
        "generator": TypeTable(default=_POPS, consumed=True),
        "iterator": TypeTable(default=_POPS, consumed=True),
        "file": TypeTable(
            methods={
                **each("read readline getvalue", Effect("str", shares=False, changes=("self",))),
                **each("readlines", Effect("list", shares=False, changes=("self",))),
                **each(
                    "write writelines close seek flush truncate",
                    Effect("scalar", shares=False, changes=("self",)),
                ),
                **each("tell fileno isatty readable writable", SCALAR),
            },
            attributes={"name": "str", "closed": "bool", "mode": "str"},
            element="str",
            consumed=True,
        ),
    },
)
