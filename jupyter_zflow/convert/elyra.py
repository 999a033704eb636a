"""A pipeline of Elyra becomes a pipeline folder: one stage for each node.

Nodes of Elyra share files and nothing else: each runs its notebook or script in a process of its
own. One notebook of all their cells would be another program, where a name that two of them use
is one variable. So each node keeps its cells to itself, and its stage hands on the files that it
wrote to all nodes behind it, as Elyra does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.analysis import analyse
from jupyter_zflow.analysis.pipeline import notebook_path, to_pipeline
from jupyter_zflow.convert.elyra_file import ElyraPipeline, Node, read_pipeline
from jupyter_zflow.convert.elyra_settings import node_settings, pipeline_entries
from jupyter_zflow.convert.report import Entry, in_order
from jupyter_zflow.convert.scripts import as_notebook, objections
from jupyter_zflow.errors import NotebookError, RefusedError
from jupyter_zflow.export.bundle import Bundle
from jupyter_zflow.export.files import travelling
from jupyter_zflow.export.notebooks import stage_notebook
from jupyter_zflow.export.project import project_files
from jupyter_zflow.export.requirements import ThisEnvironment, requirements
from jupyter_zflow.model.analysis import AnalysedStage, Analysis, Edge
from jupyter_zflow.model.names import state_name
from jupyter_zflow.model.pipeline import PipelineSettings
from jupyter_zflow.model.stage import StageSettings
from jupyter_zflow.notebook.document import read
from jupyter_zflow.suggest.proposal import foreign, retagged
from jupyter_zflow.suggest.words import unique

if TYPE_CHECKING:
    from jupyter_zflow.export.bundle import Content
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.parameter import Parameter
    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.notebook.document import NotebookDocument


@dataclass(frozen=True, slots=True)
class ConvertedPipeline:
    """The files of a pipeline folder, but for the template."""

    pipeline: Pipeline
    analysis: Analysis
    files: dict[str, Content]
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A node with what is known about its cells."""

    name: str
    node: Node
    document: NotebookDocument
    analysis: Analysis
    """Of the node's notebook alone."""

    @property
    def folder(self) -> Path:
        """The folder that its paths are relative to."""
        assert self.document.path is not None
        return self.document.path.absolute().parent


def from_elyra(path: Path) -> ConvertedPipeline:
    """Convert a pipeline file.

    Raises
    ------
    NotebookError
        When it is no Elyra pipeline, or a node cannot become a stage.
    RefusedError
        When the analysis of a node's cells found errors.
    """
    elyra = read_pipeline(path)
    entries = pipeline_entries(elyra)
    parts = _parts(elyra, path, entries)
    shared = _shared_parameters(parts, entries)
    stages = [_stage(part, parts, elyra, entries) for part in parts]
    before = {part.name: _names(part.node.before, parts) for part in parts}
    analysis = Analysis(
        name=elyra.name,
        settings=PipelineSettings(name=elyra.name, description=elyra.description),
        parameters=tuple(shared.values()),
        stages=tuple(stages),
        edges=tuple(
            Edge(producer=producer, consumer=name, kind="order", name="")
            for name, producers in before.items()
            for producer in producers
        ),
        findings=tuple(
            _of_node(part.name, finding) for part in parts for finding in part.analysis.findings
        ),
    )
    bundle = _bundle(parts, analysis, shared)
    pipeline = to_pipeline(analysis)
    files = project_files(pipeline, analysis, bundle, notebook=path.name)
    findings = (*analysis.findings, *bundle.findings)
    return ConvertedPipeline(pipeline, analysis, files, in_order(_joined(entries)), findings)


def _joined(entries: list[Entry]) -> list[Entry]:
    """Return what is said of several stages in the same words once."""
    joined: dict[tuple[str, str], list[str]] = {}
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        stage, colon, key = entry.key.partition(": ")
        place = (entry.message, key if colon else entry.key)
        joined.setdefault(place, []).append(stage)
        first.setdefault(place, entry)
    return [
        replace(entry, key=f"{', '.join(joined[place])}: {place[1]}")
        if len(joined[place]) > 1
        else entry
        for place, entry in first.items()
    ]


def _parts(elyra: ElyraPipeline, path: Path, entries: list[Entry]) -> list[_Part]:
    parts: list[_Part] = []
    for node in elyra.nodes:
        name = unique(node.name, {part.name for part in parts}, reserved=())
        if name != node.name:
            entries.append(
                Entry(
                    kind="changed",
                    key=name,
                    message=f"another node is called {node.name!r}, so this one is stage {name!r}.",
                )
            )
        document = _document(path, node)
        analysis = analyse(document)
        if analysis.errors:
            raise RefusedError([_of_node(name, finding) for finding in analysis.findings])
        if len(analysis.stages) != 1:
            raise NotebookError(
                f"Node {name!r}: {node.filename!r} is cut into stages by %%stage, and a node is "
                "one stage.",
                remedy="Remove the magics.",
            )
        entries += _entries_of_elyra(name, document)
        parts.append(_Part(name, node, document, analysis))
    return parts


