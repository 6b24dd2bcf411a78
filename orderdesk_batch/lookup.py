"""This file holds the look-ups: the documents of many rows in the fewest calls.

N single look-ups or all P pages of 500, whichever is fewer. A remembered total tells P beforehand;
else the first page does, so at most one call more is made than by a planner who knew it. Keys that are
unique by nature (ids, SKUs) stop the paging as soon as all are found. An order number never does: a second
order with the same number could be on a page not yet read.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from .errors import NotFound
from .fields import Document

if TYPE_CHECKING:
    from .memory import Memory
    from .store import Page, Store

T = TypeVar("T")
PAGE: Final = 500
Listed = Literal["orders", "inventory"]


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One way to say which order is meant."""

    by: Literal["id", "source_id", "order"]
    value: str
    source_name: str = ""  # narrows source_id


@dataclass(slots=True)
class Seen:
    """A document and when it was read (seconds since 1970), and on which page (-1: singly)."""

    document: Document
    at: float
    page: int = -1


@dataclass
class Shelf:
    """The documents of one resource that are in hand."""

    by_id: dict[str, Seen] = field(default_factory=dict)
    by_text: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # source_id or code → ids
    complete: bool = False  # all pages were read
    text_field: str = "source_id"

    def put(self, document: Document, at: float, page: int = -1) -> None:
        """Lay a document on the shelf; an older one of the same id is replaced."""
        record = str(document.get("id", ""))
        known = self.by_id.get(record)
        if known is not None and page < 0:
            page = known.page
        self.by_id[record] = Seen(document, at, page)
        text = str(document.get(self.text_field) or "").strip()
        ids = self.by_text[text]
        if record not in ids:
            ids.append(record)

    def with_text(self, text: str) -> list[Document]:
        """The documents whose order number or SKU is exactly that, now."""
        found = (self.by_id[record].document for record in self.by_text.get(text, ()) if record in self.by_id)
        return [doc for doc in found if str(doc.get(self.text_field) or "").strip() == text]

    def forget(self, record: str) -> None:
        """Take a document off the shelf."""
        self.by_id.pop(record, None)


def other_spelling(number: str) -> str:
    """The order number with `#` if it has none, without if it has one."""
    return number[1:] if number.startswith("#") else f"#{number}"


def may_be_id(number: str) -> bool:
    """Whether it may be Order Desk's own id: digits without a leading zero."""
    return number.isascii() and number.isdigit() and not number.startswith("0")


