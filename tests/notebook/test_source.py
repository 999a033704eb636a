from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_zflow.notebook.source import magic_lines, split, without_magics


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("%a\nx\n !b\n?c", [1, 3, 4]),
        ("x = '''\n%d items'''\n%a", [3]),
        ("x = (10\n%3)\n%a", [3]),
        ("x = 7 \\\n%3\n%a", [3]),
        ("# it's (\n%a", [2]),
        ("x = 'it\\'s (' # [\n%a", [2]),
        ("!echo it's (\n%a", [1, 2]),
        ('x = """a\'\'\'\n%b"""\n%a', [3]),
        ("x % 3", []),
    ],
)
def test_magic_lines(source: str, lines: list[int]) -> None:
    assert [magic.line for magic in magic_lines(source)] == lines


@pytest.mark.parametrize(
    ("source", "stage", "pipelines", "code"),
    [
        ("x = 1", None, [], "x = 1"),
        ("%%stage a --retry 2\nx", "a --retry 2", [], "\nx"),
        ("\n\n%%stage a\nx", "a", [], "\n\n\nx"),
        ("%%stage a\n%%time\nx", "a", [], "\n%%time\nx"),
        ("%%stagehand a\nx", None, [], "%%stagehand a\nx"),
        ("%pipeline p\n%time x", None, ["p"], "\n%time x"),
        ("%pipeline p \\\n  --schedule s\nx", None, ["p    --schedule s"], "\n\nx"),
        ("s = '''\n%pipeline p\n'''", None, [], "s = '''\n%pipeline p\n'''"),
        ("%%bash\n%pipeline p", None, [], "%%bash\n%pipeline p"),
        ("%load_ext jupyter_zflow\n%load_ext autoreload", None, [], "\n%load_ext autoreload"),
        ("if x:\n    %zflow check", None, [], "if x:\n"),
    ],
)
def test_split(source: str, stage: str | None, pipelines: list[str], code: str) -> None:
    magics = split(source)

    assert magics.stage == stage
    assert [line.text for line in magics.pipelines] == pipelines
    assert magics.code.text == code


@given(st.text(alphabet="%!?'\"\\\n#()[]{} ax", max_size=40))
def test_lines_keep_their_numbers(source: str) -> None:
    assert without_magics(source).count("\n") == source.count("\n")
    assert split("%pipeline x\n" + source).code.text.count("\n") == source.count("\n") + 1
