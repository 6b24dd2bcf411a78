"""This file holds the reports of sales: by day, week, month, source and SKU, and by the hour."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any, Final

from . import frames, times
from .engines import NEVER
from .frames import Frame, cents, money, narwhals, order, ratio, rows, scan, text, time, whole, word

_PERIODS: Final = ("day", "week", "month")
_COLUMNS: Final = {"source": "source_name"}


def sales(orders: Frame, *, by: str = "day", zone: str = "UTC") -> Frame:
    """How many orders there were, and what they came to.

    Args:
        orders: as `desk.export("orders")` gives them.
        by: day, week (it begins on Monday), month, source, or any column of the orders, such as shipping.country.
        zone: the time zone whose days are meant; `desk.settings()["zone"]` is the store's.

    Returns:
        `by`, orders, sales (sum of order_total), average (per order). By time: in its order, periods without any order
        with zeros. Otherwise: the most sales first.

    Raises:
        UsageError: a column is missing, or `by` is none.
    """
    nw = narwhals()
    if by in _PERIODS:
        table = scan(orders, "orders", key=time("date_added"), total=money("order_total")).filter(nw.col("key") != NEVER)
        table = times.local(table, ["key"], zone).with_columns(times.floor(nw.col("key"), times.DAY).alias("key"))
    else:
        times.known(zone)
        table = scan(orders, "orders", key=word(_COLUMNS.get(by, by)), total=money("order_total"))
    found = frames.collected(table.group_by("key").agg(nw.len().alias("orders"), nw.col("total").sum()))
    counted = rows(found, "key", "orders", "total")
    if by in _PERIODS:
        each = _each_period(counted, by)
    else:
        each = sorted(counted, key=lambda row: (-row[2], row[0]))
    said = ((key, count, cents(total), cents(Fraction(total, count or 1))) for key, count, total in each)
    return frames.made(found, [by, "orders", "sales", "average"], said, () if by in _PERIODS else (by,))


def _each_period(counted: Any, by: str) -> list[tuple[dt.datetime, int, int]]:
    """The same with a row for each day, week or month from the first to the last."""
    held: dict[dt.datetime, tuple[int, int]] = {}
    for number, orders, total in counted:
        key = _start(times.day(number), by)
        before = held.get(key, (0, 0))
        held[key] = (before[0] + orders, before[1] + total)
    each = []
    if held:
        at, last = min(held), max(held)
        while at <= last:
            each.append((at, *held.get(at, (0, 0))))
            at = _next(at, by)
    return each


def _start(moment: dt.datetime, by: str) -> dt.datetime:
    if by == "month":
        return moment.replace(day=1)
    return moment - dt.timedelta(days=moment.weekday()) if by == "week" else moment


def _next(moment: dt.datetime, by: str) -> dt.datetime:
    if by == "month":
        return dt.datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1)
    return moment + dt.timedelta(days=7 if by == "week" else 1)


def sales_by_sku(items: Frame) -> Frame:
    """What was sold of each item.

    Args:
        items: as `desk.export("items")` gives them; with the same filters as the orders.

    Returns:
        code, name (one of those it goes by), orders, quantity, sales (price times quantity, before discounts and tax), share
        (of all sales, 0 to 1); the most sales first.

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    table = scan(
        items,
        "items",
        order=order("order.id"),
        code=word("code"),
        name=text("name"),
        quantity=whole("quantity"),
        price=money("price"),
    )
    of_orders = (
        table.with_columns((nw.col("price") * nw.col("quantity")).alias("sales"))
        .group_by("code", "order")
        .agg(nw.col("name").max(), nw.col("quantity").sum(), nw.col("sales").sum())
    )
    found = frames.collected(
        of_orders.group_by("code").agg(
            nw.col("name").max(), nw.len().alias("orders"), nw.col("quantity").sum(), nw.col("sales").sum()
        )
    )
    each = sorted(zip(*(found[name].to_list() for name in ("code", "name", "orders", "quantity", "sales")), strict=True),
                  key=lambda row: (-row[4], row[0]))  # fmt: skip
    all_of_it = sum(row[4] for row in each)
    said = ((*row[:4], cents(row[4]), ratio(row[4], all_of_it)) for row in each)
    return frames.made(found, ["code", "name", "orders", "quantity", "sales", "share"], said)


def order_hours(orders: Frame, *, zone: str = "UTC") -> Frame:
    """How many orders came on which weekday and in which hour.

    Args:
        zone: the time zone whose clock is meant.

    Returns:
        weekday (1: Monday … 7: Sunday), hour (0 to 23), orders; all 168 rows, in order.

    Raises:
        UsageError: a column is missing, or there is no such zone.
    """
    nw = narwhals()
    table = scan(orders, "orders", at=time("date_added")).filter(nw.col("at") != NEVER)
    table = times.local(table, ["at"], zone).select(times.floor(nw.col("at"), times.HOUR).alias("hour"))
    found = frames.collected(table.group_by("hour").agg(nw.len().alias("orders")))
    counts = [0] * 168
    for hour, orders_then in rows(found, "hour", "orders"):
        counts[(hour + 72) % 168] += orders_then  # 1970 began on a Thursday
    said = ((place // 24 + 1, place % 24, count) for place, count in enumerate(counts))
    return frames.made(found, ["weekday", "hour", "orders"], said)
