"""The findings of an export: what the folder needs and this machine does not have."""

from __future__ import annotations

from jupyter_zflow.model.finding import Finding
from jupyter_zflow.notebook.rules import Rule

RULES: dict[str, Rule] = {
    "ZF401": Rule("warning", "an imported package that is not installed here"),
    "ZF402": Rule("error", "a file that the notebook needs does not exist"),
    "ZF403": Rule("error", "a file outside the notebook's folder"),
}


def finding(code: str, message: str, *, remedy: str = "") -> Finding:
    """Return a finding with the severity that its rule has."""
    return Finding(code=code, severity=RULES[code].severity, message=message, remedy=remedy)
