"""An emulator of AWS on this machine, and clients of it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NEWER = ROOT / "tests" / "tools" / "emulator"
"""A ministack that computes JSONata; it pins a botocore of its own, so `make` keeps it apart."""
REGION = "eu-central-1"
BUCKET = "some-bucket"


@dataclass(frozen=True)
class Emulator:
    """Where the emulator listens."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What leads boto3 to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "some",
            "AWS_SECRET_ACCESS_KEY": "some",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def of(self, service: str) -> Any:
        """Return a client."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="some",
            aws_secret_access_key="some",
        )

    @property
    def client(self) -> Any:
        """A client of S3."""
        return self.of("s3")

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys in the bucket."""
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", ())]


def executes() -> bool:
    """Say whether the emulator that is here executes our state machines."""
    return (NEWER / "ministack").is_dir()


@contextlib.contextmanager
def emulating(folder: Path, *, sagemaker: str = "") -> Iterator[Emulator]:
    """Yield an emulator that holds one bucket and nothing else.

    Parameters
    ----------
    sagemaker
        The address of the SageMaker whose jobs its state machines start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("w") as output:
        server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("emulator_main.py")]
            if executes()
            else [Path(sys.executable).parent / "ministack"],
            env={
                **os.environ,
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "IOT_MTLS_ENABLED": "0",
                "SFN_WAIT_SCALE": "0.001",
                "SAGEMAKER_URL": sagemaker,
                "PYTHONPATH": str(NEWER),
            },
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(port)
        made = Emulator(f"http://127.0.0.1:{port}")
        made.client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield made
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the emulator did not answer in time")
