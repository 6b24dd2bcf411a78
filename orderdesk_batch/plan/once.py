"""This file holds fingerprints: they tell that a row that can't be repeated harmlessly was uploaded before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..kinds import TEXT, Value
from ..kinds.texts import NO_NUMBER
from .change import Change

if TYPE_CHECKING:
    from ..checks import Row

APPENDING = ("order_note", "order_history")  # columns that add something each time

def fingerprint(record: str, row: Row, column: str) -> str:
    """What tells that a row's cell of this column was uploaded to this record before, whatever else stands in the row.

    Of a new record it is all of the row. Values count as they are shown, so that a CSV file and a workbook
    with the same rows are the same.
    """
    held = [(name, TEXT.show(value)) for name, value in sorted(row.values.items()) if not record or name == column]
    return hashlib.sha256(repr((record, column, held)).encode()).hexdigest()[:24]


def made(changes: Iterable[Change]) -> dict[str, Change]:
    """What changes create that the store would take a second time, by what tells it: order numbers, items, parcels without a number."""
    found: dict[str, Change] = {}
    for change in changes:
        if change.restore is not None:
            continue
        if change.resource == "orders":
            number, cart = (change.fields.get(name, [None, None])[1] for name in ("source_id", "source_name"))
            if change.action == "create" and number:
                found[repr(("order", number, str(cart or "").casefold()))] = change
            for item in change.items if change.id else ():
                if item.action == "create":
                    found[_new_child("item", change.id, item.fields)] = change
        elif change.action == "create" and change.order_id:
            if change.resource == "items":
                found[_new_child("item", change.order_id, change.fields)] = change
            elif change.resource == "shipments" and change.fields.get("tracking_number", [None, None])[1] == NO_NUMBER:
                found[_new_child("parcel", change.order_id, change.fields)] = change
    return found


def _new_child(what: str, order: str, fields: Mapping[str, list[Value]]) -> str:
    return repr((what, order, sorted((name, TEXT.show(new)) for name, (_, new) in fields.items())))


def is_marked(change: Change) -> bool:
    """Whether a change uploads rows that can't be repeated harmlessly."""
    if change.resource == "orders" and change.action == "update":
        return any(name in change.fields for name in APPENDING)
    if change.resource == "orders":
        return change.action == "create" and "source_id" not in change.fields
    return change.resource == "inventory" and change.relative is not None


def of_orders(change: Change, rows: Mapping[int, Row]) -> list[str]:
    """The fingerprints of an order's rows."""
    marks = []
    if change.action == "update":
        marks = [fingerprint(change.id, rows[n], name) for n in change.rows for name in APPENDING if name in rows[n].values]
    elif change.action == "create" and "source_id" not in change.fields:
        marks = [created_mark([rows[n] for n in change.rows])]
    return marks


def created_mark(rows: Sequence[Row]) -> str:
    """The fingerprint of a new order without a number."""
    return fingerprint("", rows[0], "create")


def of_inventory(change: Change, rows: Mapping[int, Row]) -> list[str]:
    """The fingerprints of an inventory item's rows."""
    return [] if change.relative is None else [fingerprint(change.id, rows[n], "stock_change") for n in change.rows]
