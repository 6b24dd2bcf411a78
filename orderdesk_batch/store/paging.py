"""This file holds pages: a whole list, page by page, complete even if the store changes meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from orderdesk_batch.store.wire import Document

PAGE = 500  # records at most [doc]
SHIFTS = (0, PAGE // 2, PAGE // 4)  # where the borders of the pages lie when a list is read again


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its records, where it begins, and how many the store says there are in all."""

    records: list[Document]
    offset: int
    total: int | None  # None: the store did not say
    at: float = 0.0  # when it was asked for, seconds since 1970
    done: float = 0.0  # when its answer had come


Fetch = Callable[[int, int], Page]  # (offset, limit) -> page
Together = Callable[[Iterator[Callable[[], Page]]], Iterator[Page | Exception]]


def pages(fetch: Fetch, together: Together, first: Page | None = None) -> Iterator[Page]:
    """All pages in order, each record once; a page read again to mend a gap comes last.

    A quiet store costs exactly ⌈total/500⌉ requests, and an empty list one. How a list stays complete:

    * The total is believed unless it is smaller than what was received (a '0' beside three records was
      seen [seen]); then reading goes on until a short page.
    * Records added meanwhile make the total grow: reading goes on to the new end.
    * A record deleted meanwhile moves the later ones up, and one can slip through between two pages. The
      total tells: where a page says less than the one before it, and was asked for after that had come, the
      records around that border are read again. Of pages that were on their way together it is not known which
      was read first, so that it may be any border: then all are read again.
    * If records are still missing then (equal dates may have been sorted differently from page to page), the
      list is read once more with the borders elsewhere, and again while that brings something.
    """
    seen: set[str] = set()

    def fresh(page: Page) -> Page:
        kept = []
        for record in page.records:
            mark = str(record.get("id", "")) or f"nameless {len(seen)}"
            if mark not in seen:
                kept.append(record)
                seen.add(mark)
        return replace(page, records=kept)

    for shift in SHIFTS:
        known = len(seen)
        totals: set[int | None] = set()
        before: Page | None = None
        borders: list[tuple[Page, Page]] = []
        latest: int | None = None
        for page in _one_round(fetch, together, first, shift):
            first = first or page
            if before is not None and page.total is not None and (before.total or 0) > page.total:
                borders.append((before, page))
            before, latest = page, page.total
            totals.add(page.total)
            yield fresh(page)
        whole = all(left.done <= right.at for left, right in borders)
        for left, right in borders if whole else ():
            again = fetch(max(0, right.offset - PAGE // 2), PAGE)
            whole = whole and _sewn(left, again, right)
            latest = again.total
            yield fresh(again)
        nothing_new = bool(shift) and len(seen) == known and len(totals) == 1
        if nothing_new or (whole and (latest is None or len(seen) >= latest)):
            return


def _one_round(fetch: Fetch, together: Together, first: Page | None, shift: int) -> Iterator[Page]:
    """The pages of one reading, by the totals they tell; the end is where the latest total says."""
    if first is None or first.offset:
        first = fetch(0, PAGE)
    if not shift:
        yield first
    start = len(first.records)
    end = first.total
    if end is None or end < start:
        if start >= PAGE:
            yield from _until_short(fetch, start)
        return
    if not start or start >= end:
        return
    step = min(start, PAGE)  # a server that gives less than was asked for is asked at its own steps
    start = min(shift, start) or start
    while start < end:
        offsets = range(start, end, step)
        for page in together(_fetches(fetch, offsets)):
            if isinstance(page, Exception):
                raise page
            yield page
            end = max(end, page.total or 0)
        start = offsets[-1] + step


def _fetches(fetch: Fetch, offsets: range) -> Iterator[Callable[[], Page]]:
    for offset in offsets:
        yield partial(fetch, offset, PAGE)


def _until_short(fetch: Fetch, start: int) -> Iterator[Page]:
    """For totals that cannot be believed: on from `start` until a page is not full."""
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


def pages_of(total: int) -> int:
    """How many pages so many records take; one at least."""
    return max(1, math.ceil(total / PAGE))


def proper_total(value: object) -> int | None:
    """A list's `total_records`: a number for orders, a string for inventory [seen]."""
    try:
        return max(0, int(str(value)))
    except ValueError:
        return None
