"""Plots and tables for eyes: what `orderdesk_batch.report` found, drawn in one quiet style that survives a black-and-white printer.

A plot takes the tables as `desk.export` gives them and returns a matplotlib Figure, which a notebook shows and
`.savefig("sales.pdf")` keeps. `table` dresses any frame of `report` with great_tables.
"""

from __future__ import annotations

from .orders import folder_ages, order_hours, sales
from .shipping import shipping_cost, shipping_time
from .stock import stock
from .tables import table

__all__ = ["folder_ages", "order_hours", "sales", "shipping_cost", "shipping_time", "stock", "table"]
