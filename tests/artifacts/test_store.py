"""The same stages on a folder and in object stores."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.artifacts import container, exchange, manifest
from jupyter_zflow.artifacts.store import FolderStore, RemoteStore, Store, open_store
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["folder", "file URL", "memory", "S3", "S3 by s3fs"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store of each sort."""
    match request.param:
        case "folder":
            yield open_store(str(tmp_path / "x"))
        case "file URL":
            yield open_store((tmp_path / "a b").as_uri())
        case "memory":
            yield open_store(f"memory://{tmp_path.name}/x")
        case "S3":
            request.getfixturevalue("server")
            yield open_store(f"s3://team-data/{tmp_path.name}/x")
        case _:
            s3fs = pytest.importorskip("s3fs")
            url = request.getfixturevalue("server")
            system = s3fs.S3FileSystem(
                client_kwargs={"endpoint_url": url}, use_listings_cache=False
            )
            yield RemoteStore(f"s3://team-data/{tmp_path.name}/x", system)


def test_values_go_through_every_store(store: Store) -> None:
    import numpy as np

    values = {"a": np.arange(100_000.0), "b": ["x"], "big": b"y" * 3_000_000}

    saved, stored, refused = exchange.save_variables(values, store, "s1")
    described = manifest.Manifest(stage="s1", variables=saved, groups=stored)
    store.write("s1/manifest.json", described.to_json().encode())
    again = manifest.read(store, "s1")

    assert refused == {}
    assert again == described
    loaded = {
        name: exchange.load_group(again, variable.group, store)[name]
        for name, variable in again.variables.items()
    }
    assert (loaded["a"] == values["a"]).all()
    assert (loaded["b"], loaded["big"]) == (values["b"], values["big"])


def test_missing_things_are_missing(store: Store) -> None:
    assert store.read("no/such") is None
    assert not store.exists("no/such")
    with pytest.raises(ArtifactError, match="left no artifacts"):
        manifest.read(store, "no")


def test_equal_values_are_stored_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)

    first = exchange.save_variables({"a": list(range(9))}, store, "s1")[1]
    second = exchange.save_variables({"a": list(range(9))}, store, "s1")[1]

    assert first == second
    assert len(list((tmp_path / "s1" / "artifacts").iterdir())) == 1


def test_touched_container_is_checked_again(tmp_path: Path) -> None:
    written = container.write(tmp_path / "c", b"p" * container.LEAF, [])
    stamp = container.stamp_of(tmp_path / "c")
    untouched = container.open_container(tmp_path / "c", "not its digest", stamp=stamp)
    times = (tmp_path / "c").stat()
    content = bytearray((tmp_path / "c").read_bytes())
    content[9] ^= 1
    with (tmp_path / "c").open("r+b") as file:
        file.write(content)
    os.utime(tmp_path / "c", ns=(times.st_atime_ns, times.st_mtime_ns))

    assert len(untouched.payload) == container.LEAF
    with pytest.raises(ArtifactError, match="is damaged"):
        container.open_container(tmp_path / "c", written.digest, stamp=stamp)


@pytest.mark.parametrize("uri", ["weather://x/y"])
def test_unknown_store_is_refused(uri: str) -> None:
    with pytest.raises(ArtifactError, match="cannot open"):
        open_store(uri)


@pytest.mark.parametrize(
    "size", [0, 1, 63, 64, container.LEAF - 1, container.LEAF, 3 * container.LEAF + 5]
)
def test_container_holds_what_was_written(size: int, tmp_path: Path) -> None:
    payload, data = os.urandom(10), os.urandom(size)
    buffers = [pickle.PickleBuffer(data), pickle.PickleBuffer(bytearray(data))]

    written = container.write(tmp_path / "c", payload, buffers)
    opened = container.open_container(tmp_path / "c", written.digest)

    assert written.size == (tmp_path / "c").stat().st_size
    assert written.digest == container.digest_of(tmp_path / "c")
    assert bytes(opened.payload) == payload
    assert [bytes(buffer) for buffer in opened.buffers] == [data, data]
    assert [buffer.readonly for buffer in opened.buffers] == [True, False]


def test_buffers_are_aligned_and_copied_on_write(tmp_path: Path) -> None:
    import numpy as np

    first, second = bytearray(b"abc"), bytearray(800)
    written = container.write(
        tmp_path / "c", b"p", [pickle.PickleBuffer(first), pickle.PickleBuffer(second)]
    )
    opened = container.open_container(tmp_path / "c", written.digest)

    array = np.frombuffer(opened.buffers[1], dtype="f8")
    array[:] = 1

    assert array.ctypes.data % container.ALIGNMENT == 0
    assert container.digest_of(tmp_path / "c") == written.digest


def test_long_column_goes_in_pieces_and_comes_back_whole(tmp_path: Path) -> None:
    import numpy as np

    from jupyter_zflow.artifacts import elements

    texts = np.array(
        [f"s{place}" if place % 7 else None for place in range(elements.LONG + 5)], dtype=object
    )
    table = np.array([1.5, 2, "x", True] * elements.PIECE, dtype=object).reshape(2, -1).T
    mixed = np.array([[0], *range(elements.LONG)], dtype=object)
    store = FolderStore(tmp_path)

    saved, stored, _ = exchange.save_variables(
        {"texts": texts, "part": texts[3:], "table": table, "mixed": mixed}, store, "s1"
    )
    described = manifest.Manifest(stage="s1", variables=saved, groups=stored)
    loaded = {
        name: exchange.load_group(described, variable.group, store)[name]
        for name, variable in saved.items()
    }

    assert saved["texts"].group == saved["part"].group != saved["table"].group
    assert [(loaded[name] == value).all() for name, value in (("texts", texts), ("table", table))]
    assert list(map(type, loaded["table"][:2].flat)) == list(map(type, table[:2].flat))
    assert loaded["table"].flags.f_contiguous
    assert loaded["mixed"][0] == [0]
