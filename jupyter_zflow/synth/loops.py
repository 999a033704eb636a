"""``for_each``: the stage as a Map state, one run for each item.

The list is written to ``<stage>/items.json`` first, because an item may be longer than a job's
argument: a run is told its number and reads its item there. What a run leaves lies below
``<stage>/items/<number>/``; whoever loads the stage's variables gets lists, those of the runs one
after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.synth import jobs
from jupyter_zflow.synth.blocks import caught, machine, row
from jupyter_zflow.synth.conditions import a_list
from jupyter_zflow.synth.expressions import INPUT, expression, literal
from jupyter_zflow.synth.jobs.job import EXECUTION
from jupyter_zflow.synth.naming import variable
from jupyter_zflow.synth.retry import S3, transient

if TYPE_CHECKING:
    from jupyter_zflow.model.condition import Loop
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.blocks import Block
    from jupyter_zflow.synth.jobs.job import Context, State, States

AT_ONCE = 40
"""Runs at the same time that an inline Map state has at most."""
KINDS = ("processing", "training", "slurm")
TOO_MANY = "Stage.TooManyItemsFailed"


def check(stage: Stage, loop: Loop, context: Context) -> None:
    """Raise when the stage cannot run for each item."""
    if stage.kind not in KINDS:
        raise SettingsError(
            f"Stage {stage.name!r}: {stage.kind} stages cannot run for each item.",
            remedy=f"for_each is for stages of the kinds {', '.join(KINDS)}.",
        )
    known = [parameter.name for parameter in context.pipeline.parameters]
    if loop.variable not in known:
        raise SettingsError(
            f"Stage {stage.name!r}: for_each gives each item to {loop.variable!r}, which is no "
            "parameter.",
            remedy=f"Known are {', '.join(known) or 'none'}.",
        )
    if loop.variable in stage.parameters:
        raise SettingsError(
            f"Stage {stage.name!r} fixes the parameter {loop.variable!r}, which takes each item.",
            remedy="Do not fix it.",
        )


def states(stage: Stage, loop: Loop, context: Context, *, items: str) -> States:
    """Return the state that writes the list, the loop, and what judges its failures."""
    naming = context.naming
    state = naming.state(stage)
    key = f"'{naming.prefix}/executions/' & {EXECUTION} & '/{state}/items.json'"
    listed = a_list(items, str(loop.items))
    write: State = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {
            "Bucket": "${Bucket}",
            "Key": expression(key),
            "ContentType": "application/json",
            "Body": {
                "variable": loop.variable,
                "items": expression(listed),
                "tolerated": stage.tolerated_failures,
            },
        },
        "Retry": [transient(S3)],
        "Assign": {variable(stage.name, "items"): expression(listed)},
        "Output": INPUT,
    }
    begin = (naming.free(f"Items of {state}"), write)
    return [begin, *_loop(stage, context)]


def _loop(stage: Stage, context: Context) -> States:
    naming = context.naming
    state = naming.state(stage)
    inner = replace(context, item=True)
    work = jobs.states(stage, inner)
    own = naming.free(f"{state} item")
    work = [(own if name == state else name, body) for name, body in work]
    failed = naming.free(f"{state} item failed") if stage.tolerated_failures else ""
    after: Block = []
    if failed:
        work = [caught(item, failed) for item in work]
        after = [(failed, {"Type": "Pass", "Output": {"failed": True}})]
    looped: State = {
        "Type": "Map",
        "Comment": literal(stage.for_each),
        "Items": expression(f"${variable(stage.name, 'items')}"),
        "ItemSelector": {"index": expression("$states.context.Map.Item.Index")},
        "MaxConcurrency": stage.max_concurrency or AT_ONCE,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **machine([[*row(work), *after]])},
        "Output": INPUT,
    }
    if not stage.tolerated_failures:
        return [(state, looped)]
    failures = variable(stage.name, "failures")
    del looped["Output"]
    looped["Assign"] = {failures: expression("$count($states.result[failed])")}
    looped["Output"] = INPUT
    enough, many = naming.free(f"Did enough of {state} succeed?"), naming.free(f"{state} gave up")
    done = naming.free(f"{state} done")
    limit = stage.tolerated_failures
    return [
        (state, looped),
        (
            enough,
            {
                "Type": "Choice",
                "Choices": [{"Condition": expression(f"${failures} > {limit}"), "Next": many}],
                "Default": done,
            },
        ),
        (
            many,
            {
                "Type": "Fail",
                "Error": TOO_MANY,
                "Cause": expression(
                    f"$string(${failures}) & ' items failed, tolerated are {limit}'"
                ),
            },
        ),
        (done, {"Type": "Pass"}),
    ]
