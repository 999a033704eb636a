"""Build ``instances.json`` and the DSL's literals: ``python -m jupyter_zflow.registry.build``.

The types per kind of job are enumerations of botocore's SageMaker model; their sizes come from
moto's copy of EC2's instance types. Both are needed here only, never by users.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENUMERATIONS = {
    "processing": "ProcessingInstanceType",
    "training": "TrainingInstanceType",
    "transform": "TransformInstanceType",
}
# EC2 no longer lists these, SageMaker does: vCPUs, GiB, GPUs, GPU, GiB of all GPUs.
RETIRED: dict[str, tuple[int, float, int, str, float]] = {
    "ml.p2.xlarge": (4, 61, 1, "K80", 12),
    "ml.p2.8xlarge": (32, 488, 8, "K80", 96),
    "ml.p2.16xlarge": (64, 732, 16, "K80", 192),
    "ml.p3.2xlarge": (8, 61, 1, "V100", 16),
    "ml.p3.8xlarge": (32, 244, 4, "V100", 64),
    "ml.p3.16xlarge": (64, 488, 8, "V100", 128),
}
Row = tuple[str, int | None, float | None, int, str | None, float | None]


def main() -> None:
    """Write both files."""
    kinds = enumerations()
    rows = catalogue(kinds)
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    (HERE / "instances.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    target = HERE.parent / "dsl" / "instance_types.py"
    target.write_text(literals(kinds), encoding="utf-8")


def enumerations() -> dict[str, list[str]]:
    """Return the allowed types per kind of job, ordered by family and size."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("sagemaker")
    return {
        kind: sorted(model.shape_for(shape).enum, key=_order)
        for kind, shape in ENUMERATIONS.items()
    }


def catalogue(kinds: dict[str, list[str]]) -> dict[str, Row]:
    """Return a row per type: kinds, vCPUs, GiB, GPUs, name and GiB of the GPUs."""
    import moto

    path = Path(moto.__file__).parent / "ec2" / "resources" / "instance_types.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        sizes: dict[str, Any] = json.load(file)
    names = sorted({name for types in kinds.values() for name in types}, key=_order)
    return {name: _row(name, kinds, sizes.get(name.removeprefix("ml."))) for name in names}


def literals(kinds: dict[str, list[str]]) -> str:
    """Return the source of ``dsl/instance_types.py``."""
    parts = [
        '"""Instance types per kind of job; written by ``jupyter_zflow.registry.build``."""\n',
        "from __future__ import annotations\n",
        "from typing import Literal\n",
    ]
    for kind, types in kinds.items():
        lines = "".join(f'    "{name}",\n' for name in types)
        parts.append(f"{kind.title()}InstanceType = Literal[\n{lines}]\n")
    return "\n".join(parts)


def _row(name: str, kinds: dict[str, list[str]], size: dict[str, Any] | None) -> Row:
    allowed = " ".join(kind for kind, types in kinds.items() if name in types)
    if size is None:
        return (allowed, *RETIRED.get(name, (None, None, 0, None, None)))
    gpus = size.get("GpuInfo", {}).get("Gpus", [])
    total = size.get("GpuInfo", {}).get("TotalGpuMemoryInMiB")
    return (
        allowed,
        size["VCpuInfo"]["DefaultVCpus"],
        _gib(size["MemoryInfo"]["SizeInMiB"]),
        sum(gpu["Count"] for gpu in gpus),
        gpus[0]["Name"] if gpus else None,
        _gib(total) if total else None,
    )


def _gib(mebibytes: int) -> float:
    gib = round(mebibytes / 1024, 1)
    return int(gib) if gib == int(gib) else gib


def _order(name: str) -> tuple[str, int, int, str]:
    _, family, size = name.split(".", 2)
    words = ("nano", "micro", "small", "medium", "large", "xlarge")
    number = re.match(r"(\d+)xlarge", size)
    rank = len(words) if number else words.index(size)
    return (family, rank, int(number[1]) if number else 0, size)


if __name__ == "__main__":
    main()
