"""Which parameters a run injects, and as which type.

JSON, and JSONata even more so, does not keep a tuple or the ``.0`` of a float. So the default is
never injected, for the notebook's own cell says it exactly; and what the author declared as a
float or a tuple is made one again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def injected(settings: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters to inject.

    Parameters
    ----------
    settings
        The ``zflow`` metadata of the stage notebook.
    given
        The execution's parameters, defaults included.
    """
    defaults, types = settings.get("defaults", {}), settings.get("types", {})
    return {
        name: _typed(given[name], types.get(name))
        for name in settings.get("parameters", ())
        if name in given and not (name in defaults and _same(given[name], defaults[name]))
    }


def _typed(value: Any, kind: str | None) -> Any:
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == "tuple" and isinstance(value, list):
        return tuple(value)
    return value


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 1 and 1.0 are one number, true is none."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def translate_exactly() -> None:
    """Let papermill write parameters as Python does; its own translator makes tuples texts."""
    from papermill.translators import PythonTranslator, papermill_translators

    class ExactTranslator(PythonTranslator):  # type: ignore[misc]
        """Writes values as ``repr``, which is exact for JSON and tuples."""

        @classmethod
        def translate(cls, val: Any) -> str:
            """Return the value's source."""
            return repr(val)

    papermill_translators.register("python", ExactTranslator)
