"""This file holds the jobs that the scenarios run: a sheet, what was in the store before, and how it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl

from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.sandbox.documents import recount

FIRST = 7000001  # the id of the sandbox's first order
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """A sheet for a store, with options; `book` has several sheets."""

    name: str
    resource: str
    rows: Rows = field(default_factory=list)
    book: dict[str, Rows] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Sandbox], object] = lambda box: None
    switches: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Any) -> str:
        """The sheet as a file."""
        if self.book:
            path = folder / f"{self.name}.xlsx"
            book = openpyxl.Workbook(write_only=True)
            for tab, rows in self.book.items():
                sheet = book.create_sheet(tab)
                headings = _headings(rows)
                sheet.append(headings)
                for row in rows:
                    sheet.append([row.get(name) for name in headings])
            book.save(path)
            return str(path)
        path = folder / f"{self.name}.csv"
        headings = _headings(self.rows)
        lines = [",".join(headings)]
        lines += [",".join(_cell(row.get(name, "")) for name in headings) for row in self.rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)


def _headings(rows: Rows) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(value: Any) -> str:
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text


def order(n: int) -> str:
    """The id of the n-th order."""
    return str(FIRST + n)


def item(n: int) -> str:
    """A code that only the prepared items have."""
    return f"P-{n}"


def ship_all(box: Sandbox) -> None:
    """A shipment on each of the first 30 orders."""
    for n in range(30):
        box.add_shipment(order(n), {"tracking_number": f"OLD{n}", "carrier_code": "USPS", "shipment_method": "Slow",
                                    "date_shipped": "2026-01-02", "cost": "3.10", "custom": {"kept": True}})  # fmt: skip


def fill_items(box: Sandbox) -> None:
    """Three items with codes of their own on each of the first 30 orders, and a key that nobody knows."""
    for n in range(30):
        document = box.order(order(n))
        for k in range(3):
            document["order_items"].append({
                "id": f"8{n:03}{k}", "name": f"Prepared {k}", "price": 2, "quantity": 1, "weight": 0.5, "code": f"P-{k}",
                "delivery_type": "ship", "category_code": "", "fulfillment_method": "", "variation_list": [],
                "metadata": {"colour": "red"}, "unknown": {"deep": [1, None]},
            })  # fmt: skip
        recount(document)
        document["unknown_top"] = {"a": [1, {"b": None}], "empty": ""}
        box.put_order(document, touch=False)


def fill_all(box: Sandbox) -> None:
    """Shipments and items on each of the first 30 orders."""
    ship_all(box)
    fill_items(box)


def new_orders(count: int, numbered: bool = True) -> Rows:
    """Rows that create orders, two items each."""
    rows = []
    for n in range(count):
        key = {"source_id": f"N{n}", "source_name": "Sheet"} if numbered else {"email": f"n{n}@example.com"}
        first = {**key, "shipping.last_name": f"New {n}", "shipping.city": "Leeds", "item.name": "Mug", "item.code": "MUG-1",
                 "item.quantity": 2, "order_metadata.channel": "fair"}  # fmt: skip
        rows.append(first)
        if numbered:
            rows.append({**key, "item.name": "Bag", "item.code": "BAG-1", "item.quantity": 1})
    return rows


def jobs() -> Iterator[Job]:
    """All jobs; some 30 rows where many go in a call, some 7 where each is a call of its own."""
    yield Job("ship", "shipments", [
        {"order.id": order(n), "tracking_number": f"9400111{n:04}", "carrier_code": "USPS", "date_shipped": "2026-02-03"}
        for n in range(30)
    ])  # fmt: skip
    yield Job("ship-then-move", "shipments", [
        {"order.id": order(n // 2 * 10 + n % 2), "tracking_number": f"94002{n:04}", "date_shipped": "2026-02-03"} for n in range(12)
    ], options={"then_move_to": "Shipped"})  # fmt: skip
    yield Job("ship-no-number", "shipments", [
        {"order.id": order(n // 3), "tracking_number": "n/a", "shipment_method": "Pallet" if n % 3 else "Crate",
         "weight": n % 3, "date_shipped": f"2026-02-0{n % 3 + 1}"}
        for n in range(24)
    ])  # fmt: skip
    yield Job("ship-update", "shipments", [
        {"order.id": order(n), "tracking_number": f"OLD{n}", "cost": f"{n}.25", "shipment_method": "Fast"} for n in range(7)
    ], options={"action": "update"}, before=ship_all)  # fmt: skip
    yield Job("ship-upsert", "shipments", [
        {"order.id": order(n), "tracking_number": f"OLD{n}" if n % 3 == 0 else f"NEW{n}", "cost": "7.50", "date_shipped": "2026-02-03"}
        for n in range(16)
    ], options={"action": "upsert"}, before=ship_all)  # fmt: skip
    yield Job("ship-delete", "shipments", [{"order.id": order(n), "tracking_number": f"OLD{n}"} for n in range(7)],
              options={"action": "delete", "force": True}, before=ship_all)  # fmt: skip
    yield Job("items-add", "items", [
        {"order.id": order(n), "name": "Card", "code": "CARD", "price": "1.50", "metadata.print": "yes"} for n in range(7)
    ], options={"action": "create"}, before=fill_items)  # fmt: skip
    yield Job("items-add-unmarked", "items", [
        {"order.id": order(n), "name": "Card", "code": f"CARD{n % 2}", "price": "1.50"} for n in range(7)
    ], options={"action": "create", "mark": False}, before=fill_items)  # fmt: skip
    yield Job("items-change", "items", [
        {"order.id": order(n), "code": item(n % 3), "price": f"{n}.75", "metadata.colour": "blue"} for n in range(7)
    ], options={"action": "update"}, before=fill_items)  # fmt: skip
    yield Job("items-with-order", "items", [
        {"order.id": order(n // 3), "code": item(k) if (k := n % 3) else f"NEW{n}", "name": "" if k else "Added", "quantity": 5}
        for n in range(18)
    ], options={"action": "upsert"}, before=fill_items)  # fmt: skip
    yield Job("items-delete", "items", [{"order.id": order(n), "code": item(n % 3)} for n in range(7)],
              options={"action": "delete", "force": True}, before=fill_items)  # fmt: skip
    yield Job("orders-change", "orders", [
        {"id": order(n), "email": f"new{n}@example.com", "shipping.city": "York", "order_metadata.wave": str(n),
         "order_note": f"Called {n}", "checkout_data.Gift": "(clear)" if n % 2 else "yes"}
        for n in range(6)
    ], before=fill_items)  # fmt: skip
    yield Job("orders-all-at-once", "orders", [
        row
        for n in range(3)
        for row in (
            {"id": order(n), "shipping.city": "York", "folder": "Hold", "order_history": f"Counted {n}", "order_note": "Seen",
             "item.code": item(0), "item.quantity": 9},
            {"id": order(n), "item.code": item(1), "item.action": "delete"},
            {"id": order(n), "item.code": f"ADD{n}", "item.name": "Added", "item.price": "3.25"},
        )
    ], before=fill_items)  # fmt: skip
    yield Job("orders-history", "orders", [{"id": order(n), "order_history": f"Counted {n}"} for n in range(6)])
    yield Job("orders-move", "orders", [{"id": order(n), "folder": "Hold" if n % 2 else "Closed"} for n in range(30)])
    yield Job("orders-create", "orders", new_orders(6), options={"action": "create"})
    yield Job("orders-create-unnumbered", "orders", new_orders(5, numbered=False), options={"action": "create"})
    yield Job("orders-create-unmarked", "orders", new_orders(5), options={"action": "create", "mark": False})
    yield Job("orders-upsert", "orders", [
        {"source_id": f"N{n}", "source_name": "Sheet", "shipping.last_name": f"New {n}", "item.name": "Mug", "item.code": "MUG-1"}
        for n in range(4)
    ] + [{"source_id": box_number, "source_name": cart, "shipping.last_name": "Changed", "item.name": "", "item.code": ""}
         for box_number, cart in (("10001", "Amazon"), ("10002", "Shopify"), ("10003", "Shopify"))],
        options={"action": "upsert"})  # fmt: skip
    yield Job("orders-delete", "orders", [{"id": order(n)} for n in range(7)], options={"action": "delete", "force": True})
    yield Job("stock-set", "inventory", [{"id": str(300001 + n), "stock": 100 + n, "metadata.bin": f"B{n}"} for n in range(30)])
    yield Job("stock-set-untold", "inventory", [{"id": str(300001 + n), "stock": 100 + n} for n in range(30)],
              switches={"batch_results": False})  # fmt: skip
    yield Job("stock-change", "inventory", [{"id": str(300001 + n), "stock_change": f"{n % 5 - 2 or 7:+d}"} for n in range(30)])
    yield Job("stock-change-untold", "inventory", [{"id": str(300001 + n), "stock_change": f"{n % 5 - 2 or 9:+d}", "metadata.bin": "X"} for n in range(20)],
              switches={"batch_results": False})  # fmt: skip
    yield Job("stock-create", "inventory", [{"code": f"NEW-{n}", "name": f"New {n}", "stock": n, "price": "1.50"} for n in range(7)],
              options={"action": "create"})  # fmt: skip
    yield Job("stock-upsert", "inventory", [
        {"id": "", "code": "WID-00016" if n == 0 else "WID-00017" if n == 1 else f"NEW-{n}", "name": f"Named {n}", "stock": n}
        for n in range(7)
    ], options={"action": "upsert"})  # fmt: skip
    yield Job("stock-delete", "inventory", [{"id": str(300001 + n)} for n in range(7)],
              options={"action": "delete", "force": True})  # fmt: skip
    yield Job("book-create", "book", book={
        "orders": [{"source_id": f"B{n}", "source_name": "Sheet", "action": "create", "shipping.last_name": f"Book {n}",
                    "item.name": "Mug", "item.code": "MUG"} for n in range(4)],
        "items": [{"order.source_id": f"B{n}", "action": "create", "code": "EXTRA", "name": "Extra", "price": 2} for n in range(4)],
        "shipments": [{"order.source_id": f"B{n // 2}", "tracking_number": f"BT{n}", "date_shipped": "2026-02-03"} for n in range(8)],
    }, options={"then_move_to": "Shipped"})  # fmt: skip
    yield Job("book-delete", "book", book={
        "orders": [{"id": order(n), "action": "delete"} for n in range(3)],
        "items": [{"order.id": order(n), "action": "delete", "code": item(0)} for n in range(3)],
        "shipments": [{"order.id": order(n), "action": "delete", "tracking_number": f"OLD{n}"} for n in range(3)],
    }, options={"force": True}, before=fill_all)  # fmt: skip
    yield Job("book-change", "book", book={
        "orders": [{"id": order(n), "email": f"b{n}@example.com", "folder": "Hold"} for n in range(4)],
        "items": [{"order.id": order(n), "action": "create", "code": "EXTRA", "name": "Extra", "price": 2} for n in range(4)],
        "shipments": [{"order.id": order(n), "tracking_number": f"BT{n}", "date_shipped": "2026-02-03"} for n in range(4)],
        "inventory": [{"id": str(300001 + n), "stock": 5} for n in range(4)],
    }, before=fill_items)  # fmt: skip


JOBS = {job.name: job for job in jobs()}


def normal(dump: dict[str, Any], start: dict[str, Any]) -> dict[str, list[str]]:
    """What differs from the start in a dumped store, without what may rightly differ: new ids, times of the server, marks."""
    begun = {kind: int(value) for kind, value in start["next"].items()}
    (store,), (old,) = dump["stores"].values(), start["stores"].values()
    orders = [
        _order(doc, store["history"].get(key, []), begun) for key, doc in store["orders"].items()
        if doc != old["orders"].get(key) or store["history"].get(key) != old["history"].get(key)
    ]  # fmt: skip
    items = [_item(doc, begun) for key, doc in store["inventory"].items() if doc != old["inventory"].get(key)]
    gone = [f"{name} {key}" for name in ("orders", "inventory") for key in old[name] if key not in store[name]]
    return {
        "orders": sorted(json.dumps(doc, sort_keys=True) for doc in orders),
        "inventory": sorted(json.dumps(doc, sort_keys=True) for doc in items),
        "gone": gone,
    }


def _new(record: Any, kind: str, begun: dict[str, int]) -> Any:
    return "new" if int(record) >= begun[kind] else str(record)


def _order(doc: dict[str, Any], history: list[Any], begun: dict[str, int]) -> dict[str, Any]:
    doc = json.loads(json.dumps(doc))
    doc["id"] = _new(doc["id"], "order", begun)
    doc.pop("date_updated")
    if doc["id"] == "new":
        doc.pop("date_added")
        if str(doc["source_id"]).isdigit():
            doc["source_id"] = "own id"
    _unmark(doc, "order_metadata")
    for note in doc["order_notes"]:
        if note["username"] == "orderdesk-batch":
            note["date_added"] = "then"
    for one in doc["order_items"]:
        one["id"] = _new(one["id"], "item", begun)
        _unmark(one, "metadata")
    for one in doc["order_shipments"]:
        one["id"] = _new(one["id"], "shipment", begun)
        one["order_id"] = doc["id"]
        one.pop("date_added")
    for part in ("order_items", "order_shipments"):
        doc[part].sort(key=lambda one: json.dumps(one, sort_keys=True))
    doc["history"] = sorted(entry["note"] for entry in history)
    return dict(sorted(doc.items()))


def _item(doc: dict[str, Any], begun: dict[str, int]) -> dict[str, Any]:
    doc = dict(doc)
    doc["id"] = _new(doc["id"], "inventory", begun)
    doc.pop("date_updated")
    if doc["id"] == "new":
        doc.pop("date_added")
    return dict(sorted(doc.items()))


def _unmark(doc: dict[str, Any], holder: str) -> None:
    held = doc[holder]
    if isinstance(held, dict) and "orderdesk_batch" in held:
        held["orderdesk_batch"] = "our mark"
