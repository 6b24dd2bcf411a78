"""This file holds what `doctor` finds out by reading alone."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..errors import NotAllowed, NotFound, Refused, Stopped, StoreError, Unreachable
from ..export.times import stamp
from ..fields import Document, get
from ..kinds import trim
from ..store import Call, Store
from .facts import UNTOLD, Finding, finding

NOBODY: Final = "999999999999"  # an id that no record has
_MINUTE: Final = dt.timedelta(minutes=1)
_WEIGHT: Final = re.compile(r"weight.*unit|unit.*weight|weight.*measure", re.IGNORECASE)
_UNITS: Final = {"oz": "oz", "ounces": "oz", "lb": "lb", "lbs": "lb", "pounds": "lb", "g": "g", "grams": "g", "kg": "kg", "kilograms": "kg"}
_TEXTS: Final = (("email", ("email",)), ("shipping_last_name", ("shipping", "last_name")), ("customer_last_name", ("customer", "last_name")))


class Looks:
    """The checks that only read, one method a fact; what they have read is shared."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.settings: Document = {}
        self.zone = "UTC"
        self.orders: list[Document] = []  # the newest
        self.items: list[Document] = []
        self.calls: list[Call] = []
        self._clock = clock
        self._order_total: Any = None
        self._item_total: Any = None

    def all(self) -> Iterator[Finding]:
        """Every check in turn; one that fails for a reason of its own does not end the others.

        Raises:
            NotAllowed, Unreachable: nothing can be found out at all.
        """
        yield from self.connection()
        self.settings = self.store.settings()
        yield from self.store_facts()
        self._sample()
        checks = {
            "total_records": self.total_records, "order_by": self.order_by, "filter_times": self.filter_times,
            "inventory_times": self.inventory_times, "text_filters": self.text_filters, "folder_lists": self.folder_lists,
            "missing": self.missing, "order_history_in_get": self.history, "weight_unit": self.weight_unit,
        }  # fmt: skip
        for name, check in checks.items():
            try:
                yield check()
            except (NotAllowed, Unreachable, Stopped):
                raise
            except StoreError as error:
                yield finding(name, UNTOLD, str(error))

    # -- the store --------------------------------------------------------------------------------

    def connection(self) -> Iterator[Finding]:
        """Whether the key works, and the server's clock."""
        with listening(self.store, self.calls):
            answer = self.store.test()
        yield finding("connection", "works")
        server = stamp(answer.get("current_date_time"))
        if server is None:
            yield finding("clock", UNTOLD, "The server told no time.")
        else:
            off = round(server.timestamp() - self._clock())
            note = "" if abs(off) < 120 else f"Its clock is {abs(off):,} s {'ahead of' if off > 0 else 'behind'} ours."
            yield finding("clock", "as ours" if abs(off) < 120 else "another", note)
        left = self.calls[-1].remaining if self.calls else None
        yield finding("tokens", "told" if left is not None else "not told", "" if left is None else f"{left} left.")

    def store_facts(self) -> Iterator[Finding]:
        """The zone and the folders that the settings tell."""
        inner = self.settings.get("settings")
        name = str((inner if isinstance(inner, Mapping) else {}).get("timezone") or "")
        try:
            ZoneInfo(name or "?")
            self.zone = name
            yield finding("zone", name)
        except (KeyError, ValueError, OSError):
            yield finding("zone", UNTOLD, f'The store says "{name}". Write times with a zone, such as 2026-11-23T00:00:00Z.')
        folders = self.settings.get("folders")
        names = Counter(trim(str(one)).casefold() for one in folders.values()) if isinstance(folders, Mapping) else Counter()
        twice = [one for one, count in names.items() if count > 1]
        note = f"{sum(names.values())} folders." + (f" More than one is called {', '.join(twice)}." if twice else "")
        yield finding("folders", "some alike" if twice else "different", note)

    def _sample(self) -> None:
        with listening(self.store, self.calls):
            answer = self.store.request("GET", "/orders", query={"limit": 500, "offset": 0})
            self.orders, self._order_total = _records(answer, "orders"), answer.get("total_records")
            answer = self.store.request("GET", "/inventory-items", query={"limit": 50, "offset": 0})
            self.items, self._item_total = _records(answer, "inventory_items"), answer.get("total_records")

    def _found(self, path: str, name: str, record: Document, **filters: Any) -> bool:
        """Whether a record is among those that filters find."""
        answer = self.store.request("GET", path, query={"limit": 500, **filters})
        return any(str(one.get("id")) == str(record.get("id")) for one in _records(answer, name))

    # -- lists --------------------------------------------------------------------------------------

    def total_records(self) -> Finding:
        """Whether lists count rightly, or say 0 beside records [seen]."""
        told = [(self._order_total, len(self.orders)), (self._item_total, len(self.items))]
        told = [(total, count) for total, count in told if count]
        if not told:
            return finding("total_records", UNTOLD, "The store has neither orders nor inventory.")
        wrong = any(not str(total).isdigit() or int(str(total)) < count for total, count in told)
        says = f"orders {self._order_total!r}, inventory {self._item_total!r}."
        return finding("total_records", "wrong" if wrong else "right", f"Told: {says}")

    def order_by(self) -> Finding:
        """Whether oldest first is oldest first: exports page by it."""
        days = sorted(at for one in self.orders if (at := stamp(one.get("date_added"))))
        if len(set(days)) < 2:
            return finding("order_by", UNTOLD, "It takes two orders of different days.")
        answer = self.store.request("GET", "/orders", query={"order_by": "date_added", "order": "ASC", "limit": 2})
        first = stamp((_records(answer, "orders") or [{}])[0].get("date_added"))
        fits = first is not None and first <= days[0]
        return finding("order_by", "sorted" if fits else "not sorted")

    def folder_lists(self) -> Finding:
        """Whether `folder_id=1,2` finds the orders of both."""
        there = list(dict.fromkeys(str(one.get("folder_id")) for one in self.orders if one.get("folder_id")))[:2]
        if len(there) < 2:
            return finding("folder_lists", UNTOLD, "It takes orders in two folders.")
        answer = self.store.request("GET", "/orders", query={"folder_id": ",".join(there), "limit": 500})
        seen = {str(one.get("folder_id")) for one in _records(answer, "orders")}
        return finding("folder_lists", "yes" if seen == set(there) else "no")

    def text_filters(self) -> Finding:
        """Whether filters find the exact value only, any case, or a part."""
        for name, place in _TEXTS:
            for order in self.orders:
                text = str(get(order, place) or "").strip()
                if len(text) > 4 and text.isascii() and text.lower() != text.upper():
                    narrow = {"source_id": order["source_id"]} if order.get("source_id") else {}
                    if self._found("/orders", "orders", order, **narrow, **{name: text[1:-1]}):
                        return finding("text_filters", "contains", "A part of the value is enough.")
                    if self._found("/orders", "orders", order, **narrow, **{name: text.swapcase()}):
                        return finding("text_filters", "nocase", "The whole value; case makes no difference.")
                    return finding("text_filters", "exact", "The whole value, in its own case.")
        return finding("text_filters", UNTOLD, "It takes an order with an e-mail address or a last name.")

    # -- times --------------------------------------------------------------------------------------

    def filter_times(self) -> Finding:
        """Whether the date filters of orders are UTC, or the store's local time."""
        for order in self.orders:
            at = stamp(order.get("date_added"))
            if at is None or not at.astimezone(ZoneInfo(self.zone)).utcoffset():
                continue
            narrow = {"source_id": order["source_id"]} if order.get("source_id") else {}
            hits = []
            for word, zone in (("utc", ZoneInfo("UTC")), ("local", ZoneInfo(self.zone))):
                start, end = (_wall((at + by).astimezone(zone)) for by in (-_MINUTE, _MINUTE))
                if self._found("/orders", "orders", order, **narrow, search_start_date=start, search_end_date=end):
                    hits.append(word)
            if len(hits) == 1:
                note = {"utc": "UTC: exports ask for exactly what is wanted.", "local": f"The store's local time, {self.zone}."}
                return finding("filter_times", hits[0], note[hits[0]])
            return finding("filter_times", UNTOLD, "Both readings found the order." if hits else "Neither reading found the order.")
        why = "The store's zone is UTC: both are one." if self.orders else "The store has no orders."
        return finding("filter_times", UNTOLD, why)

    def inventory_times(self) -> Finding:
        """Whether the date filter of inventory is UTC, or the store's local time."""
        for item in self.items:
            at = stamp(item.get("date_updated"))
            offset = at and at.astimezone(ZoneInfo(self.zone)).utcoffset()
            if at is None or not offset or not item.get("code"):
                continue
            # One question is enough: west of UTC a local reading begins later, east of it earlier.
            west = offset < dt.timedelta(0)
            start = _wall(at - _MINUTE if west else at + _MINUTE)
            hit = self._found("/inventory-items", "inventory_items", item, code=item["code"], updated_start_date=start)
            return finding("inventory_times", "utc" if hit == west else "local")
        why = "The store's zone is UTC: both are one." if self.items else "The store has no inventory."
        return finding("inventory_times", UNTOLD, why)

    # -- single records -------------------------------------------------------------------------------

    def missing(self) -> Finding:
        """What a GET of an order that isn't there answers."""
        try:
            self.store.order(NOBODY)
        except NotFound as error:
            return finding("missing", "404" if error.status == 404 else f"error{error.status}")
        except Refused as error:
            return finding("missing", "another error", str(error))
        return finding("missing", UNTOLD, f"There is an order {NOBODY}.")

    def history(self) -> Finding:
        """Whether one order carries its history unasked, asked, or never."""
        if not self.orders:
            return finding("order_history_in_get", UNTOLD, "The store has no orders.")
        record = self.orders[0]["id"]
        if "order_history" in self.store.order(record):
            return finding("order_history_in_get", "always")
        return finding("order_history_in_get", "asked" if "order_history" in self.store.order(record, history=True) else "never")

    def weight_unit(self) -> Finding:
        """Whether the settings tell the unit of weight."""
        inner = self.settings.get("settings")
        for name, value in inner.items() if isinstance(inner, Mapping) else ():
            unit = _UNITS.get(str(value).strip().lower())
            if unit and _WEIGHT.search(str(name)):
                return finding("weight_unit", unit, f"The settings say so: {name}.")
        return finding("weight_unit", UNTOLD, "The settings do not tell it; say it once with --weight-unit.")


class listening:  # noqa: N801 - used as a word: with listening(store, calls)
    """Collects the calls that are made inside; who listened before still hears them."""

    def __init__(self, store: Store, calls: list[Call]) -> None:
        self._store = store
        self._calls = calls

    def __enter__(self) -> list[Call]:
        self._before = self._store.on_request

        def hear(call: Call) -> None:
            self._calls.append(call)
            if self._before is not None:
                self._before(call)

        self._store.on_request = hear
        return self._calls

    def __exit__(self, *_: object) -> None:
        self._store.on_request = self._before


def _records(answer: Document, name: str) -> list[Document]:
    held = answer.get(name)
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def _wall(at: dt.datetime) -> str:
    return at.replace(tzinfo=None, microsecond=0).isoformat(" ")
