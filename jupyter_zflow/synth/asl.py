"""From a pipeline to its state machine, in pure Python: no CDK, no network, microseconds a stage.

The definition is JSONata throughout. Its text is what the template carries and what a local run
executes, so both have one digest. ``${...}`` in it are CloudFormation's placeholders (``Bucket``,
``BundleVersion``, roles, activities); ``${!`` is a literal ``${`` of the author's.

What the author's eyes see first comes first: the first two states say which parameters the
pipeline has and where they are written, then comes a state for each stage.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.synth.arrange import Series, arrange, stages_of
from jupyter_zflow.synth.blocks import machine, row
from jupyter_zflow.synth.expressions import INPUT, expression, literal
from jupyter_zflow.synth.guards import Guards
from jupyter_zflow.synth.jobs.databricks import poll_seconds
from jupyter_zflow.synth.jobs.job import EXECUTION, Context
from jupyter_zflow.synth.naming import Naming
from jupyter_zflow.synth.order import Order, members
from jupyter_zflow.synth.retry import S3, transient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.synth.arrange import Arrangement
    from jupyter_zflow.synth.blocks import Block
    from jupyter_zflow.synth.jobs.job import State


# A misspelt parameter would else be ignored, and the execution would compute something else.
_PARAMETERS = (
    "( $unknown := $keys($states.input)[$not($ in $keys($defaults))]; $exists($unknown) "
    "? $error('Unknown parameter: ' & $join($unknown, ', ')) "
    ": $merge([$defaults, $states.input]) )"
)
_LINE = 80
_INVISIBLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def definition(
    pipeline: Pipeline, *, durations: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return the state machine of the pipeline.

    Parameters
    ----------
    durations
        Estimated seconds of stages, by name; they only decide where a graph that cannot be
        nested exactly has to wait.

    Raises
    ------
    SettingsError
        A setting has a wrong value, or the stage's kind cannot have it.
    DefinitionError
        The stages wait for each other, or two of them would share a name.
    """
    guards = guards_of(pipeline)
    after = {stage.name: stage.after for stage in pipeline.stages}
    blocks = _blocks(arrange(after, durations=durations), guards)
    opening = row(_opening(guards.context, guards))
    return {
        "Comment": literal(pipeline.description) or f"Pipeline {literal(pipeline.name)}",
        "QueryLanguage": "JSONata",
        **({} if pipeline.timeout is None else {"TimeoutSeconds": pipeline.timeout}),
        **machine([opening, *blocks]),
    }


def guards_of(pipeline: Pipeline) -> Guards:
    """Return what stands around the pipeline's stages.

    Raises
    ------
    SettingsError
        A condition or a loop is wrong.
    DefinitionError
        The stages wait for each other, or two of them would share a name.
    """
    after = {stage.name: stage.after for stage in pipeline.stages}
    if len(after) < len(pipeline.stages):
        raise DefinitionError("Two stages have the same name.", remedy="Rename one of them.")
    order = Order(after) if after else None
    context = Context(
        pipeline=pipeline,
        naming=Naming(pipeline),
        upstream=_upstream(order) if order else {},
        poll_seconds=poll_seconds(pipeline.stages),
    )
    return Guards(context)


def render(definition: Mapping[str, Any]) -> str:
    """Return the text that the template carries and a local run executes."""
    # YAML cannot show these in a block, so they are written as JSON's escapes.
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", _pretty(definition, ""))


def definition_text(pipeline: Pipeline) -> str:
    """Return the text of the pipeline's state machine."""
    return render(definition(pipeline))


def definition_sha256(text: str) -> str:
    """Return the digest of a definition's text, before any placeholder is filled."""
    return sha256(text.encode()).hexdigest()


def _opening(context: Context, guards: Guards) -> list[tuple[str, State]]:
    """Return the states that write ``execution.json``, which every stage reads."""
    pipeline, free = context.pipeline, context.naming.free
    defaults = {parameter.name: parameter.default for parameter in pipeline.parameters}
    fixed: dict[str, Any] = {
        context.naming.state(stage): {"parameters": literal(stage.parameters)}
        for stage in pipeline.stages
        if stage.parameters
    }
    write: State = {
        "Type": "Task",
        "Comment": "Writes execution.json, which every stage reads",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {
            "Bucket": "${Bucket}",
            "Key": expression(
                f"'{context.naming.prefix}/executions/' & {EXECUTION} & '/execution.json'"
            ),
            "ContentType": "application/json",
            "Body": {
                "execution": expression(EXECUTION),
                "pipeline": literal(pipeline.name),
                "parameters": expression(_PARAMETERS),
            },
        },
        "Retry": [transient(S3)],
        **({"Assign": {"parameters": expression(_PARAMETERS)}} if guards.parameters_used else {}),
        # From here on the data that states hand on says which stages did not do their work.
        "Output": {} if guards.skippable else INPUT,
    }
    if fixed:
        write["Arguments"]["Body"]["stages"] = fixed
    begin = (free("Begin execution"), write)
    parameters: State = {
        "Type": "Pass",
        "Comment": "Defaults; the execution's input may override these and nothing else",
        "Assign": {"defaults": literal(defaults)},
    }
    return [(free("Set parameters"), parameters), begin]


def _blocks(arrangement: Arrangement, guards: Guards) -> list[Block]:
    if isinstance(arrangement, str):
        return [guards.block(arrangement)]
    if isinstance(arrangement, Series):
        return [block for part in arrangement.parts for block in _blocks(part, guards)]
    firsts = [next(stages_of(part)) for part in arrangement.parts]
    name = guards.context.naming.free(f"In parallel: {', '.join(firsts)}")
    branches = [machine(_blocks(part, guards)) for part in arrangement.parts]
    output = expression("$merge($states.result)") if guards.skippable else INPUT
    return [[(name, {"Type": "Parallel", "Branches": branches, "Output": output})]]


def _upstream(order: Order) -> dict[str, tuple[str, ...]]:
    """Return for each stage all stages before it, the nearest last."""
    place = {i: number for number, i in enumerate(order.sequence)}
    return {
        name: tuple(order.names[j] for j in sorted(members(order.before[i]), key=place.__getitem__))
        for i, name in enumerate(order.names)
    }


def _pretty(value: Any, indent: str) -> str:
    """Return indented JSON in which a flat list or object that fits has one line."""
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    items = value.values() if isinstance(value, dict) else value
    if not any(isinstance(item, dict | list) for item in items):
        line = json.dumps(value, ensure_ascii=False)
        if len(line) <= _LINE:
            return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(k, ensure_ascii=False)}: {_pretty(v, deeper)}" for k, v in value.items()
        ]
    else:
        parts = [_pretty(item, deeper) for item in value]
    body = f",\n{deeper}".join(parts)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{deeper}{body}\n{indent}{closing}"
