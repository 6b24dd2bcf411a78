"""Plans from little tables: rows as text, documents as dicts, no store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from orderdesk_batch.checks import Options, Row, check
from orderdesk_batch.checks.checked import Names
from orderdesk_batch.desk.planner import look_up
from orderdesk_batch.fields import RESOURCES
from orderdesk_batch.lookup import Lookup
from orderdesk_batch.plan import Change, Found, Part, Plan, World, make
from orderdesk_batch.sheets.sheet import Sheet

FOLDERS = {"1": "New", "2": "Shipped", "3": "Twice", "4": "twice", "5": "2"}


def table(text: str, name: str = "t.csv", tab: str = "") -> Sheet:
    """A sheet from lines of cells with `|` between them."""
    lines = [[cell.strip() for cell in line.strip().split("|")] for line in text.strip().splitlines()]
    headings, *rows = lines
    columns: list[list[Any]] = [[row[n] or None for row in rows] for n in range(len(headings))]
    return Sheet(name, tab, headings, list(range(len(headings))), list(range(2, len(rows) + 2)), columns, format="xlsx" if tab else "csv")


def row(number: int, action: str, values: dict[str, Any]) -> Row:
    """A row with some values."""
    return Row(number, action, Names(values), tuple(values.values()), {})


def order(n: int, **more: Any) -> dict[str, Any]:
    """An order: 10001 has the id 701."""
    return {
        "id": str(700 + n), "source_id": str(10_000 + n), "source_name": "Shopify", "folder_id": "1", "email": f"b{n}@example.com",
        "shipping": {"first_name": "Ada", "last_name": "Lovelace", "city": "London"}, "customer": [], "return_address": [],
        "checkout_data": [], "order_metadata": [], "discount_list": [], "order_notes": [], "order_total": 12.5,
        "order_items": [item(n)], "order_shipments": [], "date_updated": "2026-11-01 10:00:00", **more,
    }  # fmt: skip


def item(n: int, **more: Any) -> dict[str, Any]:
    """An item of an order."""
    return {"id": str(9000 + n), "name": f"Mug {n}", "code": f"MUG-{n}", "price": 9.5, "quantity": 2, "variation_list": [], "metadata": [], **more}


def parcel(n: int, number: str, **more: Any) -> dict[str, Any]:
    """A shipment of an order."""
    return {
        "id": str(5000 + n), "tracking_number": number, "carrier_code": "USPS", "shipment_method": "Priority", "weight": "1.50",
        "cost": "4.95", "date_shipped": "2026-11-01", "date_added": "2026-11-01 12:00:00", "order_items": [], **more,
    }  # fmt: skip


def stock(n: int, **more: Any) -> dict[str, Any]:
    """An inventory item."""
    return {"id": 300 + n, "code": f"SKU-{n}", "name": f"Thing {n}", "stock": 10 * n, "price": "9.50", "location": "A",
            "metadata": [], "variation_list": [], "date_updated": "2026-11-01 10:00:00", **more}  # fmt: skip


def world(**more: Any) -> World:
    """What is known beside the rows."""
    return World(**{"now": dt.datetime(2026, 11, 23), "folders": FOLDERS, "mark": "m", **more})


class Store:
    """Documents in hand, so that nothing is asked for."""

    def __init__(self, orders: Iterable[dict[str, Any]] = (), inventory: Iterable[dict[str, Any]] = ()) -> None:
        self.lookup = Lookup(None, None)  # type: ignore[arg-type]
        for listed, documents in (("orders", orders), ("inventory", inventory)):
            shelf = self.lookup.shelves[listed]  # type: ignore[index]
            shelf.complete = True
            for n, document in enumerate(documents):
                shelf.put(document, 1000.0, n // 500)

    def find(self, parts: list[Part]) -> Found:
        """What the look-ups of a desk would find."""
        return look_up(parts, self.lookup)


def plan(
    resource: str, text: str, orders: Iterable[dict[str, Any]] = (), inventory: Iterable[dict[str, Any]] = (), *,
    action: str | None = None, then: str = "", **about: Any,
) -> Plan:  # fmt: skip
    """The plan for one table."""
    parts = [Part(check(table(text), RESOURCES[resource], Options(action=action)))]
    return make(parts, Store(orders, inventory).find(parts), world(**about), then_move_to=then)


def book(held: Iterable[dict[str, Any]] = (), /, *, action: str | None = None, then: str = "", **sheets: str) -> Plan:
    """The plan for a book: each keyword is a sheet."""
    parts = [Part(check(table(text, "book.xlsx", name), RESOURCES[name], Options(action=action)), name) for name, text in sheets.items()]
    return make(parts, Store(held).find(parts), world(), then_move_to=then)


def said(of: Plan, level: str = "error") -> list[tuple[int | None, str]]:
    """(row, code) of the problems, in their order."""
    return [(problem.row, problem.code) for problem in of.problems if problem.level == level]


def acts(of: Plan) -> list[str]:
    """The changes in a word or two: "update put,move"."""
    return [" ".join(filter(None, (change.action, ",".join(step.verb for step in change.steps)))) for change in of.changes]


def fields(of: Plan) -> dict[str, Any]:
    """The fields of the only change that has any: name → new value."""
    (change,) = [change for change in of.changes if change.fields or change.items]
    return news(change)


def news(change: Change) -> dict[str, Any]:
    """The fields of a change: name → new value."""
    return {name: new for name, (_, new) in change.all_fields().items()}
