"""Reports: what the store's tables say, as small frames. Frames go in as `desk.export` gives them, or an archive holds them.

Each function is written once, with narwhals: the adding up is done by the engine of the frame that is given: pandas,
polars, DuckDB, Dask, PySpark. The answer, which is small, comes back as a pandas or polars frame where one was given, else
as a pandas frame; it is the same on all of them. Amounts are in the store's currency, rounded to cents; ages and times are in days.
"""

from __future__ import annotations

from .customers import came_back, customers
from .flow import folder_ages, folders, unshipped
from .sales import order_hours, sales, sales_by_sku
from .shipping import days_to_ship, shipping_cost, shipping_time, tracking_coverage
from .stock import days_left, low_stock, stock_value

__all__ = [
    "came_back", "customers", "days_left", "days_to_ship", "folder_ages", "folders", "low_stock", "order_hours", "sales",
    "sales_by_sku", "shipping_cost", "shipping_time", "stock_value", "tracking_coverage", "unshipped",
]  # fmt: skip
