"""This file holds Hand: what the documents in hand tell beside the rows' own, at no further call."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..fields import Document
from ..packing import Held, Packed

if TYPE_CHECKING:
    from ..shelf import Shelf


class Hand:
    """The documents of one resource that were read, whatever for.

    Nothing is asked of the store for it, and nothing is ever taken for what it only resembles.
    """

    def __init__(self, shelf: Shelf | None) -> None:
        self._shelf = shelf
        self._by_fold: dict[str, set[str]] | None = None

    def with_text(self, text: str) -> list[Document]:
        """Those with exactly that order number or SKU."""
        return self._shelf.with_text(text) if self._shelf else []

    def kept(self, document: Document, record: str = "") -> Held:
        """A document as a change keeps it: packed where there are very many; `record` is its id, if it has a place of its own."""
        if self._shelf is None or not self._shelf.like:
            return document
        seen = self._shelf.by_id.get(record) if record else None
        return Packed(document, self._shelf.like) if seen is None else seen.held

    def near(self, text: str) -> str:
        """The only number in hand that differs in leading zeros, case or signs alone; "" for none or several."""
        if self._by_fold is None:  # made when a first row needs it
            self._by_fold = defaultdict(set)
            for held in self._shelf.by_text if self._shelf else ():
                if folded := _fold(held):
                    self._by_fold[folded].add(held)
        found = self._by_fold.get(_fold(text), set()) - {text}
        return next(iter(found)) if len(found) == 1 else ""

    def hint(self, text: str, otherwise: str) -> str:
        """What to do about a number that is not there."""
        near = self.near(text)
        return f"The store has {near}: is that the one meant? Leading zeros, case and signs count." if near else otherwise


def _fold(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum()).lstrip("0")
