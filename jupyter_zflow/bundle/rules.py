"""The findings of a bundle: what must not travel, and what must."""

from __future__ import annotations

from jupyter_zflow.model.finding import Finding
from jupyter_zflow.notebook.rules import Rule

RULES: dict[str, Rule] = {
    "ZF501": Rule("error", "a secret in a file that would travel"),
    "ZF502": Rule("error", "a file that usually holds secrets would travel"),
    "ZF503": Rule("error", "a file that a stage needs is left out by `.zflowignore`"),
    "ZF504": Rule("error", "a link that leads out of the pipeline folder"),
    "ZF505": Rule("error", "a stage without its notebook"),
}


def finding(code: str, message: str, *, remedy: str = "") -> Finding:
    """Return a finding with the severity that its rule has."""
    return Finding(code=code, severity=RULES[code].severity, message=message, remedy=remedy)
