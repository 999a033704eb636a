"""Read a notebook file into a frozen value, or say in one sentence why that is impossible.

The reader checks exactly what the rest relies on, by hand: validating against nbformat's JSON
Schema costs a thousand times more and would refuse notebooks that are merely untidy. What is
not read (outputs, attachments) is not judged.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.errors import NotebookError

if TYPE_CHECKING:
    from pathlib import Path

CellKind = Literal["code", "markdown", "raw"]

_VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CURRENT_NBFORMAT = 4
_KERNELS_OF_OTHER_LANGUAGES = {"ir": "R", "bash": "bash", "sparkr": "R", "scala": "scala"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell, as its author wrote it."""

    index: int
    kind: CellKind
    source: str
    id: str
    tags: tuple[str, ...] = ()
    execution_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookDocument:
    """A Python notebook: cells and metadata, without outputs."""

    cells: tuple[Cell, ...]
    path: Path | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    kernel_name: str = "python3"
    language: str = "python"

    @property
    def title(self) -> str:
        """The file name without its suffix; what the pipeline is called by default."""
        return self.path.stem if self.path is not None else "notebook"


def read(path: Path) -> NotebookDocument:
    """Read a notebook file.

    Raises
    ------
    NotebookError
        When the file is missing, broken, not a notebook, or not in Python.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message = f"{path}: there is no such file."
        raise NotebookError(message) from None
    except IsADirectoryError:
        message = f"{path} is a folder, not a notebook."
        raise NotebookError(message) from None
    except UnicodeDecodeError as error:
        message = f"{path} is not a notebook: byte {error.start} is not UTF-8."
        raise NotebookError(message) from None
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}."
        raise NotebookError(message) from None
    return parse(text, path=path)


def parse(text: str, *, path: Path | None = None) -> NotebookDocument:
    """Read the text of a notebook file; ``path`` is only remembered."""
    label = str(path) if path is not None else "The notebook"
    content = read_content(text, label)
    metadata = _mapping(content.get("metadata"), label, "metadata")
    language = _language(metadata)
    if language.lower() not in {"python", "python3", "ipython"}:
        message = f"{label} is written in {language}; only Python notebooks become pipelines."
        raise NotebookError(message)
    return NotebookDocument(
        cells=_cells(content.get("cells"), label),
        path=path,
        metadata=metadata,
        kernel_name=_kernel_name(metadata),
        language="python",
    )


def read_content(text: str, label: str) -> dict[str, Any]:
    """Return the JSON of a notebook file in format 4; ``label`` is how errors call it."""
    content = _json(text, label)
    if not isinstance(content, dict):
        message = f"{label} is not a notebook: its JSON is {_kind_of(content)}, not an object."
        raise NotebookError(message)
    return _current(content, text, label)


def _json(text: str, label: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = (
            f"{label} is not a notebook: broken JSON at line {error.lineno}, "
            f"column {error.colno}: {error.msg}."
        )
        raise NotebookError(message, remedy="Restore it from a checkpoint or from Git.") from None
    except (ValueError, RecursionError) as error:
        message = f"{label} is not a notebook: {error}."
        raise NotebookError(message) from None


def _current(content: dict[str, Any], text: str, label: str) -> dict[str, Any]:
    """Return the content in format 4, upgraded when it is older."""
    version = content.get("nbformat")
    if not isinstance(version, int) or isinstance(version, bool):
        message = f"{label} is not a notebook: it has no nbformat number."
        raise NotebookError(message)
    if version == _CURRENT_NBFORMAT:
        return content
    if version > _CURRENT_NBFORMAT:
        message = f"{label} has notebook format {version}; formats up to 4 can be read."
        raise NotebookError(message)
    try:
        import nbformat

        upgraded = nbformat.convert(  # type: ignore[no-untyped-call]
            nbformat.reader.reads(text),  # type: ignore[no-untyped-call]
            _CURRENT_NBFORMAT,
        )
        return dict(
            json.loads(nbformat.writes(upgraded))  # type: ignore[no-untyped-call]
        )
    except Exception as error:  # noqa: BLE001  (old converters raise whatever they meet)
        message = f"{label} has notebook format {version} and cannot be upgraded: {error}."
        raise NotebookError(message, remedy="Open and save it in JupyterLab.") from None


def _cells(value: Any, label: str) -> tuple[Cell, ...]:
    if not isinstance(value, list):
        message = f"{label} is not a notebook: `cells` is {_kind_of(value)}, not a list."
        raise NotebookError(message)
    given = Counter(
        cell["id"] for cell in value if isinstance(cell, dict) and isinstance(cell.get("id"), str)
    )
    taken: Counter[str] = Counter()
    return tuple(_cell(item, index, label, given, taken) for index, item in enumerate(value))


def _cell(item: Any, index: int, label: str, given: Counter[str], taken: Counter[str]) -> Cell:
    place = f"cell {index + 1}"
    cell = _mapping(item, label, place)
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        message = f"{label}, {place}: unknown cell_type {kind!r} (code, markdown or raw)."
        raise NotebookError(message)
    source = _source(cell.get("source"), label, place)
    tags = _mapping(cell.get("metadata", {}), label, f"metadata of {place}").get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        message = f"{label}, {place}: `tags` is not a list of texts."
        raise NotebookError(message)
    count = cell.get("execution_count")
    own_id = cell.get("id")
    if not isinstance(own_id, str) or not _VALID_ID.fullmatch(own_id) or given[own_id] > 1:
        own_id = _derived_id(source, taken)
    return Cell(
        index=index,
        kind=kind,
        source=source,
        id=own_id,
        tags=tuple(tags),
        execution_count=count if isinstance(count, int) else None,
    )


def _source(value: Any, label: str, place: str) -> str:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    if not isinstance(value, str):
        message = f"{label}, {place}: `source` is {_kind_of(value)}, not text."
        raise NotebookError(message)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            message = f"{label}, {place}: `source` holds half of a character at {error.start}."
            raise NotebookError(message) from None
    return value


def _derived_id(source: str, taken: Counter[str]) -> str:
    """Return an id that depends on the content, so that it survives edits of other cells."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    taken[digest] += 1
    return digest if taken[digest] == 1 else f"{digest}-{taken[digest]}"


def _language(metadata: dict[str, Any]) -> str:
    for section, key in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str) and part[key]:
            return str(part[key])
    kernel = _kernel_name(metadata)
    if kernel.startswith("julia"):
        return "julia"
    return _KERNELS_OF_OTHER_LANGUAGES.get(kernel, "python")


def _kernel_name(metadata: dict[str, Any]) -> str:
    kernelspec = metadata.get("kernelspec")
    name = kernelspec.get("name") if isinstance(kernelspec, dict) else None
    return name if isinstance(name, str) and name else "python3"


def _mapping(value: Any, label: str, what: str) -> dict[str, Any]:
    if value is None and what == "metadata":
        return {}
    if not isinstance(value, dict):
        message = f"{label} is not a notebook: {what} is {_kind_of(value)}, not an object."
        raise NotebookError(message)
    return value


def _kind_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "missing" if value is None else names.get(type(value), "a number")
