"""This file holds Event, and how two readings of a record become events."""

from __future__ import annotations

import datetime as dt
import fnmatch
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import UsageError
from ..fields import INVENTORY, ITEMS, ORDERS, SHIPMENTS, Document, Field, Resource, columns_of, read
from ..kinds import TEXT
from ..plan.compare import children

BY_HAND: Final = "Order Desk"  # the source of orders made by hand, and of those made through the API [doc]

# What each command watches, as event names.
WATCHED: Final = {
    "orders": ("order.created", "order.updated", "order.folder_changed", "order.deleted"),
    "items": ("item.*",),
    "shipments": ("shipment.*",),
    "inventory": ("inventory.*",),
    "folders": ("order.folder_changed",),
    "webhook": ("*",),
}
EVENTS: Final = (
    *WATCHED["orders"],
    *(f"{one}.{what}" for one in ("item", "shipment", "inventory") for what in ("created", "updated", "deleted")),
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record of the store."""

    event: str  # order.created
    at: str  # when it was noticed, UTC
    id: str  # Order Desk's own id of the record
    key: str  # for people: the order's number, the SKU
    fields: Mapping[str, Sequence[Any]]  # name → [old, new]
    document: Document | None  # as it is now; as it last was, for a deletion
    event_id: str  # stable: the same event twice has the same id
    hook: str = ""  # the webhook's name, where it came by one
    store: str = ""  # what the store is called here, where it has a name

    def as_json(self) -> dict[str, Any]:
        """The event as it is printed and stored."""
        body = {name: getattr(self, name) for name in ("event", "at", "id", "key", "fields", "document", "event_id")}
        body = {**body, "hook": self.hook} if self.hook else body
        return {"store": self.store, **body} if self.store else body


def event_from(body: Mapping[str, Any], store: str = "") -> Event:
    """The event that `as_json` wrote, of the store that is called so now."""
    return Event(**{"hook": "", **body, "store": store})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for."""

    names: tuple[str, ...]  # patterns: order.created, shipment.*
    folders: tuple[str, ...] = ()  # ids
    source: str = ""
    origin: str = ""  # "manual" or "imported"; "" for both

    def takes(self, event: Event, order: Mapping[str, Any] | None) -> bool:
        """Whether an event is asked for; `order` is the order it is about or in."""
        if not any(fnmatch.fnmatchcase(event.event, name) for name in self.names):
            return False
        if order is None:
            return True
        source = str(order.get("source_name") or "").casefold()
        if self.source and source != self.source.casefold():
            return False
        if self.origin and (source == BY_HAND.casefold()) != (self.origin == "manual"):
            return False
        return not self.folders or str(order.get("folder_id") or "") in self.folders


def wanted(what: str, names: Iterable[str], **narrow: Any) -> Wanted:
    """What a command watches, narrowed by `--event` and the other options.

    Raises:
        UsageError: a pattern that no event has.
    """
    given = tuple(name.strip() for many in names for name in many.split(",") if name.strip())
    there = [name for name in EVENTS if what == "webhook" or (what == "inventory") == name.startswith("inventory.")]
    for name in given:
        if not fnmatch.filter(there, name):
            raise UsageError(f'"{name}" is no event of {what}. There are: {", ".join(there)}.')
    if what == "inventory" and any(narrow.values()):
        raise UsageError("Only orders have a folder and a source; inventory can be narrowed by --event alone.")
    return Wanted(given or WATCHED[what], **narrow)


def text_of(moment: float) -> str:
    """A moment in seconds since 1970 as the API writes it, UTC."""
    return dt.datetime.fromtimestamp(moment, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the events of one reading of a record share."""

    at: str  # when it was read, UTC
    mark: str  # of this watcher, this record and this reading alone; the same reading again has the same
    folders: Mapping[str, str] = field(default_factory=dict)  # id → name
    hook: str = ""

    def event(self, name: str, record: str, key: str, fields: Mapping[str, Sequence[Any]], document: Document | None) -> Event:
        """An event of this reading."""
        stable = hashlib.sha256(f"{name}\n{record}\n{self.mark}".encode()).hexdigest()[:20]
        return Event(name, self.at, record, key, fields, document, stable, self.hook)

    def folder(self, order: Document) -> str:
        """The name of an order's folder; its id where the name isn't known."""
        held = str(order.get("folder_id") or "")
        return self.folders.get(held, held)


def key_of(order: Document) -> str:
    """What people call an order."""
    return str(order.get("source_id") or order.get("id") or "")


def order_events(old: Document | None, new: Document | None, reading: Reading) -> Iterator[Event]:
    """What happened to an order, its items and its shipments between two readings; None: not there."""
    order = new if new is not None else old
    if order is None:
        return
    order_id, key = str(order.get("id") or ""), key_of(order)
    if old is None:
        yield reading.event("order.created", order_id, key, {}, order)
    elif new is None:
        yield reading.event("order.deleted", order_id, key, {}, order)
    else:
        if str(old.get("folder_id") or "") != str(new.get("folder_id") or ""):
            moved = {"folder": [reading.folder(old), reading.folder(new)]}
            yield reading.event("order.folder_changed", order_id, key, moved, new)
        if changed := order_changes(old, new):
            yield reading.event("order.updated", order_id, key, changed, new)
    for of, inside in ((ITEMS, "order_items"), (SHIPMENTS, "order_shipments")):
        yield from _child_events(of, inside, old, new, reading)


def _child_events(of: Resource, inside: str, old: Document | None, new: Document | None, reading: Reading) -> Iterator[Event]:
    order = new if new is not None else old
    assert order is not None
    key = key_of(order)
    before = {str(one.get("id")): one for one in children(old, inside)} if old else {}
    after = {str(one.get("id")): one for one in children(new, inside)} if new else {}
    for record, one in {**before, **after}.items():
        whole = {**one, "order_id": one.get("order_id") or str(order.get("id") or "")}
        if record not in before:
            yield reading.event(f"{of.one}.created", record, key, {}, whole)
        elif record not in after:
            yield reading.event(f"{of.one}.deleted", record, key, {}, whole)
        elif changed := _changes(of, before[record], one):
            yield reading.event(f"{of.one}.updated", record, key, changed, whole)


def inventory_events(old: Document | None, new: Document | None, reading: Reading) -> Iterator[Event]:
    """What happened to an inventory item between two readings; None: not there."""
    item = new if new is not None else old
    if item is None:
        return
    record, key = str(item.get("id") or ""), str(item.get("code") or "")
    if old is None:
        yield reading.event("inventory.created", record, key, {}, item)
    elif new is None:
        yield reading.event("inventory.deleted", record, key, {}, item)
    elif changed := _changes(INVENTORY, old, new, leave=("date_updated",)):
        yield reading.event("inventory.updated", record, key, changed, item)


def order_changes(old: Document, new: Document) -> dict[str, list[Any]]:
    """The fields of an order that differ, but for its folder, items and shipments, which have events of their own."""
    return _changes(ORDERS, old, new, leave=("order_items", "order_shipments", "date_updated", "folder_id", "order_history"))


def _changes(of: Resource, old: Document, new: Document, leave: Sequence[str] = ()) -> dict[str, list[Any]]:
    """The fields that differ, compared as values: name → [old, new]; what the table does not know is compared as it is."""
    named: dict[str, Field] = {}
    for document in (old, new):
        for one in columns_of(of, document):
            # `item.…` are an order's items in a sheet; in an order's own document their places mean nothing.
            if one.place is not None and one.place[0] not in leave and not one.name.startswith("item."):
                named.setdefault(one.name, one)
    changed: dict[str, list[Any]] = {}
    for name, one in named.items():
        before, after = _shown(one, old), _shown(one, new)
        if before != after:
            changed[name] = [before, after]
    places = {one.place for one in named.values()}
    left, right = (dict(_leaves(document, leave)) for document in (old, new))
    for place in [*left, *(place for place in right if place not in left)]:
        before_, after_ = left.get(place), right.get(place)
        if place not in places and before_ != after_ and (before_ or after_):
            changed[".".join(map(str, place))] = [_plain(before_), _plain(after_)]
    return changed


def _leaves(value: Any, leave: Sequence[str] = (), at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each value of a document that is no map and no list, with its place."""
    if isinstance(value, (dict, list)):
        for name, held in value.items() if isinstance(value, dict) else enumerate(value):
            if name not in leave:
                yield from _leaves(held, (), (*at, name))
    else:
        yield at, value


def _shown(one: Field, document: Document) -> str:
    value = read(one, document)
    return "" if value is None else one.kind.show(value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, bool, dict, list)) else TEXT.show(value)

