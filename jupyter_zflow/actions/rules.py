"""The findings that only the later forms can make."""

from __future__ import annotations

from jupyter_zflow.notebook.rules import Rule

NO_PIPELINE = "ZF301"
BAD_INSTANCE, BAD_IMAGE, BAD_PARTITION = "ZF591", "ZF592", "ZF593"

RULES: dict[str, Rule] = {
    NO_PIPELINE: Rule("error", "settings that no state machine can express"),
    BAD_INSTANCE: Rule("error", "an instance type that the administrator does not allow"),
    BAD_IMAGE: Rule("error", "an image that the administrator does not allow"),
    BAD_PARTITION: Rule("error", "an HPC partition that the administrator does not allow"),
}
