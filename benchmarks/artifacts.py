"""What it costs to save and load big values, beside other ways to do it, in one run.

Usage: ``python benchmarks/artifacts.py [ROUNDS] [MEGABYTES]``; needs pandas, pyarrow and joblib.

Each figure comes from a fresh process that does one thing. The ways take turns, and the median of
the rounds is shown. Nothing is dropped: what was just written is still in the page cache. GB/s
are bytes of the value per second. Peak is the most memory (VmHWM) that the value and what saving or
loading it needs took together, over the size of the value.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROUNDS, MEGABYTES = 3, 1000
VALUES = ("frame", "array", "object strings", "str column")
WAYS = (
    "raw bytes", "zflow", "zflow, checked", "Arrow IPC", "np.save", "pickle 5", "joblib",
    "cloudpickle",
)  # fmt: skip


def make(value: str, megabytes: int) -> Any:
    """Return a value: a frame of 8 float columns, an array, or a column of a fifth in strings."""
    import numpy as np
    import pandas as pd

    if value in {"frame", "array"}:
        rows = megabytes * 10**6 // 64
        array = np.arange(8.0 * rows).reshape(rows, 8)
        return array if value == "array" else pd.DataFrame(array, columns=list("abcdefgh"))
    bytes_each = 80 if value == "object strings" else 31
    rows = megabytes * 10**6 // 5 // bytes_each
    texts = (f"row {number:019d}" for number in range(rows))
    if value == "str column":
        return pd.Series(texts, dtype=pd.StringDtype("pyarrow", na_value=np.nan), name="s")
    return pd.Series(np.fromiter(texts, dtype=object, count=rows), dtype=object, name="s")


def size_of(value: Any) -> int:
    """Return the bytes of a value."""
    if hasattr(value, "memory_usage"):
        used = value.memory_usage(deep=True, index=False)
        return int(used if isinstance(used, int) else used.sum())
    return int(value.nbytes)


def touch(value: Any) -> None:
    """Look at all of a value, as who uses it does."""
    if value is None or isinstance(value, (bytes, bytearray)):
        return
    if value.ndim == 2:  # noqa: PLR2004
        numbers = value.sum()
    else:
        numbers = sum(map(len, value)) if value.dtype == object else value.str.len().sum()
    assert numbers is not None


def save(way: str, value: Any, folder: Path) -> None:
    """Save a value."""
    if way.startswith("zflow"):
        _save_here(value, folder)
    elif way == "raw bytes":
        buffers: list[Any] = []
        content = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
        with (folder / "raw").open("wb", buffering=0) as file:
            for part in (memoryview(content), *(buffer.raw() for buffer in buffers)):
                _write_whole(file, part)
    elif way == "Arrow IPC":
        import pyarrow as pa

        table = _table(value)
        sink = pa.OSFile(str(folder / "arrow"), "wb")
        with sink as file, pa.ipc.new_file(file, table.schema) as out:
            out.write_table(table)
    elif way == "np.save":
        import numpy as np

        np.save(folder / "v.npy", value.to_numpy() if hasattr(value, "to_numpy") else value)
    else:
        _dump(way, value, folder / "dump")


def _write_whole(file: Any, part: memoryview) -> None:
    while part:
        part = part[file.write(part) :]


def _save_here(value: Any, folder: Path) -> None:
    from jupyter_zflow.artifacts import exchange, manifest
    from jupyter_zflow.artifacts.store import open_store

    store = open_store(str(folder))
    saved, stored, refused = exchange.save_variables({"v": value}, store, "s")
    assert not refused, refused
    described = manifest.Manifest(stage="s", variables=saved, groups=stored)
    store.write("s/manifest.json", described.to_json().encode())


def _table(value: Any) -> Any:
    import pandas as pd
    import pyarrow as pa

    frame = value if isinstance(value, pd.DataFrame) else pd.DataFrame(value)
    return pa.Table.from_pandas(frame, preserve_index=False)


def _dump(way: str, value: Any, path: Path) -> None:
    if way == "joblib":
        import joblib

        joblib.dump(value, path)
        return
    import cloudpickle

    with path.open("wb") as file:
        (pickle if way == "pickle 5" else cloudpickle).dump(value, file, protocol=5)


def load(way: str, folder: Path) -> Any:
    """Load a value."""
    if way.startswith("zflow"):
        return _load_here(folder, checked=way == "zflow, checked")
    if way == "raw bytes":
        path = folder / "raw"
        content = mmap.mmap(-1, path.stat().st_size)
        with path.open("rb", buffering=0) as file:
            view = memoryview(content)
            while view:
                view = view[file.readinto(view) :]
        return None
    if way == "Arrow IPC":
        import pyarrow as pa

        with pa.memory_map(str(folder / "arrow")) as file:
            return pa.ipc.open_file(file).read_all().to_pandas()
    if way == "np.save":
        import numpy as np

        found = np.load(folder / "v.npy", allow_pickle=True)
        return found if found.ndim == 2 else None  # noqa: PLR2004
    if way == "joblib":
        import joblib

        return joblib.load(folder / "dump")
    with (folder / "dump").open("rb") as file:
        return pickle.load(file)  # noqa: S301  written by this very run


def _load_here(folder: Path, *, checked: bool) -> Any:
    from dataclasses import replace

    from jupyter_zflow.artifacts import exchange, manifest
    from jupyter_zflow.artifacts.store import open_store

    store = open_store(str(folder))
    described = manifest.read(store, "s")
    digest = described.variables["v"].group
    if checked:  # as if the file came from elsewhere
        entry = replace(described.groups[digest], stamp=())
        described = replace(described, groups={digest: entry})
    return exchange.load_group(described, digest, store)["v"]


def child(action: str, value: str, way: str, folder: str, megabytes: int) -> None:
    """Do one thing in this process and print what it took."""
    import numpy as np  # noqa: F401  what every way needs is there before
    import pandas as pd

    import jupyter_zflow.artifacts.exchange  # noqa: F401

    if way in {"Arrow IPC", "joblib"} or value == "str column":
        import joblib  # noqa: F401
        import pyarrow as pa

        pa.Table.from_pandas(pd.DataFrame({"a": ["x"]})).to_pandas()
        pa.set_memory_pool(pa.system_memory_pool())  # gives back what is free at once
    made = make(value, megabytes) if action == "save" else None
    size = size_of(made) if made is not None else 0
    ctypes.CDLL(None).malloc_trim(0)  # what making the value left behind is not its size
    before = _memory("VmRSS") - size
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
    began = time.perf_counter()
    if action == "save":
        save(way, made, Path(folder))
    else:
        made = load(way, Path(folder))
        touch(made)
    seconds = time.perf_counter() - began
    print(json.dumps([seconds, _memory("VmHWM") - before, size]))


def _memory(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else MEGABYTES  # noqa: PLR2004
    print("| value | way | save GB/s | load GB/s | save peak | load peak |")
    print("|---|---|---:|---:|---:|---:|")
    for value in VALUES:
        found: dict[tuple[str, str], list[list[float]]] = {}
        for _ in range(rounds):
            for way in WAYS:
                with tempfile.TemporaryDirectory(prefix="zflow-bench-") as folder:
                    for action in ("save", "load"):
                        words = [action, value, way, folder, str(megabytes)]
                        done = subprocess.run(
                            [sys.executable, __file__, "--child", *words],
                            capture_output=True, text=True, check=True,
                        )  # fmt: skip
                        found.setdefault((way, action), []).append(json.loads(done.stdout))
        size = found["zflow", "save"][0][2]
        for way in WAYS:
            cells = [_middle(found[way, action], 0) for action in ("save", "load")]
            peaks = [_middle(found[way, action], 1) / size for action in ("save", "load")]
            speeds = [f"{size / seconds / 1e9:.2f}" for seconds in cells]
            shown = [f"{peak:.2f}" for peak in peaks]
            print(
                "|",
                " | ".join([f"{value} {size / 1e6:.0f} MB", way, *speeds, *shown]),
                "|",
                flush=True,
            )


def _middle(rows: list[list[float]], column: int) -> float:
    return statistics.median(row[column] for row in rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:6], int(sys.argv[6]))
    else:
        main()
