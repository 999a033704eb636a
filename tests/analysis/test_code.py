from __future__ import annotations

import ast
import inspect
import sys

import pytest

from jupyter_zflow.analysis.code import (
    Scope,
    bound_names,
    global_names,
    names_of,
    outer_expressions,
    parameters,
)


def definition(source: str) -> Scope:
    node = ast.parse(source).body[0]
    if isinstance(node, ast.Expr):
        node = node.value  # type: ignore[assignment]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
    return node


@pytest.mark.parametrize(
    ("source", "bound", "free"),
    [
        pytest.param("lambda x: x + y", "x", "y", id="lambda"),
        pytest.param("lambda *a, **k: (a, k, z)", "a k", "z", id="stars"),
        pytest.param("def f(a, /, b, *, c=D): return a + b + c", "a b c", "", id="default_is_outside"),
        pytest.param("def f(a: T) -> R: return a", "a", "", id="annotations_are_outside"),
        pytest.param("def f():\n x = 1\n return x", "x", "", id="assignment_binds"),
        pytest.param("def f():\n x += 1", "x", "", id="augmented_binds"),
        pytest.param("def f():\n x[0] = 1", "", "x", id="subscript_does_not_bind"),
        pytest.param("def f():\n x.y = 1", "", "x", id="attribute_does_not_bind"),
        pytest.param("def f():\n global x\n x = 1", "", "", id="global_is_not_bound"),
        pytest.param("def f():\n for i in xs: pass", "i", "xs", id="loop_target"),
        pytest.param("def f():\n with a as b: pass", "b", "a", id="with_target"),
        pytest.param("def f():\n try: pass\n except E as e: print(e)", "e", "E print", id="except_target"),
        pytest.param("def f():\n import a.b\n from c import d as e", "a e", "", id="imports"),
        pytest.param("def f():\n (x, [y, *z]) = w", "x y z", "w", id="unpacking"),
        pytest.param("def f():\n if (n := g()): return n", "n", "g", id="walrus"),
        pytest.param("def f():\n del x", "x", "", id="deletion_makes_local"),
        pytest.param("def f():\n return [i for i in xs if i > t]", "", "xs t", id="comprehension_hides_target"),
        pytest.param("def f():\n return [(y := i) for i in xs]", "y", "xs", id="walrus_leaves_comprehension"),
        pytest.param("def f():\n return [i for i in i]", "", "i", id="outermost_iterable_is_outside"),
        pytest.param("def f():\n return [j for i in xs for j in i]", "", "xs", id="nested_generators"),
        pytest.param("def f():\n return {k: v for k, v in d.items()}", "", "d", id="dict_comprehension"),
        pytest.param("def f():\n match v:\n  case [a, *b]: pass", "a b", "v", id="match_sequence"),
        pytest.param("def f():\n match v:\n  case {'k': a, **r}: pass", "a r", "v", id="match_mapping"),
        pytest.param("def f():\n match v:\n  case C(x=a) as b: pass", "a b", "v C", id="match_class"),
        pytest.param("def f():\n def g(): return x\n return g", "g", "x", id="free_of_nested"),
        pytest.param("def f():\n x = 1\n def g(): return x", "x g", "", id="closure_is_not_free"),
        pytest.param("def f():\n def g(a=x): pass", "g", "x", id="default_of_nested"),
        pytest.param("def f():\n @d\n def g(): pass", "g", "d", id="decorator_of_nested"),
        pytest.param("def f():\n def g(a: T): pass", "g", "T", id="annotation_of_nested"),
        pytest.param("def f():\n class C(B): x = y", "C", "B y", id="class_in_function"),
        pytest.param("async def f():\n async for i in xs: await g(i)", "i", "xs g", id="async"),
        pytest.param("class C:\n x = 1\n def m(self): return x", "x m", "x", id="methods_do_not_see_class_names"),
        pytest.param("class C:\n x = x", "x", "x", id="class_reads_global_of_same_name"),
        pytest.param("class C:\n def m(self): return super().m() + g", "m", "super g", id="method"),
    ],
)  # fmt: skip
def test_scopes(source: str, bound: str, free: str) -> None:
    names = names_of(definition(source))

    assert names.bound == set(bound.split())
    assert set(names.free) == set(free.split())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n global x\n x = y", {"x", "y"}),
        ("def f():\n def g():\n  global x\n  x = 1", {"x"}),
        ("def f(x):\n return x", set()),
        ("lambda: x", {"x"}),
    ],
)
def test_names_taken_from_the_notebook(source: str, expected: set[str]) -> None:
    assert set(global_names(definition(source))) == expected


def test_nonlocal_is_the_business_of_the_enclosing_function() -> None:
    outer = definition("def f():\n n = 0\n def g():\n  nonlocal n\n  n += 1")
    assert isinstance(outer, ast.FunctionDef)
    inner = outer.body[1]
    assert isinstance(inner, ast.FunctionDef)

    assert names_of(inner).declared_nonlocal == {"n"}
    assert set(names_of(inner).free) == {"n"}
    assert not names_of(outer).free


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n yield 1", True),
        ("def f():\n yield from x", True),
        ("def f():\n return (i for i in x)", False),
        ("def f():\n def g():\n  yield 1", False),
        ("lambda: (yield)", True),
    ],
)
def test_generators(source: str, *, expected: bool) -> None:
    assert names_of(definition(source)).is_generator == expected


def test_lines_are_those_of_the_first_use() -> None:
    assert names_of(definition("def f():\n a = 1\n x\n x\n y")).free == {"x": 3, "y": 5}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\ny += 1", "x y"),
        ("def f():\n global z\n z = 1", "f z"),
        ("class C:\n x = 1", "C"),
        ("import a.b, c as d\nfrom e import *", "* a d"),
        ("for i in j: k = 1", "i k"),
        ("[x for x in y]", ""),
        ("if (n := 1): pass", "n"),
        ("lambda x: x", ""),
    ],
)
def test_names_that_a_cell_may_bind(source: str, expected: str) -> None:
    assert list(bound_names(ast.parse(source))) == expected.split()


def test_what_is_evaluated_outside() -> None:
    node = definition("@d\ndef f(a: A, b=B, *, c: C = D) -> R: pass")

    assert {ast.unparse(part) for part in outer_expressions(node)} == set("d A B C D R".split())


def test_parameters_in_order() -> None:
    node = definition("def f(a, /, b, *c, d, **e): pass")
    assert isinstance(node, ast.FunctionDef)

    assert [parameter.arg for parameter in parameters(node)] == list("abcde")


def test_names_of_what_is_too_deep_to_be_walked() -> None:
    tree = ast.parse("found = " + "-" * 400 + "1")
    limit = sys.getrecursionlimit()
    depth = len(inspect.stack())
    sys.setrecursionlimit(depth + 150)
    try:
        names = bound_names(tree)
    finally:
        sys.setrecursionlimit(limit)

    assert set(names) == {"found"}
