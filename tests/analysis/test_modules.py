from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis.modules import LocalModules

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "plain.py": "def f(): return 1",
    "user.py": "import plain\nimport pack.part\nimport json",
    "circle.py": "import circle2",
    "circle2.py": "from circle import x",
    "pack/__init__.py": "from .part import *",
    "pack/part.py": "import plain\nx = 1",
    "data.csv": "a,b",
    "notes.txt": "",
    "more/deep.csv": "",
    "broken.py": "def (",
    "latin.py": "",
}


@pytest.fixture
def modules(tmp_path: Path) -> LocalModules:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "latin.py").write_bytes(b"# \xe9\xff")
    return LocalModules(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", ("plain.py",), id="module"),
        pytest.param("plain.f", ("plain.py",), id="name_inside"),
        pytest.param("pack", ("pack", "plain.py"), id="package_and_what_it_imports"),
        pytest.param("user", ("pack", "plain.py", "user.py"), id="module_and_what_it_imports"),
        pytest.param("circle", ("circle.py", "circle2.py"), id="circle"),
        pytest.param("broken", ("broken.py",), id="broken_module"),
        pytest.param("latin", ("latin.py",), id="not_utf8"),
        pytest.param("json", (), id="installed"),
        pytest.param("nowhere", (), id="missing"),
    ],
)
def test_files_that_travel(modules: LocalModules, name: str, expected: tuple[str, ...]) -> None:
    assert modules.files_of(name) == expected


@pytest.mark.parametrize(
    ("name", "missing"), [("plain", False), ("json", False), ("numpy", False), ("nowhere_1", True)]
)
def test_missing_modules(modules: LocalModules, name: str, *, missing: bool) -> None:
    assert modules.is_missing(name) == missing


@pytest.mark.parametrize(
    ("source", "names"),
    [
        pytest.param("x = 1\n_y = 2\ndef f(): pass\nclass C: pass", "x f C", id="definitions"),
        pytest.param("import os.path\nfrom re import sub as s", "os s", id="imports"),
        pytest.param("__all__ = ['a', 'b']\nc = 1", "a b", id="list"),
        pytest.param("__all__ = ('a',)", "a", id="tuple"),
        pytest.param("if x:\n    y = 1\nelse:\n    import z", "y z", id="branches"),
        pytest.param("for i in range(3):\n    j = i", "i j", id="loop"),
        pytest.param("(a, [b, *c]) = f()", "a b c", id="unpacking"),
        pytest.param("from .plain import *\ny = 1", "f y", id="relative_star"),
    ],
)
def test_star_import(modules: LocalModules, tmp_path: Path, source: str, names: str) -> None:
    (tmp_path / "star.py").write_text(source, encoding="utf-8")

    assert sorted(modules.public_names("star") or ()) == sorted(names.split())


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("__all__ = names()", id="computed"),
        pytest.param("__all__ = ['a', x]", id="partly_computed"),
        pytest.param("if x:\n    __all__ = ['a']", id="conditional"),
        pytest.param("__all__ += ['a']", id="grown"),
        pytest.param("from . import star\nfrom .star import *", id="circle"),
        pytest.param("def (", id="broken"),
    ],
)
def test_star_import_that_only_running_can_tell(
    modules: LocalModules, tmp_path: Path, source: str
) -> None:
    (tmp_path / "star.py").write_text(source, encoding="utf-8")

    assert modules.public_names("star") is None


def test_star_import_of_the_standard_library_and_of_packages(modules: LocalModules) -> None:
    assert "sqrt" in (modules.public_names("math") or ())
    assert "OrderedDict" in (modules.public_names("collections") or ())
    assert modules.public_names("nowhere_1") is None


@pytest.mark.parametrize(
    ("source", "keeps"),
    [
        pytest.param("x = 1\ndef f():\n    return x", False, id="reads"),
        pytest.param("x = 1\ndef f():\n    global x\n    x = 2", True, id="global"),
        pytest.param("seen = []\ndef f(a):\n    seen.append(a)", True, id="method"),
        pytest.param("seen = {}\ndef f(a):\n    seen[a] = 1", True, id="item"),
        pytest.param("class C: n = 0\ndef f():\n    C.n = 1", True, id="class_attribute"),
        pytest.param("def f(a):\n    a.append(1)", False, id="parameter"),
        pytest.param("seen = []\nseen.append(1)", False, id="while_it_is_imported"),
        pytest.param("def (", True, id="broken"),
    ],
)
def test_state_of_a_module(
    modules: LocalModules, tmp_path: Path, source: str, *, keeps: bool
) -> None:
    (tmp_path / "state.py").write_text(source, encoding="utf-8")

    assert modules.keeps_state("state") == keeps


def test_state_of_installed_modules_is_not_our_business(modules: LocalModules) -> None:
    assert not modules.keeps_state("logging")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", ("data.csv",)),
        ("**/*.csv", ("data.csv", "more/deep.csv")),
        ("/*", ()),
        ("", ()),
        ("no*", ("notes.txt",)),
    ],
)
def test_matching(modules: LocalModules, pattern: str, expected: tuple[str, ...]) -> None:
    assert modules.matching(pattern) == expected


@pytest.mark.parametrize(
    ("path", "exists"),
    [("data.csv", True), ("more", True), ("no.csv", False), ("", False), ("a\0b", False),
     ("x" * 5000, False)],
)  # fmt: skip
def test_exists(modules: LocalModules, path: str, *, exists: bool) -> None:
    assert modules.exists(path) == exists


def test_neighbours_are_neither_modules_nor_notebooks(
    modules: LocalModules, tmp_path: Path
) -> None:
    (tmp_path / "a.ipynb").touch()
    (tmp_path / ".hidden").touch()

    assert modules.neighbours() == ("data.csv", "notes.txt")


def test_a_notebook_that_was_never_saved_has_no_neighbours() -> None:
    modules = LocalModules(None)

    assert modules.neighbours() == modules.matching("*") == modules.files_of("plain") == ()
    assert not modules.exists("data.csv")
    assert modules.source("data.csv") is None


def test_source(modules: LocalModules) -> None:
    assert modules.source("data.csv") == "a,b"
    assert modules.source("latin.py") is None
    assert modules.source("more") is None
