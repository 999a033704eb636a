"""What is known about a library's functions and types, as data.

A call that no table knows is taken to change everything it is given. A table entry is a promise
that it does less, so it must hold for every value that the type or function accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Position = int | str


@dataclass(frozen=True, slots=True)
class Effect:
    """What one call does besides computing its result."""

    result: str = ""
    """Type of the result; empty when unknown."""
    shares: bool = True
    """Whether the result may be, hold or view the receiver or an argument."""
    copies: bool = False
    """Whether the result is a new object that at most holds what it shares."""
    picks: bool = False
    """Whether the result is an element of the receiver or of an argument, or an argument."""
    itself: bool = False
    """Whether the result is the receiver."""
    pairs: bool = False
    """Whether the result's elements are tuples of elements, as those of ``zip`` are."""
    number: bool = False
    """Whether it calculates: a number of numbers, and of anything else what its operators say."""
    changes: tuple[Position, ...] = ()
    """What it changes: ``"self"``, ``"deep"`` (self and all it holds) or argument positions."""
    keeps: bool = False
    """Whether the receiver may hold the arguments afterwards."""
    inplace: bool = False
    """Whether it changes the receiver when called with ``inplace=True``."""
    draws: str = ""
    """The global random state that it draws from."""
    unless: str = ""
    """The keyword that, when given, keeps it from drawing."""
    when: tuple[str, ...] = ()
    """Keywords of which one must be given for it to draw; none when it always does."""
    arrays: tuple[str, ...] = ()
    """Keywords with which its result may be an array and no number."""
    reads: tuple[Position, ...] = ()
    """Positions or keywords of paths that it reads."""
    writes: tuple[Position, ...] = ()
    """Positions or keywords of paths that it writes."""
    anywhere: bool = False
    """Whether it looks at files whose names the call does not say."""
    state: str = ""
    """The kind of ambient state that it sets."""
    light: bool = False
    """Whether it only defines or configures, so that it may be replayed in every stage."""
    clock: bool = False
    """Whether two calls differ: the time, fresh randomness, the process."""
    bound: str = ""
    """Why its result cannot leave the process, in a few words."""


@dataclass(frozen=True, slots=True)
class TypeTable:
    """What is known about the values of one type."""

    default: Effect | None = None
    """For methods without an entry of their own."""
    methods: Mapping[str, Effect] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attribute -> its type."""
    item: str = ""
    """Type of ``value[...]``."""
    element: str = ""
    """Type of what iteration yields."""
    consumed: bool = False
    """Whether iterating uses it up."""
    arithmetic: str = ""
    """Type of the results of operators; they are new objects."""


@dataclass(frozen=True, slots=True)
class Library:
    """The tables of one library."""

    name: str
    functions: Mapping[str, Effect] = field(default_factory=dict)
    """Dotted name -> effect."""
    prefixes: Mapping[str, Effect] = field(default_factory=dict)
    """Dotted prefix -> effect of everything below it that has no entry of its own."""
    types: Mapping[str, TypeTable] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    """Dotted name of a mutable object in the library -> kind of ambient state."""
    constants: frozenset[str] = frozenset()
    """Dotted names whose values are numbers or strings."""


PURE = Effect()
FRESH = Effect(shares=False)
SCALAR = Effect(result="scalar", shares=False)
LIGHT = Effect(shares=False, light=True)
CHANGES_SELF = Effect(changes=("self",), keeps=True)


def each(names: str, effect: Effect, *, below: str = "") -> dict[str, Effect]:
    """Give every name of a blank-separated list the same effect."""
    return {f"{below}.{name}" if below else name: effect for name in names.split()}


def returning(effect: Effect, result: str) -> Effect:
    """Return the effect with another type of result."""
    return replace(effect, result=result)
