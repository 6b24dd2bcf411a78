"""This file holds the reports of customers: who bought how often, and who came back."""

from __future__ import annotations

from typing import Any, Final

from . import frames, times
from .engines import NEVER
from .frames import Frame, answer, cents, money, narwhals, ratio, rows, scan, text, time

_MANY: Final = 4  # customers with more orders than this are put together
_LATE: Final = -NEVER  # later than any time


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
    found = _each(orders)
    days = times.floor(nw.col("last") - nw.col("first"), times.DAY)
    found = frames.with_amount(found.sort("sales", "email", descending=[True, False]), "sales").with_columns(
        nw.when(nw.col("last") == NEVER).then(nw.lit(0)).otherwise(days).cast(nw.Int64).alias("days"),
        times.back("last"),
        times.back("first"),
    )
    return answer(found, ["email", "orders", "sales", "first", "last", "days"])


def _each(orders: Frame) -> Any:
    """email, orders, sales (millionths), first and last (seconds) of each customer: a frame in memory."""
    nw = narwhals()
    table = scan(orders, "orders", email=text("email"), sales=money("order_total"), last=time("date_added"))
    spelled = frames.collected(frames.brought_together(frames.each_row(table, _with_first), "email", _added_up))
    # Engines differ in what a small letter is, so spellings are drawn together here.
    email = nw.col("email").cast(nw.String).str.strip_chars().str.to_lowercase()
    return (
        spelled.with_columns(email.alias("email"))
        .filter(nw.col("email") != "")
        .group_by("email")
        .agg(nw.col("orders").sum(), nw.col("sales").sum(), nw.col("first").min(), nw.col("last").max())
    )


def _with_first(table: Any) -> Any:
    nw = narwhals()
    first = nw.when(nw.col("last") == NEVER).then(nw.lit(_LATE)).otherwise(nw.col("last"))
    return table.filter(~nw.col("email").is_null()).with_columns(first.cast(nw.Int64).alias("first"))


def _added_up(table: Any) -> Any:
    nw = narwhals()
    sums = nw.col("sales").sum(), nw.col("first").min(), nw.col("last").max()
    return table.group_by("email").agg(nw.len().alias("orders"), *sums)


def came_back(orders: Frame) -> Frame:
    """How many customers came back: those with one order, with two, three, and with more.

    Returns:
        bought ("once", "twice", "3 times", "4 times or more"), customers, orders, sales, share (of the customers, 0 to 1).

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    found = _each(orders).group_by("orders").agg(nw.len().alias("customers"), nw.col("sales").sum())
    sums: dict[int, list[int]] = {}
    for count, customers_so_often, total in rows(found, "orders", "customers", "sales"):
        one = sums.setdefault(min(count, _MANY), [0, 0, 0])
        for place, more in enumerate((customers_so_often, count * customers_so_often, total)):
            one[place] += more
    whole = sum(one[0] for one in sums.values())
    names = {1: "once", 2: "twice", 3: "3 times", _MANY: f"{_MANY} times or more"}
    said = ((names[many], one[0], one[1], cents(one[2]), ratio(one[0], whole)) for many, one in sorted(sums.items()))
    return frames.made(found, ["bought", "customers", "orders", "sales", "share"], said)
