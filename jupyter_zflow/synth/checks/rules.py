"""The findings of the checks: what each code stands for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from jupyter_zflow.model.finding import Finding
from jupyter_zflow.notebook.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES: dict[str, Rule] = {
    "ZF301": Rule("error", "a state machine that Step Functions would not accept"),
    "ZF302": Rule("error", "a state that cannot be reached, or that leads nowhere"),
    "ZF303": Rule("error", "a state's name is taken or too long"),
    "ZF304": Rule("error", "a retry or a catch that Step Functions would not accept"),
    "ZF305": Rule("error", "an expression that cannot be read, or names what does not exist"),
    "ZF311": Rule("error", "a parameter that the service does not know"),
    "ZF312": Rule("error", "a parameter that the service requires is missing"),
    "ZF313": Rule("error", "a parameter has a wrong value"),
    "ZF314": Rule("error", "an action that Step Functions cannot call"),
    "ZF315": Rule("error", "a job's name could become too long"),
    "ZF321": Rule("error", "a role lacks a permission that a state needs"),
    "ZF322": Rule("error", "a role has a permission that no state needs"),
    "ZF331": Rule("error", "a schedule that EventBridge would not accept"),
    "ZF341": Rule("error", "an execution could outgrow what Step Functions keeps of it"),
    "ZF342": Rule("error", "a text is larger than the service accepts"),
    "ZF343": Rule("info", "a template that has to be uploaded to be deployed"),
}


def finding(code: str, message: str, *, remedy: str = "") -> Finding:
    """Return a finding with the severity that its rule has."""
    return Finding(code=code, severity=RULES[code].severity, message=message, remedy=remedy)


def did_you_mean(wrong: str, allowed: Iterable[str]) -> str:
    """Return the remedy for a misspelt word: what is near it, else what is allowed."""
    known = sorted(allowed)
    by_case = [word for word in known if word.lower() == wrong.lower()]
    near = by_case or get_close_matches(wrong, known, n=2, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(map(repr, near))}?"
    listed = ", ".join(known[:8])
    return f"Allowed are {listed}{', ...' if len(known) > 8 else ''}."  # noqa: PLR2004
