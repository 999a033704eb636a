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
        raise complaint(what, error) from None


def complaint(what: str, error: ValidationError) -> SettingsError:
    """Return pydantic's complaint as ours."""
    # A field that takes one of several types complains once for each; the first is enough.
    deeper = [wrong for wrong in error.errors() if not _is_type((wrong["loc"] or ("",))[-1])]
    said = {_place(wrong): wrong for wrong in reversed(deeper or error.errors()[:1])}
    complaints = "; ".join(map(_complaint, reversed(said.values())))
    return SettingsError(f"{what}: {complaints}.")


def check_name(what: str, name: object) -> None:
    """Raise unless the name is a text with something in it."""
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(f"A {what}'s name is {name!r}.", remedy="Give it a name to call it by.")


def _complaint(error: Any) -> str:
    place = _place(error)
    wrong = "" if error["type"] == "missing" else f" is {error['input']!r}, but"
    said = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    if not place:
        return str(said)
    return f"{place}{wrong} {said[:1].lower()}{said[1:]}"


def _place(error: Any) -> str:
    # Not the types of which a field takes one.
    return ".".join(str(word) for word in error["loc"] if not _is_type(word))


def _is_type(word: Any) -> bool:
    return word == "Retry" or "[" in str(word)
