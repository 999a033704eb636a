"""Read a ``.pipeline`` file of Elyra, as any of its versions from 2 to 8 wrote it.

======= ====================================================================================
version what it says in another way
======= ====================================================================================
2, 3    the properties of a node are its ``app_data`` itself
4       they are below ``component_parameters``, the label beside them
5, 6, 7 the names of custom components changed, which are refused whatever their names
8       environment variables and the like are objects; before, they were texts ``NAME=VALUE``
======= ====================================================================================

Version 1 names files relative to the root of the Jupyter server, which nobody knows here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from jupyter_zflow.errors import NotebookError

OLDEST, NEWEST = 2, 8

_FLAT: Final = 3
"""The last version in which a node's properties are not below a key of their own."""

_NOTEBOOK: Final = "execute-notebook-node"
_SCRIPT: Final = "execute-python-node"
_SAVE: Final = "Open and save it in a current Elyra."


@dataclass(frozen=True, slots=True)
class Node:
    """One generic node: a notebook or a Python script."""

    id: str
    label: str
    op: str
    properties: dict[str, Any]
    before: tuple[str, ...]
    """Ids of the nodes that it is linked to."""

    @property
    def filename(self) -> str:
        """The notebook or script, relative to the pipeline file."""
        return str(self.properties.get("filename") or "")

    @property
    def is_script(self) -> bool:
        """Whether it is a Python script."""
        return self.op == _SCRIPT

    @property
    def name(self) -> str:
        """The label; a file name without its suffix."""
        label = self.label.strip() or PurePosixPath(self.filename).name
        return PurePosixPath(label).stem if label.endswith((".ipynb", ".py")) else label


@dataclass(frozen=True, slots=True)
class ElyraPipeline:
    """A pipeline with its nodes, in an order in which they can run."""

    name: str
    description: str
    version: int
    nodes: tuple[Node, ...]
    defaults: dict[str, Any] = field(default_factory=dict)
    parameters: tuple[dict[str, Any], ...] = ()
    comments: int = 0
    other: dict[str, Any] = field(default_factory=dict)
    """Properties of the pipeline that are none of the above."""


def read_pipeline(path: Path) -> ElyraPipeline:
    """Read a pipeline file.

    Raises
    ------
    NotebookError
        When the file is no Elyra pipeline, or has nodes that cannot become stages.
    """
    content = _json(path)
    flows = content.get("pipelines")
    if not isinstance(flows, list) or not flows or not all(isinstance(f, dict) for f in flows):
        raise NotebookError(f"{path} is no pipeline of Elyra: it has no `pipelines`.")
    primary = next((f for f in flows if f.get("id") == content.get("primary_pipeline")), flows[0])
    data = _mapping(primary.get("app_data"))
    version = _version(path, _mapping(flows[0].get("app_data")).get("version"))
    nodes: dict[str, Node] = {}
    by_id = {str(flow.get("id")): flow for flow in flows}
    _collect(path, primary, by_id, version, nodes, outer={})
    if not nodes:
        raise NotebookError(f"{path} has no node.")
    properties = _mapping(data.get("properties"))
    known = {"name", "description", "runtime", "pipeline_defaults", "pipeline_parameters"}
    parameters = properties.get("pipeline_parameters")
    return ElyraPipeline(
        name=str(data.get("name") or properties.get("name") or path.stem),
        description=str(properties.get("description") or ""),
        version=version,
        nodes=_ordered(path, nodes),
        defaults=_mapping(properties.get("pipeline_defaults")),
        parameters=tuple(item for item in _list(parameters) if isinstance(item, dict)),
        comments=len(_list(_mapping(data.get("ui_data")).get("comments"))),
        other={key: value for key, value in properties.items() if key not in known},
    )


