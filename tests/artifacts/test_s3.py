"""Stages whose execution lies in S3: a real server, over HTTP, with the real client."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from jupyter_zflow.artifacts import exchange, manifest
from jupyter_zflow.artifacts.s3 import S3FileSystem
from jupyter_zflow.artifacts.store import RemoteStore, open_store
from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.runtime import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Stages


def _client(service: str = "s3", **settings: str) -> Any:
    import boto3

    return boto3.client(service, **settings)


@pytest.fixture
def uri(server: str, tmp_path: Path) -> str:
    """Return the URI of an execution that nobody else uses."""
    assert server
    return f"s3://team-data/executions/{tmp_path.name}"


def test_stages_hand_over_through_s3(uri: str, stages: Stages) -> None:
    stages.execution = uri  # type: ignore[assignment]  as a job gets it
    producer = "import numpy as np\na = np.zeros(300_000); v = a[1:3]\ndef f(): return k\nk = [2]"

    printed = stages.hand_over("a v f k", producer, "v[0] = 7; k.append(3); print(a[1], f())")
    wrong = stages.run("s3", "load({'nobody': ['x']})")

    assert printed == "7.0 [2, 3]"
    assert f"stage 'nobody' left no artifacts in {uri}" in wrong.error


def test_files_go_through_s3(uri: str, tmp_path: Path) -> None:
    store = open_store(uri)
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "sub").mkdir(parents=True)
    there.mkdir()
    (here / "sub" / "run.sh").write_text("echo")
    (here / "sub" / "run.sh").chmod(0o755)
    (here / "empty").touch()
    (there / "old").touch()

    entries = files.store_files(here, ["empty", "sub/run.sh"], ["old"], store, "s1")
    files.lay(entries, there, open_store(uri))

    assert sorted(path.name for path in there.rglob("*")) == ["empty", "run.sh", "sub"]
    assert (there / "sub" / "run.sh").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("damage", ["cut off", "empty", "another object", "gone"])
def test_damaged_object_is_never_unpickled(damage: str, uri: str) -> None:
    store = open_store(uri)
    saved, stored, _ = exchange.save_variables({"x": list(range(1000))}, store, "s1")
    described = manifest.Manifest(stage="s1", variables=saved, groups=stored)
    (entry,) = stored.values()
    where = {"Bucket": "team-data", "Key": f"{uri.removeprefix('s3://team-data/')}/{entry.key}"}
    content = _client().get_object(**where)["Body"].read()
    if damage == "gone":
        _client().delete_object(**where)
    else:
        body = {"cut off": content[:-9], "empty": b"", "another object": content[::-1]}[damage]
        _client().put_object(**where, Body=body)

    with pytest.raises(ArtifactError, match="is missing" if damage == "gone" else "is damaged"):
        exchange.load_group(described, saved["x"].group, open_store(uri))


CALLS = {
    "write": lambda store: store.write("a", b"x"),
    "read": lambda store: store.read("a"),
    "look for": lambda store: store.exists("a"),
    "fetch": lambda store: store.fetch("a"),
}


@pytest.mark.parametrize("name", ["write", "read", "fetch"])
def test_missing_bucket_is_said(name: str, server: str) -> None:
    assert server
    store = open_store("s3://nobody-has-this/x")

    if name == "fetch":  # S3 tells no more about it than that there is nothing
        assert not store.fetch("a").exists()
        return
    with pytest.raises(ArtifactError, match="there is no bucket 'nobody-has-this'"):
        CALLS[name](store)


def test_upload_to_a_missing_bucket_is_said(server: str, tmp_path: Path) -> None:
    assert server
    (tmp_path / "f").write_text("x")

    with pytest.raises(ArtifactError, match="there is no bucket 'nobody-has-this'"):
        open_store("s3://nobody-has-this/x").put(tmp_path / "f", "a")


@pytest.fixture(scope="module")
def key(server: str) -> dict[str, str]:
    """Return the key of somebody who may do nothing."""
    assert server
    iam = _client("iam")
    iam.create_user(UserName="stranger")
    made: dict[str, str] = iam.create_access_key(UserName="stranger")["AccessKey"]
    return made


@pytest.fixture
def stranger(server: str, key: dict[str, str]) -> Iterator[Any]:
    """Return the client of somebody who may do nothing."""
    _authorise(server, "0")
    yield _client(
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    _authorise(server, "1000000")


def _authorise(server: str, after: str) -> None:
    asked = Request(f"{server}/moto-api/reset-auth", data=after.encode(), method="POST")
    asked.add_header("Content-Type", "text/plain")
    urlopen(asked).close()


@pytest.mark.parametrize("name", CALLS)
def test_denied_access_is_said(name: str, stranger: Any) -> None:
    store = RemoteStore("s3://team-data/x", S3FileSystem(stranger))

    with pytest.raises(ArtifactError, match=r"s3://team-data/x/a: access is denied"):
        CALLS[name](store)


@pytest.mark.parametrize("name", CALLS)
def test_unreachable_server_is_said(name: str, server: str) -> None:
    assert server
    client = _client(endpoint_url="http://127.0.0.1:9")
    store = RemoteStore("s3://team-data/x", S3FileSystem(client))

    with pytest.raises(ArtifactError, match="Could not connect to the endpoint"):
        CALLS[name](store)


def test_execution_facts_are_read(uri: str) -> None:
    store = open_store(uri)

    store.write("execution.json", json.dumps({"parameters": {"a": 1}}).encode())

    assert json.loads(open_store(uri).read("execution.json") or b"") == {"parameters": {"a": 1}}
    assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
