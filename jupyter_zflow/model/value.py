"""The base of all values: frozen, strict about unknown fields, keyed by field names."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Json = None | bool | int | float | str | list[Any] | dict[str, Any]
"""A JSON value: ``None``, a bool, a number, a string, a list or a dict of these."""


class Value(BaseModel):
    """A frozen value; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
