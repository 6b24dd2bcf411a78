"""This file holds the merge: the whole document as read just now, with only the sheet's fields set."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..fields import INVENTORY, ITEMS, ORDERS, SHIPMENTS, Document, Field, Resource, drop, get, in_open_map, put, write
from ..kinds import CLEAR, Value
from ..plan.change import Change, ItemChange
from ..plan.compare import children, last_four, same, stored

MARK = "orderdesk_batch"  # the metadata key of our mark
NOTE_AUTHOR = "orderdesk-batch"
TABLES: dict[str, Resource] = {of.name: of for of in (ORDERS, ITEMS, SHIPMENTS, INVENTORY)}
NOT_IN_PUT = ("folder", "order_history")


@dataclass(slots=True)
class Merged:
    """What came of a merge: nothing left to set, something that others changed, or a document to send."""

    document: Document | None = None
    stale: str = ""  # what someone changed since the plan
    already: bool = False  # all that we would set is so already


def merge(
    of: Resource, now: Mapping[str, Any], fields: Mapping[str, list[Value]], restore: Mapping[str, Any] | None = None
) -> Merged:
    """Set fields in a copy of the document as it is now.

    A field that is neither as it was when planned nor as we would set it was changed by someone: stale.
    With `restore`, the document as it once was, the values are put back as they stood there.
    """
    after: Document = copy.deepcopy(dict(now))
    changed = False
    added: set[tuple[str, int]] = set()  # entries of lists that were not there before
    for name, (old, new) in fields.items():
        if name in NOT_IN_PUT or name == "order_note":
            continue
        one = of.field(name)
        held = stored(one, now)
        if new is CLEAR and in_open_map(one):
            if one.place is not None and get(now, one.place) in (None, ""):
                continue
        elif same(one.kind, held, new):
            continue
        if not same(one.kind, held, old):
            return Merged(stale=f"{name} was changed to {one.kind.show(held) or 'blank'} by someone since the plan")
        if restore is None:
            write(one, after, new)
            if one.name == "cc_number" and new is CLEAR:
                after["cc_number_masked"] = ""  # else its digits would be sent back
        elif entry := _entry_added(one, restore):
            added.add(entry)
        else:
            put_back(one, after, restore)
        changed = True
    _take_away(added, after, restore or {})
    return Merged(after if changed else None, already=not changed)


def put_back(one: Field, after: Document, restore: Mapping[str, Any]) -> None:
    """Set a field to exactly what a document once held; what was not there is taken away again."""
    place = one.place
    assert place is not None
    if one.name == "cc_number":
        after["cc_number"] = last_four(restore) or ""
        return
    parent = get(restore, place[:-1]) if len(place) > 1 else restore
    if (isinstance(parent, Mapping) and place[-1] in parent) or isinstance(place[-1], int):
        put(after, place, copy.deepcopy(get(restore, place)))
    elif in_open_map(one):
        drop(after, place)
    else:
        put(after, place, "")
        holder = get(after, place[:-1])
        if len(place) > 1 and not parent and isinstance(holder, dict) and not any(holder.values()):
            put(after, place[:-1], {})  # an address that was not there at all


def _entry_added(one: Field, restore: Mapping[str, Any]) -> tuple[str, int] | None:
    """The entry of a list that a field belongs to, if the document once did not have that entry."""
    place = one.place
    if place is None or len(place) < 2 or not isinstance(place[1], int) or get(restore, place[:2]) is not None:
        return None
    return str(place[0]), place[1]


def _take_away(entries: set[tuple[str, int]], after: Document, restore: Mapping[str, Any]) -> None:
    """Take entries of lists away, with the blank ones that were made to reach them."""
    for name in {name for name, _ in entries}:
        held, once = after.get(name), get(restore, (name,))
        if not isinstance(held, list):
            continue
        ours = {number for stem, number in entries if stem == name}
        first = len(once) if isinstance(once, list) else 0
        filling = {n for n in range(first, max(ours)) if n < len(held) and _is_blank(held[n])}
        after[name] = [entry for n, entry in enumerate(held) if n not in ours | filling]


def _is_blank(entry: Any) -> bool:
    told = ("name", "code", "content", "username")
    return isinstance(entry, Mapping) and not any(entry.get(key) for key in told) and float(entry.get("amount") or 0) == 0


def order(change: Change, now: Document, note_date: str) -> Merged:
    """The order as read just now, with the change's fields, items and note set."""
    merged = merge(ORDERS, now, change.fields, change.restore)
    if merged.stale:
        return merged
    after = merged.document if merged.document is not None else copy.deepcopy(now)
    changed = merged.document is not None
    for item in change.items:
        if item.action == "delete":
            continue
        outcome = set_item(after, item.action, item.id, item.fields, item_mark(change, item), item.restore)
        if outcome.stale:
            return outcome
        changed = changed or not outcome.already
    if "order_note" in change.fields:
        old, new = change.fields["order_note"]
        note = {"date_added": note_date, "username": NOTE_AUTHOR, "content": old if new is CLEAR else new}
        notes = after.get("order_notes")
        notes = list(notes) if isinstance(notes, list) else []
        if new is CLEAR and has_note(now, note):
            after["order_notes"] = [one for one in notes if not has_note({"order_notes": [one]}, note)]
            changed = True
        elif new is not CLEAR and not has_note(now, note):
            after["order_notes"] = [*notes, note]
            changed = True
    return Merged(whole_order(after) if changed else None, already=not changed)


