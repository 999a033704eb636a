from __future__ import annotations

import json

import pytest

from jupyter_zflow.notebook.document import parse
from jupyter_zflow.notebook.headings import headings


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# One", [(1, "One")]),
        ("text\n### Three ###\nmore\n## Two", [(3, "Three"), (2, "Two")]),
        ("Under\n=====\n\nAlso\n---", [(1, "Under"), (2, "Also")]),
        ("a | b\n- | -\n---", []),
        ("#no blank", []),
        ("```python\n# a comment\n```\n# After", [(1, "After")]),
        ("~~~\n```\n# in it\n~~~\n# After", [(1, "After")]),
        ("## `code` and **bold** of [a link](http://x.org)", [(2, "code and bold of a link")]),
        ('# <a name="x"></a>Tag &amp; more', [(1, "Tag & more")]),
        ("# snake_case_name stays", [(1, "snake_case_name stays")]),
        ("# ![](x.png)", []),
        ("####### seven", []),
    ],
)
def test_headings(source: str, expected: list[tuple[int, str]]) -> None:
    cells = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})

    found = headings(parse(text))

    assert [(heading.level, heading.text) for heading in found] == expected
