"""What names are bound to while the notebook is read: the top level, and frames of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_zflow.analysis.heap import Ref


@dataclass(slots=True)
class Binding:
    """What a name of the notebook is bound to, and which cell last had a hand in it."""

    ref: Ref
    cell: int
    line: int
    imports: tuple[str, ...] = ()
    """Import statements that make this binding, when nothing else has touched it."""
    import_cells: tuple[int, ...] = ()


@dataclass(slots=True)
class Frame:
    """The local names of one call, comprehension or class body."""

    site: int
    """The heap site that closures over this frame hold."""
    names: dict[str, Ref] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    declared_global: frozenset[str] = frozenset()
    declared_nonlocal: frozenset[str] = frozenset()
    parent: Frame | None = None
    is_class: bool = False
    weak_base: int = 0
    """How deep in branches the caller already was."""
    returned: list[Ref] = field(default_factory=list)
    yielded: list[Ref] = field(default_factory=list)
