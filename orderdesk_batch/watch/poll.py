"""This file holds Poller: what changed in the store since the last look, as events.

Orders are asked for by when they were modified. Whether the store reads that filter as UTC or as its own
time is [open], so the window begins 14 hours earlier until `doctor` has found out; what was in it already is
the same as last seen and makes no event. How far a look has come is told by the records' own dates, not by
this machine's clock, which may be wrong. Deletions can't be seen that way, nor changes that leave an old
order's date as it was: a sweep over all records finds them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..errors import NotFound
from ..export.asking import Listed, changed_since
from ..export.times import Zone, stamp, told_by
from ..fields import Document
from .events import Event, Reading, Wanted, inventory_events, order_events, text_of
from .log import Log

if TYPE_CHECKING:
    from ..store import Store

OVERLAP: Final = dt.timedelta(minutes=5)  # what was being written while we looked
LEAST_EVERY: Final = 15.0  # seconds between two looks: help asks for no tight polling [help]
FEW: Final = 20  # records that a sweep misses: up to so many are asked for one by one, more by a second sweep

Folders = Callable[[bool], Mapping[str, str]]  # the store's folders, id → name; True: read anew


class Poller:
    """Looks at one resource, and notes what was seen and what came of it."""

    def __init__(
        self,
        store: Store,
        log: Log,
        listed: Listed,
        wanted: Wanted,
        *,
        folders: Folders,
        zone: str = "UTC",
        since: dt.datetime | None = None,
        sweep: float | None = None,
        times: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare to look.

        Args:
            zone: the store's time zone.
            since: UTC; the first look also tells what was modified from then on. None: from the first look on.
            sweep: seconds between two sweeps; None for none.
            times: how the store reads the filter's time: "utc", "local", or "" for not known.
        """
        self._store = store
        self._log = log
        self._listed: Listed = listed
        self._wanted = wanted
        self._folders = folders
        self._zone = Zone(zone)
        self._since = since
        self._sweep = sweep
        self._times = times
        self._clock = clock
        self._newest: dt.datetime | None = None
        self._began = 0.0
        self._asked_folders = False

    def look(self) -> list[Event]:
        """Look once; the events that are new and asked for are in the log, and given.

        Raises:
            StoreError: the store refused the key, or can't be reached; the next look finds what this one missed.
        """
        self._began = self._clock()
        self._newest = None
        self._asked_folders = False
        if not self._log.fact("looked"):
            return self._first()
        if self._sweep is not None and self._began - self._log.fact("swept", 0.0) >= self._sweep:
            return self._swept()
        events: list[Event] = []
        for page in self._store.pages(self._listed, self._window()):
            events += self._compare(page.records)
        self._log.commit({}, facts=self._come_so_far())
        return events

    def _window(self) -> dict[str, str]:
        """The filter for what was modified since the last look."""
        held = stamp(self._log.fact("modified"))
        start = None if held is None else held - OVERLAP
        return changed_since(self._listed, start, self._zone, self._times)

    def _come_so_far(self) -> dict[str, Any]:
        """How far this look has come, by the records' own dates.

        A record that was modified while its page was behind us already is older than the newest by no more
        than the look took. A date in the future must not keep later changes out, so it counts as now.
        """
        old = stamp(self._log.fact("modified"))
        now = self._clock()
        newest = self._newest
        if newest is not None:
            newest = min(newest, dt.datetime.fromtimestamp(now, dt.UTC)) - dt.timedelta(seconds=max(0.0, now - self._began))
        known = [one for one in (old, newest) if one is not None]
        return {"modified": f"{max(known):%Y-%m-%d %H:%M:%S}"} if known else {}

    # -- the first look -----------------------------------------------------------------------------------

    def _first(self) -> list[Event]:
        """Remember what is there; tell only what was modified since the moment asked for."""
        begin = self._begin()
        events: list[Event] = []
        for page in self._store.pages(self._listed):
            self._log.commit({str(one["id"]): one for one in page.records if not _is_since(one, begin) and self._is_unseen(one)})
            events += self._compare(page.records, begin)
        self._log.commit({}, facts={**self._come_so_far(), "looked": True, "swept": self._began})
        return events

    def _is_unseen(self, document: Document) -> bool:
        return self._log.seen(str(document["id"]))[0] is None

    def _begin(self) -> dt.datetime | None:
        """From when on events are told. It is kept, for a first look that is killed and done again.

        Without `--since` it is the store's own time now: this machine's clock may be minutes off.
        """
        if self._log.fact("begin") is None:
            begin = self._since
            if begin is None:
                told = told_by(self._store)
                begin = None if told is None else told + dt.timedelta(seconds=1)
            self._log.commit({}, facts={"begin": "" if begin is None else f"{begin:%Y-%m-%d %H:%M:%S}"})
        return stamp(self._log.fact("begin"))

    # -- deletions ----------------------------------------------------------------------------------------

    def _swept(self) -> list[Event]:
        before = self._log.records()
        there: set[str] = set()
        events: list[Event] = []
        for page in self._store.pages(self._listed):
            there.update(str(document["id"]) for document in page.records)
            events += self._compare(page.records)
        events += self._gone(sorted(before - there))
        self._log.commit({}, facts={**self._come_so_far(), "swept": self._began})
        return events

    def _gone(self, records: list[str]) -> list[Event]:
        """Those that a sweep did not show: the list may have missed them, so they are looked for once more."""
        if len(records) > FEW:
            again = {str(document["id"]) for document in self._store.records(self._listed)}
            records = [record for record in records if record not in again]
            if any(self._is_there(record) for record in records[:FEW]):
                return []  # the list can't be believed now; the next sweep will tell
        else:
            records = [record for record in records if not self._is_there(record)]
        events: list[Event] = []
        for record in records:
            old, number = self._log.seen(record)
            events += self._log.commit({record: None}, self._asked(self._events(old, None, record, number + 1), old))
        return events

    def _is_there(self, record: str) -> bool:
        try:
            (self._store.order if self._listed == "orders" else self._store.inventory_item)(record)
        except NotFound:
            return False
        return True

    # -- comparing ----------------------------------------------------------------------------------------

    def _compare(self, documents: Iterable[Document], begin: dt.datetime | None = None) -> list[Event]:
        """Compare with what was last seen; all that differs on a page, and what came of it, is noted together."""
        seen: dict[str, Document | None] = {}
        events: list[Event] = []
        for document in documents:
            record = str(document["id"])
            self._note_date(document)
            old, number = self._log.seen(record)
            if old == document or record in seen:
                continue
            found = list(self._events(old, document, record, number + 1))
            if begin is not None and old is None:
                found = list(_told_at_first(found, document, begin))
            seen[record] = document
            events += self._asked(found, document)
        return self._log.commit(seen, events) if seen else []

    def _note_date(self, document: Document) -> None:
        at = stamp(document.get("date_updated"))
        if at is not None and (self._newest is None or at > self._newest):
            self._newest = at

    def _events(self, old: Document | None, new: Document | None, record: str, number: int) -> Iterator[Event]:
        at, mark = text_of(self._clock()), f"{self._log.mark}.{record}.{number}"
        if self._listed == "inventory":
            return inventory_events(old, new, Reading(at, mark))
        return order_events(old, new, Reading(at, mark, self._names(new)))

    def _names(self, order: Document | None) -> Mapping[str, str]:
        """The folders' names; read anew, once a look, for a folder that was made since."""
        names = self._folders(False)
        if order is not None and str(order.get("folder_id") or "") not in names and not self._asked_folders:
            self._asked_folders = True
            names = self._folders(True)
        return names

    def _asked(self, events: Iterable[Event], document: Document | None) -> list[Event]:
        order = document if self._listed == "orders" else None
        return [event for event in events if self._wanted.takes(event, order)]


def _is_since(document: Document, begin: dt.datetime | None) -> bool:
    at = stamp(document.get("date_updated") or document.get("date_added"))
    return begin is not None and at is not None and at >= begin


def _told_at_first(events: Iterable[Event], document: Document, begin: dt.datetime) -> Iterator[Event]:
    """What is told of a record that was modified since then and never seen before.

    What was added since is new. Of a record that was there before, what it was is not known: it is
    updated, without fields. Shipments have a date of their own; items have none, so nothing is told of them.
    """
    from dataclasses import replace

    is_new = _added_since(document, begin)
    for event in events:
        kind = event.event.partition(".")[0]
        if is_new or (kind == "shipment" and _added_since(event.document or {}, begin)):
            yield event
        elif kind in ("order", "inventory"):
            yield replace(event, event=f"{kind}.updated")


def _added_since(document: Document, begin: dt.datetime) -> bool:
    at = stamp(document.get("date_added"))
    return at is not None and at >= begin
