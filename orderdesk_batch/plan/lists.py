"""This file holds what is checked about an order's lists: its notes and its discounts, and the notes' length."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ..fields import ORDERS, Document, write
from ..kinds import CLEAR, Value
from .compare import NOTES_LIMIT, children, notes_length
from .findings import Findings

COLUMNS = ("order_note", "discount_list.")  # what their columns begin with
LISTS = {"order_notes": ("note", "content"), "discount_list": ("discount", "amount")}  # what an entry is, and what it needs
NOTE_FRAME = len("2026-01-01 00:00:00") + len("orderdesk-batch")  # date and name of a note that we append


def check(fields: Mapping[str, list[Value]], document: Mapping[str, Any], row: int, says: Findings) -> None:
    """Say where entries of a list would leave a gap, or be empty, and where the notes grow too long."""
    for stem, (one, needed) in LISTS.items():
        numbers = sorted({int(name.split(".")[1]) for name in fields if name.startswith(f"{stem}.")})
        following = len(children(document, stem)) + 1
        for number in numbers:
            if number < following:
                continue
            about = next(name for name in fields if name.startswith(f"{stem}.{number}."))
            if number > following:
                has = f"the order has {following - 1}" if document else f"there is no {stem}.{following}"
                says.say(row, f"is {one} {number}, but {has}", f"Its next {one} is {stem}.{following}.", about=about, code="gap")
                break
            if fields.get(f"{stem}.{number}.{needed}", [None, CLEAR])[1] is CLEAR:
                says.say(row, f"is a new {one} without {'a text' if needed == 'content' else 'an amount'}",
                         f"Fill in {stem}.{number}.{needed}.", about=about, code="required")  # fmt: skip
                break
            following += 1
        else:
            if stem == "order_notes":
                _check_length(fields, document, row, says)


def _check_length(fields: Mapping[str, list[Value]], document: Mapping[str, Any], row: int, says: Findings) -> None:
    about = next((name for name in fields if name == "order_note" or name.startswith("order_notes.")), "")
    if not about:
        return
    after: Document = {"order_notes": copy.deepcopy(children(document, "order_notes"))}
    for name, (_, new) in fields.items():
        if name.startswith("order_notes."):
            write(ORDERS.field(name), after, new)
    length = notes_length(after["order_notes"])
    if note := fields.get("order_note"):
        length += len(str(note[1])) + NOTE_FRAME
    if length > NOTES_LIMIT:
        says.say(row, f"would make the order's notes {length:,} characters long; {NOTES_LIMIT:,} fit",
                 "Shorten it, or clear an older note.", about=about, code="notes-too-long")  # fmt: skip
