"""Bundles in S3: below ``<pipeline>/bundles/<version>/``, written once and never changed.

The manifest goes up last, so an upload that broke off is told from one that is whole and goes on
where it stood. What an earlier version holds already is copied inside of S3, unsent.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.bundle import MANIFEST
from jupyter_zflow.deploy.account import RefusedCallError
from jupyter_zflow.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_zflow.bundle import Bundle
    from jupyter_zflow.deploy.account import Account

_AT_ONCE = 8
_ONE_COPY = 5 << 30
"""Bytes that S3 copies in one request."""
_MISSING = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload did."""

    uri: str
    version: str
    uploaded: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    """Taken over from an earlier version."""
    present: int = 0
    """Files that were there."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a pipeline's bundles lie."""

    bucket: str
    prefix: str
    """The first folder of the pipeline's keys."""

    def key(self, version: str, path: str = "") -> str:
        """Return the key of a file of a version."""
        return f"{self.prefix}/bundles/{version}/{path}"

    def uri(self, version: str) -> str:
        """Return the prefix of a version."""
        return f"s3://{self.bucket}/{self.key(version)}"


def check_bucket(account: Account, bucket: str) -> None:
    """Raise when the bucket cannot be used.

    Raises
    ------
    ServiceError
        When it does not exist, or belongs to somebody else.
    """
    try:
        account.call("s3", "head_bucket", Bucket=bucket)
    except RefusedCallError as error:
        if error.code in {*_MISSING, "NoSuchBucket"}:
            message = f"There is no bucket {bucket!r} that this account can see."
            raise ServiceError(message, remedy=f"Make it: aws s3 mb s3://{bucket}") from None
        raise


def upload(
    account: Account,
    bundle: Bundle,
    shelf: Shelf,
    *,
    earlier: str | None = None,
    on_event: Callable[[dict[str, Any]], None] = lambda _event: None,
) -> Upload:
    """Bring a bundle to its place, as far as it is not there.

    Parameters
    ----------
    earlier
        The version from which unchanged large files are copied.

    Raises
    ------
    ServiceError
        When S3 cannot be reached or refuses.
    """
    version, uri = bundle.version, shelf.uri(bundle.version)
    if read_manifest(account, shelf, version) is not None:
        return Upload(uri, version, present=len(bundle.files))
    there = {
        item["Key"]: item["Size"]
        for item in account.pages(
            "s3", "list_objects_v2", "Contents", Bucket=shelf.bucket, Prefix=shelf.key(version)
        )
    }
    missing = [
        path
        for path, file in bundle.files.items()
        if there.get(shelf.key(version, path)) != file.size
    ]
    known = (read_manifest(account, shelf, earlier) if earlier else None) or {}
    same = {path for path, digest in known.items() if _copies(bundle, path, digest)}
    on_event({"event": "uploading", "files": len(missing), "uri": uri})

    def bring(path: str) -> None:
        if path in same and earlier is not None:
            _copy(account, shelf, path, bundle, earlier=earlier)
        else:
            _upload(account, shelf, path, bundle, version)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(bring, missing))
    account.call(
        "s3",
        "put_object",
        Bucket=shelf.bucket,
        Key=shelf.key(version, MANIFEST),
        Body=bundle.manifest().encode(),
        ContentType="application/json",
    )
    return Upload(
        uri,
        version,
        uploaded=tuple(path for path in missing if path not in same),
        copied=tuple(path for path in missing if path in same),
        present=len(bundle.files) - len(missing),
    )


def read_manifest(account: Account, shelf: Shelf, version: str) -> Mapping[str, str] | None:
    """Return the digests of a version's files; ``None`` when it is not there, or not whole."""
    try:
        answer = account.call(
            "s3", "get_object", Bucket=shelf.bucket, Key=shelf.key(version, MANIFEST)
        )
        files: dict[str, str] = json.loads(answer["Body"].read())["files"]
    except RefusedCallError as error:
        if error.code in _MISSING:
            return None
        raise
    except (ValueError, KeyError):
        return None
    return files


def _copies(bundle: Bundle, path: str, digest: str) -> bool:
    file = bundle.files.get(path)
    return file is not None and file.sha256 == digest


def _upload(account: Account, shelf: Shelf, path: str, bundle: Bundle, version: str) -> None:
    account.call(
        "s3",
        "upload_file",
        Filename=str(bundle.files[path].source),
        Bucket=shelf.bucket,
        Key=shelf.key(version, path),
        ExtraArgs={"Metadata": {"sha256": bundle.files[path].sha256}},
    )


def _copy(account: Account, shelf: Shelf, path: str, bundle: Bundle, *, earlier: str) -> None:
    account.call(
        "s3",
        "copy_object" if bundle.files[path].size < _ONE_COPY else "copy",
        CopySource={"Bucket": shelf.bucket, "Key": shelf.key(earlier, path)},
        Bucket=shelf.bucket,
        Key=shelf.key(bundle.version, path),
    )
