"""Modules and files beside the notebook, looked at without running them."""

from __future__ import annotations

import ast
import importlib.util
import sys
from functools import cache
from pathlib import Path

from jupyter_zflow.analysis.transform import parse_fragment


class LocalModules:
    """What lies in the notebook's folder; nothing does when there is no folder.

    Parameters
    ----------
    folder
        The notebook's folder, or None for a notebook that was never saved.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._files: dict[str, tuple[str, ...]] = {}
        self._state: dict[str, bool] = {}
        self._seen: dict[Path, _Stamp] = {}
        self._deep = False
        """Whether an answer depends on folders at any depth."""

    def unchanged(self) -> bool:
        """Return whether everything that was looked at is still as it was."""
        return not self._deep and all(_stamp(path) == seen for path, seen in self._seen.items())

    def _look(self, path: Path) -> Path:
        """Remember that an answer depends on a file, or on there being none."""
        if path not in self._seen:
            self._seen[path] = _stamp(path)
        return path

    def exists(self, path: str) -> bool:
        """Return whether a path, relative to the notebook, is there."""
        if self.folder is None or not path or "\0" in path:
            return False
        try:
            return self._look(self.folder / path).exists()
        except OSError:
            return False

    def neighbours(self) -> tuple[str, ...]:
        """Return the files beside the notebook that are not notebooks, modules or hidden."""
        if self.folder is None:
            return ()
        return tuple(
            sorted(
                path.name
                for path in self._look(self.folder).iterdir()
                if path.is_file()
                and not path.name.startswith(".")
                and path.suffix not in {".ipynb", ".py", ".pyc"}
            )
        )

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the files beside the notebook that match a glob pattern."""
        if self.folder is None:
            return ()
        self._deep = self._deep or "**" in pattern
        try:
            found = sorted(self.folder.glob(pattern))
            for folder in {self.folder, *(path.parent for path in found)}:
                self._look(folder)
        except (OSError, ValueError, NotImplementedError):
            return ()
        return tuple(path.relative_to(self.folder).as_posix() for path in found)

    def source(self, path: str) -> str | None:
        """Return the text of a file beside the notebook."""
        if self.folder is None or not self.exists(path):
            return None
        try:
            return (self.folder / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def is_missing(self, top: str) -> bool:
        """Return whether a top-level module is neither installed nor beside the notebook."""
        return not self.files_of(top) and not _is_installed(top)

    def files_of(self, name: str) -> tuple[str, ...]:
        """Return the local files that importing a module needs; empty for installed modules."""
        if self.folder is None:
            return ()
        top = name.partition(".")[0]
        if top not in self._files:
            self._files[top] = ()
            self._files[top] = tuple(sorted(self._collect(top)))
        return self._files[top]

    def _collect(self, top: str) -> set[str]:
        assert self.folder is not None
        sources = self._sources(top)
        if not sources:
            return set()
        found = {top} if len(sources) > 1 or sources[0].name == "__init__.py" else {f"{top}.py"}
        for source in sources:
            for name in _imported_names(source):
                if name.partition(".")[0] != top:
                    found.update(self.files_of(name))
        return found

    def _sources(self, top: str) -> list[Path]:
        """Return the files of a local package or module; a package comes first, as in Python."""
        assert self.folder is not None
        package = self.folder / top
        if self._look(package / "__init__.py").is_file():
            sources = sorted(package.rglob("*.py"))
            for folder in {package, *(source.parent for source in sources)}:
                self._look(folder)
        elif self._look(self.folder / f"{top}.py").is_file():
            sources = [self.folder / f"{top}.py"]
        else:
            sources = []
        return [self._look(source) for source in sources]

    def keeps_state(self, name: str) -> bool:
        """Return whether functions of a local module change what the module itself holds."""
        top = name.partition(".")[0]
        if self.folder is None or not self.files_of(top):
            return False
        if top not in self._state:
            self._state[top] = any(_changes_itself(source) for source in self._sources(top))
        return self._state[top]

    def public_names(self, module: str) -> tuple[str, ...] | None:
        """Return what ``from module import *`` binds, or None when only running it can tell."""
        if self.folder is not None:
            # The names may come from other files beside the notebook; this looks at them all.
            self.files_of(module)
            path = self.folder / Path(*module.split("."))
            for candidate in (path.with_suffix(".py"), path / "__init__.py"):
                if self._look(candidate).is_file():
                    return _star_names(candidate, frozenset())
        return _installed_names(module)


_Stamp = tuple[int, int, int] | None


def _stamp(path: Path) -> _Stamp:
    """Return what tells one state of a file or folder from another; None if it is not there."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _changes_itself(source: Path) -> bool:
    """Return whether a function of a module changes a variable of the module."""
    tree = _tree(source)
    if tree is None:
        return True
    own = {
        part.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    own |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Global) or _changes_one_of(node, own):
                    return True
    return False


def _changes_one_of(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # A method may change what it is called on; those of classes mostly make something new.
        return _root_name(node.func.value) in names
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return _root_name(node.value) in names
    return False


def _root_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imported_names(source: Path) -> set[str]:
    tree = _tree(source)
    names: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def _tree(source: Path) -> ast.Module | None:
    try:
        return parse_fragment(source.read_text(encoding="utf-8"), line=1)
    except (OSError, UnicodeDecodeError):
        return None


@cache
def _is_installed(top: str) -> bool:
    if top in sys.stdlib_module_names or top in sys.modules:
        return True
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


@cache
def _installed_names(module: str) -> tuple[str, ...] | None:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        # Importing the standard library runs no code of the user's.
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            return None
        listed = getattr(loaded, "__all__", None)
        if listed is None:
            listed = [name for name in vars(loaded) if not name.startswith("_")]
        return tuple(listed)
    try:
        # Finding a top-level package does not import it; a submodule's parents would be.
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    for part in module.split(".")[1:]:
        folder = path.parent / part
        path = folder / "__init__.py" if folder.is_dir() else path.parent / f"{part}.py"
    return _star_names(path, frozenset()) if path.is_file() else None


def _star_names(path: Path, seen: frozenset[Path]) -> tuple[str, ...] | None:
    """Return the public names of a source file, following its own star imports."""
    tree = _tree(path)
    if tree is None or path in seen:
        return None
    names: dict[str, None] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in _stored(node):
            return _literal_names(node.value)
        if isinstance(node, _COMPOUND) and "__all__" in _stored(node):
            return None
        for part in ast.walk(node) if isinstance(node, _COMPOUND) else (node,):
            if not isinstance(part, ast.Import | ast.ImportFrom):
                continue
            for alias in part.names:
                if alias.name != "*":
                    names[alias.asname or alias.name.partition(".")[0]] = None
                    continue
                inner = _relative_star(path, part, seen | {path})
                if inner is None:
                    return None
                names.update(dict.fromkeys(inner))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names[node.name] = None
        else:
            names.update(dict.fromkeys(_stored(node)))
    return tuple(name for name in names if not name.startswith("_"))


_COMPOUND = (ast.If, ast.Try, ast.For, ast.While, ast.With, ast.AugAssign)


def _stored(node: ast.AST) -> list[str]:
    return [
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]


def _relative_star(
    path: Path, node: ast.Import | ast.ImportFrom, seen: frozenset[Path]
) -> tuple[str, ...] | None:
    if isinstance(node, ast.Import) or not node.level:
        module = node.module if isinstance(node, ast.ImportFrom) else None
        return _installed_names(module) if module else None
    folder = path.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    target = folder.joinpath(*(node.module or "").split(".")) if node.module else folder
    for candidate in (target.with_suffix(".py"), target / "__init__.py"):
        if candidate.is_file():
            return _star_names(candidate, seen)
    return None


def _literal_names(value: ast.expr | None) -> tuple[str, ...] | None:
    if not isinstance(value, ast.List | ast.Tuple):
        return None
    names = [item.value for item in value.elts if isinstance(item, ast.Constant)]
    if len(names) != len(value.elts) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(str(name) for name in names)
