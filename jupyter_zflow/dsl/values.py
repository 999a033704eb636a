"""Build model values from what a script says; pydantic's complaints become ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_Value = TypeVar("_Value", bound=Value)


def build(kind: type[_Value], what: str, fields: Mapping[str, Any]) -> _Value:
    """Return the value; fields that are ``None`` keep their defaults."""
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise SettingsError(f"{what}: {'; '.join(map(_complaint, error.errors()))}.") from None


def check_name(what: str, name: object) -> None:
    """Raise unless the name is a text with something in it."""
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(f"A {what}'s name is {name!r}.", remedy="Give it a name to call it by.")


def _complaint(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    wrong = "" if error["type"] == "missing" else f" is {error['input']!r}, but"
    said = error["msg"].removeprefix("Input ")
    return f"{place}{wrong} {said[:1].lower()}{said[1:]}"
