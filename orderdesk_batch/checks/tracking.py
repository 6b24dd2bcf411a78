"""This file holds what is looked at in tracking numbers: one number on two orders, check digits, the carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..carriers import carrier_of, wrong_check_digit
from ..kinds import CLEAR, Value
from ..kinds.texts import NO_NUMBER
from .rows import order_words

if TYPE_CHECKING:
    from .checking import Checking


def check_tracking(to: Checking) -> None:
    """Look at every tracking number of a shipments sheet; fill in carriers if that is asked for."""
    checked = to.checked
    numbers = checked.columns.get("tracking_number")
    if numbers is None:
        return
    length = len(checked.sheet.rows)
    carriers = checked.columns.get("carrier_code")
    if carriers is None and checked.options.guess_carrier:
        carriers = checked.columns["carrier_code"] = [None] * length
    distinct = set(numbers)
    # One number on two orders: which orders they are is only asked where a number stands twice.
    orders = order_words(to.resource, checked.columns, length) if len(distinct) < length else []
    raw = to.sheet.columns[to.column_of["tracking_number"]]
    first: dict[Value, int] = {}
    for n, number in enumerate(numbers):
        if number is None or number == NO_NUMBER or number is CLEAR or n in checked.skipped:
            continue
        earlier = first.setdefault(number, n) if orders else n
        if earlier != n and orders[earlier] != orders[n]:
            to.say(
                n,
                f"stands in row {checked.sheet.rows[earlier]}, too, for another order",
                "Look whether both orders went in one parcel.",
                "two-orders",
                about="tracking_number",
                warning=True,
            )
        carrier = carriers[n] if carriers is not None else None
        named = carrier if isinstance(carrier, str) else None
        if wrong := wrong_check_digit(number, named):
            to.say(
                n,
                f"is no {wrong} number: its check digit is wrong",
                "Look whether a digit was lost or mistyped.",
                "check-digit",
                about="tracking_number",
                warning=True,
            )
        elif isinstance(raw[n], (int, float)) and carrier_of(number) is None and (whose := carrier_of(f"0{number}")):
            to.say(
                n,
                f"would be a {whose} number with a zero before it, which spreadsheets take off",
                "Look at the label, and format the column as text.",
                "lost-zero",
                about="tracking_number",
                warning=True,
            )
        elif (
            carrier is None and carriers is not None and checked.options.guess_carrier and (n, "carrier_code") not in checked.bads
        ):
            carriers[n] = carrier_of(number)
