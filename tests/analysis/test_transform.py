from __future__ import annotations

import ast

import pytest

from jupyter_zflow.analysis.transform import parse, parse_fragment


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("x = 1\n\ny = 2", [1, 3], id="plain"),
        pytest.param("\n\nx = 1", [3], id="leading_lines"),
        pytest.param("x = 1\n%matplotlib inline\ny = 2", [1, 2, 3], id="line_magic"),
        pytest.param("\n\n%time x = 1\ny = 2", [3, 4], id="magic_after_leading_lines"),
        pytest.param("!ls\nx = 1", [1, 2], id="shell"),
        pytest.param("files = !ls\nx = 1", [1, 2], id="shell_assignment"),
        pytest.param("x?\ny = 1", [1, 2], id="question"),
        pytest.param("%%time\nx = 1\ny = 2", [2, 3], id="below_a_code_magic"),
        pytest.param("\n%%capture out\n\nx = 1", [4], id="code_magic_after_leading_lines"),
        pytest.param("%%time\n%time x = 1", [2], id="magic_in_magic"),
        pytest.param("await f()\nx = 1", [1, 2], id="top_level_await"),
    ],
)
def test_lines_are_those_of_the_cell(text: str, lines: list[int]) -> None:
    parsed = parse(text)

    assert not parsed.error
    assert [statement.lineno for statement in parsed.tree.body] == lines


@pytest.mark.parametrize(
    ("text", "magic"),
    [
        pytest.param("%%bash\nls", ("bash", "", "ls", 1), id="bash"),
        pytest.param("\n\n%%writefile a.py\nx", ("writefile", "a.py", "x", 3), id="line"),
        pytest.param("%%html  \n<b>", ("html", "", "<b>", 1), id="trailing_blanks"),
        pytest.param("%%mystery a b", ("mystery", "a b", "", 1), id="without_body"),
        pytest.param("%%time\n%%bash\nls", ("bash", "", "ls", 2), id="inside_of_code_magic"),
    ],
)
def test_cell_magics(text: str, magic: tuple[str, str, str, int]) -> None:
    found = parse(text).magic

    assert found is not None
    assert (found.name, found.arguments, found.body, found.line) == magic


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("x = = 1", 1, id="first_line"),
        pytest.param("x = 1\ny = (", 2, id="open_bracket"),
        pytest.param("\n\nx = = 1", 3, id="after_leading_lines"),
        pytest.param("%%time\nx = 1\ny = = 2", 3, id="below_a_magic"),
        pytest.param("if x:\npass", 2, id="indentation"),
    ],
)
def test_syntax_errors_name_their_line(text: str, line: int) -> None:
    parsed = parse(text)

    assert parsed.error
    assert parsed.error_line == line
    assert not parsed.tree.body


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "   "])
def test_nothing_is_no_error(text: str) -> None:
    assert parse(text).tree.body == []
    assert not parse(text).error


def test_same_text_gives_the_same_tree() -> None:
    assert parse("x = 41").tree is parse("x = 41").tree


def test_fragment_stands_on_the_line_it_was_found_on() -> None:
    tree = parse_fragment("  a + b", line=7)

    assert tree is not None
    assert ast.unparse(tree) == "a + b"
    assert tree.body[0].lineno == 7


@pytest.mark.parametrize("text", ["a b", "{", "\0", "(" * 500])
def test_fragment_that_is_no_code(text: str) -> None:
    assert parse_fragment(text, line=1) is None
