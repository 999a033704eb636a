"""Find the file of the notebook that a kernel serves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_VS_CODE = "__vsc_ipynb_file__"
_JUPYTER = "JPY_SESSION_NAME"


def notebook_path(
    given: str | None,
    *,
    verb: str,
    namespace: Mapping[str, object],
    environment: Mapping[str, str] | None = None,
) -> Path:
    """Return the path given, or what VS Code or Jupyter Server say.

    Raises
    ------
    UsageError
        When nobody knows.
    """
    if given is not None:
        return Path(given)
    for known in (namespace.get(_VS_CODE), (environment or os.environ).get(_JUPYTER)):
        if isinstance(known, str) and Path(known).is_file():
            return Path(known)
    raise UsageError(
        "The kernel does not know which notebook it runs.",
        remedy=f"Say it: %zflow {verb} --notebook PATH.",
    )
