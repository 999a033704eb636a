from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.export.requirements import ThisEnvironment, requirements
from jupyter_zflow.model.analysis import AnalysedStage, Analysis

if TYPE_CHECKING:
    from jupyter_zflow.export.requirements import Environment


def lines(text: str) -> list[str]:
    return text.splitlines()[1:]


def test_what_is_imported_and_what_inputs_are_made_of(
    analysis: Analysis, environment: Environment
) -> None:
    texts, findings = requirements(analysis, environment=environment)

    assert {stage: lines(text) for stage, text in texts.items()} == {
        "load": [],
        "train it": ["numpy==2.0.1"],
        "report": ["# nowhere: not installed where this was exported", "numpy==2.0.1"],
    }
    assert [(found.code, found.severity) for found in findings] == [("ZF401", "warning")]


def test_local_versions_are_dropped(environment: Environment) -> None:
    stage = AnalysedStage(name="s", cells=(0,), packages=("sklearn",))

    texts, _ = requirements(Analysis(name="p", stages=(stage,)), environment=environment)

    assert lines(texts["s"]) == ["scikit-learn==1.5"]


def test_this_environment_knows_what_is_installed() -> None:
    environment = ThisEnvironment()

    assert environment.distributions("yaml") == ("PyYAML",)
    assert environment.version("PyYAML")
    assert environment.distributions("no_such_package") == ()
