"""A papermill parameter: name, default and the type that its annotation promises."""

from __future__ import annotations

from jupyter_zflow.model.value import Json, Value


class Parameter(Value):
    """One parameter of a pipeline.

    ``annotation`` is Python source, such as ``Literal["a", "b"]`` or ``int | None``, exactly as
    the author wrote it; without one, the type of the default decides.
    """

    name: str
    default: Json = None
    annotation: str | None = None
    help: str = ""
