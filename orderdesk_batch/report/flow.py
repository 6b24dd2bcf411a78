"""This file holds the reports of orders under way: how many lie in which folder, for how long, and what is overdue."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from ..errors import UsageError
from . import frames
from .frames import Frame, age, amount, answer, cents, narwhals, scan, word

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
    nw = narwhals()
    found = frames.collected(
        scan(orders, "orders", "folder", "date_added", "order_total")
        .with_columns(word("folder").alias("folder"), age("date_added", now).alias("days"), amount("order_total").alias("sales"))
        .group_by("folder")
        .agg(
            nw.len().alias("orders"),
            nw.col("sales").sum(),
            nw.col("days").median().alias("median_days"),
            nw.col("days").max().alias("oldest_days"),
        )
    )
    found = found.with_columns(*cents("sales")).sort("orders", "folder", descending=[True, False])
    return answer(found, ["folder", "orders", "sales", "median_days", "oldest_days"])


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
    nw = narwhals()
    if not bands or list(bands) != sorted(set(bands)) or bands[0] < 1:
        raise UsageError("Bands are rising numbers of days, such as (1, 3, 7).")
    band = nw.lit(0)
    for number, end in enumerate(bands, 1):
        band = nw.when(nw.col("days") >= end).then(nw.lit(number)).otherwise(band)
    found = frames.collected(
        scan(orders, "orders", "folder", "date_added")
        .filter(~nw.col("date_added").is_null())
        .select(word("folder").alias("folder"), age("date_added", now).alias("days"))
        .with_columns(band.cast(nw.Int64).alias("band"))
        .group_by("folder", "band")
        .agg(nw.len().alias("orders"))
    ).sort("folder", "band")
    names = band_names(bands)
    said = found.with_columns(nw.col("band").replace_strict(list(range(len(names))), names, return_dtype=nw.String).alias("age"))
    return answer(said, ["folder", "band", "age", "orders"])


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
    nw = narwhals()
    sent = scan(shipments, "shipments", "order.id").select(nw.col("order.id").cast(nw.String).alias("id")).unique("id")
    table = scan(orders, "orders", "id", "source_id", "source_name", "folder", "date_added", "order_total")
    waiting = (
        table.with_columns(
            nw.col("id").cast(nw.String),
            word("folder").alias("folder"),
            age("date_added", now).alias("days"),
            amount("order_total").alias("order_total"),
        )
        .filter((nw.col("days") >= days) & ~nw.col("folder").is_in(list(leave_out)))
        .join(sent, on="id", how="anti")
    )
    found = frames.collected(waiting).with_columns(*cents("order_total")).sort("date_added", "id")
    return answer(found, ["id", "source_id", "source_name", "folder", "date_added", "days", "order_total"])
