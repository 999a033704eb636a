from __future__ import annotations

import pytest

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.registry import build, check_instance_type, instance, instance_types
from jupyter_zflow.registry.instances import JOB_KINDS, catalogue


@pytest.mark.parametrize(
    ("name", "vcpus", "memory", "gpus"),
    [
        ("ml.m5.large", 2, 8, 0),
        ("ml.g5.2xlarge", 8, 32, 1),
        ("ml.p3.16xlarge", 64, 488, 8),
        ("ml.t3.medium", 2, 4, 0),
    ],
)
def test_sizes(name: str, vcpus: int, memory: float, gpus: int) -> None:
    entry = instance(name)

    assert (entry.vcpus, entry.memory_gib, entry.gpus) == (vcpus, memory, gpus)


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        (
            "ml.m5.larg",
            "training",
            ["'ml.m5.larg' is unknown", "Did you mean ml.m5.large", "training jobs"],
        ),
        ("m5.xlarge", "processing", ["'m5.xlarge' is unknown", "ml.m5.xlarge", "processing jobs"]),
        ("ML.G5.XLARGE", "training", ["ml.g5.xlarge"]),
        ("ml.p4d.24xlarge", "processing", ["is for training jobs only, not for processing jobs"]),
        ("banana", "transform", ["'banana' is unknown", "transform jobs"]),
    ],
)
def test_wrong_types_are_refused_with_what_is_near(name: str, kind: str, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        check_instance_type(name, kind=kind, stage="fit")  # type: ignore[arg-type]

    message = str(caught.value)
    assert "Stage 'fit'" in message
    assert [part for part in parts if part not in message] == []
    assert str(len(instance_types(kind))) in message  # type: ignore[arg-type]


def test_the_committed_files_are_what_the_builder_writes() -> None:
    kinds = build.enumerations()
    rows = build.catalogue(kinds)

    assert list(rows) == list(catalogue())
    assert {kind: list(instance_types(kind)) for kind in JOB_KINDS} == kinds
    literals = (build.HERE.parent / "dsl" / "instance_types.py").read_text(encoding="utf-8")
    assert literals == build.literals(kinds)


def test_an_unknown_name_has_no_entry() -> None:
    with pytest.raises(SettingsError, match="unknown"):
        instance("ml.nothing.large")
