"""This file holds Shelf: the documents that are in hand, and when each was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .fields import Document

Listed = Literal["orders", "inventory"]
Ask = tuple[Literal["id", "text"], str]  # one single look-up: by id, or by order number or SKU


@dataclass(slots=True)
class Seen:
    """A document and when it was read (seconds since 1970), and on which page (-1: singly)."""

    document: Document
    at: float
    page: int = -1


@dataclass
class Shelf:
    """The documents of one resource that are in hand."""

    text_field: str = "source_id"
    by_id: dict[str, Seen] = field(default_factory=dict)
    by_text: dict[str, list[str]] = field(default_factory=dict)  # number or SKU → ids
    complete: bool = False  # all pages were read
    asked: set[Ask] = field(default_factory=set)  # single look-ups that were made: what they tell is in hand
    total: int | None = None  # how many there are, as the store said in this very run
    among: str = ""  # the filters of the list whose pages are numbered, as a query; "": the list of all

    def put(self, document: Document, at: float, page: int = -1) -> None:
        """Lay a document on the shelf; an older one of the same id is replaced."""
        record = str(document.get("id", ""))
        known = self.by_id.get(record)
        if known is not None and page < 0:
            page = known.page
        self.by_id[record] = Seen(document, at, page)
        text = self._text(document)
        if known is not None:
            before = self._text(known.document)
            if before == text:
                return
            self._unlist(before, record)
        if text:  # nobody looks for a blank one
            self.by_text.setdefault(text, []).append(record)

    def turn_to(self, among: str) -> None:
        """Number the pages of another list from now on; the numbers of the one before are forgotten."""
        if among != self.among:
            self.among = among
            for seen in self.by_id.values():
                seen.page = -1

    def with_text(self, text: str) -> list[Document]:
        """The documents whose order number or SKU is exactly that, now."""
        listed = self.by_text.get(text, ())
        if len(listed) > 1:  # two answers in flight may have laid one down twice
            listed = list(dict.fromkeys(listed))
        return [self.by_id[record].document for record in listed if record in self.by_id]

    def forget(self, record: str) -> None:
        """Take a document off the shelf."""
        known = self.by_id.pop(record, None)
        if known is not None:
            self._unlist(self._text(known.document), record)

    def _unlist(self, text: str, record: str) -> None:
        left = [other for other in self.by_text.pop(text, ()) if other != record]
        if left:
            self.by_text[text] = left

    def _text(self, document: Document) -> str:
        return str(document.get(self.text_field) or "").strip()

    def knows(self, ask: Ask) -> bool:
        """Whether there is no need to ask that: all was read, or it was asked before."""
        return self.complete or ask in self.asked or (ask[0] == "id" and ask[1] in self.by_id)
