"""Notebooks that are broken in every way: no traceback, and nobody waits longer than five seconds.

Usage: ``python benchmarks/fuzz.py [--number N] [--seed S] [--jobs J] NOTEBOOK_OR_FOLDER...``

Each notebook that is named is mutated: its text, its cells, its tags and settings, its structure.
Every mutant goes through ``check``, some through ``export``, a few through the command line. What
breaks the rule is kept in ``--keep`` with what happened, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.check import check
from jupyter_zflow.actions.explain import explain
from jupyter_zflow.actions.export import export
from jupyter_zflow.errors import ZflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 5.0
EXPORT_EVERY, CLI_EVERY = 20, 200
PIECES = (
    "", " ", "\n", "\n    ", "\t", "(", ")", "[", "]", "{", "}", ":", ",", "*", "**", "=", ":=",
    "%", "%%", "!", "?", "\\", "'", '"""', "#", "@", "\0", "\ud800", "é", "😀", "lambda: ",
    "await ", "yield ", "del ", "global x\n", "import ", "from . import *\n", "exec(", "def f():",
    "class C:", "if True:", "for i in range(3):", "%%bash\n", "%run ", "!pip install x\n", "x = ",
    "%%stage a --after b\n", "%pipeline p\n", "%%zflow\n", "1e999", "0x", "\x0c", "\r", "\r\n",
)  # fmt: skip
TAGS = (
    "setup", "parameters", "skip", "stage:a", "stage:b", "stage:c", "stage:", "stage:A b/ü",
    "after:a", "after:b", "after:nowhere", "after:", "", "%%", "stage:" + "x" * 300, "stage:setup",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1.5, "", "a", "x" * 2000, [], [[]], ["a"], {}, {"a": {}},
    [None], {"": None}, "ml.m5.large", "rate(1 day)", "\ud800", "stage:a", {"stages": []},
)  # fmt: skip
KINDS = ("processing", "training", "transform", "databricks", "slurm", "nothing", 3, None)


# ---------------------------------------------------------------- mutations


def cut(text: str, chance: random.Random) -> str:
    """Replace a piece of a text by another one."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice((0, 1, 3, 12, 60)))
    other = chance.randrange(len(text) + 1)
    new = chance.choice((chance.choice(PIECES), text[start:end] * 2, text[other : other + 20]))
    return text[:start] + new + text[end:]


def shuffle_lines(text: str, chance: random.Random) -> str:
    """Drop, double, swap or indent a line."""
    lines = text.splitlines(keepends=True) or [""]
    place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[place]
        case 1:
            lines.insert(other, lines[place])
        case 2:
            lines[place], lines[other] = lines[other], lines[place]
        case _:
            lines[place] = "    " + lines[place]
    return "".join(lines)


def edit_tree(text: str, chance: random.Random) -> str:
    """Change a valid cell into another valid cell: names, constants, statements, wrappers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return cut(text, chance)
    nodes = list(ast.walk(tree))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    for _ in range(chance.randrange(1, 4)):
        match chance.randrange(4):
            case 0 if len(names) > 1:
                chance.choice(names).id = chance.choice(names).id
            case 1:
                calls = [node for node in nodes if isinstance(node, ast.Call)]
                if calls and names:
                    chance.choice(calls).args.append(chance.choice(names))
            case 2:
                tree.body = wrapped(tree.body, chance)
            case _:
                holders = [n for n in nodes if isinstance(getattr(n, "body", None), list)]
                body = getattr(chance.choice(holders), "body") if holders else []  # noqa: B009
                if body:
                    body.insert(chance.randrange(len(body) + 1), chance.choice(body))
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    except (RecursionError, ValueError, TypeError, AttributeError):
        return text


def wrapped(body: list[ast.stmt], chance: random.Random) -> list[ast.stmt]:
    """Put statements into a function, a class, a branch, a loop or a ``try``."""
    if not body:
        return body
    head = chance.choice(
        ("def wrapper(a, *b, c=1, **d):", "class Wrapper(dict):", "if wrapper:",
         "for wrapper in range(3):", "while True:", "with open('w') as wrapper:",
         "async def wrapper():")
    )  # fmt: skip
    (holder,) = ast.parse(f"{head} pass").body
    holder.body = body  # type: ignore[attr-defined]
    start = chance.randrange(2)
    return [*body[:start], holder, *([] if start else ast.parse("wrapper()").body)]


