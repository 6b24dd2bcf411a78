"""This file holds the reports of stock: what it is worth, how long it lasts, and what is to be ordered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ..errors import UsageError
from . import frames
from .frames import Frame, amount, answer, cents, narwhals, scan, word


def stock_value(inventory: Frame, *, by: str = "location") -> Frame:
    """What the stock is worth. Stock below zero is worth nothing.

    Args:
        inventory: as `desk.export("inventory")` gives it.
        by: a column of the inventory: location, update_source, metadata.vendor.

    Returns:
        `by`, items, units, value (stock times cost), retail (stock times price), without_cost (items whose cost is not known);
        the highest value first.

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    table = scan(inventory, "inventory", by, "stock", "cost", "price").with_columns(
        word(by).alias(by), amount("stock").alias("stock"), amount("cost").alias("cost"), amount("price").alias("price")
    )
    stock = nw.when(nw.col("stock") < 0).then(nw.lit(0.0)).otherwise(nw.col("stock"))
    found = frames.collected(
        table.with_columns(
            stock.alias("units"),
            (stock * nw.col("cost")).alias("value"),
            (stock * nw.col("price")).alias("retail"),
            (nw.col("cost") <= 0).cast(nw.Int64).alias("without_cost"),
        )
        .group_by(by)
        .agg(
            nw.len().alias("items"),
            nw.col("units").sum(),
            nw.col("value").sum(),
            nw.col("retail").sum(),
            nw.col("without_cost").sum(),
        )
    )
    found = found.with_columns(*cents("value", "retail")).sort("value", by, descending=[True, False])
    return answer(found, [by, "items", "units", "value", "retail", "without_cost"])


def days_left(inventory: Frame, orders: Frame, items: Frame, *, days: int = 30, now: dt.datetime | None = None) -> Frame:
    """How many days the stock lasts at the rate of the last `days` days.

    Args:
        inventory, orders, items: as `desk.export` gives them; the orders must reach back `days` days.
        days: how far back the rate is taken from.
        now: the time to count from; a naive one is UTC.

    Returns:
        code, name, stock, sold (in those days), per_day, days_left (blank where nothing was sold; 0 where nothing is left); what runs
        out first is first, what does not sell is last.

    Raises:
        UsageError: a column is missing, or `days` is less than 1.
    """
    nw = narwhals()
    if days < 1:
        raise UsageError(f"days is {days}; it is a whole number from 1.")
    found = frames.collected(_held(inventory).join(_sold(orders, items, days, now), on="code", how="left"))
    found = found.with_columns(nw.col("sold").cast(nw.Float64).fill_null(0.0))
    rate = nw.col("sold") / days
    above = nw.when(nw.col("stock") < 0).then(nw.lit(0.0)).otherwise(nw.col("stock"))
    left = nw.when(nw.col("sold") > 0).then(above / rate)
    found = found.with_columns(rate.alias("per_day"), left.alias("days_left"))
    found = found.with_columns(
        nw.col("days_left").is_null().alias("_idle"),
        frames.rounded("per_day", 3),
        frames.rounded("days_left", 1),
    ).sort("_idle", "days_left", "code")
    return answer(found, ["code", "name", "stock", "sold", "per_day", "days_left"])


def low_stock(
    inventory: Frame, orders: Frame, items: Frame, *, within: int = 14, days: int = 30, now: dt.datetime | None = None
) -> Frame:
    """What will have run out within so many days, and how many to order to have enough for as long as the rate was taken from.

    Args:
        within: days until it runs out.
        inventory, orders, items, days, now: see `days_left`.

    Returns:
        The columns of `days_left`, and to_order (whole units).

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    all_of_it = nw.from_native(days_left(inventory, orders, items, days=days, now=now), eager_only=True)
    low = all_of_it.filter(~nw.col("days_left").is_null() & (nw.col("days_left") <= within))
    lacking = nw.col("sold") - nw.col("stock")
    return answer(low.with_columns(nw.when(lacking > 0).then(lacking).otherwise(nw.lit(0)).alias("to_order")))


def _held(inventory: Frame) -> Any:
    nw = narwhals()
    table = scan(inventory, "inventory", "code", "name", "stock")
    return table.select(nw.col("code").cast(nw.String), "name", amount("stock").alias("stock")).filter(~nw.col("code").is_null())


def _sold(orders: Frame, items: Frame, days: int, now: dt.datetime | None) -> Any:
    """Units sold of each code in the last `days` days."""
    nw = narwhals()
    recent = (
        scan(orders, "orders", "id", "date_added")
        .filter(frames.age("date_added", now) < days)
        .select(nw.col("id").cast(nw.String))
        .unique("id")
    )
    return (
        scan(items, "items", "order.id", "code", "quantity")
        .select(
            nw.col("order.id").cast(nw.String).alias("id"), nw.col("code").cast(nw.String), amount("quantity").alias("quantity")
        )
        .join(recent, on="id", how="inner")
        .group_by("code")
        .agg(nw.col("quantity").sum().alias("sold"))
    )
