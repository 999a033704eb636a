from __future__ import annotations

import json

from jupyter_zflow.notebook.rewrite import rewrite

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3"}, "old": 1},
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {"tags": ["x"], "collapsed": True},
            "source": ["x = 1\n", "y = 'ü'"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
            "execution_count": 3,
        },
        {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "text"},
        {"cell_type": "raw", "id": "c", "metadata": {}, "source": "raw"},
    ],
}
TEXT = json.dumps(NOTEBOOK, indent=1, ensure_ascii=False) + "\n"


def test_nothing_asked_nothing_changed() -> None:
    assert rewrite(TEXT, tags={}) == TEXT


def test_tags_and_metadata() -> None:
    made = json.loads(rewrite(TEXT, tags={0: (), 1: ("new",)}, metadata={"old": None, "mine": {}}))

    assert made["cells"][0]["metadata"] == {"collapsed": True}
    assert made["cells"][0]["outputs"] == NOTEBOOK["cells"][0]["outputs"]  # type: ignore[index]
    assert made["cells"][1]["metadata"] == {"tags": ["new"]}
    assert made["metadata"] == {"kernelspec": {"name": "python3"}, "mine": {}}


def test_another_source_has_no_outputs() -> None:
    made = json.loads(rewrite(TEXT, tags={}, sources={0: "z = 1\n"}, dropped={2}))

    assert made["cells"][0]["source"] == ["z = 1\n"]
    assert made["cells"][0]["outputs"] == []
    assert made["cells"][0]["execution_count"] is None
    assert len(made["cells"]) == 2
