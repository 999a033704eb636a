"""What a stage needs on the machine that runs it.

A stage notebook calls `load` before the user's cells and `save` after them; ``python -m
jupyter_zflow.runtime`` runs such a notebook. The package travels inside the bundle, so it uses only
the standard library, papermill and what the artifacts need; this module, which every kernel
imports, costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["load", "log_metric", "save"]


def load(
    variables: Mapping[str, Iterable[str]] | None = None,
    *,
    states: Mapping[str, Iterable[str]] | None = None,
    files: Iterable[str] = (),
) -> None:
    """Bring variables, ambient states and files of earlier stages into this kernel.

    Parameters
    ----------
    variables
        For each producing stage the names to bind here; ``"*"`` stands for all that it saved.
        A name that was not bound there is not bound here either.
    states
        For each producing stage the kinds of ambient state to restore.
    files
        Stages whose files are laid into the working directory, in this order.

    Raises
    ------
    ArtifactError
        Something was not saved, or what is stored is damaged.
    """
    from jupyter_zflow.runtime.handover import load_all

    load_all(variables or {}, states or {}, tuple(files))


def save(
    variables: Iterable[str] = (),
    *,
    states: Iterable[str] = (),
    files: bool = False,
    everything: bool = False,
    outputs: Iterable[str] = (),
) -> None:
    """Keep variables, ambient states and files of this kernel for later stages.

    Parameters
    ----------
    variables
        Names to save; a name that is not bound is recorded as absent.
    states
        Kinds of ambient state to capture.
    files
        Keep every file that is new or changed since the stage began.
    everything
        Keep each variable that can be kept.
    outputs
        Names that no later stage reads, but people: those that JSON can hold are shown with the
        execution.

    Raises
    ------
    ArtifactError
        A variable cannot leave its process.
    """
    from jupyter_zflow.runtime.handover import save_all

    save_all(tuple(variables), tuple(states), files=files, everything=everything)
    if outputs:
        from jupyter_zflow.runtime.results import record_outputs

        record_outputs(tuple(outputs))


def log_metric(name: str, value: float) -> None:
    """Record a metric of this stage, where Step Functions and CloudWatch can see it."""
    from jupyter_zflow.runtime.metrics import record

    record(name, value)
