"""State machines and expressions that other people's interpreters judge as well.

Each expression is evaluated on ``$states.input``; each machine runs on an input. Those that are in
:data:`EXPLAINED` end differently elsewhere, for the reason that is given there.
"""

from __future__ import annotations

from typing import Any

from jupyter_zflow.model.condition import parse_condition
from jupyter_zflow.synth.conditions import translated

VALUES: dict[str, Any] = {
    "n": 3, "f": 2.5, "big": 9007199254740991, "zero": 0, "t": "de", "e": "", "yes": True, "no": False,
    "nil": None, "l": [1, 2, 3], "one": [1], "none": [], "words": ["de", "fr"], "pairs": [[1, 2], [3]],
    "o": {"a": {"b": [1]}, "k y": 1}, "u": "ü€😀", "q": "it's \"q\"",
}  # fmt: skip

EXPRESSIONS = [
    "n", "f", "big", "t", "e", "yes", "nil", "l", "one", "none", "pairs", "o", "u", "q",
    "o.a.b", "o.a", "$lookup($, 'k y')", "$lookup(o, 'k y')", "$exists($lookup(o, 'x'))",
    "$exists(nil)", "$exists(x)", "n & ''", "t & n", "f & ''", "yes & ''", "'a' & nil", "big & ''",
    "n + f", "n - 5", "n * f", "n / 4", "n / 3", "-n", "n = 3", "n = 3.0", "n != 3", "n < f", "n >= 3",
    "t = 'de'", "t < 'fr'", "l = [1, 2, 3]", "one = [1]", "one = 1", "none = []", "nil = null",
    "yes = true", "yes = 1", "n in l", "n in one", "t in words", "t in t", "4 in none",
    "yes and n > 2", "no or n > 2", "$not(yes)", "$not(none)", "no and x", "n > 2 ? 'a' : 'b'",
    "$type(n)", "$type(t)", "$type(yes)", "$type(nil)", "$type(l)", "$type(o)", "$type(one)",
    "$count(l)", "$count(none)", "$count(one)", "$count(x)", "$length(u)", "$length(e)",
    "$string(n)", "$string(f)", "$string(yes)", "$string(o)", "$string(l)", "$string(big)",
    "$merge([o, {'z': 1}])", "$merge([{}, {'z': nil}])", "$merge([{'a': 1}, {'a': 2}])", "$merge([])",
    "$keys(o)", "$keys({'a': 1})", "$join(words, ', ')", "$join([], ',')", "$substring(t, 0, 1)",
    "$substringAfter('a:b', ':')", "$substringAfter('ab', ':')", "$sort([3, 1, 2])",
    "$sort(['b', 'a'])", "l[$ > 1]", "l[$ > 9]", "words[$not($ in ['de'])]", "[n, f]", "{'k': n, 'l': l}",
    "( $v := n; $v * 2 )", "l[0]", "l[-1]", "pairs[0]", "[[1]]", "$error('no')", "t > 1", "n + t",
    "$unknown(1)", "n +", "1e3", "0.1 + 0.2", "1 / 0", "$count([{'failed': true}, {'i': 1}][failed])",
]  # fmt: skip

CONDITIONS = [
    "n > 2", "n > 2 and f < 3", "n > 5 or yes", "not yes", "not (n > 2 or no)", "n == 3", "n != 3",
    "n == 3.0", "t == 'de'", "t != 'de'", "t in ['de', 'fr']", "t not in ['de', 'fr']", "n in [1, 2, 3]",
    "n in l", "n not in l", "t in words", "n in none", "l == [1, 2, 3]", "one == [1]", "nil is None",
    "n is not None", "nil == None", "yes == True", "no == True", "yes != False", "1 < n < 5", "1 < n < 2",
    "len(l) == 3", "len(none) == 0", "len(t) > 1", "len(u) == 3", "n + f > 5", "n - f * 2 == -2",
    "-n < 0", "n / 4 == 0.75", "e == ''", "q == 'it\\'s \"q\"'", "big == 9007199254740991", "f >= 2.5",
    "yes and no or n == 3", "(yes or no) and n == 4", "n == zero", "t == n", "zero == 0", "n in [0, 3]",
]  # fmt: skip
"""Judged by Python itself."""