def has_note(document: Mapping[str, Any], note: Mapping[str, Any]) -> bool:
    """Whether an order has that very note."""
    notes = document.get("order_notes")
    return isinstance(notes, list) and any(
        isinstance(one, Mapping)
        and str(one.get("content") or "").strip() == str(note["content"]).strip()
        and str(one.get("date_added") or "") == note["date_added"]
        for one in notes
    )


def whole_order(document: Document) -> Document:
    """An order as it is sent back: a card's number is read back masked, and would be blanked [doc][open]."""
    if not document.get("cc_number") and (digits := last_four(document)):
        document["cc_number"] = digits
    return document


def item_mark(change: Change, item: ItemChange) -> str:
    return f"{change.mark}.{item.rows[0]}" if change.mark else ""


def set_item(
    after: Document,
    action: str,
    record: str,
    fields: Mapping[str, list[Value]],
    mark: str,
    restore: Mapping[str, Any] | None = None,
) -> Merged:
    """Change or add one item within an order's document, in place."""
    there = children(after, "order_items")
    if action == "create":
        if mark and any(get(item, ("metadata", MARK)) == mark for item in there):
            return Merged(already=True)
        new = new_document(ITEMS, fields, mark) if restore is None else copy.deepcopy(dict(restore))
        after["order_items"] = [*there, new]
        return Merged(after)
    for n, item in enumerate(there):
        if str(item.get("id")) == record:
            merged = merge(ITEMS, item, fields, restore)
            if merged.document is not None:
                after["order_items"] = [*there[:n], merged.document, *there[n + 1 :]]
            return merged
    return Merged(stale=f"item {record} is no longer on the order")


def new_document(of: Resource, fields: Mapping[str, list[Value]], mark: str = "") -> Document:
    """The document of a record that is created."""
    document: Document = {}
    for name, (_, new) in fields.items():
        if name in ("order_history", "order_note") or new is None or new is CLEAR:
            continue
        write(of.field(name), document, new)
    if mark:
        holder = "order_metadata" if of is ORDERS else "metadata"
        document.setdefault(holder, {})[MARK] = mark
    return document


def new_order(change: Change, note_date: str) -> Document:
    """The document of an order that is created, with its items and its note."""
    document = new_document(ORDERS, change.fields, change.mark)
    document["order_items"] = [new_document(ITEMS, item.fields) for item in change.items if item.action == "create"]
    if "order_note" in change.fields:
        note = {"date_added": note_date, "username": NOTE_AUTHOR, "content": change.fields["order_note"][1]}
        document["order_notes"] = [*document.get("order_notes", []), note]
    return document


def note_date(at: float) -> str:
    """A moment as the API writes it: UTC."""
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def relative_stock(change: Change, now: Mapping[str, Any]) -> dict[str, list[Value]]:
    """The fields of a relative change, counted against the stock as it is now."""
    assert change.relative is not None
    held = INVENTORY.field("stock").kind.read(now.get("stock"))
    if isinstance(held, Decimal):
        held = int(held)
    held = held if isinstance(held, int) else 0
    return {**change.fields, "stock": [held, held + change.relative]}
