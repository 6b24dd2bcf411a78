"""This file holds the reports of shipping: how long it takes, what it costs against what was paid, and who gives numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from . import frames, times
from .engines import NEVER
from .frames import Frame, answer, cents, day, money, narwhals, order, quantile, ratio, rows, scan, time, word


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
    # How many orders took how many days is little, whatever the number of orders: percentiles are taken of that, exactly.
    found = frames.collected(frames.grouped(_days(orders, shipments, zone), ["carrier", "days"], nw.len().alias("orders")))
    each: dict[str, list[tuple[int, int]]] = {}
    for carrier, days, count in rows(found, "carrier", "days", "orders"):
        each.setdefault(carrier, []).append((days, count))
    said = []
    for carrier, counted in each.items():
        count = sum(one[1] for one in counted)
        soon = sum(one[1] for one in counted if one[0] <= 1)
        said.append((carrier, count, quantile(counted, 5), quantile(counted, 9), ratio(soon, count)))
    said.sort(key=lambda row: (-row[1], row[0]))
    return frames.made(found, ["carrier", "orders", "median_days", "p90_days", "same_or_next_day"], said)


def _days(orders: Frame, shipments: Frame, zone: str) -> Any:
    """id, carrier and days of each order that was shipped, as a lazy frame."""
    times.known(zone)
    frames.together(orders=orders, shipments=shipments)
    table = scan(orders, "orders", id=order("id"), made=time("date_added"))
    parcels = scan(
        shipments,
        "shipments",
        id=order("order.id"),
        carrier=word("carrier_code"),
        shipped=day("date_shipped"),
        added=time("date_added"),
    )
    parcels = frames.each_row(times.local(parcels, ["added"], zone), _sent)
    made = frames.each_row(times.local(table, ["made"], zone), _made)
    return frames.joined(made, parcels, "id", _between)


def _sent(parcels: Any) -> Any:
    nw = narwhals()
    entered = times.floor(nw.col("added"), times.DAY)
    sent = nw.when(nw.col("shipped") != NEVER).then(nw.col("shipped")).otherwise(entered)
    there = parcels.filter((nw.col("shipped") != NEVER) | (nw.col("added") != NEVER))
    return there.select("id", "carrier", sent.cast(nw.Int64).alias("sent"))


def _made(table: Any) -> Any:
    nw = narwhals()
    return table.filter(nw.col("made") != NEVER).select("id", times.floor(nw.col("made"), times.DAY).alias("made"))


def _between(orders: Any, parcels: Any) -> Any:
    nw = narwhals()
    first = parcels.unique("id", keep="first", order_by=["sent", "carrier"])
    days = nw.col("sent") - nw.col("made")
    days = nw.when(days < 0).then(nw.lit(0)).otherwise(days)
    return orders.join(first, on="id", how="inner").select("id", "carrier", days.cast(nw.Int64).alias("days"))


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
    frames.together(orders=orders, shipments=shipments)
    parcels = scan(shipments, "shipments", id=order("order.id"), carrier=word("carrier_code"), cost=money("cost"))
    paid = scan(orders, "orders", id=order("id"), paid=money("shipping_total"))
    # What was paid is added up apart for orders of one parcel, of two, …: divided only then, nothing is rounded on the way.
    joined = frames.joined(parcels, paid, "id", _costs)
    each_sum = [nw.col(name).sum() for name in ("known", "cost", "paid")]
    found = frames.collected(frames.grouped(joined, ["carrier", "among"], nw.len().alias("parcels"), *each_sum))
    each: dict[str, tuple[int, int, int, Fraction]] = {}
    for carrier, among, *sums in rows(found, "carrier", "among", "parcels", "known", "cost", "paid"):
        count, known, cost, got = each.get(carrier, (0, 0, 0, Fraction(0)))
        each[carrier] = (count + sums[0], known + sums[1], cost + sums[2], got + Fraction(sums[3], among))
    said = []
    for carrier, (count, known, cost, got) in each.items():
        balance = got - cost
        said.append((carrier, count, count - known, cents(cost), cents(got), cents(balance), cents(balance / (known or 1))))
    said.sort(key=lambda row: (row[5], row[0]))
    return frames.made(found, ["carrier", "parcels", "without_cost", "cost", "paid", "balance", "balance_per_parcel"], said)


def _costs(parcels: Any, paid: Any) -> Any:
    nw = narwhals()
    counts = parcels.group_by("id").agg(nw.len().alias("among"))
    is_known = (nw.col("cost") > 0).cast(nw.Int64)
    return parcels.join(counts.join(paid, on="id", how="inner"), on="id", how="inner").select(
        "carrier", "among", "cost", is_known.alias("known"), (nw.col("paid") * is_known).alias("paid")
    )


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
    table = scan(shipments, "shipments", carrier=word("carrier_code"), number=word("tracking_number"))
    found = frames.collected(
        frames.grouped(frames.each_row(table, _tracked), ["carrier"], nw.len().alias("parcels"), nw.col("tracked").sum())
    )
    each = sorted(rows(found, "carrier", "parcels", "tracked"), key=lambda row: (-row[1], row[0]))
    said = ((carrier, parcels, tracked, ratio(tracked, parcels)) for carrier, parcels, tracked in each)
    return frames.made(found, ["carrier", "parcels", "tracked", "coverage"], said)


def _tracked(table: Any) -> Any:
    nw = narwhals()
    return table.select("carrier", nw.col("number").str.contains("[0-9]").cast(nw.Int64).alias("tracked"))
