"""Write other tags and metadata into a notebook; everything else stays as its author left it.

Sources, outputs, attachments and the metadata of other tools are carried over unread.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.notebook.document import read_content

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


def rewrite(
    text: str,
    *,
    tags: Mapping[int, Sequence[str]],
    metadata: Mapping[str, Any] | None = None,
    sources: Mapping[int, str] | None = None,
    dropped: Collection[int] = (),
) -> str:
    """Return the text of a notebook with changes.

    Parameters
    ----------
    tags
        All tags of each cell whose tags change, by index.
    metadata
        Keys of the notebook's metadata to set; None removes a key.
    sources
        New sources of cells, by index.
    dropped
        Cells to leave out, by index.
    """
    content = read_content(text, "The notebook")
    for index, cell in enumerate(content["cells"]):
        if index in tags:
            _set(cell.setdefault("metadata", {}), "tags", list(tags[index]) or None)
        if sources is not None and index in sources:
            cell["source"] = sources[index].splitlines(keepends=True)
            cell["outputs"], cell["execution_count"] = [], None
    content["cells"] = [cell for index, cell in enumerate(content["cells"]) if index not in dropped]
    for key, value in (metadata or {}).items():
        _set(content.setdefault("metadata", {}), key, value)
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _set(mapping: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value
