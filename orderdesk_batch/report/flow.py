"""This file holds the reports of orders under way: how many lie in which folder, for how long, and what is overdue."""

from __future__ import annotations

import bisect
import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..errors import UsageError
from . import frames, times
from .engines import NEVER
from .frames import Frame, answer, cents, money, narwhals, order, quantile, rows, scan, text, time, word

BANDS: Final = (1, 3, 7, 14, 30)  # days at which a band of ages ends


def folders(orders: Frame, *, now: dt.datetime | None = None) -> Frame:
    """What lies in which folder, and for how long since it was ordered.

    Args:
        orders: as `desk.export("orders")` gives them.
        now: the time to count from; a naive one is UTC. By default the clock's.

    Returns:
        folder, orders, sales (sum of order_total), median_days, oldest_days; the most orders first.

    Raises:
        UsageError: a column is missing.
    """
    found = _ages(orders, now, money=True)
    each: dict[str, list[tuple[int, int, int]]] = {}
    for folder, days, count, total in rows(found, "folder", "days", "orders", "total"):
        each.setdefault(folder, []).append((days, count, total))
    said = []
    for folder, parts in each.items():
        dated = [(days, count) for days, count, _ in parts if days < _NO_AGE]
        orders_there, total = sum(part[1] for part in parts), sum(part[2] for part in parts)
        median, oldest = (quantile(dated, 5), dated[-1][0]) if dated else (None, 0)
        said.append((folder, orders_there, cents(total), median, oldest))
    said.sort(key=lambda row: (-row[1], row[0]))
    return frames.made(found, ["folder", "orders", "sales", "median_days", "oldest_days"], said)


_NO_AGE: Final = -NEVER // times.DAY // 2  # ages are far below it, those of blank times above


def _ages(orders: Frame, now: dt.datetime | None, **more: bool) -> Any:
    """How many orders of how many days lie in which folder, and what they come to: a small frame in memory."""
    nw = narwhals()
    wanted = {"total": money("order_total")} if more else {}
    table = scan(orders, "orders", folder=word("folder"), added=time("date_added"), **wanted)
    table = frames.each_row(table, functools.partial(_with_age, name="added", now=times.moment(now)))
    sums = [nw.col(name).sum() for name in wanted]
    return frames.collected(frames.grouped(table, ["folder", "days"], nw.len().alias("orders"), *sums))


def _with_age(table: Any, name: str, now: dt.datetime) -> Any:
    return table.with_columns(times.age(name, now).alias("days"))


def folder_ages(orders: Frame, *, now: dt.datetime | None = None, bands: Sequence[int] = BANDS) -> Frame:
    """How many orders of which age lie in which folder.

    Args:
        now: the time to count from; a naive one is UTC.
        bands: where each band of ages ends, in days, rising: 1, 3 are the bands under 1, 1 to 2, 3 and more.

    Returns:
        folder, band (0, 1, …), age ("under 1", "1 to 2", …, "30 or more"), orders; each folder's youngest band first, bands
        without an order left out.

    Raises:
        UsageError: a column is missing, or the bands don't rise.
    """
    if not bands or list(bands) != sorted(set(bands)) or bands[0] < 1:
        raise UsageError("Bands are rising numbers of days, such as (1, 3, 7).")
    found = _ages(orders, now)
    counts: dict[tuple[str, int], int] = {}
    for folder, days, count in rows(found, "folder", "days", "orders"):
        if days < _NO_AGE:
            key = (folder, bisect.bisect_right(bands, days))
            counts[key] = counts.get(key, 0) + count
    names = band_names(bands)
    said = ((folder, band, names[band], count) for (folder, band), count in sorted(counts.items()))
    return frames.made(found, ["folder", "band", "age", "orders"], said)


def band_names(bands: Sequence[int]) -> list[str]:
    """What the bands of ages are called.

    >>> band_names((1, 3, 4))
    ['under 1', '1 to 2', '3', '4 or more']
    """
    between = [f"{start}" if end == start + 1 else f"{start} to {end - 1}" for start, end in itertools.pairwise(bands)]
    return [f"under {bands[0]}", *between, f"{bands[-1]} or more"]


def unshipped(
    orders: Frame,
    shipments: Frame,
    *,
    days: int = 3,
    now: dt.datetime | None = None,
    leave_out: Iterable[str] = ("Closed", "Cancelled", "Canceled"),
) -> Frame:
    """The orders that have no shipment `days` days after they were made.

    Args:
        shipments: as `desk.export("shipments")` gives them; those of the same orders.
        days: how many days an order may take.
        now: the time to count from; a naive one is UTC.
        leave_out: folders whose orders are not waited for.

    Returns:
        id, source_id, source_name, folder, date_added, days, order_total; the oldest first.

    Raises:
        UsageError: a column is missing.
    """
    frames.together(orders=orders, shipments=shipments)
    sent = scan(shipments, "shipments", id=order("order.id"))
    table = scan(
        orders,
        "orders",
        id=order("id"),
        source_id=text("source_id"),
        source_name=text("source_name"),
        folder=word("folder"),
        date_added=time("date_added"),
        order_total=money("order_total"),
    )
    late = functools.partial(_late, days=days, now=times.moment(now), leave_out=list(leave_out))
    waiting = frames.joined(frames.each_row(table, late), sent, "id", _without)
    found = frames.collected(waiting).sort("date_added", "id").with_columns(times.back("date_added"))
    found = frames.with_amount(found, "order_total")
    return answer(found, ["id", "source_id", "source_name", "folder", "date_added", "days", "order_total"])


def _late(table: Any, days: int, now: dt.datetime, leave_out: list[str]) -> Any:
    nw = narwhals()
    aged = _with_age(table.filter(nw.col("date_added") != NEVER), "date_added", now)
    return aged.filter((nw.col("days") >= days) & ~nw.col("folder").is_in(leave_out))


def _without(orders: Any, sent: Any) -> Any:
    return orders.join(sent, on="id", how="anti")
