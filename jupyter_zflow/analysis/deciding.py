"""How decisions of the analysis reach the pipeline: whose results decide, and what is needed.

Names in a condition are left as the author wrote them wherever the pipeline finds the same value
by itself; only where two stages have a result of one name, the stage is named.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.condition import parse_condition
from jupyter_zflow.model.names import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_zflow.model.analysis import AnalysedStage


class Deciding:
    """What conditions and loops of a notebook's stages mean for the pipeline.

    Parameters
    ----------
    stages
        In an order in which they can run.
    """

    def __init__(self, stages: Mapping[str, AnalysedStage]) -> None:
        self._stages = stages
        self._before: dict[str, set[str]] = {}
        for name, stage in stages.items():
            known = [other for other in stage.after if other in self._before]
            self._before[name] = {*known, *(far for near in known for far in self._before[near])}
        self._skippable = self._find_skippable()

    def text(self, stage: AnalysedStage, text: str | None) -> str | None:
        """Return a condition or a loop in which no name can be mistaken."""
        if text is None:
            return None
        tree = ast.parse(text.strip(), mode="eval")
        naming = _Naming(lambda name: self._owner(stage, name))
        named = naming.visit(tree)
        return ast.unparse(named) if naming.changed else text

    def asked_metrics(self, stage: AnalysedStage) -> tuple[str, ...]:
        """Return the stage's metrics that conditions of others read."""
        asked = {
            name.rpartition(".")[2]
            for other in self._stages.values()
            for name, producer in other.sources.items()
            if producer == stage.name
        }
        return tuple(name for name in stage.metrics if name in asked - set(stage.outputs))

    def needs(self, stage: AnalysedStage, after: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the stages without whose results a stage cannot run, when that must be said."""
        asked = {n for n in self._before[stage.name] if identifier(n) in _asked(stage)}
        read = set(stage.sources.values())
        usual = ((set(after) - asked) | read) & self._skippable
        wanted = (self._data(stage) | read) & self._skippable
        if usual == wanted:
            return None
        return tuple(name for name in self._stages if name in wanted)

    def _owner(self, stage: AnalysedStage, name: str) -> str | None:
        """Return the stage to name with a value, where the name alone could be mistaken."""
        declared = {
            other
            for other in self._before[stage.name]
            if name in (*self._stages[other].outputs, *self._stages[other].metrics)
        }
        if name not in stage.sources:
            if declared:
                raise SettingsError(
                    f"Stage {stage.name!r} decides by the parameter {name!r}, but comes after "
                    f"stage {min(declared)!r}, which changes it further down in the notebook.",
                    remedy="Give the two values two names.",
                )
            return None
        return identifier(stage.sources[name]) if len(declared) > 1 else None

    def _find_skippable(self) -> set[str]:
        found: set[str] = set()
        for name, stage in self._stages.items():
            settings = stage.settings
            data = self._data(stage) | set(stage.sources.values())
            if settings.when is not None or settings.may_fail or data & found:
                found.add(name)
        return found

    @staticmethod
    def _data(stage: AnalysedStage) -> set[str]:
        return {*stage.loads, *stage.loads_states, *stage.loads_files}


def _asked(stage: AnalysedStage) -> tuple[str, ...]:
    when = stage.settings.when
    return () if when is None else parse_condition(when).asked


class _Naming(ast.NodeTransformer):
    """Names the stage of some values."""

    def __init__(self, owner: Callable[[str], str | None]) -> None:
        self._owner = owner
        self.changed = False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Name the stage of a value, where that is needed."""
        owner = self._owner(node.id)
        if owner is None:
            return node
        self.changed = True
        return ast.Attribute(ast.Name(owner, ast.Load()), node.id, ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Leave a value whose stage is named."""
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Look into ``len(...)`` only; the other functions take stages."""
        if isinstance(node.func, ast.Name) and node.func.id == "len":
            node.args = [self.visit(argument) for argument in node.args]
        return node
