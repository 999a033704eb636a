"""Where the URIs of a definition lead on this machine.

``s3://<bucket>/<pipeline>/executions/<id>/...`` is the folder of the execution, the bundle's prefix
is the pipeline folder; any other key lies in ``.bucket`` below the execution's folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_zflow.errors import DefinitionError

if TYPE_CHECKING:
    from pathlib import Path

BUCKET = "zflow-local"
BUNDLE_VERSION = "local"


@dataclass(frozen=True)
class Places:
    """One execution's folders."""

    bundle: Path
    folder: Path
    execution: str

    def path(self, uri: str) -> Path:
        """Return the local path of an ``s3://`` URI.

        Raises
        ------
        DefinitionError
            The URI leads to another bucket, which a local run has no access to.
        """
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if not uri.startswith("s3://") or bucket != BUCKET:
            raise DefinitionError(
                f"{uri!r} lies outside the pipeline's bucket and cannot be reached locally."
            )
        return self.of_key(key)

    def of_key(self, key: str) -> Path:
        """Return the local path of a key in the pipeline's bucket."""
        parts = [part for part in key.split("/") if part]
        if ".." in parts:
            raise DefinitionError(f"the key {key!r} leaves the bucket.")
        match parts:
            case [_, "executions", self.execution, *rest]:
                return self.folder.joinpath(*rest)
            case [_, "bundles", _, *rest]:
                return self.bundle.joinpath(*rest)
        return self.folder.joinpath(".bucket", *parts)
