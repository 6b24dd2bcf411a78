"""This file holds the reports of stock: what it is worth, how long it lasts, and what is to be ordered."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..errors import UsageError
from . import frames, times
from .engines import NEVER
from .frames import Frame, cents, money, narwhals, order, rounded, rows, scan, text, time, whole, word

_LEFT = ["code", "name", "stock", "sold", "per_day", "days_left"]


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
    table = scan(inventory, "inventory", key=word(by), stock=whole("stock"), cost=money("cost"), price=money("price"))
    sums = [nw.col(name).sum() for name in ("units", "value", "retail", "without_cost")]
    found = frames.collected(frames.grouped(frames.each_row(table, _worth), ["key"], nw.len().alias("items"), *sums))
    each = sorted(rows(found, "key", "items", "units", "value", "retail", "without_cost"), key=lambda row: (-row[3], row[0]))
    said = ((*row[:3], cents(row[3]), cents(row[4]), row[5]) for row in each)
    return frames.made(found, [by, "items", "units", "value", "retail", "without_cost"], said, (by,))


def _worth(table: Any) -> Any:
    nw = narwhals()
    stock = nw.when(nw.col("stock") < 0).then(nw.lit(0)).otherwise(nw.col("stock")).cast(nw.Int64)
    return table.select(
        "key",
        stock.alias("units"),
        (stock * nw.col("cost")).alias("value"),
        (stock * nw.col("price")).alias("retail"),
        (nw.col("cost") <= 0).cast(nw.Int64).alias("without_cost"),
    )


def days_left(inventory: Frame, orders: Frame, items: Frame, *, days: int = 30, now: dt.datetime | None = None) -> Frame:
    """How many days the stock lasts at the rate of the last `days` days.

    Args:
        inventory, orders, items: as `desk.export` gives them; the orders must reach back `days` days. The inventory may be
            a frame of another kind than the orders and items: today's from the store, with an archive of orders.
        days: how far back the rate is taken from.
        now: the time to count from; a naive one is UTC.

    Returns:
        code, name, stock, sold (in those days), per_day, days_left (blank where nothing was sold; 0 where nothing is left); what runs
        out first is first, what does not sell is last.

    Raises:
        UsageError: a column is missing, or `days` is less than 1.
    """
    held, each = _left(inventory, orders, items, days, now)
    return frames.made(held, _LEFT, each)


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
    held, each = _left(inventory, orders, items, days, now)
    low = ((*row, max(row[3] - row[2], 0)) for row in each if row[5] is not None and row[5] <= within)
    return frames.made(held, [*_LEFT, "to_order"], low)


def _left(inventory: Frame, orders: Frame, items: Frame, days: int, now: dt.datetime | None) -> tuple[Any, list[tuple[Any, ...]]]:
    """The inventory in memory, and the rows of `days_left`."""
    if days < 1:
        raise UsageError(f"days is {days}; it is a whole number from 1.")
    nw = narwhals()
    table = scan(inventory, "inventory", code=text("code"), name=text("name"), stock=whole("stock"))
    held = frames.collected(table.filter(~nw.col("code").is_null()))
    sold = dict(_sold(orders, items, days, now))
    each = []
    for code, name, stock in zip(*(held[one].to_list() for one in ("code", "name", "stock")), strict=True):
        units = sold.get(code, 0)
        left = rounded(Fraction(max(stock, 0) * days, units), 1) if units > 0 else None
        each.append((code, name, stock, units, rounded(Fraction(units, days), 3), left))
    each.sort(key=lambda row: (row[5] is None, row[5] or 0.0, row[0]))
    return held, each


def _sold(orders: Frame, items: Frame, days: int, now: dt.datetime | None) -> Iterator[tuple[str, int]]:
    """Units sold of each code in the last `days` days."""
    nw = narwhals()
    frames.together(orders=orders, items=items)
    table = scan(orders, "orders", id=order("id"), added=time("date_added"))
    parts = scan(items, "items", id=order("order.id"), code=text("code"), quantity=whole("quantity"))
    recent = frames.each_row(table, functools.partial(_recent, days=days, now=times.moment(now)))
    sold = frames.joined(parts, recent, "id", _of_those)
    found = frames.collected(frames.grouped(sold, ["code"], nw.col("quantity").sum())).filter(~nw.col("code").is_null())
    return zip(found["code"].to_list(), found["quantity"].to_list(), strict=True)


def _recent(table: Any, days: int, now: dt.datetime) -> Any:
    nw = narwhals()
    return table.filter((nw.col("added") != NEVER) & (times.age("added", now) < days)).select("id")


def _of_those(items: Any, orders: Any) -> Any:
    return items.join(orders, on="id", how="semi").select("code", "quantity")
