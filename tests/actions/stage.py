"""What the tests of whole uploads share: tables as files, and a desk in no hurry."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.plan import Plan
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store

Table = list[list[Any]]
SERVER_SETS = ("date_updated", "date_added", "date_shipped")


def fast(box: Sandbox) -> Store:
    """A client that is not held back by the allowed rate."""
    return Store(box.store_id, box.api_key, base_url=box.url, bucket=Bucket(10**6, 1e6))


def in_no_hurry(init: Callable[..., None]) -> Callable[..., None]:
    """`Desk.__init__`, for a client that is not held back by the allowed rate."""

    def made(self: Desk, store: Store, **options: Any) -> None:
        store.bucket = Bucket(10**6, 1e6)
        init(self, store, **options)

    return made


def table(text: str) -> Table:
    """Lines of cells with `|` between them."""
    return [[cell.strip() for cell in line.strip().split("|")] for line in text.strip().splitlines()]


def as_file(rows: Table, folder: Path, form: str, name: str = "sheet") -> Any:
    """A table as a CSV file, a workbook, or a frame."""
    if form == "frame":
        return pd.DataFrame([[cell or None for cell in row] for row in rows[1:]], columns=rows[0], dtype=object)
    if form == "csv":
        path = folder / f"{name}.csv"
        pd.DataFrame(rows[1:], columns=rows[0]).to_csv(path, index=False)
        return str(path)
    return as_book({"Sheet1": rows}, folder, name)


def as_book(tabs: dict[str, Table], folder: Path, name: str = "book") -> str:
    """Tables as a workbook, a sheet each."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for tab, rows in tabs.items():
        sheet = book.create_sheet(tab)
        for row in rows:
            sheet.append([cell or None for cell in row])
    path = folder / f"{name}.xlsx"
    book.save(path)
    return str(path)


class Uploads:
    """A desk and its sandbox."""

    def __init__(self, desk: Desk, box: Sandbox, folder: Path) -> None:
        self.desk = desk
        self.box = box
        self.folder = folder

    def file(self, text: str, form: str = "csv") -> Any:
        """A sheet from text."""
        return as_file(table(text), self.folder, form)

    def send(self, resource: str, sheet: Any, **options: Any) -> Plan:
        """Upload it, and see that all of it was done."""
        plan = self.desk.upload(resource, sheet, yes=True, settle=0, **options)
        left = [(change.key, change.state, change.message) for change in plan.writing() if change.state != "done"]
        assert not left
        return plan

    def again(self, resource: str, sheet: Any, **options: Any) -> Plan:
        """Plan it once more, and see that there is nothing to do."""
        before = self.box.dump()
        plan = self.desk.upload(resource, sheet, yes=True, settle=0, **options)
        assert plan.is_empty(), [change.as_json() for change in plan.writing()]
        assert self.box.dump() == before
        return plan

    def calls(self) -> list[str]:
        """The requests since the last time, without those about the store."""
        found = [f"{one.method} {one.path}" for one in self.box.requests if not one.path.endswith("/store")]
        self.box.requests.clear()
        return found


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """A document without some of its top-level keys."""
    return {name: value for name, value in copy.deepcopy(document).items() if name not in names}
