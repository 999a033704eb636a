"""Objects in S3 are files below the execution's folder."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts.store import whole
from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.runner.failures import StateFailedError
from jupyter_zflow.runner.places import BUCKET

if TYPE_CHECKING:
    from jupyter_zflow.runner.executors.bench import Bench
    from jupyter_zflow.runner.interpreter import TaskCall


async def put_object(call: TaskCall, bench: Bench) -> Any:
    """Write a file."""
    arguments = _checked(call, {"Bucket", "Key", "Body", "ContentType"})
    target = bench.places.of_key(arguments["Key"])
    body = arguments["Body"]
    # As Step Functions does: text goes in as it is, anything else as JSON.
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    whole(target, lambda part: part.write_bytes(content))
    return {"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'}


async def get_object(call: TaskCall, bench: Bench) -> Any:
    """Read a file."""
    arguments = _checked(call, {"Bucket", "Key"})
    path = bench.places.of_key(arguments["Key"])
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise StateFailedError("S3.NoSuchKeyException", f"there is no {arguments['Key']}") from None
    return {"Body": content.decode(), "ContentLength": len(content)}


def _checked(call: TaskCall, known: set[str]) -> dict[str, Any]:
    arguments: dict[str, Any] = call.arguments
    unknown = sorted(arguments.keys() - known)
    if unknown:
        raise DefinitionError(f"state {call.state!r}: {unknown[0]!r} has no meaning here.")
    if arguments["Bucket"] != BUCKET:
        raise DefinitionError(
            f"state {call.state!r} uses the bucket {arguments['Bucket']!r}; a local run knows only "
            "the pipeline's own."
        )
    return arguments
