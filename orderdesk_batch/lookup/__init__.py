"""This file holds the look-ups: the documents of many rows in the fewest calls.

N single look-ups or all P pages of 500, whichever is fewer. A remembered total tells P beforehand;
else the first page does, so at most one call more is made than by a planner who knew it. Keys that are
unique by nature (ids, SKUs) stop the paging as soon as all are found. An order number never does: a second
order with the same number could be on a page not yet read. A total that is remembered wrongly costs calls,
never a document: what a page says is believed at once.

A sheet may tell more than keys. This is used where it can hide no twin, and costs one call at most:

* `date_added`, where every order is named by its id: the list of that time alone is read (`window`). What is not
  there is looked up as if there had been no date.

And this is not:

* dates, folders and carts beside order numbers: the twin may be of another time, in another folder, or of a
  cart whose name is cased otherwise, and whether the server's filter minds the case is [open];
* `folder_id`, `folder`: where an order is to go, not where it is;
* `source_name` beside ids: a sheet that sets it would cost all pages of the wrong cart before that shows;
* `location`, `update_source` and the like of inventory: they are what the sheet sets, and SKUs end the paging by themselves.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from ..errors import NotFound
from ..fields import Document
from ..plan.keys import OrderKey as OrderKey
from ..plan.keys import may_be_id, of_cart, other_spelling
from ..shelf import FEW, MANY
from ..shelf import Ask as Ask
from ..shelf import Listed as Listed
from ..shelf import Seen as Seen
from ..shelf import Shelf as Shelf
from ..store.paging import PAGE as PAGE
from ..store.paging import pages_of
from .later import Later as Later
from .reading import NESTED, Reading, is_whole
from .window import Window

if TYPE_CHECKING:
    from ..memory import Memory
    from ..store import Page, Store

T = TypeVar("T")


class Lookup:
    """Finds documents, keeps them in hand, and reads them again when they grow old.

    Args:
        rows: how many rows ask for them.
    """

    def __init__(self, store: Store, memory: Memory, *, clock: Callable[[], float] = time.time, rows: int = 0) -> None:
        self.store = store
        self.memory = memory
        self._clock = clock
        self.shelves: dict[Listed, Shelf] = {"orders": Shelf(), "inventory": Shelf("code")}
        if rows > MANY:  # they take room, too
            for shelf in self.shelves.values():
                shelf.ready = FEW
        self._readings = {listed: Reading(store, memory, listed, shelf) for listed, shelf in self.shelves.items()}

    # -- orders -----------------------------------------------------------------------------------

    def orders(self, keys: Iterable[OrderKey], added: Mapping[str, dt.datetime] | None = None) -> Later[OrderKey, list[Document]]:
        """The orders that each key fits: none, one, or several (then it is not known which is meant).

        Args:
            added: when orders were added (UTC), by id, as far as somebody says so: they are looked for there first.
        """
        wanted = list(dict.fromkeys(keys))
        spelled = {key.value for key in wanted if key.by == "order"}
        self._settle("orders", lambda: [ask for key in wanted if (ask := self._next_ask(key))], spelled=spelled, added=added)
        found = Later(wanted, self._fits)
        self._complete(found)
        return found

    def _next_ask(self, key: OrderKey) -> Ask | None:
        """The single look-up that a key needs next, by the readings in their order; None when it is settled."""
        shelf = self.shelves["orders"]
        for ask in _readings(key.value) if key.by == "order" else [_ask(key)]:
            if not shelf.knows(ask):
                return ask
            if self._told(ask):
                return None
        return None

    def _told(self, ask: Ask) -> list[Document]:
        shelf = self.shelves["orders"]
        if ask[0] == "text":
            return shelf.with_text(ask[1])
        return shelf.with_id(ask[1])

    def _fits(self, key: OrderKey) -> list[Document]:
        by, value, cart = key
        shelf = self.shelves["orders"]
        if by == "id":
            return shelf.with_id(value)
        fits = _named(shelf.with_text(value), cart)
        if by == "order":
            if shelf.complete or not fits:  # complete: then all readings are compared
                fits = fits + _named(shelf.with_text(other_spelling(value)), cart)
            if may_be_id(value) and (shelf.complete or not fits):
                fits = fits + _named(shelf.with_id(value), cart)
        return fits if len(fits) < 2 else list({str(doc["id"]): doc for doc in fits}.values())

    def _complete(self, found: Mapping[OrderKey, list[Document]]) -> None:
        """Fetch an order's items and shipments apart where a server leaves them out of the order."""
        shelf = self.shelves["orders"]
        if all(seen.at for seen in shelf.by_id.values()):  # what is not whole never counts as young
            return
        records = (str(doc["id"]) for fits in found.values() for doc in fits)
        incomplete = {record: doc for record in records if not is_whole("orders", doc := shelf.by_id[record].document)}
        lacking = [(doc, name) for doc in incomplete.values() for name in NESTED if name not in doc]
        fetched = self._each([partial(self._nested, str(doc["id"]), name) for doc, name in lacking])
        for (doc, name), children in zip(lacking, fetched, strict=True):
            doc[name] = children
        for document in incomplete.values():
            shelf.put(document, 0.0)

    def _nested(self, record: str, name: str) -> list[Document]:
        try:
            return self.store.items(record) if name == "order_items" else self.store.shipments(record)
        except NotFound:
            return []

    # -- inventory --------------------------------------------------------------------------------

    def inventory(self, ids: Iterable[str], codes: Iterable[str]) -> tuple[Later[str, list[Document]], Later[str, list[Document]]]:
        """The inventory items with each of these ids, and with each of these SKUs: none, one, or several."""
        shelf = self.shelves["inventory"]
        want_ids, want_codes = list(dict.fromkeys(ids)), list(dict.fromkeys(codes))
        asks: list[Ask] = []
        if not shelf.complete:
            asks = [*(("id", record) for record in want_ids), *(("text", code) for code in want_codes)]
        self._settle("inventory", lambda: [a for a in asks if not shelf.knows(a) and not (a[0] == "text" and shelf.with_text(a[1]))])
        return Later(want_ids, shelf.with_id), Later(want_codes, shelf.with_text)

    def items_by_code(self, code: str) -> list[Document]:
        """The inventory items with that SKU, read now."""
        self._ask_text("inventory", code)
        return self.shelves["inventory"].with_text(code)

    # -- pages or single look-ups -----------------------------------------------------------------

    def _settle(
        self, listed: Listed, still: Callable[[], list[Ask]], *,
        spelled: AbstractSet[str] = frozenset(), added: Mapping[str, dt.datetime] | None = None,
    ) -> None:  # fmt: skip
        """Make the calls that are needed until nothing is left to ask, the cheaper way.

        Args:
            spelled: numbers that may be spelled otherwise in the store. A single look-up that finds nothing leads to
                others, so that at the same price the pages are preferred: they answer all readings at once.
        """
        shelf, reading = self.shelves[listed], self._readings[listed]
        if shelf.complete:
            return
        ties = bool(spelled)
        first: Page | None = None
        spent, each = 0, 1
        most = max((len(_readings(number)) for number in spelled), default=1)
        trial = ""  # a number whose readings are looked up one after the other, to see how many the others will need
        if (window := Window.of(set(still()), added or {})) and reading.pays(window):
            self._singly(listed, reading.through_window(window))
        while not shelf.complete and (asks := set(still())):
            needed, total = len(asks), reading.total
            pages = None if total is None else pages_of(total) - (first is not None)
            # Not known: the first page tells; but not for one or two look-ups that cost no more.
            if needed * each + ties > pages if pages is not None else spent + needed >= 3 - ties:
                first = reading.through(asks, first, each=each, ties=ties)
                asks = set() if shelf.complete else set(still())
                pages = None if shelf.total is None else pages_of(shelf.total) - 1
            # Numbers of one sheet are spelled alike: one of them tells how many look-ups each of the others will need.
            tried = None
            if pages is not None and spent == each - 1 and len(asks) * each <= pages < len(asks) * most:
                trial = trial or min((value for _, value in asks if value in spelled), default="")
                tried = next((ask for ask in _readings(trial) if ask in asks), None)
            self._singly(listed, {tried} if tried else asks)
            if tried:
                spent += 1
                each += not self._told(tried)
            else:
                spent += len(asks)
                each = max(each - 1, 1)

    def _singly(self, listed: Listed, asks: Collection[Ask]) -> None:
        self._each([partial(self._ask_id if by == "id" else self._ask_text, listed, value) for by, value in sorted(asks)])

    def _ask_id(self, listed: Listed, record: str) -> None:
        self.read_singly(listed, [record])
        self.shelves[listed].asked.add(("id", record))

    def _ask_text(self, listed: Listed, text: str) -> None:
        shelf = self.shelves[listed]
        for page in self.store.pages(listed, {shelf.text_field: text}):
            for document in page.records:  # a filter may find more than what is asked for [open]
                if str(document.get(shelf.text_field) or "").strip() == text:
                    shelf.put(document, page.at if is_whole(listed, document) else 0.0)
        shelf.asked.add(("text", text))

    def total(self, listed: Listed) -> int:
        """How many records there are, as the store says in this run; asked for if it has not said so yet."""
        shelf = self.shelves[listed]
        if shelf.total is None:
            page = self.store.orders_page(limit=1) if listed == "orders" else self.store.inventory_page(limit=1)
            total = page.total
            if total is None or total < len(page.records):  # not to be believed: count them
                total = sum(len(page.records) for page in self.store.pages(listed))
            shelf.total = total
            self.memory.put_total(listed, total)
        return shelf.total

    def list_orders(self, filters: Mapping[str, Any]) -> list[Document]:
        """The orders that the store finds by these filters, read now."""
        return [document for page in self.store.pages("orders", filters) for document in page.records]

    def _each(self, calls: Iterable[Callable[[], T]]) -> list[T]:
        """Each call's result, several in flight; the first error ends it."""
        results = []
        for result in self.store.together(calls):
            if isinstance(result, Exception):
                raise result
            results.append(result)
        return results

    # -- reading again ----------------------------------------------------------------------------

    def refresh(self, listed: Listed, records: Iterable[str]) -> dict[str, Document | None]:
        """Read documents anew, now, in pages or singly, whichever is fewer; None for one that is gone."""
        wanted = list(dict.fromkeys(records))
        shelf = self.shelves[listed]
        pages = {record: shelf.by_id[record].page if record in shelf.by_id else -1 for record in wanted}
        serves = Counter(pages.values())
        found = self.read_pages(listed, sorted(page for page, count in serves.items() if page >= 0 and count > 1))
        again = self.read_singly(listed, [record for record in wanted if record not in found])
        return {record: found[record] if record in found else again[record] for record in wanted}

    def read_pages(self, listed: Listed, numbers: Iterable[int]) -> dict[str, Document]:
        """Read whole pages anew; the documents that are on them now, by id, but for those that are not whole."""
        found: dict[str, Document] = {}
        filters = dict(parse_qsl(self.shelves[listed].among))
        for page in self._each([partial(self.store.page_again, listed, number * PAGE, filters) for number in numbers]):
            self._readings[listed].lay(page, set())
            found |= {str(document["id"]): document for document in page.records if is_whole(listed, document)}
        return found

    def read_singly(self, listed: Listed, records: Collection[str]) -> dict[str, Document | None]:
        """Read documents anew, one call each; None for one that is gone."""
        if len(records) < 2:
            return {record: self._one_again(listed, record) for record in records}
        answers = self._each([partial(self._one_again, listed, record) for record in records])
        return dict(zip(records, answers, strict=True))

    def _one_again(self, listed: Listed, record: str) -> Document | None:
        at = self._clock()  # before the request leaves, so that an age is never told too young
        try:
            document = self.store.order(record) if listed == "orders" else self.store.inventory_item(record)
        except NotFound:
            self.shelves[listed].forget(record)
            return None
        if listed == "orders":
            for name in NESTED:
                if name not in document:
                    document[name] = self._nested(record, name)
        self.shelves[listed].put(document, at)
        return document


def _ask(key: OrderKey) -> Ask:
    return ("id" if key.by == "id" else "text", key.value)


def _readings(number: str) -> list[Ask]:
    """What a number in a column like `Order #` may be: as written, spelled otherwise, Order Desk's own id."""
    asks: list[Ask] = [("text", number), ("text", other_spelling(number))]
    return [*asks, ("id", number)] if may_be_id(number) else asks


def _named(documents: list[Document], source_name: str) -> list[Document]:
    return [doc for doc in documents if of_cart(doc, source_name)] if source_name else documents
