"""Parameters: read from the ``parameters`` cell, bound strictly to the values given.

Only what JSON can hold exactly travels as an execution's input, so only such defaults can be
overridden; others stay in the cell, untouched.
"""

from __future__ import annotations

import ast
import difflib
import json
import warnings
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ParameterError
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.notebook.annotations import Expectation, expectation
from jupyter_zflow.notebook.rules import finding
from jupyter_zflow.notebook.source import without_magics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.value import Json

_EXACT_INTEGER = 2**53
"""Larger integers lose digits in JSONata, which counts in doubles."""


_SHORT = 40
"""Longest piece of source that a message repeats."""


def read_parameters(source: str, *, cell: int) -> tuple[tuple[Parameter, ...], tuple[Finding, ...]]:
    """Read the assignments of a ``parameters`` cell.

    A cell with a syntax error has no parameters; the error itself is the analysis' finding.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            tree = ast.parse(without_magics(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (), ()
    comments = source.split("\n")
    found: dict[str, Parameter] = {}
    findings: list[Finding] = []
    for statement in tree.body:
        for target, annotation, value in _assignments(statement, source):
            try:
                default = _default(value)
            except _NotOverridableError as reason:
                found.pop(target, None)
                message = f"the parameter {target!r} cannot be overridden: {reason}."
                findings.append(
                    finding(
                        "ZF114",
                        message,
                        remedy="Give it a literal value, or move it out of this cell.",
                        cell=cell,
                        line=statement.lineno,
                    )
                )
                continue
            text = _comment(comments[(statement.end_lineno or statement.lineno) - 1])
            found[target] = Parameter(
                name=target, default=default, annotation=annotation or _tuple_of(value), help=text
            )
    return tuple(found.values()), tuple(findings)


def bind(parameters: Iterable[Parameter], given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the given values, checked and in the type that each parameter promises.

    Raises
    ------
    ParameterError
        When a name is unknown or a value has the wrong type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    return {name: _expect(_lookup(known, name)).coerce(value) for name, value in given.items()}


def parse_assignment(text: str, parameters: Iterable[Parameter]) -> tuple[str, Json]:
    """Read ``name=value`` as it is typed on a command line.

    The value is JSON, ``True``, ``False`` or ``None``; it is taken as text where the parameter
    is a text, or where it is no JSON.
    """
    name, equals, raw = text.partition("=")
    name = name.strip()
    if not equals:
        message = f"-p {text}: a parameter is given as NAME=VALUE."
        raise ParameterError(message)
    expected = _expect(_lookup({item.name: item for item in parameters}, name))
    try:
        value = _literal(raw)
    except ValueError:
        return name, expected.coerce(raw)
    if expected.accepts(value) or not expected.accepts(raw):
        return name, expected.coerce(value)
    return name, raw


def _lookup(known: Mapping[str, Parameter], name: str) -> Parameter:
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    allowed = ", ".join(known) or "this pipeline has none"
    message = f"there is no parameter {name!r}.{hint}"
    raise ParameterError(message, remedy=f"Parameters: {allowed}.")


def _expect(parameter: Parameter) -> Expectation:
    return expectation(parameter.name, parameter.annotation, parameter.default)


def _literal(raw: str) -> Any:
    words = {"True": True, "False": False, "None": None}
    if raw.strip() in words:
        return words[raw.strip()]
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


class _NotOverridableError(Exception):
    """A default that an execution's input cannot replace, with the reason."""


def _assignments(
    statement: ast.stmt, source: str
) -> Iterable[tuple[str, str | None, ast.expr | None]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, None, statement.value
            elif isinstance(target, ast.Tuple | ast.List):
                yield from _unpacked(target, statement.value)
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        text = ast.get_source_segment(source, statement.annotation)
        if text is None or "\n" in text:
            text = ast.unparse(statement.annotation)
        yield statement.target.id, text, statement.value


def _unpacked(
    target: ast.Tuple | ast.List, value: ast.expr
) -> Iterable[tuple[str, str | None, ast.expr | None]]:
    """Yield the pairs of ``a, b = 1, 2``."""
    names = [item.id for item in target.elts if isinstance(item, ast.Name)]
    if len(names) != len(target.elts):
        return
    values: list[ast.expr | None] = [None] * len(names)
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names):
        values = list(value.elts)
    for name, item in zip(names, values, strict=True):
        yield name, None, item


def _default(value: ast.expr | None) -> Json:
    if value is None:
        reason = "it has no default"
        raise _NotOverridableError(reason)
    try:
        default = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        reason = f"`{_short(value)}` is not a literal"
        raise _NotOverridableError(reason) from None
    return _json(default)


def _json(value: object) -> Json:
    """Return a literal as JSON, or say why JSON cannot hold it."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) and abs(value) <= _EXACT_INTEGER:
        return value
    if isinstance(value, float) and value - value == 0.0:
        return value
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _json(item) for key, item in value.items()}
    reason = f"JSON cannot hold {_shorten(repr(value))}"
    raise _NotOverridableError(reason)


def _tuple_of(value: ast.expr | None) -> str | None:
    """Remember that a default is a tuple, which JSON cannot say."""
    return "tuple" if isinstance(value, ast.Tuple) else None


def _short(value: ast.expr) -> str:
    try:
        return _shorten(ast.unparse(value))
    except RecursionError:
        return "it"


def _shorten(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."


def _comment(line: str) -> str:
    """Return the comment behind a statement; a ``#`` in a string does not start one."""
    import io
    import tokenize

    if "#" not in line:
        return ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.COMMENT:
                return token.string.lstrip("#").strip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return ""
