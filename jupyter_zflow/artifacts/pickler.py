"""The pickler: cloudpickle, made exact where a notebook would notice.

What differs from cloudpickle:

- functions and classes of the user's namespace (see `namespace`);
- arrays that share memory keep sharing it (see `arrays`);
- things that belong to the process itself (``sys.stdout``, ``os.environ``, the global random
  generators, the IPython shell) are looked up in the loading process, not copied;
- what would come back as something else (an open file, a memory view) is refused.
"""

from __future__ import annotations

import builtins
import functools
import gc
import io
import os
import random
import sys
import types
import typing
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

import cloudpickle
import cloudpickle.cloudpickle as library

from jupyter_zflow.artifacts import (
    arrays,
    columns,
    elements,
    images,
    instances,
    namespace,
    refusals,
    standard,
    views,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pickle import PickleBuffer
    from typing import BinaryIO

    Reduced = Any

_VIEWS: dict[type, str] = {
    type({}.keys()): "keys",
    type({}.values()): "values",
    type({}.items()): "items",
}


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickle values of the user's namespace, protocol 5 with buffers out of band.

    Parameters
    ----------
    file
        Where the pickle goes.
    buffer_callback
        Called with each buffer; the buffers are stored beside the pickle.
    regions
        Memory that several arrays look at.
    shown
        For the identity of a picture: whose memory it shows.
    """

    def __init__(
        self,
        file: BinaryIO,
        *,
        buffer_callback: Callable[[PickleBuffer], Any],
        regions: arrays.Regions | None = None,
        shown: Mapping[int, Any] | None = None,
    ) -> None:
        super().__init__(file, protocol=5, buffer_callback=buffer_callback)
        self.arrays: list[Any] = []
        """Arrays met on the way whose memory others may look at."""
        self.guarded: list[Any] = []
        """Arrays met on the way that their library guards against writers."""
        self.private: dict[int, Any] = {}
        """Objects that pandas protects by copy-on-write; sharing them is invisible."""
        self.pictures: list[Any] = []
        """Pictures that may show the memory of something else."""
        self.pieces: dict[int, tuple[PickleBuffer, elements.Piece]] = {}
        """For the identity of a buffer: what is written in its place."""
        self._shown = shown or {}
        self._regions = regions or arrays.Regions()
        self._residents = _residents()

    def reducer_override(self, obj: Any) -> Reduced:
        """Reduce what the standard library and cloudpickle would not keep exact."""
        resident = self._residents.get(id(obj))
        if resident is not None:
            return (find_resident, resident)
        kind = type(obj)
        reducer = _REDUCERS.get(kind)
        if reducer is not None:
            return reducer(self, obj)
        reason = refusals.why(kind)
        if reason is not None:
            raise PicklingError(reason)
        reduced = self._reduce_memory(obj, kind)
        if reduced is NotImplemented:
            reduced = self._reduce_own(obj, kind)
        return super().reducer_override(obj) if reduced is NotImplemented else reduced

    def _reduce_memory(self, obj: Any, kind: type) -> Reduced:
        """Reduce what looks at memory that others may look at, too."""
        module = kind.__module__
        if hasattr(kind, "__array_finalize__"):
            return self._reduce_array(obj, kind)
        if module.startswith("numpy") and kind.__name__ in {"void", "record"}:
            return self._reduce_void(obj)
        if module in columns.MODULES:
            return columns.reduce(obj, self.look)
        if views.is_ctypes(kind):
            return views.reduce_ctypes(obj)
        if images.looks_elsewhere(obj, kind):
            self.pictures.append(obj)
            if id(obj) in self._shown:
                return images.reduce_picture(obj, self._shown[id(obj)])
        if module.startswith("pandas"):
            self._protect(obj, kind)
            if "_pa_array" in getattr(obj, "__dict__", ()) and hasattr(kind, "__setstate__"):
                return columns.reduce_extension(obj)
            if kind.__name__.endswith("Block") and _copies_on_write():
                return self._reduce_block(obj)
            if kind.__name__ == "SingleBlockManager" and _copies_on_write():
                return self._reduce_series(obj)
        return NotImplemented

    def _reduce_own(self, obj: Any, kind: type) -> Reduced:
        """Reduce classes of the notebook and their instances."""
        if kind.__module__.startswith("pandas"):
            return NotImplemented
        if issubclass(kind, type) and not namespace.by_reference(obj):
            reduced = views.reduce_array_type(obj) if views.is_ctypes(obj) else NotImplemented
            return namespace.reduce_class(obj) if reduced is NotImplemented else reduced
        if instances.takes(kind) or (
            isinstance(obj, BaseException) and instances.was_raised_from(obj)
        ):
            return instances.reduce_instance(obj)
        if kind.__name__ == "ZMQInteractiveShell":
            return (find_shell, ())
        return NotImplemented

    def _announce(self, buffer: PickleBuffer, piece: elements.Piece) -> None:
        self.pieces[id(buffer)] = (buffer, piece)

    def look(self, array: Any, *, guarded: bool) -> tuple[arrays.Region, Any] | None:
        """Note an array; return the region that it shares with others, and its bytes."""
        (self.guarded if guarded else self.arrays).append(array)
        return self._regions.at(array)

    def _reduce_array(self, obj: Any, kind: type) -> Reduced:
        if kind.__name__ == "memmap" and obj.mode not in {"r", "c", None}:
            raise PicklingError("it writes to a file through memory (numpy.memmap)")
        if kind.__name__ == "MaskedConstant":
            return NotImplemented
        if kind.__module__ != "numpy" or kind.__name__ != "ndarray":
            return arrays.reduce_subclass(obj)
        found = self.look(obj, guarded=id(obj) in self.private)
        if not arrays.is_plain(obj):
            window = arrays.reduce_objects_window(obj) if found else None
            if window is None and obj.dtype.char == "O" and not found:
                window = elements.reduce(obj, self._announce)
            return window or NotImplemented
        over = arrays.reduce_over_buffer(obj)
        if over is not None:
            return over
        if found is not None and found[1] is not obj:
            return arrays.reduce_window(obj, found[0].start, found[1])
        return arrays.reduce_plain(obj)

    @staticmethod
    def _reduce_void(obj: Any) -> Reduced:
        if obj.dtype.hasobject or not obj.dtype.itemsize:
            return NotImplemented
        return arrays.reduce_void(obj)

    def _protect(self, obj: Any, kind: type) -> None:
        """Note the memory of a frame, which pandas itself guards against writers."""
        names = getattr(kind, "_metadata", None)
        if isinstance(names, list):  # one list for all instances of the class
            self.private[id(names)] = names
        if kind.__name__ in {"BlockManager", "SingleBlockManager"}:
            if _copies_on_write():
                for block in obj.blocks:
                    self._protect_memory(block.values)
        elif "_data" in getattr(obj, "__dict__", {}) and hasattr(obj, "get_indexer"):
            self._protect_memory(obj._data)  # noqa: SLF001

    def _reduce_block(self, block: Any) -> Reduced:
        """Reduce a part of a frame without the memory that it shares with other frames.

        ``astype`` to the type that a frame has gives another frame over the very same array, and
        pandas parts the two before either is changed. It would not know of an array that two
        frames get when they are loaded.
        """
        maker, (values, *rest) = block.__reduce__()
        if block.refs.has_reference():
            values = values.view() if type(values).__module__ == "numpy" else values.copy()
            self._protect_memory(values)
        return maker, (values, *rest)

    def _reduce_series(self, manager: Any) -> Reduced:
        if not manager.blocks[0].refs.has_reference():
            return NotImplemented
        plain = type(manager.blocks[0].values).__module__ == "numpy"
        own = manager.copy(deep=not plain)
        self._protect_memory(own.blocks[0].values)
        return own.__reduce_ex__(5)

    def _protect_memory(self, values: Any) -> None:
        self.private[id(values)] = values
        for name in ("_ndarray", "_data", "_mask", "_codes"):
            part = getattr(values, name, None)
            if part is not None:
                self.private[id(part)] = part


def find_resident(module: str, name: str) -> Any:
    """Return a thing that every process has one of."""
    __import__(module)
    return getattr(sys.modules[module], name)


def find_shell() -> Any:
    """Return the IPython shell of this kernel."""
    from IPython.core.getipython import get_ipython

    return get_ipython()


def make_cached(function: Any, parameters: dict[str, Any], attributes: dict[str, Any]) -> Any:
    """Wrap a function in an empty cache."""
    cached = functools.lru_cache(**parameters)(function)
    cached.__dict__.update(attributes)
    return cached


def make_cached_property(function: Any, name: str | None) -> Any:
    """Make a cached property; its lock belongs to the process."""
    made = functools.cached_property(function)
    made.attrname = name
    return made


def make_view(mapping: dict[Any, Any], kind: str) -> Any:
    """Return the live view of a dict."""
    return getattr(mapping, kind)()


def make_proxy(mapping: dict[Any, Any]) -> types.MappingProxyType[Any, Any]:
    """Return a read-only view of a dict."""
    return types.MappingProxyType(mapping)


def make_dispatcher(
    functions: dict[Any, Any], attributes: dict[str, Any], slots: dict[str, Any]
) -> Any:
    """Make the function that `functools.singledispatch` makes, with an empty cache."""
    dispatcher = functools.singledispatch(functions[object])
    for kind, function in functions.items():
        dispatcher.register(kind, function)
    dispatcher.__dict__.update(attributes)
    for name, value in slots.items():
        setattr(dispatcher, name, value)
    return dispatcher


def make_new_type(name: str, base: Any, module: str) -> Any:
    """Make a `typing.NewType`."""
    made = typing.NewType(name, base)  # type: ignore[misc]
    made.__module__ = module
    return made


def _residents() -> dict[int, tuple[str, str]]:
    """Return, by identity, the things that belong to the process and not to the notebook."""
    found: dict[int, tuple[str, str]] = {
        id(os.environ): ("os", "environ"),
        id(builtins.__dict__): ("builtins", "__dict__"),
        id(builtins.__build_class__): ("builtins", "__build_class__"),
        id(sys.displayhook): ("sys", "displayhook"),
        id(random._inst): ("random", "_inst"),  # noqa: SLF001
    }
    for name, thing in vars(builtins).items():
        # What the kernel put there: input, display, get_ipython...
        if str(getattr(thing, "__module__", "")).startswith(("IPython", "ipykernel")):
            found[id(thing)] = ("builtins", name)
    for name in ("stdin", "stdout", "stderr"):
        found[id(getattr(sys, name))] = ("sys", name)
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is not None:
        found[id(mtrand._rand)] = ("numpy.random.mtrand", "_rand")  # noqa: SLF001
    return found


def _copies_on_write() -> bool:
    pandas = sys.modules["pandas"]
    if int(pandas.__version__.split(".")[0]) >= 3:  # noqa: PLR2004
        return True
    return bool(pandas.get_option("mode.copy_on_write"))


def _reduce_function(pickler: Pickler, function: types.FunctionType) -> Reduced:
    if namespace.by_reference(function):
        return NotImplemented
    if function.__code__ is _DISPATCHER:
        own = {"register", "dispatch", "registry", "_clear_cache", "__wrapped__"}
        attributes = {name: value for name, value in vars(function).items() if name not in own}
        slots = {name: getattr(function, name) for name in functools.WRAPPER_ASSIGNMENTS}
        return (make_dispatcher, (dict(function.registry), attributes, slots))  # type: ignore[attr-defined]
    module = namespace.home(function)
    if module is None:
        return cloudpickle.Pickler.reducer_override(pickler, function)
    return namespace.reduce_function(function, module=module)


def _reduce_type(_: Pickler, cls: type) -> Reduced:
    if namespace.by_reference(cls):
        return NotImplemented
    if cls.__module__ == "builtins":  # such as the type of None, which has no name to import
        return library._class_reduce(cls)  # noqa: SLF001
    return namespace.reduce_class(cls)


def _reduce_cached(_: Pickler, cached: Any) -> Reduced:
    module = sys.modules.get(cached.__module__)
    if cached.__module__ != namespace.MAIN and getattr(module, cached.__name__, None) is cached:
        return NotImplemented
    attributes = {name: value for name, value in vars(cached).items() if name not in _WRAPPED}
    return (make_cached, (cached.__wrapped__, cached.cache_parameters(), attributes))


def _reduce_new_type(_: Pickler, new: Any) -> Reduced:
    if new.__module__ != namespace.MAIN:
        return NotImplemented
    return (make_new_type, (new.__name__, new.__supertype__, new.__module__))


def _reduce_cached_property(_: Pickler, thing: Any) -> Reduced:
    return (make_cached_property, (thing.func, thing.attrname))


_DISPATCHER = functools.singledispatch(len).__code__  # type: ignore[attr-defined]
_WRAPPED = {*functools.WRAPPER_ASSIGNMENTS, "__wrapped__", "cache_parameters"}


def find_builtin(module: str, name: str) -> Any:
    """Return a built-in function, unless this process has put something else in its place."""
    __import__(module)
    found = getattr(sys.modules[module], name, None)
    if not isinstance(found, types.BuiltinFunctionType) or found.__name__ != name:
        message = f"{module}.{name} is something else in this process"
        raise PicklingError(message)
    return found


def _reduce_builtin(_: Pickler, function: types.BuiltinFunctionType) -> Reduced:
    """Reduce a built-in function that the notebook keeps after patching its module."""
    module = function.__module__
    if not module or module == namespace.MAIN or "." in function.__qualname__:
        return NotImplemented
    if getattr(sys.modules.get(module), function.__name__, None) is function:
        return NotImplemented
    return (find_builtin, (module, function.__name__))


def _reduce_view(_: Pickler, view: Any) -> Reduced:
    (mapping,) = gc.get_referents(view)
    return (make_view, (mapping, _VIEWS[type(view)]))


def _reduce_proxy(_: Pickler, proxy: Any) -> Reduced:
    (mapping,) = gc.get_referents(proxy)
    return (make_proxy, (mapping,))


def _refuse(reason: str) -> Callable[[Pickler, Any], Reduced]:
    def refuse(_: Pickler, thing: Any) -> Reduced:
        raise PicklingError(reason.format(thing=thing))

    return refuse


def _reduce_standard(reduce: Callable[[Any], Reduced], _: Pickler, thing: Any) -> Reduced:
    return reduce(thing)


_OPEN_FILE = _refuse("an open file belongs to its process")
_ITERATES = _refuse("a running generator cannot be stored; make a list of it")

_REDUCERS: dict[type, Callable[[Pickler, Any], Reduced]] = {
    types.FunctionType: _reduce_function,
    types.BuiltinFunctionType: _reduce_builtin,
    types.CellType: lambda _, cell: namespace.reduce_cell(cell),
    type: _reduce_type,
    type(functools.lru_cache(len)): _reduce_cached,
    types.MappingProxyType: _reduce_proxy,
    typing.NewType: _reduce_new_type,
    functools.cached_property: _reduce_cached_property,
    **dict.fromkeys(_VIEWS, _reduce_view),
    **dict.fromkeys(
        (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO),
        _OPEN_FILE,
    ),
    types.GeneratorType: _ITERATES,
    types.CoroutineType: _refuse("a coroutine cannot be stored; await it first"),
    types.AsyncGeneratorType: _ITERATES,
    memoryview: lambda _, view: views.reduce_view(view),
    **{
        kind: functools.partial(_reduce_standard, reduce)
        for kind, reduce in standard.REDUCERS.items()
    },
}
