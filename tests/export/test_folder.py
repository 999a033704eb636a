from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.errors import ConflictError, UsageError
from jupyter_zflow.export.folder import write_folder
from jupyter_zflow.export.lock import LOCK, Lock, digest, lock_text, read_lock

if TYPE_CHECKING:
    from pathlib import Path

FIRST = {"pipeline.py": "one\n", "stages/a.ipynb": "a\n", "stages/b.ipynb": "b\n"}


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != LOCK
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(FIRST, tmp_path / "out", lock=Lock(pipeline="p"))
    return tmp_path / "out"


def test_the_first_export_writes_everything(folder: Path) -> None:
    assert tree(folder) == FIRST
    lock = read_lock(folder)
    assert lock is not None
    assert set(lock.files) == set(FIRST)
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_files_are_copied(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"\x00\xff")

    write_folder({"files/data": tmp_path / "data"}, tmp_path / "out", lock=Lock())

    assert (tmp_path / "out/files/data").read_bytes() == b"\x00\xff"


def test_untouched_files_are_replaced_and_vanished_ones_removed(folder: Path) -> None:
    write_folder({"pipeline.py": "two\n"}, folder, lock=Lock())

    assert tree(folder) == {"pipeline.py": "two\n"}
    assert not (folder / "stages").exists()


def test_an_edit_stays_while_its_source_does(folder: Path) -> None:
    (folder / "pipeline.py").write_text("mine\n")

    changes = write_folder({**FIRST, "stages/a.ipynb": "A\n"}, folder, lock=Lock())

    assert changes.kept == ("pipeline.py",)
    assert tree(folder) == {**FIRST, "pipeline.py": "mine\n", "stages/a.ipynb": "A\n"}
    # It is still known as an edit.
    assert write_folder(FIRST, folder, lock=Lock()).kept == ("pipeline.py",)


def test_an_edit_that_would_change_is_a_conflict_and_nothing_is_written(folder: Path) -> None:
    (folder / "pipeline.py").write_text("mine\n")
    before = tree(folder)

    with pytest.raises(ConflictError, match=r"pipeline\.py.*--force"):
        write_folder({**FIRST, "pipeline.py": "two\n", "new": "x"}, folder, lock=Lock())

    assert tree(folder) == before


def test_force_overwrites(folder: Path) -> None:
    (folder / "pipeline.py").write_text("mine\n")

    write_folder({"pipeline.py": "two\n"}, folder, lock=Lock(), on_conflict="overwrite")

    assert tree(folder) == {"pipeline.py": "two\n"}


def test_beside_shows_the_new_version_once(folder: Path) -> None:
    (folder / "pipeline.py").write_text("mine\n")
    new = {"pipeline.py": "two\n"}

    write_folder(new, folder, lock=Lock(), on_conflict="beside")

    assert tree(folder) == {"pipeline.py": "mine\n", "pipeline.py.new": "two\n"}
    assert write_folder(new, folder, lock=Lock()).kept == ("pipeline.py",)


def test_an_edited_file_that_vanished_stays(folder: Path) -> None:
    (folder / "stages/a.ipynb").write_text("mine\n")

    changes = write_folder({"pipeline.py": "one\n"}, folder, lock=Lock())

    assert changes.kept == ("stages/a.ipynb",)
    assert tree(folder) == {"pipeline.py": "one\n", "stages/a.ipynb": "mine\n"}


def test_foreign_files_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("notes")
    (tmp_path / "pipeline.py").write_text("foreign")

    with pytest.raises(ConflictError):
        write_folder(FIRST, tmp_path, lock=Lock())

    assert tree(tmp_path) == {"notes.md": "notes", "pipeline.py": "foreign"}


def test_a_failure_half_way_leaves_the_folder_as_it_was(folder: Path) -> None:
    (folder / "z").mkdir()
    before = tree(folder)

    with pytest.raises(UsageError, match="cannot be written"):
        write_folder(
            {"pipeline.py": "two\n", "z": "a file where a folder is"},
            folder,
            lock=Lock(),
            on_conflict="overwrite",
        )

    assert tree(folder) == before


@pytest.mark.parametrize("lock", ["{", "[]", '{"files": 3}', '{"unknown": 1}'])
def test_a_damaged_lock_is_refused(folder: Path, lock: str) -> None:
    (folder / LOCK).write_text(lock)

    with pytest.raises(UsageError, match="is damaged"):
        write_folder(FIRST, folder, lock=Lock())


def test_a_lock_cannot_reach_outside(folder: Path) -> None:
    victim = folder.parent / "victim"
    victim.write_text("x")
    lock = Lock(files={"../victim": digest(b"x")})
    (folder / LOCK).write_text(lock_text(lock))

    write_folder(FIRST, folder, lock=Lock())

    assert victim.read_text() == "x"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")

    with pytest.raises(UsageError, match="is a file"):
        write_folder(FIRST, tmp_path / "out", lock=Lock())
