"""What names are bound to while the notebook is read: the top level, and frames of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator

    from jupyter_zflow.analysis.heap import Ref

EVERY_NAME: Final = "*"
"""Stands for all names among those that a cell asked for."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name of the notebook is bound to, and which cell last had a hand in it."""

    ref: Ref
    cell: int
    line: int = field(compare=False)
    imports: tuple[str, ...] = ()
    """Import statements that make this binding, when nothing else has touched it."""
    import_cells: tuple[int, ...] = ()


class Names(dict[str, Binding]):
    """The variables of the notebook; remembers which names were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.asked.add(name)  # type: ignore[arg-type]
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Binding:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Binding | None = None) -> Binding | None:  # type: ignore[override]
        """Return the binding of a name, or the default."""
        self.asked.add(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.asked.add(EVERY_NAME)
        return super().__iter__()

    def items(self) -> ItemsView[str, Binding]:  # type: ignore[override]
        """Return the names with their bindings."""
        self.asked.add(EVERY_NAME)
        return super().items()


@dataclass(slots=True, eq=False)
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
