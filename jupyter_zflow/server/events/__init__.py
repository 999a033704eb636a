"""What happens in executions and jobs, told through Jupyter's own event system.

A client listens on ``/api/events/subscribe``; the schemas lie beside this module.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_events import EventLogger

EXECUTION = "https://schema.jupyter-zflow.org/execution/v1"
JOB = "https://schema.jupyter-zflow.org/job/v1"


def register(logger: EventLogger) -> None:
    """Make the schemas known to the server's event logger."""
    folder = Path(str(files(__name__)))
    for name, schema in (("execution", EXECUTION), ("job", JOB)):
        if schema not in logger.schemas:
            logger.register_event_schema(folder / f"{name}.v1.yaml")


def emit(logger: EventLogger, schema: str, content: dict[str, Any]) -> None:
    """Tell who listens; values that are not there are left out."""
    data = {key: value for key, value in content.items() if value is not None}
    logger.emit(schema_id=schema, data=data)
