"""What to say when one of the runs did not come to its end: one sentence or two, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_zflow.runner.stages import StageRun
    from jupyter_zflow.verify.verdict import Verification


def failure(found: Verification) -> str:
    """Return which run failed, where and how; empty when none did."""
    straight = found.straight if found.straight is not None and found.straight.error else None
    stages = [run for run in found.stages if run.error and run.status != "ABORTED"]
    if straight is None:
        return " ".join(
            f"Stage {run.name!r} fails{_where(run)}, where the notebook runs: {_said(run)}."
            for run in stages
        )
    text = (
        f"The notebook itself fails{_where(straight)}: {_said(straight)}. "
        "Only what comes before was compared."
    )
    if any(_key(run) == _key(straight) for run in stages):
        same = next(run for run in stages if _key(run) == _key(straight))
        text += f" Stage {same.name!r} fails in the same way."
    others = [run for run in stages if _key(run) != _key(straight)]
    return " ".join(
        [text, *(f"Stage {run.name!r} fails{_where(run)}: {_said(run)}." for run in others)]
    )


def _key(run: StageRun) -> tuple[object, ...]:
    error = run.error or {}
    return error.get("cell"), error.get("name"), error.get("message")


def _where(run: StageRun) -> str:
    cell = (run.error or {}).get("cell")
    return "" if cell is None else f" in cell {cell + 1}"


def _said(run: StageRun) -> str:
    error = run.error or {}
    text = f"{error.get('name', 'Error')}: {error.get('message', '')}"
    return text.rstrip(": .")
