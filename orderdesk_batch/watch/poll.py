"""This file holds Poller: what changed in the store since the last look, as events.

Orders are asked for by when they were modified. Whether the store reads that filter as UTC or as its own
time is [open], so the window is widened by 14 hours at its start; what was in it already is the same as
last seen and makes no event. Deletions can't be seen that way: a sweep over all records finds them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from ..errors import NotFound
from ..fields import Document
from .events import Event, Wanted, inventory_events, now_text, order_events
from .log import Log

if TYPE_CHECKING:
    from ..store import Store

WIDER: Final = dt.timedelta(hours=14)  # the store's clock may be that far from UTC [open]
OVERLAP: Final = dt.timedelta(minutes=5)  # what was modified while we looked, and clocks that differ
LEAST_EVERY: Final = 15.0  # seconds between two looks: help asks for no tight polling [help]

Listed = Literal["orders", "inventory"]


class Poller:
    """Looks at one resource, and notes what was seen and what came of it."""

    def __init__(
        self,
        store: Store,
        log: Log,
        listed: Listed,
        wanted: Wanted,
        *,
        folders: Mapping[str, str],
        since: dt.datetime | None = None,
        sweep: float | None = None,
        filters_are_utc: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare to look.

        Args:
            folders: the store's folders, id → name.
            since: UTC; the first look also tells what was modified from then on. None: nothing is told of it.
            sweep: seconds between two sweeps that find deletions; None for none.
            filters_are_utc: whether the store is known to read the filters' times as UTC.
        """
        self._store = store
        self._log = log
        self._listed: Listed = listed
        self._wanted = wanted
        self._folders = folders
        self._since = since
        self._sweep = sweep
        self._utc = filters_are_utc or listed == "inventory"
        self._clock = clock

    def look(self) -> list[Event]:
        """Look once; the events that are new and asked for are in the log, and given."""
        started = self._clock()
        last = self._log.fact("looked_at")
        if last is None:
            return self._first(started)
        sweep = self._sweep is not None and started - self._log.fact("swept_at", 0.0) >= self._sweep
        if sweep:
            return self._swept(started)
        modified = dt.datetime.fromtimestamp(last, dt.UTC) - OVERLAP - (dt.timedelta() if self._utc else WIDER)
        name = "modified_start_date" if self._listed == "orders" else "updated_start_date"
        events: list[Event] = []
        for page in self._store.pages(self._listed, {name: modified.strftime("%Y-%m-%d %H:%M:%S")}):
            events += self._compare(page.records)
        self._log.commit({}, facts={"looked_at": started})
        return events

    def _first(self, started: float) -> list[Event]:
        """Remember what is there; tell only what was modified since the moment asked for."""
        events: list[Event] = []
        for page in self._store.pages(self._listed):
            silent = {str(document["id"]): document for document in page.records if not self._is_since(document)}
            self._log.commit(silent)
            events += self._compare([one for one in page.records if str(one["id"]) not in silent], first=True)
        self._log.commit({}, facts={"looked_at": started, "swept_at": started})
        return events

    def _is_since(self, document: Document) -> bool:
        return self._since is not None and _moment(document.get("date_updated") or document.get("date_added")) >= self._since

    def _swept(self, started: float) -> list[Event]:
        before = self._log.records()
        there: set[str] = set()
        events: list[Event] = []
        for page in self._store.pages(self._listed):
            there.update(str(document["id"]) for document in page.records)
            events += self._compare(page.records)
        events += self._gone(before - there)
        self._log.commit({}, facts={"looked_at": started, "swept_at": started})
        return events

    def _gone(self, records: Iterable[str]) -> list[Event]:
        events: list[Event] = []
        for record in sorted(records):
            if self._is_there(record):
                continue  # it moved while we paged
            old, reading = self._log.seen(record)
            found = list(self._events(old, None, reading + 1))
            events += self._log.commit({record: None}, self._asked(found, old))
        return events

    def _is_there(self, record: str) -> bool:
        try:
            (self._store.order if self._listed == "orders" else self._store.inventory_item)(record)
        except NotFound:
            return False
        return True

    def _compare(self, documents: Iterable[Document], *, first: bool = False) -> list[Event]:
        """Compare with what was last seen, record by record; what differs and what came of it is noted together."""
        told: list[Event] = []
        for document in documents:
            record = str(document["id"])
            old, reading = self._log.seen(record)
            if old == document:
                continue
            if first and old is None and self._since is not None and _moment(document.get("date_added")) < self._since:
                # Modified since then, but made before: what it was is not known.
                found = [_updated(event) for event in self._events(None, document, reading + 1) if event.event.endswith(".created")][:1]
            else:
                found = list(self._events(old, document, reading + 1))
            told += self._log.commit({record: document}, self._asked(found, document))
        return told

    def _events(self, old: Document | None, new: Document | None, reading: int) -> Iterator[Event]:
        if self._listed == "inventory":
            return inventory_events(old, new, now_text(), reading)
        return order_events(old, new, now_text(), reading, self._folders)

    def _asked(self, events: Iterable[Event], document: Document | None) -> list[Event]:
        order = document if self._listed == "orders" else None
        return [event for event in events if self._wanted.takes(event, order)]


def _updated(event: Event) -> Event:
    from dataclasses import replace

    return replace(event, event=event.event.replace(".created", ".updated"))


def _moment(text: Any) -> dt.datetime:
    """A time of the API, UTC; long ago where there is none."""
    try:
        return dt.datetime.fromisoformat(str(text)).replace(tzinfo=dt.UTC)
    except ValueError:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
