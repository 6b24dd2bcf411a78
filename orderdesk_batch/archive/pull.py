"""This file holds Pull: what an update has to read from the store, and the reading.

As a rule that is what was modified since the last update began, some minutes earlier to be sure; where it is not known whether
the store reads times as UTC or as its own, 14 hours earlier. Changes that don't move a record's date, and deletions, are not
found that way. The number of records tells of deletions: what was held and what came should be as many as the store says. If they
are not, twice in a row and with nothing new in between, all records are read and the ids are compared. One that came while one
went is as many as before; then the new one was read, so one is lacking. All records are read anyway after some days.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ..errors import NotFound, Unsafe
from ..export.asking import Listed, changed_since, reading_of
from ..export.reading import Progress
from ..export.tally import Tally
from ..export.times import Window, Zone, stamp
from ..store.paging import PAGE, pages_of
from .index import Index

if TYPE_CHECKING:
    from ..fields import Document
    from ..memory import Memory
    from ..store import Page, Store

FEW: Final = 20  # records that a reading of all misses: up to so many are asked for one by one
MOST_GONE: Final = 0.3  # the share of an archive that an update takes away without being told so
AT_A_TIME: Final = 25_000  # orders that are read as one list
AHEAD: Final = 6  # pages on their way: more of them would be memory and no gain, at three a second
_NESTED: Final = frozenset({"order_items", "order_shipments"})  # without them an order that was read by itself is not whole
_LOOKS: Final = 5  # for a number of records that agrees, while the store changes


class Pull:
    """Reads one listing of the store into the index."""

    def __init__(
        self,
        store: Store,
        memory: Memory,
        index: Index,
        listed: Listed,
        *,
        began: str,
        zone: Zone,
        ahead: float = 0.0,
        force: bool = False,
        progress: Callable[[Any], None] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            began: UTC; what is changed from then on is for the next update.
            ahead: seconds by which the store's clock is ahead of the one that pages are stamped by.
            force: take away however much is gone.
        """
        self._store = store
        self._memory = memory
        self._index = index
        self._listed: Listed = listed
        self._zone = zone
        self._ahead = ahead
        self._force = force
        self._tell = progress
        self._times = reading_of(listed, memory.get("doctor"))
        self._total: int | None = None
        self.began = began
        self.full = ""  # when the reading of all records began, if all were read (UTC)
        self.notes: list[str] = []

    @property
    def _fact(self) -> str:
        return f"all_{self._listed}"

    def read(self, mark: str | None, *, full: bool) -> None:
        """Read what is new and what changed, and find what is gone.

        Args:
            mark: UTC; all changes before it are held. None: nothing is held.
            full: read all records.

        Raises:
            StoreError: the store refused the key, or can't be reached; what was read is kept.
            Unsafe: much of the archive is gone from the store.
        """
        begun: dict[str, Any] | None = self._index.fact(self._fact)
        if begun is not None and self._listed == "orders":
            self._all(begun)
        elif full or mark is None or not self._agrees(mark):
            self._all(None)

    # -- what was modified ------------------------------------------------------------------------

    def _agrees(self, mark: str) -> bool:
        """Read what was modified; whether the records are as many as the store has then."""
        self._index.forget_read(self._listed)
        return self._catch_up(mark, self._index.expected)

    def _catch_up(self, mark: str, known: Callable[[Listed], int]) -> bool:
        before = None
        for _ in range(_LOOKS):
            self._modified(mark)
            total = self._count()
            there = known(self._listed)
            if total is None or total == there:
                return total is not None
            if (there, total) == before:
                return False
            before = (there, total)
        return False

    def _modified(self, mark: str) -> None:
        for page in self._pages(changed_since(self._listed, stamp(mark), self._zone, self._times), "date_updated"):
            self._index.take(self._listed, page.records)

    def _count(self) -> int | None:
        """How many records the store says it has; None where that can't be believed."""
        page = (self._store.orders_page if self._listed == "orders" else self._store.inventory_page)({}, 0, 1)
        if page.total is None or page.total < len(page.records):
            return None
        self._memory.put_total(self._listed, page.total)
        return page.total

    # -- everything -------------------------------------------------------------------------------

    def _all(self, begun: dict[str, Any] | None, *, whole: bool = False) -> None:
        """Read all records; orders some at a time by their dates, so that an interrupted reading goes on where it was.

        Args:
            begun: how far a reading has come that was interrupted.
            whole: read them as one list, however many they are.
        """
        parts = begun is not None
        if begun is None:
            self._index.forget_read(self._listed)
            begun = {"began": self.began, "reached": ""}
        for filters, first in self._spans(begun["reached"], whole):
            parts = parts or bool(filters)
            reached = stamp(begun["reached"])
            for page in self._pages(filters, "date_added", first):
                for record in page.records:
                    at = stamp(record.get("date_added"))
                    reached = at if at is not None and (reached is None or at > reached) else reached
                begun["reached"] = "" if reached is None else f"{reached:%Y-%m-%d %H:%M:%S}"
                self._index.take(self._listed, page.records, **{self._fact: begun})
        if parts:
            if not self._catch_up(begun["began"], lambda listed: self._index.count("seen", listed)):
                self._all(None, whole=True)  # some of what was read earlier is gone by now, or has no date
                return
            self._total = self._index.count("seen", self._listed)
        self.full = begun["began"]
        self._find_gone()

    def _spans(self, reached: str, whole: bool) -> Iterator[tuple[dict[str, str], Page | None]]:
        """The filters to read all records with, one after the other: what a list holds at a time is kept in memory.

        The first span has no beginning and the last no end; those in between overlap as far as the store's zone is not known.
        """
        start = stamp(reached)
        if self._listed != "orders" or whole:
            yield {}, None
            return
        filters = self._span(start, None)
        first = self._store.first_page("orders", filters)
        total = max(first.total or 0, len(first.records))
        dates = [at for record in first.records if (at := stamp(record.get("date_added"))) is not None]
        end = stamp(self.began)
        if total <= AT_A_TIME or not dates or end is None or end <= min(dates):
            yield filters, first
            return
        begin = max(min(dates), start) if start is not None else min(dates)
        step = (end - begin) / math.ceil(total / AT_A_TIME)
        while begin + step < end:
            yield self._span(start, begin + step), None
            start = begin = begin + step
        yield self._span(start, None), None

    def _span(self, start: dt.datetime | None, end: dt.datetime | None) -> dict[str, str]:
        return Window("date_added", start, end).asked("search_start_date", "search_end_date", self._zone, self._times)

    def _find_gone(self) -> None:
        index, listed = self._index, self._listed
        index.leave_unseen(listed)
        lost = list(islice(index.missing(listed), FEW + 1))
        if len(lost) > FEW and index.count("seen", listed) != self._total:
            for page in self._pages({}, "date_added"):  # the list may have missed some
                index.take(listed, page.records)
            lost = list(islice(index.missing(listed), FEW + 1))
        found = [document for record in lost[:FEW] if (document := self._there(record)) is not None]
        if found and len(lost) > FEW:
            self.full = ""
            self.notes.append(f"The store's list of {listed} was not complete, so no deletions were taken over; the next update looks again.")
            return
        whole = [document for document in found if listed == "inventory" or document.keys() >= _NESTED]
        index.take(listed, whole)  # as they are now: the list that missed them may be all that tells of a change
        for document in found:
            index.saw(listed, str(document["id"]))
        if lost:
            index.note_gone(listed)
            self._check(index.count("gone", listed), index.count("held", listed))

    def _check(self, gone: int, held: int) -> None:
        if gone > 10 and gone > held * MOST_GONE and not self._force:
            raise Unsafe(
                f"{gone:,} of the {held:,} {'orders' if self._listed == 'orders' else 'inventory items'} in the archive are no longer in the "
                "store. The archive was left as it is. If they may go from it as well, run it again with --force."
            )

    def _there(self, record: str) -> Document | None:
        try:
            return (self._store.order if self._listed == "orders" else self._store.inventory_item)(record)
        except NotFound:
            return None

    # -- pages ------------------------------------------------------------------------------------

    def _pages(self, filters: Mapping[str, str], came: str, first: Page | None = None) -> Iterator[Page]:
        """All pages that match; twice where a record may have slipped through between two of them.

        Args:
            came: the date that tells when a record came into the list.
            first: the first page, if it is in hand.
        """
        tally, state = Tally(came, self._ahead), Progress(f"reading {self._listed}")
        for again in (False, True):
            for page in self._store.pages(self._listed, filters, first=None if again else first, ahead=AHEAD):
                if not again:
                    tally.add(page)
                self._total = page.total
                state.done += 0 if again else len(page.records)
                state.total = max(page.total or 0, state.done)
                state.calls += 1
                state.calls_left = max(0, pages_of(state.total) - page.offset // PAGE - 1)
                state.seconds_left = self._store.bucket.forecast(state.calls_left) if state.calls_left else 0.0
                if self._tell is not None:
                    self._tell(state)
                yield page
            if not tally.may_have_lost():
                return