FAILING = ["t > 1", "t and yes", "n or yes", "yes == 1", "n == True", "yes == n", "'d' in t"]
"""Python decides these in a way that JSONata does not, so the state machine fails instead."""


def jsonata(condition: str) -> str:
    """Return the JSONata of a condition on :data:`VALUES`."""
    return translated(
        parse_condition(condition),
        resolve=lambda reference: f"$states.input.{reference.name}",
        state_of=str,
    )


def row(*states: dict[str, Any]) -> dict[str, Any]:
    """Return a machine of states in a row: s0, s1 and so on."""
    linked = {}
    for number, state in enumerate(states):
        last = number == len(states) - 1
        closed = state["Type"] in {"Choice", "Fail", "Succeed"} or "Next" in state or "End" in state
        link: dict[str, Any] = (
            {} if closed else {"End": True} if last else {"Next": f"s{number + 1}"}
        )
        linked[f"s{number}"] = {**state, **link}
    return {"StartAt": "s0", "States": linked}


def give(output: Any, **more: Any) -> dict[str, Any]:
    """Return a Pass state with an output."""
    return {"Type": "Pass", "Output": output, **more}


def branch(*states: dict[str, Any], prefix: str = "b") -> dict[str, Any]:
    """Return a branch whose states have names of their own."""
    machine = row(*states)
    names = {name: f"{prefix}{name}" for name in machine["States"]}
    return {
        "StartAt": names["s0"],
        "States": {
            names[name]: {
                key: names[value] if key in {"Next", "Default"} else value
                for key, value in state.items()
            }
            for name, state in machine["States"].items()
        },
    }


def fail(error: str = "My.Error", cause: Any = "why") -> dict[str, Any]:
    """Return a Fail state."""
    return {"Type": "Fail", "Error": error, "Cause": cause}


def once(error: str = "My.Error") -> dict[str, Any]:
    """Return a branch that fails at its first attempt only."""
    return {
        "StartAt": "try",
        "States": {
            "try": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.attempt > 0 %}", "Next": "good"}],
                "Default": "bad",
            },
            "good": {"Type": "Pass", "End": True},
            "bad": fail(error),
        },
    }


def tried(
    state: dict[str, Any], *, retry: list[Any] | None = None, catch: Any = None
) -> dict[str, Any]:
    """Return a Parallel state of one branch that may be retried and caught."""
    found = {
        "Type": "Parallel",
        "Branches": [state],
        "Arguments": {"attempt": "{% $states.context.State.RetryCount %}"},
    }
    if retry is not None:
        found["Retry"] = retry
    return found if catch is None else {**found, "Catch": catch, "Next": "s1"}


def caught(error: str, names: list[str], **more: Any) -> dict[str, Any]:
    """Return a machine that catches a failure, or not."""
    return {
        "StartAt": "s0",
        "States": {
            "s0": tried(branch(fail(error)), catch=[{"ErrorEquals": names, "Next": "got", **more}]),
            "s1": give("no failure", End=True),
            "got": {"Type": "Pass", "End": True},
        },
    }


RETRY = {"IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}
I = "{% $states.input %}"  # noqa: E741
MAP: dict[str, Any] = {
    "Type": "Map",
    "Items": "{% $states.input.l %}",
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "INLINE"},
        **branch(give("{% $states.input * 2 %}")),
    },
}

