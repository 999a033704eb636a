"""``GET /zflow/executions/{id}/logs``: what a stage printed, from a position on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from jupyter_zflow.actions.history import NOT_RUN, RUNNING
from jupyter_zflow.model.value import Value
from jupyter_zflow.server.executions import log_file
from jupyter_zflow.server.routes.executions import ExecutionHandler

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 2**62


class LogsQuery(Value):
    """Which part of which log."""

    stage: str | None = None
    offset: int = Field(default=0, ge=-_LONGEST, le=_LONGEST)
    """Negative: from the end."""
    limit: int = Field(default=262_144, ge=1, le=1_048_576)


class LogsHandler(ExecutionHandler):
    """The log of a stage."""

    @web.authenticated
    @authorized
    async def get(self, execution: str) -> None:
        """Answer a part of the log."""
        query = self.query(LogsQuery)
        record = await self.record(execution)
        stage = None if query.stage is None else record.stage(query.stage)
        file = log_file(record, query.stage)
        start, data, size = await asyncio.to_thread(_part, file, query.offset, query.limit)
        status = record.status if stage is None else stage.status
        going = record.status == RUNNING and status in {RUNNING, NOT_RUN}
        self.answer(
            {
                "stage": None if stage is None else stage.name,
                "text": data.decode("utf-8", "replace"),
                "offset": start,
                "next": start + len(data),
                "size": size,
                "ended": not going and start + len(data) >= size,
            }
        )


def _part(file: Path, offset: int, limit: int) -> tuple[int, bytes, int]:
    """Return where the part begins, the part with whole characters, and the log's size."""
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            start = max(0, size + offset) if offset < 0 else min(offset, size)
            log.seek(start)
            return start, _whole(log.read(limit)), size
    except FileNotFoundError:
        return 0, b"", 0


def _whole(data: bytes) -> bytes:
    """Leave out a character at the end of which only the beginning is there."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:  # noqa: PLR2004  the first byte of a longer character
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4  # noqa: PLR2004
            return data[:-back] if back < length and back < len(data) else data
        if byte < 0x80:  # noqa: PLR2004  ASCII
            break
    return data


ROUTES = [(r"/zflow/executions/([^/]+)/logs", LogsHandler)]
