from __future__ import annotations

import pytest

from jupyter_zflow.convert.sizes import Need, quantity, smallest
from jupyter_zflow.registry import instance


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", 2.0),
        ("500m", 0.5),
        ("1.5", 1.5),
        ("4Gi", 4 * 2**30),
        ("4G", 4e9),
        ("512Mi", 2**29),
        ("128k", 128_000.0),
        ("many", None),
        ("-1", None),
        ("4 GB", None),
    ],
)
def test_quantities(text: str, expected: float | None) -> None:
    assert quantity(text) == expected


@pytest.mark.parametrize("gpus", [0, 1, 2, 4, 8])
@pytest.mark.parametrize("cpus", [0, 1, 3, 8, 90])
@pytest.mark.parametrize("memory", [0, 7.5, 16, 300])
def test_the_smallest_has_what_is_needed(cpus: int, memory: float, gpus: int) -> None:
    name = smallest(Need(cpus, memory, gpus))

    assert name is not None
    found = instance(name)
    assert (found.vcpus or 0) >= cpus
    assert (found.memory_gib or 0) >= memory
    assert found.gpus >= gpus
    assert bool(found.gpus) == bool(gpus)
    assert "processing" in found.kinds


def test_what_nobody_has() -> None:
    assert smallest(Need(cpus=10_000)) is None
    assert str(Need(1, 2.5, 2)) == "1 CPU, 2.5 GiB, 2 GPUs"
