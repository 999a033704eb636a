"""Let the judge compare: a process of its own, on the interpreter of the notebook's kernel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_zflow
from jupyter_zflow.errors import ToolError
from jupyter_zflow.runtime import snapshot
from jupyter_zflow.verify import judge as judge_process
from jupyter_zflow.verify.verdict import VariableRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_zflow.verify.pairs import Pair

_DEADLY = "loading or comparing it ends the process that does so"


def compare(
    pairs: Sequence[Pair],
    *,
    straight: Path,
    isolated: Path,
    scratch: Path,
    sources: Iterable[Path],
    kernel: str,
    tolerance: float,
) -> tuple[VariableRow, ...]:
    """Return a row for each pair, in their order.

    Parameters
    ----------
    straight, isolated
        The folders of the two runs.
    scratch
        An empty folder for the judge.
    sources
        Folders from which the notebook imports its own modules.
    kernel
        The name of the notebook's kernel.
    """
    open_pairs = {key: pair for key, pair in enumerate(pairs) if not pair.reason}
    bench = _Bench(straight, isolated, _import_path(straight, sources), interpreter(kernel))
    said = bench.judge(open_pairs, scratch / "together", tolerance=tolerance)
    missing = {key: pair for key, pair in open_pairs.items() if key not in said}
    if missing:
        # A value may end the process that loads it, or break what others need.
        said |= bench.judge(missing, scratch / "apart", tolerance=tolerance, apart=True)
    return tuple(_row(pair, said.get(key)) for key, pair in enumerate(pairs))


@dataclass(frozen=True)
class _Bench:
    straight: Path
    isolated: Path
    path: list[str]
    python: str

    def judge(
        self, pairs: Mapping[int, Pair], scratch: Path, *, tolerance: float, apart: bool = False
    ) -> dict[int, dict[str, Any]]:
        """Return what the judge said, by the key of the pair."""
        scratch.mkdir(parents=True)
        batches: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for key, pair in pairs.items():
            labels = (pair.straight, pair.isolated, key if apart else None)
            batches.setdefault(labels, []).append({"key": key, "name": pair.name})
        plan = {
            "tolerance": tolerance,
            "apart": apart,
            "result": str(scratch / "result.jsonl"),
            "batches": [
                {
                    "straight": [str(self.straight / snapshot.FOLDER), labels[0]],
                    "isolated": [str(self.isolated / snapshot.FOLDER), labels[1]],
                    "pairs": wanted,
                }
                for labels, wanted in batches.items()
            ],
        }
        (scratch / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        ended = subprocess.run(
            [self.python, "-W", "ignore", "-m", judge_process.__name__, str(scratch / "plan.json")],
            cwd=scratch,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(self.path), "MPLBACKEND": "agg"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        said = _read(scratch / "result.jsonl")
        if apart and ended.returncode:
            lines = ended.stderr.decode(errors="replace").splitlines() or [str(ended.returncode)]
            raise ToolError(
                f"the values could not be compared: {lines[-1]}",
                remedy=f"Is everything that the notebook needs installed for {self.python}?",
            )
        return said


def interpreter(kernel: str) -> str:
    """Return the Python that a kernel runs on."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    if kernel == "python3":
        return sys.executable
    try:
        command = KernelSpecManager().get_kernel_spec(kernel).argv
    except NoSuchKernel:
        return sys.executable
    found = shutil.which(command[0]) if command else None
    return found if found and "python" in Path(found).name else sys.executable


def _import_path(straight: Path, sources: Iterable[Path]) -> list[str]:
    inside: dict[str, None] = {".": None}
    for noted in straight.glob(f"{snapshot.FOLDER}/*/{snapshot.PATH}"):
        inside |= dict.fromkeys(json.loads(noted.read_text(encoding="utf-8")))
    library = str(Path(jupyter_zflow.__file__).parent.parent)
    own = [str((source / entry).resolve()) for source in sources for entry in inside]
    before = os.environ.get("PYTHONPATH", "")
    return [library, *own, *([before] if before else [])]


def _read(result: Path) -> dict[int, dict[str, Any]]:
    try:
        lines = result.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found: dict[int, dict[str, Any]] = {}
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:  # the process died while it wrote
            continue
        found[entry.pop("key")] = entry
    return found


def _row(pair: Pair, said: dict[str, Any] | None) -> VariableRow:
    said = said or {"verdict": "not compared", "detail": pair.reason or _DEADLY}
    return VariableRow(
        name=pair.name,
        stage=pair.stage,
        at=pair.at,
        verdict="equal" if said["verdict"] == "unbound" else said["verdict"],
        path=said.get("path", ""),
        detail=said.get("detail", ""),
        straight=said.get("straight", ""),
        isolated=said.get("isolated", ""),
    )
