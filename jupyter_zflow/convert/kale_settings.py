"""What Kale knows about containers and pipelines, in our settings; the rest goes to the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.convert.report import Entry
from jupyter_zflow.convert.sizes import Need, gib, quantity, smallest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

METADATA = "kubeflow_notebook"

_GPU = "nvidia.com/gpu"
_ECR = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/\S+")
_IMAGES = ("docker_image", "base_image")
_ELSEWHERE = {"pipeline_name", "pipeline_description", "notebook_path", "steps_defaults", *_IMAGES}
_LOST = {
    "experiment": "executions are not grouped into experiments",
    "experiment_name": "executions are not grouped into experiments",
    "volumes": "stages share no volume; files go from stage to stage by themselves",
    "snapshot_volumes": "there are no volumes to take snapshots of",
    "autosnapshot": "there are no volumes to take snapshots of",
    "katib_run": "there is no search over parameters",
    "katib_metadata": "there is no search over parameters",
    "marshal_volume": "values go from stage to stage through the artifact store",
    "marshal_path": "values go from stage to stage through the artifact store",
    "storage_class_name": "stages share no volume",
    "volume_access_mode": "stages share no volume",
    "abs_working_dir": "each stage has a working directory of its own",
    "kfp_host": "the pipeline runs on AWS Step Functions",
    "enable_caching": "nothing is cached between executions",
    "timeout": "only a stage can have a timeout",
}
_REMEDIES = {
    "timeout": "Set `timeout` of the stages, in seconds.",
    "katib_metadata": "Start executions with other parameters: `jupyter zflow run NB -p NAME=VALUE`"
    ".",
    "volumes": "Put the files beside the notebook, or read them from S3.",
}


def pipeline_settings(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], list[Entry]]:
    """Return our settings of the pipeline, and an entry for each of Kale's that has none."""
    raw = metadata.get(METADATA)
    if not isinstance(raw, dict):
        return {}, []
    settings: dict[str, Any] = {}
    for theirs, ours in (("pipeline_name", "name"), ("pipeline_description", "description")):
        if isinstance(raw.get(theirs), str) and raw[theirs].strip():
            settings[ours] = raw[theirs].strip()
    entries = [
        Entry(
            kind="lost",
            key=f"{METADATA}.{key}",
            message=f"{key} is {_brief(value)}: {_LOST.get(key, 'there is no such setting')}.",
            remedy=_REMEDIES.get(key, ""),
        )
        for key, value in raw.items()
        if key not in _ELSEWHERE and _says(key, value)
    ]
    entries += [
        _image_entry(raw[key], key=f"{METADATA}.{key}")
        for key in _IMAGES
        if isinstance(raw.get(key), str) and raw[key].strip() and not image(raw[key])
    ]
    return settings, entries


def default_tags(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the settings of all steps, as tags that a step's first cell could have."""
    raw = metadata.get(METADATA)
    if not isinstance(raw, dict):
        return ()
    given = raw.get("steps_defaults")
    tags: list[str] = []
    if isinstance(given, list):
        tags += [tag for tag in given if isinstance(tag, str)]
    elif isinstance(given, dict):
        for kind, word in (("limits", "limit"), ("labels", "label"), ("annotations", "annotation")):
            part = given.get(kind)
            if isinstance(part, dict):
                tags += [f"{word}:{key}:{value}" for key, value in part.items()]
        if isinstance(given.get("base_image"), str):
            tags.append(f"image:{given['base_image']}")
    for key in _IMAGES:
        if isinstance(raw.get(key), str) and image(raw[key]):
            tags.append(f"image:{raw[key].strip()}")
    return tuple(tags)


def stage_settings(
    step: str, tags: Sequence[str], *, defaults: Sequence[str], cell: int
) -> tuple[dict[str, Any], list[Entry]]:
    """Return our settings of one stage from the tags of its step; they win over the defaults."""
    limits: dict[str, str] = {}
    images: list[str] = []
    entries = [lost_tag(tag, cell=cell) for tag in tags if is_lost(tag)]
    for tag in (*defaults, *tags):
        kind, _, rest = tag.partition(":")
        if kind == "limit":
            key, _, value = rest.rpartition(":")
            limits[key] = value
        elif kind == "image":
            images.append(rest.strip())
    compute: dict[str, Any] = {}
    need, lost = _need(limits, cell)
    entries += lost
    if need != Need():
        name = smallest(need)
        if name is None:
            entries.append(
                Entry(
                    kind="lost",
                    cell=cell,
                    message=f"step {step!r} asks for {need}, and no instance type has that.",
                    remedy="Choose a compute for the stage.",
                )
            )
        else:
            compute["instance_type"] = name
            entries.append(
                Entry(
                    kind="changed",
                    cell=cell,
                    message=f"step {step!r} asks for {need}; {name} is the smallest instance type "
                    "that has it.",
                )
            )
    if images and image(images[-1]):
        compute["image"] = images[-1]
    elif images:
        entries.append(_image_entry(images[-1], cell=cell))
    return ({"compute": compute} if compute else {}), entries


def image(name: str) -> bool:
    """Say whether a SageMaker job can run an image: it must be in Amazon's registry."""
    return _ECR.fullmatch(name.strip()) is not None


def _image_entry(name: str, *, cell: int | None = None, key: str = "") -> Entry:
    return Entry(
        kind="lost",
        cell=cell,
        key=key,
        message=f"the image {name!r} is not in Amazon ECR, where jobs take theirs from; the stage "
        "runs in SageMaker Distribution.",
        remedy="Push it to ECR and set `image` of the stage's compute.",
    )


def is_lost(tag: str) -> bool:
    """Say whether a tag about a container has no counterpart whatever its value is."""
    return not tag.startswith(("limit:", "image:"))


def lost_tag(tag: str, *, cell: int | None = None, key: str = "") -> Entry:
    """Return the entry for such a tag."""
    why = {
        "annotation": "a job has no annotations",
        "label": "a job has no labels; AWS tags are given to the whole pipeline",
        "cache": "nothing is cached between executions",
    }.get(tag.partition(":")[0], "there is no such setting")
    return Entry(kind="lost", cell=cell, key=key, message=f"{tag!r}: {why}.")


def _need(limits: Mapping[str, str], cell: int) -> tuple[Need, list[Entry]]:
    amounts = {key: quantity(value) for key, value in limits.items()}
    entries = [
        Entry(
            kind="lost",
            cell=cell,
            message=f"'limit:{key}:{limits[key]}': only cpu, memory and {_GPU} can be asked for, "
            "as numbers.",
            remedy="Choose a compute for the stage.",
        )
        for key, amount in amounts.items()
        if amount is None or key not in {"cpu", "memory", _GPU}
    ]
    need = Need(
        cpus=amounts.get("cpu") or 0.0,
        memory_gib=gib(amounts.get("memory") or 0.0),
        gpus=int(amounts.get(_GPU) or 0),
    )
    return need, entries


def _says(key: str, value: Any) -> bool:
    """Say whether a setting says anything; what the editor fills in by itself does not."""
    if isinstance(value, dict):
        if key == "katib_metadata":
            return bool(value.get("parameters"))
        return any(_says(inner, item) for inner, item in value.items())
    return value not in (None, "", False, [], "new")


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004
