"""This file holds `documents`: the records that a search finds, page by page, complete, each once, in the fewest calls."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ..errors import NotFound
from ..fields import RESOURCES, Document
from ..plan.compare import children
from ..store.paging import PAGE, pages_of
from .asking import Asked, ask
from .options import Search
from .tally import Tally
from .times import Zone, told_by

if TYPE_CHECKING:
    from ..memory import Memory
    from ..store import Page, Store

FEW: Final = 3  # single calls that are made without a look at the first page
ORDER_KEYS: Final[Mapping[str, str]] = {"order.id": "id", "order.source_id": "source_id", "order.source_name": "source_name"}
_NAMED: Final = 20  # values named one by one when they found nothing


@dataclass(slots=True)
class Progress:
    """How far the reading has come, for a bar."""

    stage: str = "reading"
    done: int = 0  # records so far
    total: int = 0  # records expected; 0: not known
    calls: int = 0  # pages so far
    calls_left: int = 0
    seconds_left: float = 0.0


class Documents:
    """The pages of documents, as they came, each document once; to be gone through once.

    Items and shipments carry their order's keys beside their own: `order.id`, `order.source_id`,
    `order.source_name`.
    """

    def __init__(
        self,
        store: Store,
        resource: str,
        search: Search,
        *,
        memory: Memory,
        zone: str | Zone = "UTC",
        folders: Mapping[str, str] | None = None,
        progress: Callable[[Any], None] | None = None,
        now: dt.datetime | None = None,
    ) -> None:
        self.resource = resource
        self.zone = zone if isinstance(zone, Zone) else Zone(zone or "UTC")
        self.asked: Asked = ask(
            resource, search, zone=self.zone, now=now or dt.datetime.now(dt.UTC), folders=folders or {},
            doctor=memory.get("doctor") or {},
        )  # fmt: skip
        self.records = 0  # given out so far
        self.notes: list[str] = []  # what is to be said once all is read
        self.missing: list[str] = []  # order ids that are not in the store
        self._store = store
        self._memory = memory
        self._tell = progress
        self._state = Progress()
        self._pages = self._limited(self._read())

    @property
    def windows(self) -> list[str]:
        """The windows of time that were asked for, for people: in the store's zone and in UTC."""
        return [window.says(self.zone) for window in self.asked.windows]

    def __iter__(self) -> Iterator[list[Document]]:
        return self

    def __next__(self) -> list[Document]:
        return next(self._pages)

    # -- which way --------------------------------------------------------------------------------

    def _read(self) -> Iterator[list[Document]]:
        asked = self.asked
        if asked.order_ids is not None:
            return self._by_ids(asked.order_ids)
        if asked.many:
            return self._by_values()
        return self._by_pages(asked.filters)

    def _limited(self, pages: Iterable[list[Document]]) -> Iterator[list[Document]]:
        left = self.asked.limit
        for page in pages:
            kept = [record for record in page if self.asked.keeps(record)] if self.asked.windows else page
            if self.asked.resource in ("items", "shipments"):
                kept = [child for order in kept for child in with_keys(order, self.asked.resource)]
            kept = kept[:left]
            self.records += len(kept)
            self._progress()
            if kept:
                yield kept
            if left is not None:
                left -= len(kept)
                if not left:
                    return

    def _cheaper_singly(self, singles: int) -> tuple[bool, Page | None]:
        """Whether so many single calls are fewer than all pages; and the first page, if it was read to tell."""
        of, filters, is_all = self.asked.listed, self.asked.filters, self.asked.is_all
        total = self._memory.total(of) if is_all else None
        if total is not None:
            return singles <= pages_of(total), None
        if singles < FEW:
            return True, None
        first = self._store.first_page(of, filters)
        self._count(first, 0)
        total = max(first.total or 0, len(first.records))
        if is_all:
            self._memory.put_total(of, total)
        return singles <= pages_of(total) - 1, first

    # -- pages ------------------------------------------------------------------------------------

    def _by_pages(self, filters: Mapping[str, Any]) -> Iterator[list[Document]]:
        limit, of = self.asked.limit, self.asked.listed
        if limit is None:
            yield from self._all_pages(filters)
            return
        if of == "orders" and "order_by" not in filters:  # the newest ones, as the API gives them [doc]
            filters = {"order_by": "date_added", "order": "DESC", **filters}
        if limit <= PAGE and not self.asked.windows and self.asked.resource == of:
            page = (self._store.orders_page if of == "orders" else self._store.inventory_page)(filters, 0, limit)
            self._count(page, 0)
            yield page.records
        else:
            yield from self._all_pages(filters, ahead=1)

    def _all_pages(
        self, filters: Mapping[str, Any], first: Page | None = None, ahead: int | None = None
    ) -> Iterator[list[Document]]:
        of = self.asked.listed
        # All there is, a record comes into when it is made; what filters find, also when it is changed.
        tally = Tally("date_added" if self.asked.is_all else "date_updated")
        for page in self._store.pages(of, filters, first=first, ahead=ahead):
            tally.add(page)
            total = max(page.total or 0, tally.read)
            if self.asked.is_all and page.total is not None:
                self._memory.put_total(of, total)
            self._count(page, pages_of(total) - page.offset // PAGE - 1, again=page is first)
            yield page.records
        if self.asked.limit is None and tally.hangs_on_the_clock() and (told := told_by(self._store)) is not None:
            tally.ahead = told.timestamp() - self._store.now()
        if self.asked.limit is None and tally.may_have_lost():
            for page in self._store.pages(of, filters):
                self._count(page, 0)
                yield tally.unseen(page.records)

    # -- orders by their ids ----------------------------------------------------------------------

    def _by_ids(self, ids: list[str]) -> Iterator[list[Document]]:
        left = dict.fromkeys(ids)
        singly, first = self._cheaper_singly(len(left))
        if not singly or first is not None:
            pages = [first.records] if singly and first is not None else self._all_pages(self.asked.filters, first, ahead=1)
            for records in pages:
                found = [document for document in records if str(document.get("id")) in left]
                for document in found:
                    left.pop(str(document.get("id")), None)
                yield found
                if not left:
                    return
        if singly:
            calls = (partial(self._one_order, record) for record in list(left))
            for record, answer in zip(list(left), self._store.together(calls), strict=True):
                if isinstance(answer, Exception):
                    raise answer
                self._count(None, len(left) - 1)
                if answer is not None:
                    left.pop(record)
                    yield [answer]
        self.missing = list(left)
        if left:
            self.notes.append(_nothing("orders", list(left), len(ids), "are not in the store"))

    def _one_order(self, record: str) -> Document | None:
        try:
            return self._store.order(record, history=bool(self.asked.filters.get("get_order_history")))
        except NotFound:
            return None

    # -- many values ------------------------------------------------------------------------------

    def _by_values(self) -> Iterator[list[Document]]:
        asked = self.asked
        comparable = all(one.comparable for one in asked.many)
        singly, first = self._cheaper_singly(asked.singles) if comparable else (True, None)
        yield from self._singly() if singly else self._compared(first)
        for one in asked.many:
            lost = [value for value in one.values if value not in one.found]
            if lost:
                self.notes.append(_nothing(f"values of {one.option.api}", lost, len(one.values), "found nothing"))

    def _singly(self) -> Iterator[list[Document]]:
        asked = self.asked
        seen: set[str] = set()
        calls = (partial(self._found_by, filters, values) for filters, values in asked.combinations())
        left = asked.singles
        for answer in self._store.together(calls):
            if isinstance(answer, Exception):
                raise answer
            values, records = answer
            left -= 1
            self._count(None, left)
            if records:
                for one, value in zip(asked.many, values, strict=True):
                    one.found.add(value)
            fresh = [record for record in records if str(record.get("id")) not in seen]
            seen.update(str(record.get("id")) for record in fresh)
            yield fresh

    def _found_by(self, filters: Mapping[str, Any], values: tuple[str, ...]) -> tuple[tuple[str, ...], list[Document]]:
        pages = self._store.pages(self.asked.listed, filters, ahead=1)
        return values, list(itertools.chain.from_iterable(page.records for page in pages))

    def _compared(self, first: Page | None) -> Iterator[list[Document]]:
        asked = self.asked
        # A SKU is there once: with all of them found, no further page can hold one.
        unique = asked.many[0] if [one.option.api for one in asked.many] == ["code"] else None
        for records in self._all_pages(asked.filters, first, ahead=1 if unique else None):
            kept = []
            for record in records:
                fits = [one.fits(asked.listed, record) for one in asked.many]
                if all(fits):
                    kept.append(record)
                    for one, values in zip(asked.many, fits, strict=True):
                        one.found.update(values)
            yield kept
            if unique and len(unique.found) == len(unique.values):
                return

    # -- telling ----------------------------------------------------------------------------------

    def _count(self, page: Page | None, left: int, *, again: bool = False) -> None:
        state = self._state
        if not again:  # the page that was read to plan is counted once
            state.calls += 1
        state.calls_left = max(left, 0)
        if page is not None and page.total and not self.asked.windows:
            state.total = min(page.total, self.asked.limit or page.total)
            if self.asked.resource != self.asked.listed or self.asked.many or self.asked.order_ids is not None:
                state.total = 0  # how many there will be can't be told from how many are looked at

    def _progress(self) -> None:
        if self._tell is None:
            return
        state = self._state
        state.done = self.records
        state.seconds_left = self._store.bucket.forecast(state.calls_left) if state.calls_left else 0.0
        self._tell(state)


def documents(
    store: Store,
    resource: str,
    search: Search | None = None,
    *,
    memory: Memory,
    zone: str | Zone = "UTC",
    folders: Mapping[str, str] | None = None,
    progress: Callable[[Any], None] | None = None,
    now: dt.datetime | None = None,
) -> Documents:
    """The documents that a search finds, in pages; nothing is asked before the first page is taken.

    Args:
        zone: the store's time zone, which dates without one are in.
        folders: the store's folders, id → name, as far as they are known.
        progress: told after each page.

    Raises:
        UsageError: a filter or a time that makes no sense.
    """
    return Documents(
        store, resource, search or Search(), memory=memory, zone=zone, folders=folders, progress=progress, now=now
    )


def with_keys(order: Document, resource: str) -> Iterator[Document]:
    """The items or shipments of an order, each with its order's keys in front."""
    keys = {name: order.get(key) for name, key in ORDER_KEYS.items()}
    for child in children(order, RESOURCES[resource].inside):
        yield {**keys, **child, **keys}  # the order's, whatever the child calls its own


def _nothing(what: str, lost: list[str], of: int, says: str) -> str:
    named = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else "")
    return f"{len(lost):,} of {of:,} {what} {says}: {named}."
