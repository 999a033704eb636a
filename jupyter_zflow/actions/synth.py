"""``synth``: run a folder's script, which checks and writes the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.script import run_script
from jupyter_zflow.actions.template import Machine, read_machines
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.finding import Finding


@dataclass(frozen=True, slots=True)
class SynthResult:
    """A template and what is in it."""

    template: Path
    machines: tuple[Machine, ...]
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        digests = {machine.name: machine.sha256 for machine in self.machines}
        return {
            "template": str(self.template),
            "findings": [finding.model_dump() for finding in self.findings],
            "pipelines": list(digests),
            "definition_sha256": self.machines[0].sha256 if len(self.machines) == 1 else digests,
        }


def synth(folder: Path) -> SynthResult:
    """Run ``pipeline.py`` of a folder.

    Raises
    ------
    UsageError
        When the folder is none of ours.
    SettingsError
        When the script is refused.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.")
    template = run_script(folder)
    return SynthResult(template, read_machines(template))
