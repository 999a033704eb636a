"""The findings of the notebook contract: code, severity and what the code stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from jupyter_zflow.model.finding import Severity


class Rule(NamedTuple):
    """What a finding's code stands for."""

    severity: Severity
    title: str


RULES: dict[str, Rule] = {
    "ZF101": Rule("error", "a tag, a magic and the metadata disagree"),
    "ZF102": Rule("error", "a cell has two roles"),
    "ZF103": Rule("error", "a stage without a usable name"),
    "ZF104": Rule("error", "two stages map to one name"),
    "ZF105": Rule("error", "an `after:` names a stage that does not exist"),
    "ZF106": Rule("error", "`after:` closes a cycle"),
    "ZF107": Rule("error", "an `after:` on a cell that belongs to no stage"),
    "ZF108": Rule("error", "a setting has a wrong value"),
    "ZF109": Rule("error", "a magic cannot be read"),
    "ZF110": Rule("error", "more than one `parameters` cell"),
    "ZF111": Rule("warning", "settings for a stage that no cell has"),
    "ZF112": Rule("warning", "a tag that looks like ours and is not"),
    "ZF113": Rule("warning", "a role that has no effect"),
    "ZF114": Rule("info", "a parameter that cannot be overridden"),
    "ZF115": Rule("error", "a notebook without code"),
}


def finding(
    code: str, message: str, *, remedy: str = "", cell: int | None = None, line: int | None = None
) -> Finding:
    """Return a finding with the severity that its rule has."""
    return Finding(
        code=code,
        severity=RULES[code].severity,
        message=message,
        remedy=remedy,
        cell=cell,
        line=line,
    )
