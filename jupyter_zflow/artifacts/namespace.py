"""Functions and classes of the user's namespace: taken apart here, rebuilt there.

A function of a notebook reads its globals when it is called. So a function that is loaded must
look at the namespace of the kernel that loads it, not at a copy of the names that it had. Closures
are stored cell by cell: two functions that share a ``nonlocal`` share it after loading, and a
function that refers to itself still does.

A definition that the loading kernel has made already, by replaying the same cell, is taken instead
of the stored one: ``isinstance`` and ``is`` hold as they did in the notebook. Variables that were
asked for by name are the exception: there, what was stored decides.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import importlib
import linecache
import sys
import types
from typing import TYPE_CHECKING, Any

import cloudpickle.cloudpickle as library

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = "__main__"

_wanted: set[str] = set()
"""Names that the load in progress was asked for."""

_FUNCTION_SLOTS = ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__")


def expect(names: set[str]) -> None:
    """Note the names that the next loads were asked for."""
    _wanted.clear()
    _wanted.update(names)


def home(function: types.FunctionType) -> str | None:
    """Return the module whose namespace the function lives in, if it can be found again."""
    names = function.__globals__
    if names is sys.modules[MAIN].__dict__:
        return MAIN
    name = names.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is None or module.__dict__ is not names or not getattr(module, "__spec__", None):
        return None
    return name


def by_reference(thing: Any) -> bool:
    """Return whether a function or class can be found by its name in a module."""
    if isinstance(thing, (type, types.FunctionType)):
        module = str(thing.__module__)
        if module != MAIN and module not in sys.modules:
            # A library may give a class the name of a module that it only loads on demand.
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        return bool(library._should_pickle_by_reference(thing))  # noqa: SLF001
    name = getattr(thing, "__qualname__", None)
    if not isinstance(name, str):
        return False
    found = library._lookup_module_and_qualname(thing, name=name)  # noqa: SLF001
    return found is not None and found[0].__name__ != MAIN


def reduce_cell(cell: types.CellType) -> tuple[Any, ...]:
    """Reduce a closure's cell; its content comes after it, so it may lead back here."""
    try:
        content = cell.cell_contents
    except ValueError:
        return (make_cell, ())
    return (make_cell, (), (content,), None, None, fill_cell)


def make_cell() -> types.CellType:
    """Make an empty cell."""
    return types.CellType()


def fill_cell(cell: types.CellType, state: tuple[Any]) -> None:
    """Put the content into a cell."""
    (cell.cell_contents,) = state


def reduce_function(function: types.FunctionType, *, module: str) -> tuple[Any, ...]:
    """Reduce a function to its code, its cells and the module whose names it reads."""
    state: dict[str, Any] = {slot: getattr(function, slot) for slot in _FUNCTION_SLOTS}
    state["__kwdefaults__"] = function.__kwdefaults__
    state["__annotations__"] = function.__annotations__
    if getattr(function, "__type_params__", ()):
        state["__type_params__"] = function.__type_params__  # type: ignore[attr-defined]
    code = function.__code__
    lines = linecache.cache.get(code.co_filename)
    source = "".join(lines[2]) if module == MAIN and lines and len(lines) > 2 else None  # noqa: PLR2004
    arguments = (module, code, function.__closure__, function.__qualname__)
    return (
        make_function,
        arguments,
        (state, dict(function.__dict__), source),
        None,
        None,
        fill_function,
    )


def make_function(
    module: str,
    code: types.CodeType,
    closure: tuple[types.CellType, ...] | None,
    qualified_name: str,
) -> types.FunctionType:
    """Make a function that reads the namespace of a module of this process."""
    names = sys.modules[MAIN].__dict__ if module == MAIN else vars(importlib.import_module(module))
    if module == MAIN and closure is None:
        live = _live(qualified_name)
        if (
            type(live) is types.FunctionType
            and live.__closure__ is None
            and live.__globals__ is names
            and live.__code__ == code
        ):
            return live
    return types.FunctionType(code, names, code.co_name, None, closure)


def fill_function(
    function: types.FunctionType,
    state: tuple[dict[str, Any], dict[str, Any], str | None],
) -> None:
    """Give a function its defaults, attributes and annotations."""
    slots, attributes, source = state
    if _is_live(function, slots["__qualname__"]):
        return
    for name, value in slots.items():
        setattr(function, name, value)
    function.__dict__.update(attributes)
    if source is not None:
        # Tracebacks and inspect.getsource in this kernel show the lines of the cell.
        filename = function.__code__.co_filename
        lines = source.splitlines(keepends=True)
        linecache.cache.setdefault(filename, (len(source), None, lines, filename))


def reduce_class(cls: type) -> tuple[Any, ...]:
    """Reduce a class by value, with an identity that all artifacts agree on."""
    _identify(cls)
    make, arguments, state, _, _, fill = library._dynamic_class_reduce(cls)  # noqa: SLF001
    return (
        make_class,
        (cls.__module__, cls.__qualname__, fingerprint(cls), make, arguments),
        (cls.__qualname__, fill, state),
        None,
        None,
        fill_class,
    )


