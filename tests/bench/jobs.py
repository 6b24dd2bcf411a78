"""The standard jobs: their store, their sheet, how they are done, and the fewest requests that can do them.

`measure.py` runs them at the real rate and writes the table of docs/benchmark.md; tests/test_bench_jobs.py runs them
in a time of its own and holds the counts to the floors.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from orderdesk_batch.desk import Desk
from orderdesk_batch.sandbox import Sandbox
from tests.bench import rate
from tests.bench.usual import Script

Row = dict[str, str]
FOLDER = "Hold"


@dataclass(frozen=True)
class Floor:
    """The fewest requests that can do a job."""

    reads: int
    writes: int
    again: int = 0  # documents read a second time, since promise 3 asks for young ones

    @property
    def calls(self) -> int:
        """All of them."""
        return self.reads + self.writes + self.again

    def __str__(self) -> str:
        parts = [f"{self.reads} to read", f"{self.writes} to write" if self.writes else "", f"{self.again} to read again" if self.again else ""]
        return " + ".join(part for part in parts if part)


@dataclass(frozen=True)
class Job:
    """So many rows, in a store with so many records."""

    name: str
    rows: int
    among: int

    resource: ClassVar[str] = "orders"
    options: ClassVar[Mapping[str, Any]] = {}

    def sentence(self) -> str:
        """What is to be done."""
        raise NotImplementedError

    def why(self) -> str:
        """Why there is no way with fewer requests."""
        raise NotImplementedError

    def box(self, **how: Any) -> Sandbox:
        """The store, not yet started."""
        return Sandbox(orders=self.among, inventory=20, **how)

    def sheet(self, box: Sandbox) -> list[Row]:
        """The sheet's rows."""
        raise NotImplementedError

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        """The fewest requests, of a planner who knows beforehand how many records there are."""
        raise NotImplementedError

    def ours(self, desk: Desk, sheet: Path) -> int:
        """Do it with a desk; how many records were done."""
        plan = desk.upload(self.resource, str(sheet), yes=True, **self.options)
        return plan.results["done"]

    def reads(self, desk: Desk, sheet: Path) -> int:
        """How many requests its plan takes now."""
        return int(desk.plan(self.resource, str(sheet), **self.options).requests["read"])

    def usual(self, script: Script, rows: list[Row]) -> None:
        """Do it as the usual script does."""
        raise NotImplementedError

    def usual_calls(self) -> int:
        """How many requests the usual script makes, about."""
        return 2 * self.rows


class Tracking(Job):
    """Tracking numbers by order number."""

    resource = "shipments"

    def sentence(self) -> str:
        return f"{self.rows:,} tracking numbers by order number, among {self.among:,} orders"

    def why(self) -> str:
        return ("every page of 500 orders has to be read: a second order with the same number could be on any of them, and tracking must "
                "not land on the wrong one; shipments go 100 a call")  # fmt: skip

    def sheet(self, box: Sandbox) -> list[Row]:
        return [
            {"Order Number": order["source_id"], "Tracking Number": f"1Z{n:09d}07", "Carrier": "UPS"}
            for n, order in enumerate(spread([one for one in plain(box) if not one["order_shipments"]], self.rows))
        ]

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        return Floor(min(self.rows, rate.pages(self.among)), rate.batches(self.rows))

    def usual(self, script: Script, rows: list[Row]) -> None:
        script.ship(rows)


class FewTracking(Tracking):
    """A few tracking numbers in a large store."""

    def why(self) -> str:
        return f"a search for each number is less than {rate.pages(self.among)} pages; the shipments go in one call"


class Stock(Job):
    """A stock count by SKU."""

    resource = "inventory"

    def sentence(self) -> str:
        return f"{self.rows:,} stock updates among {self.among:,} items"

    def why(self) -> str:
        return "an item is sent whole, so it has to be read, and pages of 500 are the largest answers; whole items go 100 a call"

    def box(self, **how: Any) -> Sandbox:
        return Sandbox(orders=20, inventory=self.among, **how)

    def sheet(self, box: Sandbox) -> list[Row]:
        return [{"code": item["code"], "stock": str(item["stock"] + 1)} for item in spread(box.inventory(), self.rows)]

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        return Floor(min(self.rows, rate.pages(self.among)), rate.batches(self.rows))

    def usual(self, script: Script, rows: list[Row]) -> None:
        script.count_stock(rows)