def pairs(value: Any, key: str, content: str) -> dict[str, str]:
    """Return a list of named values, in the form of version 8 or in the older one."""
    found: dict[str, str] = {}
    for item in _list(value):
        if isinstance(item, dict):
            name, text = item.get(key), item.get(content)
        else:
            name, _, text = str(item).partition("=")
        if name:
            found[str(name)] = "" if text is None else str(text)
    return found


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such file.") from None
    except json.JSONDecodeError as error:
        raise NotebookError(
            f"{path} is no pipeline of Elyra: broken JSON at line {error.lineno}, column "
            f"{error.colno}: {error.msg}."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise NotebookError(f"{path} cannot be read: {error}.") from None
    if isinstance(content, dict) and "cells" in content and "pipelines" not in content:
        raise NotebookError(
            f"{path} is a notebook, not a pipeline of Elyra.", remedy="Name the .pipeline file."
        )
    if not isinstance(content, dict):
        raise NotebookError(f"{path} is no pipeline of Elyra: its JSON is no object.")
    return content


def _version(path: Path, raw: Any) -> int:
    try:
        version = int(float(raw))
    except (TypeError, ValueError):
        version = 0
    if version < OLDEST:
        raise NotebookError(
            f"{path} has version {version} of Elyra's pipelines; {OLDEST} to {NEWEST} can be read.",
            remedy=_SAVE,
        )
    if version > NEWEST:
        raise NotebookError(
            f"{path} has version {version} of Elyra's pipelines, which is newer than {NEWEST}."
        )
    return version


def _collect(
    path: Path,
    flow: dict[str, Any],
    flows: dict[str, dict[str, Any]],
    version: int,
    nodes: dict[str, Node],
    *,
    outer: dict[str, list[str]],
) -> None:
    """Add the nodes of a flow; a group of nodes is a flow of its own, linked by its ports."""
    for raw in _list(flow.get("nodes")):
        node = _mapping(raw)
        kind, links = node.get("type"), _links(node)
        if kind == "binding":
            continue
        if kind == "super_node":
            inner = flows.get(str(_mapping(node.get("subflow_ref")).get("pipeline_id_ref")))
            if inner is None or inner is flow:
                raise NotebookError(f"{path}: a group of nodes refers to a pipeline it lacks.")
            ports = {key.removesuffix("_inPort"): ids for key, ids in links.items()}
            _collect(path, inner, flows, version, nodes, outer=ports)
            continue
        made = _node(path, node, version, links, outer)
        if made.id in nodes:
            raise NotebookError(f"{path}: two nodes have the id {made.id!r}.")
        nodes[made.id] = made


def _node(
    path: Path,
    node: dict[str, Any],
    version: int,
    links: dict[str, list[str]],
    outer: dict[str, list[str]],
) -> Node:
    data = _mapping(node.get("app_data"))
    drawn = _mapping(data.get("ui_data"))
    properties = data if version <= _FLAT else _mapping(data.get("component_parameters"))
    label = str(data.get("label") or drawn.get("label") or "")
    own_id = str(node.get("id"))
    op = str(node.get("op"))
    made = Node(
        own_id,
        label,
        op,
        {key: value for key, value in properties.items() if key != "ui_data"},
        tuple(dict.fromkeys([*outer.get(own_id, []), *(i for ids in links.values() for i in ids)])),
    )
    if op not in {_NOTEBOOK, _SCRIPT}:
        what = "an R script" if op == "execute-r-node" else f"a component ({op})"
        raise NotebookError(
            f"{path}: node {label or own_id!r} is {what}; only notebooks and Python scripts can "
            "become stages.",
            remedy="Take it out of the pipeline, or write it in Python.",
        )
    if not made.filename:
        raise NotebookError(f"{path}: node {label or own_id!r} names no file.")
    return made


def _links(node: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ids of the nodes that each input port is linked to."""
    found: dict[str, list[str]] = {}
    for port in _list(node.get("inputs")):
        ids = found.setdefault(str(_mapping(port).get("id")), [])
        for raw in _list(_mapping(port).get("links")):
            link = _mapping(raw)
            source = str(link.get("port_id_ref") or "")
            if source.endswith("_outPort"):  # a node inside a group
                ids.append(source.removesuffix("_outPort"))
            elif "node_id_ref" in link:
                ids.append(str(link["node_id_ref"]))
    return found


def _ordered(path: Path, nodes: dict[str, Node]) -> tuple[Node, ...]:
    """Return the nodes so that each comes after those that it is linked to."""
    for node in nodes.values():
        for other in node.before:
            if other not in nodes:
                raise NotebookError(f"{path}: node {node.name!r} is linked to {other!r}, unknown.")
    waiting, done = list(nodes.values()), dict[str, Node]()
    while waiting:
        ready = next((node for node in waiting if all(i in done for i in node.before)), None)
        if ready is None:
            names = ", ".join(repr(node.name) for node in waiting)
            raise NotebookError(f"{path}: the nodes {names} wait for each other in a circle.")
        waiting.remove(ready)
        done[ready.id] = ready
    return tuple(done.values())


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
