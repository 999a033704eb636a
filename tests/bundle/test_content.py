from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.bundle import MANIFEST, read_bundle, write_bundle
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "AKIA" + "Q3EGRZQ5N7XKTWLP"


def test_what_travels(folder: Path) -> None:
    (folder / "files" / "__pycache__").mkdir()
    (folder / "files" / "__pycache__" / "a.pyc").write_bytes(b"")

    bundle = read_bundle(folder)

    own = [path for path in bundle.files if not path.startswith("lib/")]
    library = bundle.files.keys() - set(own)
    assert own == [
        "files/data/in.csv",
        "files/notes.log",
        "requirements/fit.txt",
        "stages/fit.ipynb",
    ]
    assert library >= {
        "lib/run_stage.py",
        "lib/requirements.txt",
        "lib/jupyter_zflow/errors.py",
        "lib/jupyter_zflow/model/names.py",
        "lib/jupyter_zflow/runtime/__main__.py",
        "lib/jupyter_zflow/artifacts/store.py",
    }
    assert not [path for path in library if "synth" in path or "__pycache__" in path]
    assert bundle.findings == ()


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_equal_content_gives_equal_bundles(folder: Path, tmp_path: Path, name: str) -> None:
    first = write_bundle(read_bundle(folder), tmp_path / "first" / name)
    (folder / "stages" / "fit.ipynb").touch()
    second = write_bundle(read_bundle(folder), tmp_path / "second" / name)

    if name.endswith(".zip"):
        assert first.read_bytes() == second.read_bytes()
        with zipfile.ZipFile(first) as archive:
            manifest = json.loads(archive.read(MANIFEST))
    else:
        manifest = json.loads((first / MANIFEST).read_text())
        assert (first / "files/data/in.csv").read_text() == "1,2\n"
    assert manifest["version"] == read_bundle(folder).version
    with pytest.raises(UsageError, match="exists already"):
        write_bundle(read_bundle(folder), first)


def _secret_cell(folder: Path) -> None:
    path = folder / "stages" / "fit.ipynb"
    path.write_text(path.read_text().replace("none", KEY))


def _allowed(folder: Path) -> None:
    path = folder / "stages" / "fit.ipynb"
    path.write_text(path.read_text().replace("none'", f"{KEY}'  # pragma: allowlist secret"))


def _file(path: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / path).write_text(text)


def _link(folder: Path) -> None:
    (folder.parent / "outside").write_text("x")
    (folder / "files" / "link").symlink_to(folder.parent / "outside")


TOKEN = "hf_" + "abcdefghij" * 3 + "klmn"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(_secret_cell, ["ZF501 cell 4: this looks like an AWS access key"], id="cell"),
        pytest.param(_allowed, [], id="allowed"),
        pytest.param(_file("files/.env", "A=1"), ["ZF502 'files/.env' is a kind of"], id="name"),
        pytest.param(_file("files/.env.example", "A="), [], id="an example of it"),
        pytest.param(_file("files/a.py", f"\nt = '{TOKEN}'"), ["ZF501 line 2: "], id="token"),
        pytest.param(
            _file("files/a.py", "u = 'postgresql://me:secret@db/x'"), ["ZF501 "], id="address"
        ),
        pytest.param(_file("files/a.csv", "http://me:secret@db/x"), [], id="address in data"),
        pytest.param(_file("files/a.py", "u = f'postgresql://{me}:{pw}@db/x'"), [], id="template"),
        pytest.param(_link, ["ZF504 'files/link' is a link to"], id="link"),
        pytest.param(_file(".zflowignore", "*.log\n# all\n"), [], id="left out"),
        pytest.param(_file(".zflowignore", "data/\n"), ["ZF503 needs 'files/data/in"], id="needed"),
    ],
)
def test_findings(folder: Path, change: Callable[[Path], object], found: list[str]) -> None:
    change(folder)

    findings = read_bundle(folder).findings

    assert len(findings) == len(found), findings
    for finding, words in zip(findings, found, strict=True):
        code, _, said = words.partition(" ")
        assert finding.code == code
        assert said in finding.message


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.log", {"notes.log", "deep/er/more.log"}),
        ("deep/", {"deep/er/more.log"}),
        ("er", {"deep/er/more.log"}),
        ("/er", set()),
        ("deep/er/*.log", {"deep/er/more.log"}),
        ("files/notes.log", {"notes.log"}),
        ("notes.log/", set()),
    ],
)
def test_patterns(folder: Path, pattern: str, left: set[str]) -> None:
    (folder / "files" / "deep" / "er").mkdir(parents=True)
    (folder / "files" / "deep" / "er" / "more.log").write_text("x")
    before = read_bundle(folder).files.keys()

    (folder / ".zflowignore").write_text(f"{pattern}\n")

    assert before - read_bundle(folder).files.keys() == {f"files/{path}" for path in left}


def test_a_pattern_that_takes_back_is_refused(folder: Path) -> None:
    (folder / ".zflowignore").write_text("!a\n")

    with pytest.raises(UsageError, match="'!a' takes back"):
        read_bundle(folder)
