"""S3 in the five calls that a store makes, on boto3 alone.

Every AWS image carries boto3; ``s3fs`` pins versions of botocore that exclude it too often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable

_MISSING = {"404", "NoSuchKey", "NotFound"}
_DENIED = {
    "403", "AccessDenied", "AllAccessDisabled", "ExpiredToken", "Forbidden", "InvalidAccessKeyId",
    "InvalidToken", "SignatureDoesNotMatch",
}  # fmt: skip


class S3FileSystem:
    """The part of fsspec's interface that `RemoteStore` uses."""

    def __init__(self, client: Any = None) -> None:
        if client is None:
            import boto3
            from botocore.exceptions import BotoCoreError

            try:
                client = boto3.client("s3")
            except (BotoCoreError, ValueError) as error:
                message = f"cannot open S3: {error}."
                raise ArtifactError(message, remedy="Look at the AWS settings.") from None
        self._client = client

    @staticmethod
    def _strip_protocol(uri: str) -> str:
        return uri.removeprefix("s3://").rstrip("/")

    def put_file(self, local: str, path: str) -> None:
        """Upload a file."""
        bucket, _, key = path.partition("/")
        _told(lambda: self._client.upload_file(local, bucket, key), path, "write")

    def get_file(self, path: str, local: str) -> None:
        """Download a file."""
        bucket, _, key = path.partition("/")
        _told(lambda: self._client.download_file(bucket, key, local), path, "read")

    def cat_file(self, path: str) -> bytes:
        """Return a file's content."""
        bucket, _, key = path.partition("/")

        def get() -> bytes:
            return bytes(self._client.get_object(Bucket=bucket, Key=key)["Body"].read())

        content: bytes = _told(get, path, "read")
        return content

    def pipe_file(self, path: str, content: bytes) -> None:
        """Write a file's content."""
        bucket, _, key = path.partition("/")
        _told(lambda: self._client.put_object(Bucket=bucket, Key=key, Body=content), path, "write")

    def exists(self, path: str) -> bool:
        """Return whether there is such a file."""
        bucket, _, key = path.partition("/")
        try:
            _told(lambda: self._client.head_object(Bucket=bucket, Key=key), path, "look for")
        except FileNotFoundError:
            return False
        return True


def _told(call: Callable[[], Any], path: str, does: str) -> Any:
    """Call S3; say in one sentence what is wrong.

    Raises
    ------
    FileNotFoundError
        There is no such object.
    ArtifactError
        Anything else went wrong.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise _error(error, path, does) from None


def _error(error: Exception, path: str, does: str) -> Exception:
    from botocore.exceptions import ClientError

    cause = error if isinstance(error, ClientError) else error.__context__
    # boto3 wraps what went wrong with an upload, and keeps the answer beside it.
    answer = cause.response["Error"] if isinstance(cause, ClientError) else {}
    code = str(answer.get("Code", ""))
    bucket = path.partition("/")[0]
    if code in _MISSING and does != "write":
        return FileNotFoundError(path)
    if code == "NoSuchBucket" or code in _MISSING:
        return ArtifactError(
            f"cannot {does} s3://{path}: there is no bucket {bucket!r}.",
            remedy="Look at the name and the region of the bucket.",
        )
    if code in _DENIED:
        return ArtifactError(
            f"cannot {does} s3://{path}: access is denied ({code}).",
            remedy="Look at the credentials, and at what their role and the bucket allow.",
        )
    said = answer.get("Message") or str(error)
    return ArtifactError(
        f"cannot {does} s3://{path}: {str(said).strip().rstrip('.')}.",
        remedy="Look at the AWS credentials, the endpoint and the network, then try again.",
    )
