"""An account that answers from a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.deploy.account import RefusedCallError

if TYPE_CHECKING:
    from collections.abc import Iterator


class FakeAccount:
    """Operations by name; a list gives an answer for each call, the last one again and again."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[str] = []

    def call(self, service: str, operation: str, **request: Any) -> Any:
        self.calls.append(operation)
        answer = self.answers.get(operation, {})
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, str):
            raise RefusedCallError(answer, code=answer, reason=answer)
        return answer

    def pages(self, service: str, operation: str, key: str, **request: Any) -> Iterator[Any]:
        yield from self.call(service, operation, **request).get(key, ())
