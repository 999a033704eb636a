"""S3 in the five calls that a store makes, on boto3 alone.

Every AWS image carries boto3; ``s3fs`` pins versions of botocore that exclude it too often.
"""

from __future__ import annotations

from typing import Any


class S3FileSystem:
    """The part of fsspec's interface that `RemoteStore` uses."""

    def __init__(self, client: Any = None) -> None:
        if client is None:
            import boto3

            client = boto3.client("s3")
        self._client = client

    @staticmethod
    def _strip_protocol(uri: str) -> str:
        return uri.removeprefix("s3://").rstrip("/")

    def put_file(self, local: str, path: str) -> None:
        """Upload a file."""
        bucket, _, key = path.partition("/")
        self._client.upload_file(local, bucket, key)

    def get_file(self, path: str, local: str) -> None:
        """Download a file."""
        bucket, _, key = path.partition("/")
        self._known(lambda: self._client.download_file(bucket, key, local), path)

    def cat_file(self, path: str) -> bytes:
        """Return a file's content."""
        bucket, _, key = path.partition("/")
        reply = self._known(lambda: self._client.get_object(Bucket=bucket, Key=key), path)
        return bytes(reply["Body"].read())

    def pipe_file(self, path: str, content: bytes) -> None:
        """Write a file's content."""
        bucket, _, key = path.partition("/")
        self._client.put_object(Bucket=bucket, Key=key, Body=content)

    def exists(self, path: str) -> bool:
        """Return whether there is such a file."""
        bucket, _, key = path.partition("/")
        try:
            self._known(lambda: self._client.head_object(Bucket=bucket, Key=key), path)
        except FileNotFoundError:
            return False
        return True

    @staticmethod
    def _known(call: Any, path: str) -> Any:
        from botocore.exceptions import ClientError

        try:
            return call()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                raise FileNotFoundError(path) from None
            raise
