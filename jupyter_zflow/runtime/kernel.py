"""The IPython extension that a stage's kernel loads before any cell: it notes, and watches files.

It leaves no trace in the user's namespace and prints nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

LIBRARY = "ZFLOW_LIBRARY"
"""What ``PYTHONPATH`` was before the runtime's own folder was added to it."""


def load_ipython_extension(shell: Any) -> None:
    """Note how the process looks, and watch what is written outside the working directory."""
    # All that the save cell will need is imported now: a cell may change sys.path.
    from jupyter_zflow.artifacts import namespace
    from jupyter_zflow.runtime import context, handover, observe, watch  # noqa: F401

    before = os.environ.pop(LIBRARY, None)
    if before == "":
        os.environ.pop("PYTHONPATH", None)
    elif before is not None:
        os.environ["PYTHONPATH"] = before
    place = os.environ.pop(observe.PLACE, None)
    context.begin()
    watch.begin()
    namespace.watch_classes()
    if place:
        observe.start(shell, Path(place))
