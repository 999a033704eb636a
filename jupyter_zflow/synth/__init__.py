"""From a pipeline to a state machine, its permissions and its CloudFormation template."""

from __future__ import annotations

from jupyter_zflow.synth.asl import definition, definition_sha256, definition_text, render

__all__ = ["definition", "definition_sha256", "definition_text", "render"]
