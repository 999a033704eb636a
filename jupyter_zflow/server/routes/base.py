"""What all routes share: authorisation, bodies, and the one map from errors to statuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jupyter_server.base.handlers import APIHandler
from pydantic import ValidationError
from tornado.web import HTTPError

from jupyter_zflow.errors import RefusedError, ZflowError
from jupyter_zflow.server.contents import contents_path, inside_root
from jupyter_zflow.server.refusals import TaskError
from jupyter_zflow.server.services import KEY, Services

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.value import Value

    Asked = TypeVar("Asked", bound=Value)

UNPROCESSABLE = 422
"""The request was understood, but what it is about cannot become a pipeline."""

STATUSES = {
    "UsageError": 400,
    "HiddenError": 403,
    "MissingError": 404,
    "ConflictError": 409,
    "SupersededError": 409,
    "BusyError": 429,
    "InternalError": 500,
    "ToolError": 503,
}


def status_of(reason: str) -> int:
    """Return the HTTP status of an error, by the name of its class."""
    return STATUSES.get(reason, UNPROCESSABLE)


class ZflowHandler(APIHandler):
    """Answers JSON; an error carries ``message``, ``remedy``, ``reason`` and ``findings``."""

    auth_resource = "zflow"

    @property
    def services(self) -> Services:
        """What the routes share."""
        return cast("Services", self.settings[KEY])

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler
        """Refuse a body that is too large before anything reads it."""
        await super().prepare()
        size, most = len(self.request.body), self.services.limits.body_bytes
        if size > most:
            raise HTTPError(413, f"The body has {size} bytes; {most} are allowed.")

    def body(self, kind: type[Asked]) -> Asked:
        """Return the request's JSON body as a value, or refuse it."""
        try:
            content = json.loads(self.request.body, parse_constant=_no_constant)
        except RecursionError:
            raise HTTPError(400, "The body is nested too deeply.") from None
        except ValueError as error:
            raise HTTPError(400, f"The body is not JSON: {error}.") from None
        return _validated(kind, content, "body", strict=True)

    def query(self, kind: type[Asked]) -> Asked:
        """Return the request's query as a value, or refuse it; the last of equal names counts."""
        names = self.request.query_arguments.keys() & kind.model_fields.keys()
        content = {name: self.get_query_argument(name, strip=False) for name in names}
        return _validated(kind, content, "query", strict=False)

    def file_of(self, path: str) -> Path:
        """Return the file of a contents path; 404 when it is outside of the root."""
        return inside_root(self.contents_manager, path)

    def existing(self, path: str) -> Path:
        """Return the file or folder of a contents path; 404 when there is none."""
        file = self.file_of(path)
        if not file.exists():
            raise HTTPError(404, f"There is no {path!r}.")
        return file

    def notebook(self, path: str) -> Path:
        """Return the file of a notebook; 404 when there is none."""
        file = self.file_of(path)
        if not file.is_file():
            raise HTTPError(404, f"There is no notebook {path!r}.")
        return file

    def shown(self, file: Path) -> str | None:
        """Return a file's contents path; nothing for one outside of the root."""
        return contents_path(self.contents_manager, file)

    def answer(self, content: dict[str, Any]) -> None:
        """Finish with a JSON document."""
        self.finish(json.dumps(content))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer an error; those that we raise on purpose have a status of their own."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, TaskError):
            status_code = status_of(error.reason)
        elif isinstance(error, ZflowError):
            status_code = status_of(type(error).__name__)
        super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write what is wrong, what to do, and the findings that refused it."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, TaskError):
            self.answer(error.content)
        elif isinstance(error, ZflowError):
            findings = error.findings if isinstance(error, RefusedError) else ()
            self.answer(
                {
                    "message": str(error),
                    "remedy": error.remedy,
                    "reason": type(error).__name__,
                    "findings": [finding.model_dump() for finding in findings],
                }
            )
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a user's mistake as one line, anything else as it comes."""
        if isinstance(value, ZflowError):
            self.log.info("%s: %s", self.request.path, value)
        else:
            super().log_exception(typ, value, tb)


def _validated(kind: type[Asked], content: Any, where: str, *, strict: bool) -> Asked:
    try:
        return kind.model_validate(content, strict=strict)
    except ValidationError as error:
        details = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or where}: {problem['msg']}"
            for problem in error.errors()
        )
        message = f"The {where} is not what this route takes: {details}."
        raise HTTPError(400, message.encode("utf-8", "replace").decode()) from None


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)
