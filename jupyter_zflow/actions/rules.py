"""The findings that only the later forms can make."""

from __future__ import annotations

from jupyter_zflow.notebook.rules import Rule

NO_PIPELINE = "ZF301"

RULES: dict[str, Rule] = {
    NO_PIPELINE: Rule("error", "settings that no state machine can express"),
}
