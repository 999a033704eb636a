"""``logging``: levels, switches and the handlers that can be made again.

Only what differs from the start of the process is carried, so the kernel's own loggers stay alone.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from jupyter_zflow.errors import ArtifactError

Settings = dict[str, Any]


def snapshot() -> dict[str, Any]:
    """Return level, switches and the identities of handlers of each logger."""
    return {
        name: (logger.level, logger.disabled, logger.propagate, tuple(map(id, logger.handlers)))
        for name, logger in _loggers().items()
    }


def capture() -> dict[str, Any]:
    """Return what the stage changed.

    Raises
    ------
    ArtifactError
        A logger has a handler that cannot be made again elsewhere.
    """
    from jupyter_zflow.runtime import context

    before = context.baseline().loggers
    fresh = (logging.NOTSET, False, True, ())
    now = snapshot()
    changed: Settings = {}
    for name, logger in _loggers().items():
        start = before.get(name, fresh)
        if now[name] != start:
            changed[name] = {
                "level": logger.level,
                "disabled": logger.disabled,
                "propagate": logger.propagate,
                "handlers": [
                    _describe(name, handler)
                    for handler in logger.handlers
                    if id(handler) not in start[3]
                ],
            }
    return {"loggers": changed, "disable": logging.root.manager.disable}


def restore(value: dict[str, Any]) -> None:
    """Make the same changes here."""
    logging.disable(value["disable"])
    for name, settings in value["loggers"].items():
        logger = logging.getLogger(name or None)
        logger.setLevel(settings["level"])
        logger.disabled = settings["disabled"]
        logger.propagate = settings["propagate"]
        # A replayed setup cell may have made the same handlers already.
        present = [_description(handler) for handler in logger.handlers]
        for handler in settings["handlers"]:
            if handler in present:
                present.remove(handler)
            else:
                logger.addHandler(_make(handler))


def _loggers() -> dict[str, logging.Logger]:
    named = {
        name: logger
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    return {"": logging.root, **named}


def _describe(name: str, handler: logging.Handler) -> Settings:
    description = _description(handler)
    if description is None:
        kind = f"{type(handler).__module__}.{type(handler).__qualname__}"
        raise ArtifactError(
            f"the handler {kind} of logger {name or 'root'!r} cannot be carried to another stage.",
            remedy="Configure logging in a setup cell.",
        )
    return description


def _description(handler: logging.Handler) -> Settings | None:
    """Return what makes an equal handler, or None when that is not known."""
    formatter = handler.formatter
    if handler.filters or type(formatter) not in {logging.Formatter, type(None)}:
        return None
    common: Settings = {"level": handler.level, "format": None}
    if formatter is not None:
        style: Any = type(formatter._style)  # noqa: SLF001  the only place that knows it
        styles: Any = logging._STYLES  # noqa: SLF001
        letter = {kind: letter for letter, (kind, _) in styles.items()}[style]
        common["format"] = (formatter._fmt, formatter.datefmt, letter)  # noqa: SLF001
    if type(handler) is logging.NullHandler:
        return {**common, "kind": "null"}
    if type(handler) is logging.FileHandler:
        return {
            **common,
            "kind": "file",
            "path": handler.baseFilename,
            "encoding": handler.encoding,
        }
    if type(handler) is logging.StreamHandler:
        for stream in ("stdout", "stderr"):
            if handler.stream is getattr(sys, stream):
                return {**common, "kind": stream}
    return None


def _make(settings: Settings) -> logging.Handler:
    handler: logging.Handler
    if settings["kind"] == "null":
        handler = logging.NullHandler()
    elif settings["kind"] == "file":
        handler = logging.FileHandler(settings["path"], encoding=settings["encoding"])
    else:
        handler = logging.StreamHandler(getattr(sys, settings["kind"]))
    handler.setLevel(settings["level"])
    if settings["format"] is not None:
        text, dates, style = settings["format"]
        handler.setFormatter(logging.Formatter(text, dates, style))
    return handler
