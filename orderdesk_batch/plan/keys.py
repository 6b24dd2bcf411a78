"""This file holds OrderKey: the ways to say which order is meant, and whether an order is the one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ..kinds import Value

By = Literal["id", "source_id", "order"]


class OrderKey(NamedTuple):
    """One way to say which order is meant."""

    by: By
    value: str
    source_name: str = ""  # narrows the number


class OrderKeys:
    """Reads from rows of a sheet which order they are about.

    Args:
        at: the place of each of its columns.
        prefix: what the columns of an order begin with: nothing in a sheet of orders, else `order.`.
    """

    def __init__(self, at: Mapping[str, int], prefix: str = "") -> None:
        columns: tuple[tuple[By, str], ...] = (("id", f"{prefix}id"), ("source_id", f"{prefix}source_id"), ("order", "order"))
        self._by = [(by, at[column]) for by, column in columns if column in at]
        self._cart = at.get(f"{prefix}source_name")
        self.several = len(self._by) > 1  # whether a row may say it in more than one way
        # Whether two keys that differ never mean one order of the store.
        self.exact = not self.several and self._cart is None and all(by != "order" for by, _ in self._by)

    def all(self, cells: Sequence[Value]) -> list[OrderKey]:
        """All the ways in which a row says it, the surest first; they must agree."""
        cart = None if self._cart is None else cells[self._cart]
        cart = cart if type(cart) is str else ""
        return [OrderKey(by, value, "" if by == "id" else cart) for by, place in self._by if type(value := cells[place]) is str]

    def surest(self, cells: Sequence[Value]) -> OrderKey | None:
        """The one that is looked up."""
        for by, place in self._by:
            value = cells[place]
            if type(value) is str:
                cart = None if by == "id" or self._cart is None else cells[self._cart]
                return OrderKey(by, value, cart if type(cart) is str else "")
        return None


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
