"""This file holds the reports of shipping: how long it takes, what it costs against what was paid, and who gives numbers."""

from __future__ import annotations

from typing import Any

from . import frames
from .frames import Frame, amount, answer, cents, narwhals, scan, share, word


def days_to_ship(orders: Frame, shipments: Frame, *, zone: str = "UTC") -> Frame:
    """How many days each order took to its first shipment, counted on the calendar of a zone: 0 is the same day.

    The day of a shipment is its `date_shipped`; where that is blank, the day on which the shipment was entered.

    Args:
        orders, shipments: as `desk.export` gives them, of the same orders.
        zone: the time zone in which an order's day is meant; `date_shipped` has none and is taken as it is.

    Returns:
        id, carrier, days; a row for each order that was shipped. A shipment dated before its order counts as 0 days.

    Raises:
        UsageError: a column is missing, or there is no such zone.
    """
    return answer(frames.collected(_days(orders, shipments, zone)).sort("id"), ["id", "carrier", "days"])


def shipping_time(orders: Frame, shipments: Frame, *, zone: str = "UTC") -> Frame:
    """How long orders take to be shipped, by carrier.

    Args:
        orders, shipments, zone: see `days_to_ship`.

    Returns:
        carrier, orders, median_days, p90_days (nine of ten orders are shipped in so many days), same_or_next_day (share
        of the orders shipped within a day, 0 to 1); the most orders first.

    Raises:
        UsageError: a column is missing, or there is no such zone.
    """
    nw = narwhals()
    found = frames.collected(
        _days(orders, shipments, zone)
        .with_columns(nw.col("days").cast(nw.Float64), (nw.col("days") <= 1).cast(nw.Float64).alias("soon"))
        .group_by("carrier")
        .agg(
            nw.len().alias("orders"),
            nw.col("days").median().alias("median_days"),
            nw.col("days").quantile(0.9, interpolation="linear").alias("p90_days"),
            nw.col("soon").mean().alias("same_or_next_day"),
        )
    ).sort("orders", "carrier", descending=[True, False])
    return answer(found, ["carrier", "orders", "median_days", "p90_days", "same_or_next_day"])


def _days(orders: Frame, shipments: Frame, zone: str) -> Any:
    nw = narwhals()
    first = _parcels(shipments, "date_shipped", "date_added").with_columns(
        nw.when(nw.col("date_shipped").is_null())
        .then(frames.day("date_added", zone))
        .otherwise(nw.col("date_shipped").cast(nw.Datetime("us")))
        .alias("sent")
    )
    first = (
        first.filter(~nw.col("sent").is_null()).sort("sent", "carrier").unique("id", keep="first", order_by=["sent", "carrier"])
    )
    made = scan(orders, "orders", "id", "date_added").select(
        nw.col("id").cast(nw.String), frames.day("date_added", zone).cast(nw.Datetime("us")).alias("made")
    )
    joined = made.join(first.select("id", "carrier", "sent"), on="id", how="inner")
    days = frames.days_between(nw.col("made"), nw.col("sent"))
    return joined.select("id", "carrier", nw.when(days < 0).then(nw.lit(0)).otherwise(days).cast(nw.Int64).alias("days"))


def _parcels(shipments: Frame, *needed: str) -> Any:
    nw = narwhals()
    table = scan(shipments, "shipments", "order.id", "carrier_code", *needed)
    return table.select(nw.col("order.id").cast(nw.String).alias("id"), word("carrier_code").alias("carrier"), *needed)


def shipping_cost(orders: Frame, shipments: Frame) -> Frame:
    """What shipping cost against what buyers paid for it, by carrier.

    What an order paid is shared out evenly among its parcels, so that an order of two carriers counts for both.

    Args:
        orders, shipments: as `desk.export` gives them, of the same orders.

    Returns:
        carrier, parcels, without_cost (parcels whose cost is not known: left out of the sums), cost, paid, balance (paid less
        cost), balance_per_parcel; the worst balance first.

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    parcels = _parcels(shipments, "cost").with_columns(amount("cost").alias("cost"))
    counts = parcels.group_by("id").agg(nw.len().alias("count"))
    paid = scan(orders, "orders", "id", "shipping_total").select(
        nw.col("id").cast(nw.String), amount("shipping_total").alias("shipping_total")
    )
    joined = parcels.join(counts, on="id", how="inner").join(paid, on="id", how="inner")
    is_known = nw.col("cost") > 0
    found = frames.collected(
        joined.with_columns(
            is_known.cast(nw.Int64).alias("known"),
            nw.when(is_known).then(nw.col("shipping_total") / nw.col("count")).otherwise(nw.lit(0.0)).alias("paid"),
        )
        .group_by("carrier")
        .agg(nw.len().alias("parcels"), nw.col("known").sum(), nw.col("cost").sum(), nw.col("paid").sum())
    )
    found = (
        found.with_columns(
            (nw.col("parcels") - nw.col("known")).alias("without_cost"), (nw.col("paid") - nw.col("cost")).alias("balance")
        )
        .with_columns(share("balance_per_parcel", "balance", "known"))
        .with_columns(*cents("cost", "paid", "balance", "balance_per_parcel"))
        .sort("balance", "carrier")
    )
    return answer(found, ["carrier", "parcels", "without_cost", "cost", "paid", "balance", "balance_per_parcel"])


def tracking_coverage(shipments: Frame) -> Frame:
    """How many parcels have a tracking number, by carrier. Without a digit, as in `n/a`, it is none.

    Args:
        shipments: as `desk.export("shipments")` gives them.

    Returns:
        carrier, parcels, tracked, coverage (0 to 1); the most parcels first.

    Raises:
        UsageError: a column is missing.
    """
    nw = narwhals()
    number = nw.col("tracking_number").cast(nw.String).fill_null("")
    found = frames.collected(
        _parcels(shipments, "tracking_number")
        .with_columns(number.str.contains("[0-9]").cast(nw.Int64).alias("tracked"))
        .group_by("carrier")
        .agg(nw.len().alias("parcels"), nw.col("tracked").sum())
    )
    found = found.with_columns(share("coverage", "tracked", "parcels")).sort("parcels", "carrier", descending=[True, False])
    return answer(found, ["carrier", "parcels", "tracked", "coverage"])
