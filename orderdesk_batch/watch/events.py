"""This file holds Event, and how two readings of a record become events."""

from __future__ import annotations

import datetime as dt
import fnmatch
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import UsageError
from ..fields import INVENTORY, ITEMS, ORDERS, SHIPMENTS, Document, Resource, columns_of, read
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

    def as_json(self) -> dict[str, Any]:
        """The event as it is printed and stored."""
        body = {name: getattr(self, name) for name in ("event", "at", "id", "key", "fields", "document", "event_id")}
        return {**body, "hook": self.hook} if self.hook else body


def event_from(body: Mapping[str, Any]) -> Event:
    """The event that `as_json` wrote."""
    return Event(**{"hook": "", **body})


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
        source = str(order.get("source_name") or "")
        if self.source and source.casefold() != self.source.casefold():
            return False
        if self.origin and (source == BY_HAND) != (self.origin == "manual"):
            return False
        return not self.folders or str(order.get("folder_id") or "") in self.folders


def wanted(what: str, names: Iterable[str], **narrow: Any) -> Wanted:
    """What a command watches, narrowed by `--event` and the other options.

    Raises:
        UsageError: a pattern that no event has.
    """
    given = tuple(name.strip() for many in names for name in many.split(",") if name.strip())
    for name in given:
        if not fnmatch.filter(EVENTS, name):
            raise UsageError(f'"{name}" is no event. There are: {", ".join(EVENTS)}.')
    return Wanted(given or WATCHED[what], **narrow)


def now_text() -> str:
    """This moment, UTC, as the API writes it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def order_events(
    old: Document | None, new: Document | None, at: str, reading: int, folders: Mapping[str, str]
) -> Iterator[Event]:
    """What happened to an order, its items and its shipments between two readings; None: not there.

    Args:
        reading: how many different readings of the order there were; events of one reading have stable ids.
    """

    def made(name: str, record: str, fields: Mapping[str, Sequence[Any]], document: Document) -> Event:
        return _event(name, at, record, key, fields, document, f"{order_id}.{reading}")

    order = new if new is not None else old
    if order is None:
        return
    key = str(order.get("source_id") or order.get("id") or "")
    order_id = str(order.get("id") or "")
    if old is None:
        yield made("order.created", order_id, {}, order)
    elif new is None:
        yield made("order.deleted", order_id, {}, order)
    else:
        changed = _changes(ORDERS, old, new, leave=("order_items", "order_shipments", "date_updated", "folder"))
        before, after = str(old.get("folder_id") or ""), str(new.get("folder_id") or "")
        if before != after:
            moved = {"folder": [folders.get(before, before), folders.get(after, after)]}
            yield made("order.folder_changed", order_id, moved, new)
        if changed:
            yield made("order.updated", order_id, changed, new)
    for of, inside in ((ITEMS, "order_items"), (SHIPMENTS, "order_shipments")):
        before_ = {str(one.get("id")): one for one in children(old, inside)} if old else {}
        after_ = {str(one.get("id")): one for one in children(new, inside)} if new else {}
        for record, one in {**before_, **after_}.items():
            whole = {**one, "order_id": one.get("order_id") or order_id}
            if record not in before_:
                yield made(f"{of.one}.created", record, {}, whole)
            elif record not in after_:
                yield made(f"{of.one}.deleted", record, {}, whole)
            elif changed := _changes(of, before_[record], one):
                yield made(f"{of.one}.updated", record, changed, whole)


def inventory_events(old: Document | None, new: Document | None, at: str, reading: int) -> Iterator[Event]:
    """What happened to an inventory item between two readings; see `order_events`."""
    item = new if new is not None else old
    if item is None:
        return
    record, key = str(item.get("id") or ""), str(item.get("code") or "")
    if old is None:
        yield _event("inventory.created", at, record, key, {}, item, f"{record}.{reading}")
    elif new is None:
        yield _event("inventory.deleted", at, record, key, {}, item, f"{record}.{reading}")
    elif changed := _changes(INVENTORY, old, new, leave=("date_updated",)):
        yield _event("inventory.updated", at, record, key, changed, item, f"{record}.{reading}")


def _changes(of: Resource, old: Document, new: Document, leave: Sequence[str] = ()) -> dict[str, list[Any]]:
    """The fields that differ: name → [old, new]; what the table does not know is compared whole."""
    named: dict[str, Any] = {}
    for document in (old, new):
        for one in columns_of(of, document):
            if one.place is not None and one.name not in leave:
                named.setdefault(one.name, one)
    changed = {}
    for name, one in named.items():
        before, after = _shown(one, old), _shown(one, new)
        if before != after:
            changed[name] = [before, after]
    known = {str(one.place[0]) for one in named.values()} | set(leave) | {"folder_id", "order_history"}
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in known and old.get(name) != new.get(name):
            changed[name] = [_plain(old.get(name)), _plain(new.get(name))]
    return changed


def _shown(one: Any, document: Document) -> str:
    value = read(one, document)
    return "" if value is None else one.kind.show(value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, bool, dict, list)) else TEXT.show(value)


def _event(
    name: str, at: str, record: str, key: str, fields: Mapping[str, Sequence[Any]], document: Document, reading: str
) -> Event:
    stable = hashlib.sha256(f"{name}\n{record}\n{reading}".encode()).hexdigest()[:20]
    return Event(name, at, record, key, fields, document, stable)
