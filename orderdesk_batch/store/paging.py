"""This file holds pages: a whole list, page by page, complete even if the store changes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from orderdesk_batch.store.wire import Document

PAGE = 500  # records at most [doc]
ROUNDS = 3  # times that a list that keeps changing is read anew


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its records, where it begins, and how many the store says there are in all."""

    records: list[Document]
    offset: int
    total: int | None  # None: the store did not say
    at: float = 0.0  # when it was asked for, seconds since 1970


Fetch = Callable[[int, int], Page]  # (offset, limit) -> page
Together = Callable[[Iterator[Callable[[], Page]]], Iterator[Page | Exception]]


def pages(fetch: Fetch, together: Together, first: Page | None = None) -> Iterator[Page]:
    """All pages in order, each record once; a page read again to mend a gap comes last.

    A quiet store costs exactly ⌈total/500⌉ requests, and an empty list one. How a list stays complete:

    * The total is believed unless it is smaller than what was received (a '0' beside three records was
      seen [seen]); then reading goes on until a short page.
    * Records added meanwhile make the total grow: reading goes on to the new end.
    * A record deleted meanwhile moves the later ones up, and one can slip through between two pages. The
      total tells: where a page says less than the one before it, the records around that border are read
      again.
    * If records are still missing after that, the list is read anew, up to three times.
    """
    seen: set[str] = set()

    def fresh(page: Page) -> Page:
        kept = []
        for record in page.records:
            mark = str(record.get("id", ""))
            if not mark or mark not in seen:
                kept.append(record)
                if mark:
                    seen.add(mark)
        return replace(page, records=kept)

    for _ in range(ROUNDS):
        whole = True
        before: Page | None = None
        borders: list[tuple[Page, Page]] = []
        latest: int | None = None
        for page in _one_round(fetch, together, first):
            if before is not None and page.total is not None and (before.total or 0) > page.total:
                borders.append((before, page))
            before = page
            latest = page.total
            yield fresh(page)
        for left, right in borders:
            again = fetch(max(0, right.offset - PAGE // 2), PAGE)
            whole = whole and _sewn(left, again, right)
            latest = again.total
            yield fresh(again)
        if whole and (latest is None or len(seen) >= latest):
            return
        first = None


def _one_round(fetch: Fetch, together: Together, first: Page | None) -> Iterator[Page]:
    """The pages of one reading, by the totals they tell; the end is where the latest total says."""
    if first is None or first.offset:
        first = fetch(0, PAGE)
    yield first
    step = len(first.records)
    end = first.total
    if end is None or end < step:
        yield from _until_short(fetch, step, step if step < PAGE else PAGE)
        return
    if not step or step >= end:
        return
    start = step
    step = min(step, PAGE) if first.total is not None and step < PAGE else PAGE
    while start < end:
        offsets = range(start, end, step)
        received = start
        for offset, page in zip(offsets, together(_fetches(fetch, offsets)), strict=False):
            if isinstance(page, Exception):
                raise page
            yield page
            received = offset + len(page.records)
            end = max(end, page.total or 0)
        start = max(offsets[-1] + step, received)


def _fetches(fetch: Fetch, offsets: range) -> Iterator[Callable[[], Page]]:
    for offset in offsets:
        yield lambda offset=offset: fetch(offset, PAGE)  # type: ignore[misc]


def _until_short(fetch: Fetch, start: int, size: int) -> Iterator[Page]:
    """For totals that cannot be believed: on from `start` until a page is not full."""
    if size < PAGE:
        return
    while True:
        page = fetch(start, PAGE)
        yield page
        if len(page.records) < PAGE:
            return
        start += PAGE


def _sewn(left: Page, middle: Page, right: Page) -> bool:
    """Whether the page in the middle shares a record with both sides, so that nothing lies between them."""
    marks = {str(record.get("id")) for record in middle.records}
    sides = [side.records for side in (left, right) if side.records]
    return all(any(str(record.get("id")) in marks for record in records) for records in sides)


def proper_total(value: object) -> int | None:
    """A list's `total_records`: a number for orders, a string for inventory [seen]."""
    try:
        return max(0, int(str(value)))
    except ValueError:
        return None

