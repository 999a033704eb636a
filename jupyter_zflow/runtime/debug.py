"""Stand where a stage stood: its working directory, its inputs, and the way to what it loads.

The first cell of a debugging notebook calls `enter`; the notebook's own load cell then finds the
execution as it did in the stage. The working directory goes when the kernel does.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path

from jupyter_zflow.artifacts import namespace
from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.runtime import context, files, workplace


def enter(execution: str, state: str, bundle: str) -> None:
    """Take a stage's place in this kernel.

    Parameters
    ----------
    execution
        The folder that holds what the stages left.
    bundle
        The folder that holds the stage notebooks and the files that travel with them.

    Raises
    ------
    ArtifactError
        The execution or its bundle is no longer there.
    """
    notebook = Path(bundle, "stages", f"{state}.ipynb")
    try:
        metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
    except FileNotFoundError:
        raise ArtifactError(f"there is no {notebook} any more.", remedy="Run it again.") from None
    settings = metadata.get("zflow", {})
    private, workdir = workplace.make_workdir(
        Path(tempfile.gettempdir()), workplace.place_of(notebook)
    )
    scratch = Path(tempfile.mkdtemp(prefix="zfk-"))
    for place in (private, scratch):
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    depth = len(workdir.relative_to(private).parts)
    workplace.lay_inputs(Path(bundle, "files"), settings.get("files", ()), workdir, depth=depth)
    here = context.Context(
        execution=execution,
        state=state,
        stage=settings.get("stage", state),
        workdir=str(workdir),
        scratch=str(scratch),
        inputs=files.listing(workdir),
    )
    here.write(scratch / "context.json")
    os.environ[context.VARIABLE] = str(scratch / "context.json")
    os.chdir(workdir)
    context.begin()
    namespace.watch_classes()
