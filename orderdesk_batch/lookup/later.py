"""This file holds Later: what was found for each key, taken from the shelf when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Later(Mapping[K, V]):
    """A map whose values are looked up each time.

    Args:
        find: gives the value of each of the keys, and of any other key what is known of it.
    """

    def __init__(self, keys: Sequence[K], find: Callable[[K], V]) -> None:
        self._keys = keys
        self.find = find

    def __getitem__(self, key: K) -> V:
        return self.find(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