class Lookup:
    """Finds documents, keeps them in hand, and reads them again when they grow old."""

    def __init__(self, store: Store, memory: Memory, *, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.memory = memory
        self._clock = clock
        self.shelves: dict[Listed, Shelf] = {"orders": Shelf(), "inventory": Shelf(text_field="code")}

    # -- orders -----------------------------------------------------------------------------------

    def orders(self, keys: Iterable[OrderKey]) -> dict[OrderKey, list[Document]]:
        """The orders that each key fits: none, one, or several (then it is not known which is meant)."""
        wanted = list(dict.fromkeys(keys))
        shelf = self.shelves["orders"]
        only_ids = all(key.by == "id" for key in wanted)
        missing = self._missing(wanted)
        found: dict[OrderKey, list[Document]] = {}
        if missing and not shelf.complete:
            ids = {key.value for key in missing} if only_ids else None
            if not self._by_pages("orders", len(missing), ids):
                missing = self._missing(wanted)  # the first page may have brought some
                answers = self._each([partial(self._single_order, key) for key in missing])
                found = dict(zip(missing, answers, strict=True))
        return {key: found[key] if key in found else self._fits(key) for key in wanted}

    def _missing(self, keys: list[OrderKey]) -> list[OrderKey]:
        shelf = self.shelves["orders"]
        return [key for key in keys if not (key.by == "id" and key.value in shelf.by_id)]

    def _fits(self, key: OrderKey) -> list[Document]:
        shelf = self.shelves["orders"]
        if key.by == "id":
            seen = shelf.by_id.get(key.value)
            return [seen.document] if seen else []
        fits = _named(shelf.with_text(key.value), key.source_name)
        if key.by == "order":  # with pages in hand all readings are compared
            fits = fits + shelf.with_text(other_spelling(key.value))
            if may_be_id(key.value) and key.value in shelf.by_id:
                fits.append(shelf.by_id[key.value].document)
        return list({str(doc["id"]): doc for doc in fits}.values())

    def _single_order(self, key: OrderKey) -> list[Document]:
        if key.by == "id":
            return self._order_by_id(key.value)
        found = _named(self._with_source_id(key.value), key.source_name)
        if key.by == "order":
            found = found or self._with_source_id(other_spelling(key.value))
            if not found and may_be_id(key.value):
                found = self._order_by_id(key.value)
        return found

    def _with_source_id(self, number: str) -> list[Document]:
        filters = {"source_id": number}
        found = [doc for doc in self._list("orders", filters) if str(doc.get("source_id") or "").strip() == number]
        self._lay("orders", found)
        return found

    def _order_by_id(self, record: str) -> list[Document]:
        try:
            document = self.store.order(record)
        except NotFound:
            return []
        self._lay("orders", [document])
        return [document]

    # -- inventory --------------------------------------------------------------------------------

    def inventory(self, ids: Iterable[str], codes: Iterable[str]) -> tuple[dict[str, Document], dict[str, list[Document]]]:
        """The inventory items with these ids, and those with these SKUs."""
        shelf = self.shelves["inventory"]
        want_ids, want_codes = list(dict.fromkeys(ids)), list(dict.fromkeys(codes))
        if not shelf.complete:
            new_ids = [record for record in want_ids if record not in shelf.by_id]
            new_codes = [code for code in want_codes if not shelf.with_text(code)]
            needed = len(new_ids) + len(new_codes)
            if needed and not self._by_pages("inventory", needed, set(new_ids), set(new_codes)):
                calls = [partial(self._item_by_id, record) for record in new_ids if record not in shelf.by_id]
                calls += [partial(self.items_by_code, code) for code in new_codes if not shelf.with_text(code)]
                self._each(calls)
        by_id = {record: shelf.by_id[record].document for record in want_ids if record in shelf.by_id}
        return by_id, {code: shelf.with_text(code) for code in want_codes}

    def _item_by_id(self, record: str) -> list[Document]:
        try:
            document = self.store.inventory_item(record)
        except NotFound:
            return []
        self._lay("inventory", [document])
        return [document]

    def items_by_code(self, code: str) -> list[Document]:
        """The inventory items with that SKU, read now."""
        found = [doc for doc in self._list("inventory", {"code": code}) if str(doc.get("code") or "").strip() == code]
        self._lay("inventory", found)
        return found

    # -- pages ------------------------------------------------------------------------------------

    def total(self, resource: Listed) -> int:
        """How many records there are: as remembered, else as the first page says."""
        known = self.memory.total(resource)
        if known is None:
            shelf = self.shelves[resource]
            if shelf.complete:
                return len(shelf.by_id)
            self._by_pages(resource, 0, set())
            known = self.memory.total(resource) or 0
        return known

    def _by_pages(self, resource: Listed, singles: int, ids: set[str] | None, codes: set[str] | None = None) -> bool:
        """Read pages if that takes fewer calls than `singles` look-ups; whether it was done.

        With `ids` and `codes` given, reading stops as soon as all of them are in hand. With the total
        unknown and three or more look-ups ahead, the first page is read to learn it.
        """
        total = self.memory.total(resource)
        if total is None and 0 < singles < 3:
            return False
        if total is not None and singles <= _pages(total):
            return False
        shelf = self.shelves[resource]
        left_ids, left_codes = (set(ids), set(codes or ())) if ids is not None else (None, None)
        for number, page in enumerate(self._pages_of(resource)):
            for document in page.records:
                shelf.put(document, page.at, page.offset // PAGE)
            if left_ids is not None and left_codes is not None:
                left_ids.difference_update(str(document.get("id", "")) for document in page.records)
                left_codes.difference_update(str(document.get("code") or "").strip() for document in page.records)
                if not left_ids and not left_codes:
                    return True
                singles = len(left_ids) + len(left_codes)
            if number == 0 and total is None and singles <= _pages(self.memory.total(resource) or 0) - 1:
                return False
        shelf.complete = True
        return True

    def _pages_of(self, resource: Listed) -> Iterator[Page]:
        read = 0
        for page in self.store.pages(resource):
            read += len(page.records)
            if page.total is not None:
                self.memory.put_total(resource, max(page.total, read))  # a total of 0 beside records was seen [seen]
            yield page

    def list_orders(self, filters: Mapping[str, Any]) -> list[Document]:
        """The orders that the store finds by these filters, read now."""
        return self._list("orders", filters)

    def _list(self, resource: Listed, filters: Mapping[str, Any]) -> list[Document]:
        return list(itertools.chain.from_iterable(page.records for page in self.store.pages(resource, filters)))

    def _lay(self, resource: Listed, documents: Iterable[Document]) -> None:
        at = self._clock()
        for document in documents:
            self.shelves[resource].put(document, at)

    def _each(self, calls: Iterable[Callable[[], T]]) -> list[T]:
        """Each call's result, several in flight; the first error ends it."""
        results = []
        for result in self.store.together(calls):
            if isinstance(result, Exception):
                raise result
            results.append(result)
        return results

    # -- reading again ----------------------------------------------------------------------------

    def refresh(self, resource: Listed, records: Iterable[str]) -> dict[str, Document | None]:
        """Read documents anew, now, in pages or singly, whichever is fewer; None for one that is gone."""
        wanted = list(dict.fromkeys(records))
        shelf = self.shelves[resource]
        pages = {shelf.by_id[record].page if record in shelf.by_id else -1 for record in wanted}
        found: dict[str, Document] = {}
        if -1 not in pages and len(pages) < len(wanted):
            found = self.read_pages(resource, sorted(pages))
        again = self.read_singly(resource, [record for record in wanted if record not in found])
        return {record: found[record] if record in found else again[record] for record in wanted}

    def read_pages(self, resource: Listed, numbers: Iterable[int]) -> dict[str, Document]:
        """Read whole pages anew; the documents that are on them now, by id."""
        found: dict[str, Document] = {}
        for page in self._each([partial(self.store.page_again, resource, number * PAGE) for number in numbers]):
            for document in page.records:
                self.shelves[resource].put(document, page.at, page.offset // PAGE)
                found[str(document["id"])] = document
        return found

    def read_singly(self, resource: Listed, records: Iterable[str]) -> dict[str, Document | None]:
        """Read documents anew, one call each; None for one that is gone."""
        wanted = list(records)
        answers = self._each([partial(self._one_again, resource, record) for record in wanted])
        return dict(zip(wanted, answers, strict=True))

    def _one_again(self, resource: Listed, record: str) -> Document | None:
        at = self._clock()  # before the request leaves, so that an age is never told too young
        try:
            document = self.store.order(record) if resource == "orders" else self.store.inventory_item(record)
        except NotFound:
            self.shelves[resource].forget(record)
            return None
        self.shelves[resource].put(document, at)
        return document


def _pages(total: int) -> int:
    return max(1, math.ceil(total / PAGE))


def _named(documents: list[Document], source_name: str) -> list[Document]:
    if not source_name:
        return documents
    return [doc for doc in documents if str(doc.get("source_name") or "").casefold() == source_name.casefold()]