class Move(Job):
    """Orders into a folder."""

    def sentence(self) -> str:
        return f"{self.rows:,} orders moved to a folder, among {self.among:,}"

    def why(self) -> str:
        return "every page has to be read, as with tracking numbers; orders move 100 a call"

    def sheet(self, box: Sandbox) -> list[Row]:
        folder = next(number for number, name in box.stores[0].folders.items() if name == FOLDER)
        orders = [order for order in plain(box) if order["folder_id"] != folder]
        return [{"Order Number": order["source_id"], "Folder": FOLDER} for order in spread(orders, self.rows)]

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        return Floor(min(self.rows, rate.pages(self.among)), rate.batches(self.rows))

    def usual(self, script: Script, rows: list[Row]) -> None:
        script.move(rows)


class Export(Job):
    """All orders as a file."""

    def sentence(self) -> str:
        return f"Export of {self.among:,} orders"

    def why(self) -> str:
        return "pages of 500 are the largest answers"

    def sheet(self, box: Sandbox) -> list[Row]:
        return []

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        return Floor(rate.pages(self.among), 0)

    def ours(self, desk: Desk, sheet: Path) -> int:
        target = sheet.with_name("export.csv")
        desk.export("orders", target)
        with target.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for _ in csv.DictReader(file))

    def reads(self, desk: Desk, sheet: Path) -> int:
        before = desk.store.counts.read
        desk.export("orders")
        return desk.store.counts.read - before

    def usual(self, script: Script, rows: list[Row]) -> None:
        script.export()

    def usual_calls(self) -> int:
        return math.ceil(self.among / 50)


class Fields(Job):
    """One field of each of many orders."""

    def sentence(self) -> str:
        return f"{self.rows:,} order fields changed, among {self.among:,} orders"

    def why(self) -> str:
        return ("there is no batch call, so each order is a PUT of its own; it carries the whole order, read at most 30 seconds before, and "
                "after 30 seconds at the allowed rate the pages that still have rows have to be read again")  # fmt: skip

    def sheet(self, box: Sandbox) -> list[Row]:
        return [{"Order Number": order["source_id"], "fulfillment_name": "Warehouse 2"} for order in spread(plain(box), self.rows)]

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        wanted = {row["Order Number"] for row in rows}
        newest_first = sorted(box.orders(), key=lambda order: (order["date_added"], int(order["id"])), reverse=True)
        by_page = Counter(place // rate.PAGE for place, order in enumerate(newest_first) if order["source_id"] in wanted)
        reads = min(self.rows, rate.pages(self.among))
        return Floor(reads, self.rows, rate.again(by_page.values(), reads))

    def usual(self, script: Script, rows: list[Row]) -> None:
        script.change(rows)


class Create(Job):
    """New orders from a flat sheet."""

    options = {"action": "create"}  # noqa: RUF012

    def sentence(self) -> str:
        return f"{self.rows:,} orders created from a flat sheet, in a store of {self.among:,}"

    def why(self) -> str:
        return ("there is no batch call for orders, so each is a call of its own; before that every page has to be read, since an order that "
                "is there must not be created a second time")  # fmt: skip

    def sheet(self, box: Sandbox) -> list[Row]:
        return [
            {"Order Number": f"F-{n:05d}", "source_name": "Fair", "email": f"buyer{n}@example.com", "shipping.first_name": "Ada",
             "shipping.last_name": f"Buyer {n}", "shipping.country": "US", "item.code": f"WID-{n % 50:05d}", "item.name": f"Widget {n % 50}",
             "item.price": "9.90", "item.quantity": "2"}
            for n in range(self.rows)
        ]  # fmt: skip

    def floor(self, box: Sandbox, rows: list[Row]) -> Floor:
        return Floor(min(self.rows, rate.pages(self.among)), self.rows)

    def usual(self, script: Script, rows: list[Row]) -> None:
        script.create(rows)


JOBS: tuple[Job, ...] = (
    Tracking("J1", 1000, 3000),
    Stock("J2", 1000, 3000),
    Move("J3", 1000, 3000),
    Export("J4", 3000, 3000),
    Fields("J5", 200, 3000),
    Create("J6", 500, 3000),
    FewTracking("J7", 3, 100_000),
)


def plain(box: Sandbox) -> list[dict[str, Any]]:
    """The orders whose number no other order has, oldest first."""
    orders = box.orders()
    numbers = Counter(order["source_id"].lstrip("#") for order in orders)
    ids = {order["id"] for order in orders}
    return [order for order in orders if numbers[order["source_id"].lstrip("#")] == 1 and order["source_id"] not in ids]


def spread(records: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """So many of the records, evenly from the first to the last."""
    step = (len(records) - 1) / max(1, count - 1)
    return [records[round(n * step)] for n in range(count)]


def write(rows: list[Row], path: Path) -> Path:
    """Write a sheet as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["nothing"])
        writer.writeheader()
        writer.writerows(rows)
    return path