def make_class(
    module: str, qualified_name: str, mark: str, make: Any, arguments: tuple[Any, ...]
) -> type:
    """Find the class that this process knows by that identity, or make an empty one."""
    identity = arguments[-2]
    known = library._DYNAMIC_CLASS_TRACKER_BY_ID.get(identity)  # noqa: SLF001
    live = _live(qualified_name) if module == MAIN else None
    if known is None and isinstance(live, type) and fingerprint(live) == mark:
        library._lookup_class_or_track(identity, live)  # noqa: SLF001
        return live
    with _without_hooks(arguments):
        made: type = _make(make, arguments)
    return made


def _make(make: Any, arguments: tuple[Any, ...]) -> type:
    """Make an empty class without running a metaclass of the notebook: it ran there already."""
    if make is library._make_skeleton_class and arguments[0].__module__ == MAIN:  # noqa: SLF001
        metaclass, name, bases, members, identity, _ = arguments
        builder = next(kind for kind in metaclass.__mro__ if kind.__module__ != MAIN)
        made = builder.__new__(metaclass, name, bases, dict(members))
        return library._lookup_class_or_track(identity, made)  # type: ignore[no-any-return]  # noqa: SLF001
    return make(*arguments)  # type: ignore[no-any-return]


def watch_classes() -> None:
    """Give each class that the notebook defines an identity from its text.

    A kernel that replays the cell gives it the same one; another class of the same name has
    another text and gets another. Only classes of the top level: a function makes a new class
    with each call.
    """
    build = builtins.__build_class__
    if getattr(build, "watches", False):
        return

    def build_and_identify(body: Any, name: str, /, *bases: Any, **keywords: Any) -> Any:
        cls = build(body, name, *bases, **keywords)
        if isinstance(cls, type) and cls.__module__ == MAIN and cls.__qualname__ == name:
            code = body.__code__
            place = (code.co_filename.rpartition("/")[2], code.co_firstlineno)
            identity = hashlib.sha256(repr((name, place, _spelled(code))).encode()).hexdigest()[:32]
            if identity not in library._DYNAMIC_CLASS_TRACKER_BY_ID:  # noqa: SLF001
                library._lookup_class_or_track(identity, cls)  # noqa: SLF001
        return cls

    build_and_identify.watches = True  # type: ignore[attr-defined]
    builtins.__build_class__ = build_and_identify


@contextlib.contextmanager
def _without_hooks(arguments: tuple[Any, ...]) -> Iterator[None]:
    """Take ``__init_subclass__`` off the bases: it ran when the notebook defined the class."""
    bases = [
        base
        for argument in arguments
        if isinstance(argument, tuple)
        for parent in argument
        if isinstance(parent, type)
        for base in parent.__mro__
        if base.__module__ == MAIN and "__init_subclass__" in vars(base)
    ]
    hooks = {base: vars(base)["__init_subclass__"] for base in bases}
    for base in hooks:
        delattr(base, "__init_subclass__")
    try:
        yield
    finally:
        for base, hook in hooks.items():
            base.__init_subclass__ = hook  # type: ignore[method-assign]


def fill_class(cls: type, state: tuple[str, Any, Any]) -> None:
    """Give a class its members, unless this kernel defined the very same class itself."""
    qualified_name, fill, members = state
    if _is_live(cls, qualified_name):
        return
    fill(cls, members)


def fingerprint(cls: type) -> str:
    """Return what the definition of a class says: its bases, the code of its body, its members.

    What later code put into the class is left out, so that the class stays the one that it was.
    """
    body = []
    for name, member in sorted(vars(cls).items()):
        function = getattr(member, "__func__", getattr(member, "fget", member))
        code = getattr(function, "__code__", None)
        own = getattr(function, "__qualname__", "") == f"{cls.__qualname__}.{name}"
        if own and isinstance(code, types.CodeType):
            body.append((name, _spelled(code)))
    names = list(getattr(cls, "_member_names_", ()))
    bases = [f"{base.__module__}.{base.__qualname__}" for base in cls.__bases__]
    return repr((cls.__qualname__, bases, names, body))


def _identify(cls: type) -> None:
    """Give a class of the namespace an identity that other kernels, replaying it, give it too."""
    known = library._DYNAMIC_CLASS_TRACKER_BY_CLASS  # noqa: SLF001
    if cls.__module__ == MAIN and cls not in known and _live(cls.__qualname__) is cls:
        identity = hashlib.sha256(fingerprint(cls).encode()).hexdigest()[:32]
        if identity not in library._DYNAMIC_CLASS_TRACKER_BY_ID:  # noqa: SLF001
            library._lookup_class_or_track(identity, cls)  # noqa: SLF001


def _spelled(code: types.CodeType) -> object:
    constants = [
        _spelled(value) if isinstance(value, types.CodeType) else repr(value)
        for value in code.co_consts
    ]
    return (code.co_code.hex(), code.co_names, constants)


def _live(qualified_name: str) -> Any:
    """Return what this kernel's namespace holds under a name, even a dotted one."""
    found: Any = sys.modules[MAIN]
    for part in qualified_name.split("."):
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
        if found is None:
            return None
    return found


def _is_live(thing: Any, qualified_name: str) -> bool:
    return qualified_name not in _wanted and _live(qualified_name) is thing