def mutate_source(whole: dict[str, Any], chance: random.Random) -> None:
    """Change the source of a cell."""
    cells = _cells(whole)
    if not cells:
        return
    cell = chance.choice(cells)
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    for _ in range(chance.randrange(1, 4)):
        text = chance.choice((cut, shuffle_lines, edit_tree, edit_tree))(text, chance)
    cell["source"] = chance.choice((text, text.splitlines(keepends=True)))


def mutate_tags(whole: dict[str, Any], chance: random.Random) -> None:
    """Give cells other tags."""
    for cell in _cells(whole):
        if chance.choice((True, True, False, False, False)):
            metadata = cell.get("metadata")
            if not isinstance(metadata, dict):
                metadata = cell["metadata"] = {}
            metadata["tags"] = chance.sample(TAGS, chance.randrange(4))


def mutate_settings(whole: dict[str, Any], chance: random.Random) -> None:
    """Give the pipeline and its stages settings, right and wrong ones."""
    stage = {
        chance.choice(("kind", "compute", "retry", "timeout", "when", "for_each", "after", "x")):
            chance.choice((*VALUES, *KINDS, {"instance": "ml.g5.xlarge"}, {"gpus": -1}))
        for _ in range(chance.randrange(4))
    }  # fmt: skip
    pipeline = {
        chance.choice(("name", "description", "schedule", "timezone", "y")): chance.choice(VALUES)
        for _ in range(chance.randrange(3))
    }
    metadata = whole.get("metadata")
    if not isinstance(metadata, dict):
        metadata = whole["metadata"] = {}
    metadata["zflow"] = {
        "version": chance.choice((1, 1, 1, 2, "1", None)),
        "pipeline": chance.choice((pipeline, pipeline, *VALUES)),
        "stages": chance.choice(({chance.choice("abc"): stage}, {"a": stage}, *VALUES)),
    }


def mutate_structure(whole: dict[str, Any], chance: random.Random) -> None:
    """Drop, double or move cells, or put a wrong value anywhere."""
    cells = whole.get("cells")
    if isinstance(cells, list) and cells and chance.choice((True, True, False)):
        place, other = chance.randrange(len(cells)), chance.randrange(len(cells))
        match chance.randrange(4):
            case 0:
                del cells[place]
            case 1:
                cells.insert(other, copy.deepcopy(cells[place]))
            case 2:
                cells.insert(other, cells.pop(place))
            case _ if isinstance(cells[place], dict):
                cells[place]["cell_type"] = chance.choice(("code", "markdown", "raw", "x", None))
        return
    holders = list(_holders(whole))
    holder = chance.choice(holders)
    keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    if not keys:
        return
    key = chance.choice(keys)
    if chance.choice((True, False, False)):
        del holder[key]
    else:
        holder[key] = copy.deepcopy(chance.choice(VALUES))


