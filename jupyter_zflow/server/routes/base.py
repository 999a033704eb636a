"""What all routes share: authorisation, bodies, and the one map from errors to statuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from pydantic import ValidationError
from tornado.web import HTTPError

from jupyter_zflow.errors import RefusedError, ZflowError

if TYPE_CHECKING:
    from jupyter_zflow.model.value import Value

    Body = TypeVar("Body", bound=Value)

UNPROCESSABLE = 422
"""The request was understood, but what it is about cannot become a pipeline."""

STATUSES = {"UsageError": 400, "ConflictError": 409, "ToolError": 503}


def status_of(reason: str) -> int:
    """Return the HTTP status of an error, by the name of its class."""
    return STATUSES.get(reason, UNPROCESSABLE)


class ZflowHandler(APIHandler):
    """Answers JSON; an error carries ``message``, ``remedy``, ``reason`` and ``findings``."""

    auth_resource = "zflow"

    def body(self, kind: type[Body]) -> Body:
        """Return the request's JSON body as a value, or refuse it."""
        try:
            content = json.loads(self.request.body)
        except ValueError as error:
            raise HTTPError(400, f"The body is not JSON: {error}.") from None
        try:
            return kind.model_validate(content)
        except ValidationError as error:
            details = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
                for problem in error.errors()
            )
            raise HTTPError(400, f"The body is not what this route takes: {details}.") from None

    def answer(self, content: dict[str, Any]) -> None:
        """Finish with a JSON document."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(content))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer an error; those that we raise on purpose have a status of their own."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, ZflowError):
            status_code = status_of(type(error).__name__)
        super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write what is wrong, what to do, and the findings that refused it."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(error, ZflowError):
            super().write_error(status_code, **kwargs)
            return
        findings = error.findings if isinstance(error, RefusedError) else ()
        self.answer(
            {
                "message": str(error),
                "remedy": error.remedy,
                "reason": type(error).__name__,
                "findings": [finding.model_dump() for finding in findings],
            }
        )

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a user's mistake as one line, anything else as it comes."""
        if isinstance(value, ZflowError):
            self.log.info("%s: %s", self.request.path, value)
        else:
            super().log_exception(typ, value, tb)
