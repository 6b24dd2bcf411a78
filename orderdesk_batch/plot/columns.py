"""This file holds what the columns of reports are called for eyes, and how their values are written."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

Sort = Literal["text", "whole", "money", "share", "number", "day", "time"]


class Column(NamedTuple):
    """How a column is shown."""

    label: str
    sort: Sort
    decimals: int = 0


# fmt: off
COLUMNS: Final = {
    "day": Column("Day", "day"), "week": Column("Week of", "day"), "month": Column("Month", "day"),
    "source": Column("Source", "text"), "folder": Column("Folder", "text"), "carrier": Column("Carrier", "text"),
    "code": Column("Code", "text"), "name": Column("Name", "text"), "location": Column("Location", "text"),
    "email": Column("Customer", "text"), "bought": Column("Bought", "text"), "age": Column("Days", "text"),
    "id": Column("Order Desk id", "text"), "source_id": Column("Order", "text"), "source_name": Column("Source", "text"),
    "orders": Column("Orders", "whole"), "customers": Column("Customers", "whole"), "parcels": Column("Parcels", "whole"),
    "items": Column("Items", "whole"), "units": Column("Units", "whole"), "quantity": Column("Units", "whole"),
    "tracked": Column("With a number", "whole"), "without_cost": Column("Cost not known", "whole"),
    "stock": Column("In stock", "whole"), "sold": Column("Sold", "whole"), "to_order": Column("To order", "whole"),
    "days": Column("Days", "whole"), "oldest_days": Column("Oldest, days", "whole"), "median_days": Column("Median, days", "number", 1),
    "p90_days": Column("9 of 10 within, days", "number", 1), "days_left": Column("Days left", "number", 1), "per_day": Column("A day", "number", 1),
    "sales": Column("Sales", "money", 2), "average": Column("Per order", "money", 2), "order_total": Column("Total", "money", 2),
    "cost": Column("Cost", "money", 2), "paid": Column("Paid", "money", 2), "balance": Column("Balance", "money", 2),
    "balance_per_parcel": Column("Per parcel", "money", 2), "value": Column("Value at cost", "money", 2), "retail": Column("Value at price", "money", 2),
    "share": Column("Share", "share", 1), "coverage": Column("Coverage", "share", 1), "same_or_next_day": Column("Same or next day", "share", 0),
    "date_added": Column("Ordered (UTC)", "time"), "first": Column("First order", "day"), "last": Column("Last order", "day"),
}
# fmt: on


def shown(name: str, values: list[Any]) -> Column:
    """How a column is shown; one that is not of a report by what it holds."""
    if name in COLUMNS:
        return COLUMNS[name]
    held = [value for value in values if value is not None]
    label = name.replace("_", " ").replace(".", " ").capitalize()
    if held and all(isinstance(value, bool) for value in held):
        return Column(label, "text")
    if held and all(isinstance(value, int) for value in held):
        return Column(label, "whole")
    if held and all(isinstance(value, float) for value in held):
        return Column(label, "number", 2)
    return Column(label, "text")