def _document(path: Path, node: Node) -> NotebookDocument:
    """Return a node's cells without tags that would cut them; Elyra runs all of them."""
    file = path.parent / node.filename
    if not file.is_file():
        raise NotebookError(
            f"{path}: node {node.name!r} runs {node.filename!r}, which is not there.",
            remedy=f"It should be {file}.",
        )
    if not node.is_script:
        document = read(file)
        tags = {
            cell.index: tuple(
                tag
                for tag in (*foreign(cell.tags), *({"parameters"} & set(cell.tags)))
                if tag != "skip"
            )
            for cell in document.cells
        }
        return retagged(document, tags)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotebookError(f"{file} cannot be read: {error}.") from None
    found = next(iter(objections(text)), None)
    if found is not None:
        raise NotebookError(
            f"{file}, line {found.line}: a stage runs the script in a kernel, and there "
            f"{found.message}.",
            remedy=found.remedy,
        )
    return as_notebook(text, path=file)


def _entries_of_elyra(name: str, document: NotebookDocument) -> list[Entry]:
    """Return entries for variables that only Elyra sets."""
    return [
        Entry(
            kind="lost",
            key=f"{name}: {word}",
            message=f"cell {cell.index + 1} of {document.title!r} names {word}, which nobody sets "
            "here.",
        )
        for cell in document.cells
        for word in ("ELYRA_RUN_NAME", "ELYRA_RUNTIME_ENV")
        if cell.kind == "code" and word in cell.source
    ]


def _of_node(name: str, finding: Finding) -> Finding:
    return finding.model_copy(update={"message": f"Node {name!r}: {finding.message}"})


def _shared_parameters(parts: list[_Part], entries: list[Entry]) -> dict[str, Parameter]:
    """Return the parameters that mean the same in every node that has them."""
    found: dict[str, Parameter] = {}
    clashes: dict[str, list[str]] = {}
    for part in parts:
        for parameter in part.analysis.parameters:
            known = found.setdefault(parameter.name, parameter)
            same = (known.default, known.annotation) == (parameter.default, parameter.annotation)
            if not same:
                clashes.setdefault(parameter.name, []).append(part.name)
    for name, users in clashes.items():
        del found[name]
        entries.append(
            Entry(
                kind="lost",
                key=f"parameters.{name}",
                message=f"node {users[0]!r} has another {name!r} than nodes before it, and a "
                "pipeline has one of each name; every node keeps its own value.",
                remedy="Rename one of them to have it as a parameter.",
            )
        )
    return found


def _stage(
    part: _Part, parts: list[_Part], elyra: ElyraPipeline, entries: list[Entry]
) -> AnalysedStage:
    (alone,) = part.analysis.stages
    settings, said = node_settings(elyra, part.node, stage=part.name)
    entries += said
    ancestors = _ancestors(part, parts)
    handed = [pattern for other in ancestors for pattern in _texts(other.node, "outputs")]
    inputs = {
        path
        for path in (*alone.inputs, *_dependencies(part))
        if not any(fnmatch(path, pattern) for pattern in handed)
    }
    return alone.model_copy(
        update={
            "name": part.name,
            "settings": StageSettings.model_validate(settings),
            "after": _names(part.node.before, parts),
            "loads_files": tuple(other.name for other in ancestors),
            "saves_files": any(part.node.id in other.node.before for other in parts),
            "inputs": tuple(sorted(inputs - set(alone.modules))),
        }
    )


def _dependencies(part: _Part) -> list[str]:
    """Return the files that a node declares, as paths relative to its folder."""
    found: list[str] = []
    for pattern in _texts(part.node, "dependencies"):
        where = f"node {part.name!r} depends on {pattern!r}"
        if pattern.startswith("/") or ".." in Path(pattern).parts:
            raise NotebookError(f"{where}, which is outside of its folder {part.folder}.")
        deep = bool(part.node.properties.get("include_subdirectories"))
        matches = sorted(part.folder.glob(f"**/{pattern}" if deep else pattern))
        if not matches:
            raise NotebookError(f"{where}, and there is no such file in {part.folder}.")
        found += [match.relative_to(part.folder).as_posix() for match in matches]
    return found


def _texts(node: Node, key: str) -> list[str]:
    value = node.properties.get(key)
    found = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return [item.strip().removeprefix("./") for item in found if item.strip()]


def _ancestors(part: _Part, parts: list[_Part]) -> list[_Part]:
    """Return all nodes before one, in the order in which they run."""
    by_id = {other.node.id: other for other in parts}
    waiting, seen = list(part.node.before), set[str]()
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += by_id[current].node.before
    return [other for other in parts if other.node.id in seen]


def _names(ids: tuple[str, ...], parts: list[_Part]) -> tuple[str, ...]:
    return tuple(part.name for part in parts if part.node.id in ids)


def _bundle(parts: list[_Part], analysis: Analysis, shared: dict[str, Parameter]) -> Bundle:
    pinned, found = requirements(analysis, environment=ThisEnvironment())
    files: dict[str, Content] = {}
    findings = list(found)
    for part, stage in zip(parts, analysis.stages, strict=True):
        own, found = travelling(stage, part.folder)
        findings += found
        for path, file in own.items():
            other = files.setdefault(f"files/{path}", file)
            if isinstance(other, Path) and other.read_bytes() != file.read_bytes():
                raise NotebookError(
                    f"{other} and {file} are different files, and both would be {path!r} in the "
                    "working directory of a stage.",
                    remedy="Rename one of them.",
                )
        alone = part.analysis
        parameters = tuple(p for p in alone.parameters if p.name in shared)
        told = analysis.model_copy(
            update={"parameters": parameters, "parameters_cell": alone.parameters_cell}
        )
        files[notebook_path(stage.name)] = stage_notebook(
            part.document, told, stage, files=tuple(own)
        )
        files[f"requirements/{state_name(stage.name)}.txt"] = pinned[stage.name]
    return Bundle(files, tuple(dict.fromkeys(findings)))
