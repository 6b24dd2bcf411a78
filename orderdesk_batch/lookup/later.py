"""This file holds Later: what was found for each key, made when it is asked for, where there is very much of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Later(Mapping[K, V]):
    """A map whose values are looked up each time; they must be there for its keys, and are for none beside them."""

    def __init__(self, keys: Sequence[K], find: Callable[[K], V]) -> None:
        self._keys = keys
        self._find = find

    def __getitem__(self, key: K) -> V:
        return self._find(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
