"""An AWS account, and what its refusals mean.

Region, credentials and endpoint come from where boto3 looks for them, unless they are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Account:
    """Where the calls go.

    Parameters
    ----------
    endpoint_url
        The address of all services, such as that of an emulator.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation, named as boto3 does: ``describe_stacks``.

        Raises
        ------
        ServiceError
            When AWS cannot be reached or refuses.
        """
        refused = _refusals()
        try:
            answer: dict[str, Any] = getattr(self.client(service), operation)(**request)
        except refused as error:
            raise explained(error, service, operation) from None
        return answer

    def pages(self, service: str, operation: str, key: str, **request: Any) -> Iterator[Any]:
        """Yield the entries under a key of all pages of an answer."""
        refused = _refusals()
        try:
            for page in self.client(service).get_paginator(operation).paginate(**request):
                yield from page.get(key, ())
        except refused as error:
            raise explained(error, service, operation) from None

    def client(self, service: str) -> Any:
        """Return boto3's client of a service.

        Raises
        ------
        ServiceError
            When there is no region, or the profile does not exist.
        """
        return _client(self, service)


class RefusedCallError(ServiceError):
    """AWS answered, and said no.

    Parameters
    ----------
    code
        The error code as the service gives it.
    reason
        The service's own words.
    """

    def __init__(self, message: str, *, code: str, reason: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code
        self.reason = reason


@cache
def _client(account: Account, service: str) -> Any:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session(region_name=account.region, profile_name=account.profile)
        # An emulator has one address for everything, so a bucket's name cannot be a part of it.
        style = {"addressing_style": "path"} if account.endpoint_url else {}
        retries = {"mode": "standard", "max_attempts": _RETRIES}
        config = Config(s3=style, retries=retries, connect_timeout=10)
        return session.client(service, endpoint_url=account.endpoint_url, config=config)
    except (BotoCoreError, ValueError) as error:
        raise explained(error, service, "") from None


@cache
def _refusals() -> tuple[type[BaseException], ...]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError, Boto3Error)


def explained(error: BaseException, service: str, operation: str) -> ServiceError:
    """Return the error that says what went wrong and what to do."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return _refused(error, service, operation)
    # boto3's own errors are told apart by their names: many are subclasses of each other.
    kinds = [kind.__name__ for kind in type(error).__mro__]
    for kind, remedy in _REMEDIES.items():
        if kind in kinds:
            return ServiceError(f"{service}: {str(error).rstrip('.')}.", remedy=remedy)
    return ServiceError(f"{service} {operation}: {type(error).__name__}: {error}".rstrip())


_LOGIN = "Log in, as with `aws sso login`, set AWS_PROFILE, or name one with --profile."
_REMEDIES = {
    "NoRegionError": "Name one with --region, or set AWS_DEFAULT_REGION.",
    "NoCredentialsError": _LOGIN,
    "PartialCredentialsError": _LOGIN,
    "CredentialRetrievalError": _LOGIN,
    "TokenRetrievalError": _LOGIN,
    "SSOError": _LOGIN,
    "ProfileNotFound": "`aws configure list-profiles` shows which there are.",
    "HTTPClientError": "Look at --endpoint-url, --region and the network.",
    "ConnectionError": "Look at --endpoint-url, --region and the network.",
    "ParamValidationError": "",
    "ValueError": "Look at --endpoint-url: it begins with http:// or https://.",
}


def _refused(error: Any, service: str, operation: str) -> ServiceError:
    details = error.response.get("Error", {})
    code, reason = str(details.get("Code", "")), str(details.get("Message", error))
    remedy = ""
    if code in _DENIED:
        remedy = "Ask for the permission, or use another profile."
    elif code in _EXPIRED or code in _UNKNOWN:
        remedy = _LOGIN
    action = operation.replace("_", " ")
    return RefusedCallError(
        f"{service} refused to {action}: {reason.rstrip('.')} ({code}).",
        code=code,
        reason=reason,
        remedy=remedy,
    )
