"""This file holds OrderKey: the ways to say which order is meant, and whether an order is the one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple


class OrderKey(NamedTuple):
    """One way to say which order is meant."""

    by: Literal["id", "source_id", "order"]
    value: str
    source_name: str = ""  # narrows the number


def other_spelling(number: str) -> str:
    """The order number with `#` if it has none, without if it has one."""
    return number[1:] if number.startswith("#") else f"#{number}"


def may_be_id(number: str) -> bool:
    """Whether it may be Order Desk's own id: digits without a leading zero."""
    return number.isascii() and number.isdigit() and not number.startswith("0")


def of_cart(document: Mapping[str, Any], source_name: str) -> bool:
    """Whether an order is of a cart, however the cart's name is cased; any order is of the cart ""."""
    return not source_name or str(document.get("source_name") or "").strip().casefold() == source_name.strip().casefold()


def fits(key: OrderKey, document: Mapping[str, Any]) -> bool:
    """Whether an order is the one that a key means, in any of its readings."""
    if key.by == "id":
        return str(document.get("id")) == key.value
    if not of_cart(document, key.source_name):
        return False
    number = str(document.get("source_id") or "").strip()
    if number == key.value:
        return True
    if key.by == "source_id":
        return False
    return number == other_spelling(key.value) or (may_be_id(key.value) and str(document.get("id")) == key.value)
