from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.actions.prepare import accepted, prepare
from jupyter_zflow.export.bundle import Bundle, build_bundle
from jupyter_zflow.notebook.document import parse
from jupyter_zflow.verify.session import Case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeCase = Callable[..., Case]


@pytest.fixture
def make_case(tmp_path: Path) -> MakeCase:
    """Return a function that makes a case of cells, each its source and its tags.

    ``instead`` replaces text in the exported stages alone, so that they compute something else.
    """

    def make(
        *rows: tuple[str, ...],
        instead: tuple[str, str] = ("", ""),
        given: dict[str, Any] | None = None,
        stages: dict[str, Any] | None = None,
    ) -> Case:
        cells = [
            {
                "cell_type": "code",
                "id": f"cell{index}",
                "metadata": {"tags": list(tags)},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for index, (source, *tags) in enumerate(rows)
        ]
        metadata = {"zflow": {"stages": stages or {}}}
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
        document = parse(json.dumps(content), path=tmp_path / "demo.ipynb")
        prepared = prepare(document)
        _, definition = accepted(prepared)
        bundle = build_bundle(document, prepared.analysis)
        files = {
            path: text.replace(*instead) if isinstance(text, str) else text
            for path, text in bundle.files.items()
        }
        return Case(
            document=document,
            analysis=prepared.analysis,
            definition=definition,
            bundle=Bundle(files),
            given=given or {},
        )

    return make
