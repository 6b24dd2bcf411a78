"""This file holds fingerprints: they tell that a row that can't be repeated harmlessly was uploaded before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..kinds import TEXT
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
