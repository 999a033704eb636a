"""Two real processes that hand values over, as two stages do."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    error: str


class Stages:
    """Runs code as stages of one execution, each in an interpreter of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.execution = folder / "execution"
        self.execution.mkdir()

    def run(self, name: str, code: str) -> Ended:
        """Run a stage whose ``__main__`` is the code."""
        # All of one length, as the runtime makes them.
        workdir = self.folder / f"zflow-{abs(hash((name, code))) % 16**16:016x}"
        workdir.mkdir(exist_ok=True)
        scratch = self.folder / f"scratch-{name}"
        scratch.mkdir(exist_ok=True)
        context = self.folder / f"{name}.json"
        context.write_text(
            json.dumps(
                {
                    "execution": str(self.execution),
                    "state": name,
                    "stage": name,
                    "workdir": str(workdir),
                    "scratch": str(scratch),
                }
            )
        )
        program = workdir.with_suffix(".py")
        program.write_text(
            "from jupyter_zflow.runtime import context, load, save\n"
            "from jupyter_zflow.runtime import kernel\n"
            "kernel.load_ipython_extension(None); del context, kernel\n"
            f"{textwrap.dedent(code)}"
        )
        done = subprocess.run(
            [sys.executable, str(program)],
            cwd=workdir,
            env={**os.environ, "ZFLOW_CONTEXT": str(context), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def hand_over(self, names: str, producer: str, consumer: str) -> str:
        """Run a producer and a consumer of the names; return what the consumer printed."""
        listed = json.dumps(names.split())
        made = self.run("producer", f"{textwrap.dedent(producer)}\nsave({listed})\n")
        assert made.code == 0, made.error
        read = self.run(
            "consumer", f'load({{"producer": {listed}}})\n{textwrap.dedent(consumer)}\n'
        )
        assert read.code == 0, read.error
        return read.out.strip()


ROOT = Path(__file__).parents[2]


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    """Return an execution without stages."""
    return Stages(tmp_path)


@pytest.fixture(scope="session")
def session_stages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Stages]:
    """Return executions for tables that share two processes."""
    return lambda: Stages(tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Serve S3 on this machine; the client finds it by its environment."""
    from moto.server import ThreadedMotoServer

    serving = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    serving.start()
    _, port = serving.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_MAX_ATTEMPTS": "1",
        }.items():
            patch.setenv(name, value)
        import boto3

        client = boto3.client("s3")
        place = {"LocationConstraint": "eu-central-1"}
        # The server keeps what it has for as long as this process lives.
        with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(Bucket="team-data", CreateBucketConfiguration=place)
        yield url
    serving.stop()
