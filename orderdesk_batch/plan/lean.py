"""This file holds how what a change says is kept in little room: always that of a creation, all of it where a plan has very many.

A map of its own for each change, with a list for each field, takes more room than all the texts in it.
"""

from __future__ import annotations

import functools
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

from ..kinds import Value
from .change import Change

V = TypeVar("V")


class Few(Mapping[str, V]):
    """A map that is not changed, of a few names that many maps have in common."""

    __slots__ = ("_held", "_names")

    def __init__(self, names: tuple[str, ...], held: tuple[Any, ...]) -> None:
        self._names = names
        self._held = held

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Self:
        """The same as another map."""
        return cls(shared(tuple(held)), tuple(held.values()))

    def __getitem__(self, name: str) -> V:
        try:
            return self._at(self._names.index(name))
        except ValueError:
            raise KeyError(name) from None

    def _at(self, place: int) -> V:
        found: V = self._held[place]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def items(self) -> ItemsView[str, V]:
        """The names with what they have, made in one go."""
        return dict(zip(self._names, self._all(), strict=True)).items()

    def _all(self) -> Iterable[V]:
        return self._held

    def __repr__(self) -> str:
        return repr(dict(self))


class Pairs(Few[list[Value]]):
    """Fields as `Change.fields` has them: name → [old, new]."""

    __slots__ = ()

    @classmethod
    def of(cls, held: Mapping[str, list[Value]]) -> Self:
        """The same as another map."""
        return cls(shared(tuple(held)), tuple(value for pair in held.values() for value in pair))

    def _at(self, place: int) -> list[Value]:
        return [self._held[2 * place], self._held[2 * place + 1]]

    def _all(self) -> Iterable[list[Value]]:
        return map(list, zip(self._held[::2], self._held[1::2], strict=True))


class NewPairs(Pairs):
    """The same of a creation, where there is nothing old."""

    __slots__ = ()

    @classmethod
    def of(cls, held: Mapping[str, list[Value]]) -> Self:
        """The same as another map."""
        return cls(shared(tuple(held)), tuple(new for _, new in held.values()))

    def _at(self, place: int) -> list[Value]:
        return [None, self._held[place]]

    def _all(self) -> Iterable[list[Value]]:
        return ([None, value] for value in self._held)


@functools.lru_cache(maxsize=4096)
def shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The very tuple that was given first of those that are equal."""
    return names


def lean(change: Change) -> None:
    """Keep what a planned change says in less room; it is not changed afterwards."""
    fields = change.fields
    if not fields:
        change.fields = _NONE
    elif type(fields) is dict:
        change.fields = (Pairs if any(old is not None for old, _ in fields.values()) else NewPairs).of(fields)
    if type(change.about) is dict:
        change.about = Few.of(change.about)


_NONE: Pairs = Pairs((), ())
