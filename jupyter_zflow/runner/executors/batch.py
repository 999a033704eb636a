"""What a Batch Transform job does with its records: split, send, put together.

An object is sent whole, line by line, or as many lines as fit into ``MaxPayloadInMB``. What comes
back for it is written as ``<object>.out`` when all of it has come (botocore, TransformOutput).
Requests go one after the other: the stage answers them so, and no result depends on it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyter_zflow.artifacts.store import whole
from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.runner.failures import TASK_FAILED, StateFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_zflow.runner.executors.bench import Bench
    from jupyter_zflow.runner.interpreter import TaskCall

_KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "TransformInput": {"SplitType": ("None", "Line"), "CompressionType": ("None",)},
    "TransformOutput": {"AssembleWith": ("None", "Line")},
}
_UNSUPPORTED = ("DataProcessing", "DataCaptureConfig", "ModelClientConfig")
_DEFAULT_MB = 6
_OK = 200
_ANSWER = 600.0
"""Seconds that SageMaker waits for an answer."""


@dataclass(frozen=True)
class Batch:
    """One job: which files, how they are sent, and where the results go."""

    files: tuple[tuple[Path, str], ...]
    """Each file, and its path below the input prefix."""
    output: Path
    headers: dict[str, str]
    split: bool
    single: bool
    limit: int
    """Bytes of one request."""
    newline: bool
    """Whether a newline ends each answer."""

    @classmethod
    def of(cls, call: TaskCall, bench: Bench) -> Batch:
        """Read the arguments of ``createTransformJob``.

        Raises
        ------
        DefinitionError
            They ask for what is not done here.
        StateFailedError
            There is nothing to transform.
        """
        given: dict[str, Any] = call.arguments
        _refuse(call.state, given)
        source, target = given["TransformInput"], given["TransformOutput"]
        uri = source["DataSource"]["S3DataSource"]["S3Uri"]
        files = tuple(_found(bench.places.path(uri), folder=uri.endswith("/")))
        if not files:
            cause = f"there is nothing to transform below {uri}: transform.input says where it is"
            raise StateFailedError(TASK_FAILED, cause)
        accept = {"Accept": target["Accept"]} if "Accept" in target else {}
        return cls(
            files=files,
            output=bench.places.path(target["S3OutputPath"]),
            headers={"Content-Type": source["ContentType"], **accept},
            split=source.get("SplitType", "None") == "Line",
            single=given.get("BatchStrategy") == "SingleRecord",
            limit=given.get("MaxPayloadInMB", _DEFAULT_MB) << 20,
            newline=target.get("AssembleWith", "None") == "Line",
        )

    async def send(self, address: str) -> None:
        """Send everything to the stage that serves.

        Raises
        ------
        StateFailedError
            A request was not answered; results of whole files are there.
        """
        for path, name in self.files:
            answers = [
                await asyncio.to_thread(self._ask, address, body, name)
                for body in self.bodies(path.read_bytes(), name)
            ]
            await asyncio.to_thread(self._write, name, self.assembled(answers))

    def bodies(self, content: bytes, name: str) -> Iterator[bytes]:
        """Yield the bodies that a file is sent in."""
        if not self.split:
            yield self._fitting(content, name)
            return
        batch = b""
        for record in content.split(b"\n"):
            if not record.strip():
                continue
            self._fitting(record, name)
            if batch and (self.single or len(batch) + len(record) + 1 > self.limit):
                yield batch
                batch = b""
            batch = batch + b"\n" + record if batch else record
        if batch:
            yield batch

    def assembled(self, answers: list[bytes]) -> bytes:
        """Return the answers to a file's bodies as one."""
        if not self.newline:
            return b"".join(answers)
        return b"".join(answer if answer.endswith(b"\n") else answer + b"\n" for answer in answers)

    def _fitting(self, body: bytes, name: str) -> bytes:
        if len(body) > self.limit:
            raise StateFailedError(
                TASK_FAILED,
                f"a record of {name} has {len(body)} bytes; MaxPayloadInMB allows {self.limit}",
            )
        return body

    def _write(self, name: str, content: bytes) -> None:
        target = self.output / f"{name}.out"
        target.parent.mkdir(parents=True, exist_ok=True)
        whole(target, lambda part: part.write_bytes(content))

    def _ask(self, address: str, body: bytes, name: str) -> bytes:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=_ANSWER)
        try:
            connection.request("POST", "/invocations", body=body, headers=self.headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            cause = f"the stage did not answer for {name}: {type(error).__name__} {error}"
            raise StateFailedError(TASK_FAILED, cause) from None
        finally:
            connection.close()
        if answer.status != _OK:
            said = content.decode(errors="replace").strip()
            raise StateFailedError(TASK_FAILED, f"{name}: {answer.status} {said}")
        return content


def _found(place: Path, *, folder: bool) -> Iterator[tuple[Path, str]]:
    """Yield the files below a prefix, which need not end at a folder's name."""
    root = place if folder else place.parent
    if not root.is_dir():
        return
    for path in sorted(root.rglob("*")):
        if path.is_file() and (folder or str(path).startswith(str(place))):
            yield path, path.relative_to(root).as_posix()


def _refuse(state: str, given: dict[str, Any]) -> None:
    """Raise for what would be ignored here."""
    for name in _UNSUPPORTED:
        if name in given:
            raise DefinitionError(f"state {state!r}: {name!r} has no meaning in a local run.")
    for group, fields in _KNOWN.items():
        for name, allowed in fields.items():
            value = given[group].get(name, "None")
            if value not in allowed:
                raise DefinitionError(
                    f"state {state!r}: {name} {json.dumps(value)} cannot be done here; "
                    f"known are {', '.join(allowed)}."
                )
    if given["TransformInput"]["DataSource"]["S3DataSource"]["S3DataType"] != "S3Prefix":
        raise DefinitionError(f"state {state!r}: only S3Prefix can be read here.")
