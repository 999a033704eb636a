"""What Elyra says about a node's container, in our settings; the rest goes to the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.convert.elyra_file import pairs
from jupyter_zflow.convert.kale_settings import image
from jupyter_zflow.convert.report import Entry
from jupyter_zflow.convert.sizes import Need, smallest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.convert.elyra_file import ElyraPipeline, Node

_SECRET = re.compile(r"(?i)token|secret|passw|passphrase|api_?key|access_?key|credential")
_LOST = {
    "kubernetes_secrets": "a stage gets no secrets from Kubernetes",
    "mounted_volumes": "stages share no volume; files go from stage to stage by themselves",
    "kubernetes_tolerations": "jobs run outside of Kubernetes",
    "kubernetes_pod_annotations": "jobs run outside of Kubernetes",
    "kubernetes_pod_labels": "jobs run outside of Kubernetes",
    "kubernetes_shared_mem_size": "jobs run outside of Kubernetes",
    "disable_node_caching": "nothing is cached between executions",
    "cpu_limit": "an instance has no limits below its size",
    "memory_limit": "an instance has no limits below its size",
}
_REMEDIES = {
    "kubernetes_secrets": "Read them from AWS Secrets Manager in the notebook.",
    "mounted_volumes": "Put the files beside the notebook, or read them from S3.",
}
_KNOWN = frozenset(
    "filename dependencies include_subdirectories outputs env_vars runtime_image cpu gpu memory "
    "gpu_vendor pipeline_parameters inputs".split()
)


def node_settings(
    pipeline: ElyraPipeline, node: Node, *, stage: str
) -> tuple[dict[str, Any], list[Entry]]:
    """Return our settings of a node's stage, and entries for what got lost."""
    given = {
        key: value
        for key, value in {**pipeline.defaults, **node.properties}.items()
        if value not in (None, "", [], {})
    }
    entries = [
        _lost(stage, key, f"{_LOST.get(key, 'there is no such setting')}.", _REMEDIES.get(key, ""))
        for key in given
        if key not in _KNOWN and not (key == "disable_node_caching" and given[key] is False)
    ]
    settings: dict[str, Any] = {}
    environment = _environment(pipeline, node, stage, entries)
    if environment:
        settings["environment"] = environment
    compute = _compute(given, stage, entries)
    if compute:
        settings["compute"] = compute
    return settings, entries


def pipeline_entries(pipeline: ElyraPipeline) -> list[Entry]:
    """Return entries for what the pipeline itself says and has no counterpart."""
    entries = [
        Entry(
            kind="lost",
            key=f"properties.{key}",
            message=f"{key} is {value!r}: there is no such setting.",
        )
        for key, value in pipeline.other.items()
        if value not in (None, "", [], {})
    ]
    if pipeline.comments:
        number = f"{pipeline.comments} comment{'s' if pipeline.comments > 1 else ''}"
        entries.append(
            Entry(
                kind="lost",
                key="app_data.ui_data.comments",
                message=f"{number} in the drawing: stages have descriptions instead.",
            )
        )
    return entries


def _environment(
    pipeline: ElyraPipeline, node: Node, stage: str, entries: list[Entry]
) -> dict[str, str]:
    found = pairs(pipeline.defaults.get("env_vars"), "env_var", "value")
    for name, value in pairs(node.properties.get("env_vars"), "env_var", "value").items():
        found[name] = value or found.get(name, "")
    entries += [
        _lost(
            stage,
            f"env_vars.{name}",
            "it has no value, and a stage inherits nothing from the environment of Jupyter.",
            "Set it in pipeline.py.",
        )
        for name, value in found.items()
        if not value
    ]
    for name in [name for name in found if _SECRET.search(name) and found[name]]:
        entries.append(
            _lost(
                stage,
                f"env_vars.{name}",
                "this looks like a secret, and a secret is written to no file.",
                "Read it from AWS Secrets Manager in the notebook.",
            )
        )
        del found[name]
    known = {str(item.get("name")): item for item in pipeline.parameters}
    wanted = node.properties.get("pipeline_parameters")
    for name in wanted if isinstance(wanted, list) else []:
        default = _default(known.get(str(name), {}))
        key = f"pipeline_parameters.{name}"
        if default is None:
            entries.append(_lost(stage, key, "it has no default, so the variable is not set."))
            continue
        found[str(name)] = default
        entries.append(
            Entry(
                kind="changed",
                key=_key(stage, key),
                message=f"Elyra hands it over as an environment variable; here that is fixed to "
                f"its default {default!r}.",
                remedy="To choose it per execution, set it in a `parameters` cell of the notebook.",
            )
        )
    return {name: value for name, value in found.items() if value}


def _default(parameter: Mapping[str, Any]) -> str | None:
    raw = parameter.get("default_value", parameter.get("value"))
    value = raw.get("value") if isinstance(raw, dict) else raw
    return None if value is None else str(value)


def _compute(given: Mapping[str, Any], stage: str, entries: list[Entry]) -> dict[str, Any]:
    compute: dict[str, Any] = {}
    need = Need(_number(given, "cpu"), _number(given, "memory"), 0)
    if _number(given, "gpu"):
        vendor = str(given.get("gpu_vendor") or "nvidia.com/gpu")
        if vendor != "nvidia.com/gpu":
            entries.append(_lost(stage, "gpu_vendor", f"there are no GPUs of {vendor!r}."))
        else:
            need = Need(need.cpus, need.memory_gib, int(_number(given, "gpu")))
    if need != Need():
        name = smallest(need)
        if name is None:
            entries.append(_lost(stage, "cpu, gpu, memory", f"no instance type has {need}."))
        else:
            compute["instance_type"] = name
            entries.append(
                Entry(
                    kind="changed",
                    key=_key(stage, "cpu, gpu, memory"),
                    message=f"it asks for {need}; {name} is the smallest instance type that has "
                    "it.",
                )
            )
    name = given.get("runtime_image")
    if isinstance(name, str) and image(name):
        compute["image"] = name
    elif isinstance(name, str):
        entries.append(
            _lost(
                stage,
                "runtime_image",
                f"the image {name!r} is not in Amazon ECR, where jobs take theirs from; the stage "
                "runs in SageMaker Distribution.",
                "Push it to ECR and set `image` of the stage in pipeline.py.",
            )
        )
    return compute


def _number(given: Mapping[str, Any], key: str) -> float:
    try:
        return max(0.0, float(given.get(key) or 0))
    except (TypeError, ValueError):
        return 0.0


def _key(stage: str, key: str) -> str:
    return f"{stage}: {key}"


def _lost(stage: str, key: str, message: str, remedy: str = "") -> Entry:
    return Entry(kind="lost", key=_key(stage, key), message=message, remedy=remedy)
