"""Every error that jupyter-zflow raises on purpose.

::

    ZflowError                   one clear message and a remedy; exit status 2
    ├── UsageError               a wrong option, argument or folder
    ├── NotebookError            a notebook that cannot be read or is not Python
    ├── SettingsError            a wrong value in the metadata, a magic or the DSL
    ├── ParameterError           an unknown parameter or a value of the wrong type
    ├── RefusedError             the analysis found errors; carries the findings
    ├── DefinitionError          a pipeline or state machine that cannot be built or run
    ├── ConflictError            a hand edit that a re-export would overwrite
    ├── ToolError                a program that we need (Node, CDK) is missing or failed
    ├── ServiceError             AWS cannot be reached, or refused what was asked
    ├── ArtifactError            a value cannot be stored, or what is stored is damaged
    └── ExecutionFailedError     a stage failed; exit status 1

An error names the wrong value, the allowed ones and the remedy. Fronts print it; nobody
below them prints or exits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.model.finding import Finding


class ZflowError(Exception):
    """Base of all errors that a user may see.

    Parameters
    ----------
    message
        What is wrong, with the wrong value in it.
    remedy
        What to do about it; empty when the message already says so.
    """

    exit_status: ClassVar[int] = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class UsageError(ZflowError):
    """A wrong option, argument or folder."""


class NotebookError(ZflowError):
    """A notebook that cannot be read, or whose language is not supported."""


class SettingsError(ZflowError):
    """A wrong value in notebook metadata, in a magic or in a DSL script."""


class ParameterError(ZflowError):
    """An unknown parameter, or a value of the wrong type."""


class RefusedError(ZflowError):
    """The analysis found errors, so there is no pipeline.

    Parameters
    ----------
    findings
        All findings, at least one of them of severity error.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        super().__init__("\n".join(str(finding) for finding in errors))
        self.findings = tuple(findings)


class DefinitionError(ZflowError):
    """A pipeline or a state machine that cannot be built, checked or interpreted."""


class ConflictError(ZflowError):
    """A hand edit that a re-export would overwrite."""


class ToolError(ZflowError):
    """A program that we need is missing, or it failed."""


class ServiceError(ZflowError):
    """AWS cannot be reached, or it refused what was asked."""


class ArtifactError(ZflowError):
    """A value cannot be stored, or what is stored is missing or damaged."""


class ExecutionFailedError(ZflowError):
    """A stage failed, so the execution did."""

    exit_status = 1