MACHINES: dict[str, tuple[dict[str, Any], Any]] = {
    "pass": (row({"Type": "Pass"}), {"x": 1}),
    "outputs in a row": (row(give({"y": "{% $states.input.x + 1 %}"}), give("{% $states.input.y %}")), {"x": 1}),
    "literal output": (row(give({"a": [1, None, "x", {"b": True}]})), {}),
    "assign": (row(give(1, Assign={"v": "{% $states.input.x %}"}), give("{% $v %}")), {"x": [1]}),
    "assign sees the old value": (
        row(give(0, Assign={"v": 1}), give(0, Assign={"v": 2, "w": "{% $v %}"}), give("{% [$v, $w] %}")), {}),
    "output sees the old value": (row(give(0, Assign={"v": 1}), give("{% $v %}", Assign={"v": 2})), {}),
    "assign of null": (row(give(0, Assign={"v": None}), give({"v": "{% $v %}"})), {}),
    "assign of an object": (row(give(0, Assign={"v": {"a": "{% 1 + 1 %}"}}), give("{% $v.a %}")), {}),
    "unknown variable": (row(give("{% $nobody %}")), {}),
    "no value": (row(give("{% $states.input.x %}")), {}),
    "execution name": (row(give("{% $exists($states.context.Execution.Name) %}")), {}),
    "state name": (row(give("{% $states.context.State.Name %}")), {}),
    "execution input": (row(give(1), give("{% $states.context.Execution.Input.x %}")), {"x": 5}),
    "retry count at first": (row(give("{% $states.context.State.RetryCount %}")), {}),
    "hash": (row(give("{% $hash('abc', 'SHA-256') %}")), {}),
    "hash md5": (row(give("{% $hash('abc', 'MD5') %}")), {}),
    "partition": (row(give("{% $partition([1,2,3], 2) %}")), {}),
    "range": (row(give("{% $range(0, 10, 5) %}")), {}),
    "range down": (row(give("{% $range(3, 1, -1) %}")), {}),
    "parse": (row(give("{% $parse('{\"a\": [1, null]}') %}")), {}),
    "uuid": (row(give("{% $length($uuid()) %}")), {}),
    "choice": (
        {"StartAt": "c", "States": {
            "c": {"Type": "Choice", "Choices": [
                {"Condition": "{% $states.input.x > 5 %}", "Next": "big"},
                {"Condition": "{% $states.input.x > 1 %}", "Next": "some", "Assign": {"v": 7}, "Output": 8}],
                "Default": "small"},
            "big": give("big", End=True), "some": give("{% [$v, $states.input] %}", End=True),
            "small": give("small", End=True)}}, {"x": 2}),
    "choice by default": (
        {"StartAt": "c", "States": {
            "c": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "d"}], "Default": "d",
                  "Assign": {"v": 3}, "Output": 4},
            "d": give("{% [$v, $states.input] %}", End=True)}}, {}),
    "no choice": (
        {"StartAt": "c", "States": {
            "c": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "d"}]},
            "d": give(1, End=True)}}, {}),
    "choice of no truth": (
        {"StartAt": "c", "States": {
            "c": {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "d"}], "Default": "d"},
            "d": give(1, End=True)}}, {}),
    "wait": (row({"Type": "Wait", "Seconds": 1, "Output": 5}), {}),
    "wait computed": (row({"Type": "Wait", "Seconds": "{% $states.input.s %}"}), {"s": 1}),
    "wait until the past": (row({"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z"}), {"x": 1}),
    "succeed": (row(give(1), {"Type": "Succeed"}), {}),
    "succeed with output": (row(give(1), {"Type": "Succeed", "Output": "{% $states.input + 1 %}"}), {}),
    "fail": (row(fail()), {}),
    "fail computed": (row(fail("{% 'A.' & $states.input.x %}", "{% 'c' & 1 %}")), {"x": "b"}),
    "parallel": (row({"Type": "Parallel", "Branches": [branch(give(1)), branch(give("{% $states.input.x %}"), prefix="c")]}), {"x": 2}),
    "parallel arguments": (row({"Type": "Parallel", "Arguments": {"y": "{% $states.input.x %}"}, "Branches": [branch(give("{% $states.input.y %}"))]}), {"x": 2}),
    "parallel output": (row({"Type": "Parallel", "Branches": [branch(give({"a": 1})), branch(give({"b": 2}), prefix="c")], "Output": "{% $merge($states.result) %}"}), {}),
    "parallel of one keeps a list": (row({"Type": "Parallel", "Branches": [branch(give({}))], "Output": "{% $merge($states.result) %}"}), {}),
    "parallel fails": (row({"Type": "Parallel", "Branches": [branch(give(1)), branch(fail(), prefix="c")]}), {}),
    "inner scope reads the outer": (row(give({}, Assign={"v": 4}), {"Type": "Parallel", "Branches": [branch(give("{% $v %}"))]}), {}),
    "inner scope ends": (row({"Type": "Parallel", "Branches": [branch(give(1, Assign={"w": 1}))], "Output": {}}, give("{% $exists($w) %}")), {}),
    "branches do not see each other": (row({"Type": "Parallel", "Branches": [branch(give(1, Assign={"w": 1})), branch(give("{% $exists($w) %}"), prefix="c")]}), {}),
    "map": (row(MAP), {"l": [1, 2, 3]}),
    "map of one": (row(MAP), {"l": [5]}),
    "map of none": (row(MAP), {"l": []}),
    "map of no list": (row(MAP), {"l": "text"}),
    "map of input": (row({k: v for k, v in MAP.items() if k != "Items"}), [1, 2]),
    "map one at a time": (row({**MAP, "MaxConcurrency": 1}), {"l": [1, 2, 3]}),
    "map index": (row({**MAP, "ItemSelector": {"i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value %}"},
                       "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **branch(give("{% $states.input.i * 10 + $states.input.v %}"))}}), {"l": [3, 4]}),
    "map selector sees the input": (row({**MAP, "ItemSelector": "{% $states.input.k + $states.context.Map.Item.Value %}"}), {"l": [3, 4], "k": 1}),
    "map output": (row({**MAP, "Output": "{% $states.result[1] %}"}), {"l": [3, 4]}),
    "map assign": (row({**MAP, "Assign": {"n": "{% $count($states.result) %}"}, "Output": {}}, give("{% $n %}")), {"l": [3, 4]}),
    "map fails": (row({**MAP, "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **branch(fail())}}), {"l": [1]}),
    "map counts failures": (row({**MAP, "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **branch(give({"failed": True}))},
                                 "Output": "{% $count($states.result[failed]) %}"}), {"l": [1, 2]}),
    "retried once": (row(tried(once(), retry=[{"ErrorEquals": ["My.Error"], **RETRY}])), {}),
    "retried by ALL": (row(tried(once(), retry=[{"ErrorEquals": ["States.ALL"], **RETRY}])), {}),
    "retried by TaskFailed": (row(tried(once(), retry=[{"ErrorEquals": ["States.TaskFailed"], **RETRY}])), {}),
    "retry of another error": (row(tried(once(), retry=[{"ErrorEquals": ["Other"], **RETRY}])), {}),
    "second rule": (row(tried(once(), retry=[{"ErrorEquals": ["Other"], **RETRY}, {"ErrorEquals": ["My.Error"], **RETRY}])), {}),
    "no attempts left": (row(tried(branch(fail()), retry=[{"ErrorEquals": ["My.Error"], **RETRY, "MaxAttempts": 1}])), {}),
    "MaxAttempts 0": (row(tried(once(), retry=[{"ErrorEquals": ["My.Error"], **RETRY, "MaxAttempts": 0}])), {}),
    "caught by name": (caught("My.Error", ["My.Error"]), {"x": 1}),
    "caught by ALL": (caught("My.Error", ["States.ALL"]), {"x": 1}),
    "caught by TaskFailed": (caught("My.Error", ["States.TaskFailed"]), {"x": 1}),
    "not caught": (caught("My.Error", ["Other"]), {"x": 1}),
    "caught with the input": (caught("My.Error", ["States.ALL"], Output=I), {"x": 1}),
    "caught with the error": (caught("My.Error", ["States.ALL"], Output="{% $states.errorOutput.Error %}"), {"x": 1}),
    "timeout is no TaskFailed": (caught("States.Timeout", ["States.TaskFailed"]), {}),
    "caught after retries": (
        {"StartAt": "s0", "States": {
            "s0": tried(branch(fail()), retry=[{"ErrorEquals": ["My.Error"], **RETRY, "MaxAttempts": 1}],
                        catch=[{"ErrorEquals": ["States.ALL"], "Next": "got", "Output": "{% $states.context.State.RetryCount %}"}]),
            "s1": give(1, End=True), "got": {"Type": "Pass", "End": True}}}, {}),
    "query errors are caught by ALL": (
        {"StartAt": "s0", "States": {
            "s0": tried(branch(give("{% $error('boo') %}")), catch=[{"ErrorEquals": ["States.ALL"], "Next": "got", "Output": 1}]),
            "s1": give(1, End=True), "got": {"Type": "Pass", "End": True}}}, {}),
    "query errors have a name": (
        {"StartAt": "s0", "States": {
            "s0": tried(branch(give("{% $error('boo') %}")), catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "got", "Output": 1}]),
            "s1": give(1, End=True), "got": {"Type": "Pass", "End": True}}}, {}),
    "a flag through branches": (
        row(give({}), {"Type": "Parallel", "Branches": [
            branch(give("{% $merge([$states.input, {'a b': 'skipped'}]) %}")), branch({"Type": "Pass"}, prefix="c")],
            "Output": "{% $merge($states.result) %}"}, give("{% $lookup($states.input, 'a b') = 'skipped' %}")), {}),
    "a parameter that nobody knows": (
        row(give(I, Assign={"defaults": {"n": 1}}),
            give("{% ( $unknown := $keys($states.input)[$not($ in $keys($defaults))]; $exists($unknown) ? $error('Unknown parameter: ' & $join($unknown, ', ')) : $merge([$defaults, $states.input]) ) %}")), {"m": 1}),
    "parameters": (
        row(give(I, Assign={"defaults": {"n": 1, "l": [1]}}),
            give("{% ( $unknown := $keys($states.input)[$not($ in $keys($defaults))]; $exists($unknown) ? $error('Unknown parameter: ' & $join($unknown, ', ')) : $merge([$defaults, $states.input]) ) %}")), {"n": 2}),
    "machine timeout": ({**row({"Type": "Wait", "Seconds": 3}), "TimeoutSeconds": 1}, {}),
}  # fmt: skip


def decided(condition: str) -> dict[str, Any]:
    """Return the machine that decides by a condition."""
    return {
        "StartAt": "c",
        "States": {
            "c": {
                "Type": "Choice",
                "Choices": [{"Condition": f"{{% {jsonata(condition)} %}}", "Next": "yes"}],
                "Default": "no",
            },
            "yes": give(True, End=True),
            "no": give(False, End=True),
        },
    }


MACHINES |= {f"when {text}": (decided(text), VALUES) for text in [*CONDITIONS, *FAILING]}

_NO_COUNT = "moto's context object has no State.RetryCount, which AWS documents"
_NO_NAME = (
    "moto raises States.Runtime with a name of its own, which it then refuses; AWS documents that "
    "States.QueryEvaluationError can be caught by its name and by States.ALL"
)
_NO_FUNCTION = "moto has no such function; AWS lists it among those that it adds to JSONata"
_NO_DOLLAR = "moto refuses '$' in a predicate; AWS excludes only $ and $$ at the top level"
EXPLAINED: dict[str, str] = {
    "output sees the old value": "AWS: expressions of a state see variables as they were on entry",
    "retry count at first": _NO_COUNT,
    "retried once": _NO_COUNT,
    "retried by ALL": _NO_COUNT,
    "retried by TaskFailed": _NO_COUNT,
    "second rule": _NO_COUNT,
    "hash": _NO_FUNCTION,
    "hash md5": _NO_FUNCTION,
    "parse": "moto writes $parse with $eval, which neither AWS nor we have",
    "uuid": "moto's is 41 characters long, AWS documents a UUID of version 4",
    "no choice": "AWS documents States.NoChoiceMatched",
    "map selector sees the input": "moto takes objects only; AWS: an object or an expression",
    "timeout is no TaskFailed": "moto refuses names of States in Fail, with a failure of its own",
    "query errors are caught by ALL": _NO_NAME,
    "query errors have a name": _NO_NAME,
    "parameters": _NO_DOLLAR,
    "machine timeout": "the status is equal; moto leaves out the error's name, States.Timeout",
    "when len(u) == 3": "moto hands '😀' on as two escapes, of which it makes two characters",
    "big & ''": "numbers of more than 15 digits are written as implementations like",
    "$string(big)": "numbers of more than 15 digits are written as implementations like",
    "1 / 0": "JSONata's own returns infinity, which JSON does not have",
}
"""What ends differently elsewhere -> why, and what AWS documents."""
