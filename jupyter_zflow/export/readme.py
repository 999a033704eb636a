"""The README of a pipeline folder: what it does, how to run it, how to deploy it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_zflow.export.graph import compute_label, mermaid
from jupyter_zflow.model.names import slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.pipeline import Pipeline


def readme(pipeline: Pipeline, analysis: Analysis, *, notebook: str) -> str:
    """Return the README as Markdown."""
    sections = [
        f"# {pipeline.name}",
        pipeline.description,
        _origin(notebook),
        f"```mermaid\n{mermaid(pipeline)}```",
        _stages(pipeline, analysis),
        _schedule(pipeline),
        _parameters(pipeline),
        _how_to(pipeline),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _origin(notebook: str) -> str:
    return (
        f"Exported from `{notebook}` by jupyter-zflow. `pipeline.py` says what runs where; edit it "
        "as you like: an export keeps your edits."
    )


def _stages(pipeline: Pipeline, analysis: Analysis) -> str:
    analysed = {stage.name: stage for stage in analysis.stages}
    rows = []
    for stage in pipeline.stages:
        known = analysed[stage.name]
        reads = ", ".join(f"`{name}`" for name in known.reads)
        saves = ", ".join(f"`{name}`" for name in known.saves)
        link = f"[{_cell(stage.name)}](<{stage.notebook}>)"
        rows.append((link, stage.kind, compute_label(stage.compute), reads, saves))
    return "## Stages\n\n" + _table(("stage", "kind", "compute", "takes", "hands on"), rows)


def _schedule(pipeline: Pipeline) -> str:
    if pipeline.schedule is None:
        return ""
    return f"Starts by itself: `{pipeline.schedule.expression}` ({pipeline.schedule.timezone})."


def _parameters(pipeline: Pipeline) -> str:
    if not pipeline.parameters:
        return ""
    rows = [
        (
            f"`{item.name}`",
            f"`{_cell(item.annotation)}`" if item.annotation else "",
            f"`{_cell(json.dumps(item.default, ensure_ascii=False))}`",
            _cell(item.help),
        )
        for item in pipeline.parameters
    ]
    return "## Parameters\n\n" + _table(("name", "type", "default", ""), rows)


def _how_to(pipeline: Pipeline) -> str:
    example = ""
    if pipeline.parameters:
        first = pipeline.parameters[0]
        value = json.dumps(first.default, ensure_ascii=False)
        example = f" -p '{first.name}={value}'"
    return f"""\
## Run it on this machine

The state machine of `template.yaml` itself, without AWS:

```sh
jupyter zflow run .{example}
```

## Change it

```sh
python pipeline.py        # writes template.yaml; so does `jupyter zflow synth .`
pytest                    # script, template and notebooks belong together
```

## Deploy it

`template.yaml` is plain CloudFormation, and this folder is a CDK app. This uploads the code, shows
what would change, and asks:

```sh
jupyter zflow deploy . -p Bucket=BUCKET
jupyter zflow start .{example}
```

The jobs read `stages/`, `files/`, `requirements/` and, in `lib/`, the runtime of jupyter-zflow
from `s3://BUCKET/{slug(pipeline.name)}/bundles/VERSION/`; VERSION is the digest of all that, and
the default of the template's parameter `BundleVersion`. Where something else deploys the template,
`jupyter zflow bundle . -o PLACE` writes what belongs there.
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
