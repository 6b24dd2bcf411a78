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
        table = times.local(scan(orders, "orders", key=time("date_added"), total=money("order_total")), ["key"], zone)
        table = frames.each_row(table, _days)
    else:
        times.known(zone)
        table = scan(orders, "orders", key=word(_COLUMNS.get(by, by)), total=money("order_total"))
    found = frames.collected(frames.grouped(table, ["key"], nw.len().alias("orders"), nw.col("total").sum()))
    counted = rows(found, "key", "orders", "total")
    if by in _PERIODS:
        each = _each_period(counted, by)
    else:
        each = sorted(counted, key=lambda row: (-row[2], row[0]))
    said = ((key, count, cents(total), cents(Fraction(total, count or 1))) for key, count, total in each)
    return frames.made(found, [by, "orders", "sales", "average"], said, () if by in _PERIODS else (by,))


def _days(table: Any) -> Any:
    nw = narwhals()
    return table.filter(nw.col("key") != NEVER).with_columns(times.floor(nw.col("key"), times.DAY).alias("key"))


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
    table = scan(items, "items", code=word("code"), name=text("name"), quantity=whole("quantity"), price=money("price"))
    lines = scan(items, "items", code=word("code"), order=order("order.id"))
    sums = nw.col("quantity").sum(), nw.col("sales").sum()
    named = frames.collected(frames.grouped(frames.each_row(table, _sold), ["code", "name"], *sums))
    of_orders = frames.brought_together(lines, "order", _once_an_order)
    found = frames.collected(frames.grouped(of_orders, ["code"], nw.len().alias("orders")))
    each: dict[str, tuple[str, int, int]] = {}
    for code, name, quantity, total in zip(*(named[one].to_list() for one in ("code", "name", "quantity", "sales")), strict=True):
        before = each.get(code, ("", 0, 0))
        each[code] = (max(before[0], name if isinstance(name, str) else ""), before[1] + quantity, before[2] + total)
    counts = dict(rows(found, "code", "orders"))
    all_of_it = sum(one[2] for one in each.values())
    said = (
        (code, name or None, counts[code], quantity, cents(total), ratio(total, all_of_it))
        for code, (name, quantity, total) in sorted(each.items(), key=lambda one: (-one[1][2], one[0]))
    )
    return frames.made(found, ["code", "name", "orders", "quantity", "sales", "share"], said)


def _sold(table: Any) -> Any:
    nw = narwhals()
    return table.with_columns((nw.col("price") * nw.col("quantity")).alias("sales"))


def _once_an_order(table: Any) -> Any:
    return table.group_by("code", "order").agg(narwhals().len().alias("lines"))


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
    table = frames.each_row(times.local(scan(orders, "orders", at=time("date_added")), ["at"], zone), _hours)
    found = frames.collected(frames.grouped(table, ["hour"], nw.len().alias("orders")))
    counts = [0] * 168
    for hour, orders_then in rows(found, "hour", "orders"):
        counts[(hour + 72) % 168] += orders_then  # 1970 began on a Thursday
    said = ((place // 24 + 1, place % 24, count) for place, count in enumerate(counts))
    return frames.made(found, ["weekday", "hour", "orders"], said)


def _hours(table: Any) -> Any:
    nw = narwhals()
    return table.filter(nw.col("at") != NEVER).select(times.floor(nw.col("at"), times.HOUR).alias("hour"))
