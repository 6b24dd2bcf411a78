"""This file holds the reports of sales: by day, week, month, source and SKU, and by the hour."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from . import frames
from .frames import Frame, amount, answer, cents, narwhals, scan, share, word

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
        # Engines differ in where weeks begin, so they add up days; weeks and months are made of those.
        key = frames.day("date_added", zone)
        table = scan(orders, "orders", "date_added", "order_total").filter(~nw.col("date_added").is_null())
    else:
        column = _COLUMNS.get(by, by)
        table = scan(orders, "orders", column, "order_total")
        key = word(column)
    found = frames.collected(
        table.with_columns(key.alias(by), amount("order_total").alias("_total"))
        .group_by(by)
        .agg(nw.len().alias("orders"), nw.col("_total").sum().alias("sales"))
    )
    if by in _PERIODS:
        found = _each_period(found, by)
    else:
        found = found.sort("sales", by, descending=[True, False])
    return answer(
        found.with_columns(share("average", "sales", "orders")).with_columns(*cents("sales", "average")),
        [by, "orders", "sales", "average"],
    )


def _each_period(found: Frame, by: str) -> Frame:
    """The same with a row for each day, week or month from the first to the last."""
    nw = narwhals()
    held: dict[dt.datetime, tuple[int, float]] = {}
    for start, orders, total in zip(found[by].to_list(), found["orders"].to_list(), found["sales"].to_list(), strict=True):
        key = _start(start, by)
        before = held.get(key, (0, 0.0))
        held[key] = (before[0] + orders, before[1] + total)
    starts: list[dt.datetime] = []
    if held:
        at, last = min(held), max(held)
        while at <= last:
            starts.append(at)
            at = _next(at, by)
    rows = [held.get(start, (0, 0.0)) for start in starts]
    columns: dict[str, list[Any]] = {by: starts, "orders": [row[0] for row in rows], "sales": [row[1] for row in rows]}
    return frames.made(found, columns).with_columns(
        nw.col(by).cast(nw.Datetime("us")), nw.col("orders").cast(nw.Int64), nw.col("sales").cast(nw.Float64)
    )


def _start(moment: dt.datetime, by: str) -> dt.datetime:
    day = dt.datetime(moment.year, moment.month, moment.day)
    if by == "month":
        return day.replace(day=1)
    return day - dt.timedelta(days=day.weekday()) if by == "week" else day


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
    table = scan(items, "items", "order.id", "code", "name", "quantity", "price")
    found = frames.collected(
        table.with_columns(
            word("code").alias("code"),
            amount("quantity").alias("quantity"),
            (amount("price") * amount("quantity")).alias("sales"),
        )
        .group_by("code")
        .agg(
            nw.col("name").max().alias("name"),
            nw.col("order.id").n_unique().alias("orders"),
            nw.col("quantity").sum(),
            nw.col("sales").sum(),
        )
    )
    whole = found["sales"].sum() or 1.0
    found = found.with_columns((nw.col("sales") / whole).alias("share"), *cents("sales")).sort(
        "sales", "code", descending=[True, False]
    )
    return answer(found, ["code", "name", "orders", "quantity", "sales", "share"])


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
    table = scan(orders, "orders", "date_added").filter(~nw.col("date_added").is_null())
    local = frames.local("date_added", zone)
    found = frames.collected(
        table.select(local.dt.weekday().alias("weekday"), local.dt.hour().alias("hour"))
        .group_by("weekday", "hour")
        .agg(nw.len().alias("orders"))
    )
    counted = dict(
        zip(zip(found["weekday"].to_list(), found["hour"].to_list(), strict=True), found["orders"].to_list(), strict=True)
    )
    cells = [(weekday, hour) for weekday in range(1, 8) for hour in range(24)]
    columns = {
        "weekday": [w for w, _ in cells],
        "hour": [h for _, h in cells],
        "orders": [int(counted.get(cell, 0)) for cell in cells],
    }
    return answer(frames.made(found, columns))
