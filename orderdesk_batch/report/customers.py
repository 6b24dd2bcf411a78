"""This file holds the reports of customers: who bought how often, and who came back."""

from __future__ import annotations

from typing import Final

from . import frames
from .frames import Frame, amount, answer, cents, narwhals, scan

_MANY: Final = 4  # customers with more orders than this are put together


def customers(orders: Frame) -> Frame:
    """Who bought how often. A customer is an e-mail address, however it is spelled; orders without one are left out.

    Args:
        orders: as `desk.export("orders")` gives them, as far back as is of interest.

    Returns:
        email, orders, sales, first, last (times of orders, UTC), days (from the first to the last); who bought most first.

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    email = nw.col("email").cast(nw.String).str.strip_chars().str.to_lowercase()
    found = frames.collected(
        scan(orders, "orders", "email", "order_total", "date_added")
        .with_columns(email.alias("email"), amount("order_total").alias("_total"))
        .filter(~nw.col("email").is_null() & (nw.col("email") != ""))
        .group_by("email")
        .agg(
            nw.len().alias("orders"),
            nw.col("_total").sum().alias("sales"),
            nw.col("date_added").min().alias("first"),
            nw.col("date_added").max().alias("last"),
        )
    )
    found = found.with_columns(frames.days_between(nw.col("first"), nw.col("last")).alias("days"), *cents("sales"))
    return answer(found.sort("sales", "email", descending=[True, False]), ["email", "orders", "sales", "first", "last", "days"])


def came_back(orders: Frame) -> Frame:
    """How many customers came back: those with one order, with two, three, and with more.

    Returns:
        bought ("once", "twice", "3 times", "4 times or more"), customers, orders, sales, share (of the customers, 0 to 1).

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    each = nw.from_native(customers(orders), eager_only=True)
    times = nw.when(nw.col("orders") > _MANY).then(nw.lit(_MANY)).otherwise(nw.col("orders"))
    found = (
        each.with_columns(times.cast(nw.Int64).alias("times"))
        .group_by("times")
        .agg(nw.len().alias("customers"), nw.col("orders").sum(), nw.col("sales").sum())
        .sort("times")
    )
    whole = found["customers"].sum() or 1
    names = [{1: "once", 2: "twice", 3: "3 times"}.get(n, f"{_MANY} times or more") for n in found["times"].to_list()]
    columns = {
        "bought": names,
        **{name: found[name].to_list() for name in ("customers", "orders", "sales")},
        "share": [count / whole for count in found["customers"].to_list()],
    }
    if not names:  # a column without rows has no type of its own
        return answer(found.with_columns(nw.lit("").alias("bought"), nw.lit(0.0).alias("share")), list(columns))
    return answer(frames.made(found, columns).with_columns(*cents("sales")))
