"""This file holds Shelf: the documents that are in hand, and when each was read."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from .fields import Document
from .packing import Held, Like, Packed, opened

Listed = Literal["orders", "inventory"]
MANY: Final = 100_000  # documents, or rows, that are kept ready to hand; of more each is made when it is asked for
FEW: Final = 2000  # the same of documents, where there are very many rows
Ask = tuple[Literal["id", "text"], str]  # one single look-up: by id, or by order number or SKU


@dataclass(slots=True)
class Seen:
    """A document and when it was read (seconds since 1970), and on which page (-1: singly)."""

    held: Held
    at: float
    page: int = -1
    plain: bool = False  # its id and its order number or SKU are texts, the very ones that it is found by

    @property
    def document(self) -> Document:
        """The document itself."""
        return opened(self.held)


class Glimpse(Mapping[str, Any]):
    """A packed document to be read: what it was found by is at hand, and it is made when anything else is asked for."""

    __slots__ = ("_field", "_held", "_record", "_text")

    def __init__(self, held: Packed, record: str, text_field: str, text: str) -> None:
        self._held = held
        self._record = record
        self._field = text_field
        self._text = text

    def get(self, name: str, default: Any = None) -> Any:
        """What it has under a name."""
        if name == "id":
            return self._record
        return self._text if name == self._field else self._held.document.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self._record if name == "id" else self._held.document[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.document)

    def __len__(self) -> int:
        return len(self._held.document)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return repr(self._held.document)


@dataclass
class Shelf:
    """The documents of one resource that are in hand; very many of them packed."""

    text_field: str = "source_id"
    by_id: dict[str, Seen] = field(default_factory=dict)
    by_text: dict[str, str | list[str]] = field(default_factory=dict)  # number or SKU → id, or ids where there are several
    complete: bool = False  # all pages were read
    asked: set[Ask] = field(default_factory=set)  # single look-ups that were made: what they tell is in hand
    total: int | None = None  # how many there are, as the store said in this very run
    among: str = ""  # the filters of the list whose pages are numbered, as a query; "": the list of all
    ready: int = MANY  # so many documents lie there ready to hand
    like: Like | None = None  # what packed documents are told by; None: none is packed
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def put(self, document: Document, at: float, page: int = -1) -> None:
        """Lay a document on the shelf; an older one of the same id is replaced."""
        record = str(document.get("id", ""))
        known = self.by_id.get(record)
        if known is not None and page < 0:
            page = known.page
        text = self._text(document)
        plain = document.get("id") == record and document.get(self.text_field) == text
        self.by_id[record] = Seen(Packed(document, self.like) if self.like else document, at, page, plain)
        if len(self.by_id) > self.ready and not self.like:
            self._pack()
        if known is not None:
            before = self._text(known.document)
            if before == text:
                return
            self._unlist(before, record)
        if text and self.by_text.setdefault(text, record) != record:  # nobody looks for a blank one
            with self._guard:
                listed = self.by_text.get(text, record)
                if isinstance(listed, list):
                    listed.append(record)
                else:
                    self.by_text[text] = [listed, record]

    def _pack(self) -> None:
        for seen in list(self.by_id.values()):
            document = seen.document
            self.like = self.like or Like(document)
            seen.held = Packed(document, self.like)

    def turn_to(self, among: str) -> None:
        """Number the pages of another list from now on; the numbers of the one before are forgotten."""
        if among != self.among:
            self.among = among
            for seen in self.by_id.values():
                seen.page = -1

    def with_id(self, record: str) -> list[Document]:
        """The document with that id, now."""
        return [self.by_id[record].document] if record in self.by_id else []

    def with_text(self, text: str) -> list[Document]:
        """The documents whose order number or SKU is exactly that, now; packed ones as a `Glimpse`, not to be changed."""
        listed = self.by_text.get(text, ())
        if isinstance(listed, str):
            seen = self.by_id.get(listed)
            return [self._glimpse(seen, listed, text) if self.like else opened(seen.held)] if seen else []
        # Two answers in flight may have laid one down twice.
        return [self._glimpse(seen, record, text) for record in dict.fromkeys(listed) if (seen := self.by_id.get(record))]

    def _glimpse(self, seen: Seen, record: str, text: str) -> Document:
        if type(seen.held) is Packed and seen.plain:
            return cast(Document, Glimpse(seen.held, record, self.text_field, text))
        return opened(seen.held)

    def forget(self, record: str) -> None:
        """Take a document off the shelf."""
        known = self.by_id.pop(record, None)
        if known is not None:
            self._unlist(self._text(known.document), record)

    def _unlist(self, text: str, record: str) -> None:
        with self._guard:
            listed = self.by_text.pop(text, ())
            left = [other for other in ([listed] if isinstance(listed, str) else listed) if other != record]
            if left:
                self.by_text[text] = left if len(left) > 1 else left[0]

    def _text(self, document: Document) -> str:
        return str(document.get(self.text_field) or "").strip()

    def knows(self, ask: Ask) -> bool:
        """Whether there is no need to ask that: all was read, or it was asked before."""
        return self.complete or ask in self.asked or (ask[0] == "id" and ask[1] in self.by_id)