def _cells(whole: dict[str, Any]) -> list[dict[str, Any]]:
    cells = whole.get("cells")
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _holders(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        yield node
        for value in node.values() if isinstance(node, dict) else node:
            yield from _holders(value)


def mutate_text(text: str, chance: random.Random) -> bytes:
    """Break the file itself."""
    content = text.encode("utf-8", "surrogatepass")
    match chance.randrange(4):
        case 0:
            return content[: chance.randrange(len(content) + 1)]
        case 1:
            start = chance.randrange(len(content))
            return content[:start] + chance.randbytes(chance.randrange(1, 9)) + content[start + 4 :]
        case 2:
            return chance.randbytes(chance.randrange(400))
        case _:
            start = chance.randrange(len(content))
            return content[:start] + content[start + chance.randrange(400) :]


def mutant(whole: dict[str, Any], chance: random.Random) -> bytes:
    """Return the bytes of a notebook like the given one, broken somewhere."""
    whole = copy.deepcopy(whole)
    changes: list[Callable[[dict[str, Any], random.Random], None]] = chance.choices(
        (mutate_source, mutate_tags, mutate_settings, mutate_structure),
        (6, 3, 2, 2),
        k=chance.randrange(1, 6),
    )
    for change in changes:
        change(whole, chance)
    text = json.dumps(whole)
    if chance.randrange(12) == 0:
        return mutate_text(text, chance)
    return text.encode("utf-8", "surrogatepass")


# ---------------------------------------------------------------- judging


@dataclass(slots=True)
class Tally:
    """What happened to some mutants."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, bytes]] = field(default_factory=list)
    slowest: float = 0.0


class TooSlowError(Exception):
    """Nobody waits that long."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes too long; counted is the time of this process, not of its neighbours."""

    def stop(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def judge(content: bytes, folder: Path, *, with_export: bool, with_cli: bool) -> str:
    """Check a notebook, export it when asked; return what came of it."""
    path = folder / "mutant.ipynb"
    path.write_bytes(content)
    if with_cli:
        _command_line(path)
    try:
        result = check(path)
        json.dumps(result.to_json())
        stages = [stage.name for stage in result.analysis.stages]
        if len(stages) > 1:
            explain(result.analysis, stages[0], stages[-1])
        result.graph()
        if with_export:
            export(path, folder / "out", on_conflict="overwrite")
    except ZflowError as error:
        str(error)
        return type(error).__name__
    return "refused" if result.refused else "exported" if with_export else "accepted"


def _command_line(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_zflow", "check", str(path), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in {0, 2}, f"exit status {done.returncode}: {done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    if done.returncode == 0:
        json.loads(done.stdout)


def share(seeds: range, notebooks: list[dict[str, Any]]) -> Tally:
    """Judge one mutant for each seed."""
    sys.setrecursionlimit(3000)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="zflow-fuzz-") as folder:
        for seed in seeds:
            chance = random.Random(seed)
            content = mutant(chance.choice(notebooks), chance)
            with_cli = seed % CLI_EVERY == 0
            began = time.process_time()
            try:
                with limited(SECONDS), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    outcome = judge(
                        content,
                        Path(folder),
                        with_export=seed % EXPORT_EVERY == 0,
                        with_cli=with_cli,
                    )
            except BaseException as error:  # noqa: BLE001  whatever it is: it must not come out
                outcome = f"FAILED {type(error).__name__}"
                tally.failures.append((f"seed {seed}", traceback.format_exc(), content))
            else:
                tally.slowest = max(tally.slowest, time.process_time() - began)
            tally.outcomes[outcome] += 1
    return tally


def main() -> int:
    """Fuzz, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for what failed")
    given = parser.parse_args()
    paths = [
        path
        for place in given.notebooks
        for path in (sorted(place.rglob("*.ipynb")) if place.is_dir() else [place])
    ]
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    began = time.monotonic()
    seeds = range(given.seed, given.seed + given.number)
    size = max(1, given.number // (given.jobs * 20))
    parts = [seeds[start : start + size] for start in range(0, len(seeds), size)]
    whole = Tally()
    with ProcessPoolExecutor(given.jobs) as pool:
        for tally in pool.map(partial(share, notebooks=notebooks), parts):
            whole.outcomes += tally.outcomes
            whole.failures += tally.failures
            whole.slowest = max(whole.slowest, tally.slowest)
            for name, said, content in tally.failures:
                print(f"{name}: {said}", file=sys.stderr, flush=True)
                if given.keep is not None:
                    given.keep.mkdir(parents=True, exist_ok=True)
                    (given.keep / f"{name.replace(' ', '-')}.ipynb").write_bytes(content)
    for outcome, number in whole.outcomes.most_common():
        print(f"{number:7}  {outcome}")
    print(
        f"{sum(whole.outcomes.values()):7}  mutants of {len(notebooks)} notebooks in "
        f"{time.monotonic() - began:.0f} s; the slowest took {whole.slowest:.2f} s"
    )
    return 1 if whole.failures else 0


if __name__ == "__main__":
    sys.exit(main())
