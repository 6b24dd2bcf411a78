"""An export that is planned at once changes nothing, whatever the store holds; three changed cells are three changes."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orderdesk_batch import export
from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.export import hostile

SHAPES = ("orders", "orders with items", "items", "shipments", "inventory")
PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
QUICK = settings(PATIENT, max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # the slow ones shrink


class Little:
    """A store of three orders and four inventory items, and a desk at it; its documents can be replaced."""

    def __init__(self, box: Sandbox, desk: Desk) -> None:
        self.box, self.desk = box, desk
        self._orders, self._inventory = box.orders(), box.inventory()

    def __repr__(self) -> str:
        return "Little"

    def fill(self, orders: list[dict[str, Any]], inventory: list[dict[str, Any]]) -> None:
        """Put documents over those it was made with; ids are kept."""
        for old, new in zip(self._orders, orders, strict=True):
            new = json.loads(json.dumps(new))
            for where in ("order_items", "order_shipments"):
                for n, child in enumerate(new.get(where) or []):
                    child["id"] = f"{old['id']}{n}"
            self.box.put_order({**old, **new}, touch=False)
        for n, (old, new) in enumerate(zip(self._inventory, inventory, strict=True)):
            self.box.put_inventory({**old, **new, "code": f"C-{n}"}, touch=False)


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Little]:
    with Sandbox(orders=3, inventory=4, bucket=(10**6, 1e6)) as box:
        store = Store(box.store_id, box.api_key, base_url=box.url, bucket=Bucket(10**6, 1e6))
        with Desk(store, folder=tmp_path_factory.mktemp("home")) as desk:
            yield Little(box, desk)


def planned(desk: Desk, resource: str, sheet: Any) -> list[str]:
    """What planning a sheet says, apart from "nothing to do"."""
    plan = desk.plan(resource, sheet)
    said = [f"{change.key}: {change.all_fields()}" for change in plan.changes if change.steps]
    return said + [str(problem) for problem in plan.problems if problem.level == "error"]


def exported(desk: Desk, shape: str, target: Path | None) -> Any:
    resource = shape.split()[0]
    pages = export.documents(desk.store, resource, memory=desk.memory)
    more = {"with_items": shape.endswith("items") and resource == "orders", "folders": desk.settings()["folders"]}
    if target is None:
        return export.to_frame(resource, pages, **more)
    return str(export.to_file(target, resource, pages, **more).path)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["csv", "xlsx", "frame"])
def test_planning_an_export_at_once_gives_none(desk: Desk, tmp_path: Path, shape: str, form: str) -> None:
    sheet = exported(desk, shape, None if form == "frame" else tmp_path / f"out.{form}")
    plan = desk.plan(shape.split()[0], sheet)
    assert plan.problems == []
    assert {name: count for name, count in plan.counts.items() if count} == {"none": len(plan.changes)}


THREE, FOUR = st.lists(hostile.orders, min_size=3, max_size=3), st.lists(hostile.inventory, min_size=4, max_size=4)


def test_folders_that_the_settings_do_not_list_or_that_share_a_name_come_back(little: Little, tmp_path: Path) -> None:
    little.fill([{"folder_id": "999"}, {"folder_id": "21654"}, {}], [{}] * 4)
    path = export.to_file(tmp_path / "out.csv", "orders", little.box.orders(), folders={"21654": "New", "21655": "new "}).path
    assert planned(little.desk, "orders", str(path)) == []


def csv_plans_to_none(little: Little, tmp_path: Path, orders: list[Any], inventory: list[Any]) -> None:
    little.fill(orders, inventory)
    for shape in SHAPES:
        assert planned(little.desk, shape.split()[0], exported(little.desk, shape, tmp_path / "out.csv")) == [], shape


def book_plans_to_none(little: Little, tmp_path: Path, orders: list[Any], inventory: list[Any]) -> None:
    little.fill(orders, inventory)
    found = [export.documents(little.desk.store, name, memory=little.desk.memory) for name in ("orders", "inventory")]
    made = export.book(tmp_path / "out.xlsx", *found, folders=little.desk.settings()["folders"])
    assert planned(little.desk, "book", str(made.path)) == []


@QUICK
@given(orders=THREE, inventory=FOUR)
def test_a_csv_export_of_hostile_documents_plans_to_none(little: Little, tmp_path: Path, orders: list[Any], inventory: list[Any]) -> None:
    csv_plans_to_none(little, tmp_path, orders, inventory)


@QUICK
@given(orders=THREE, inventory=FOUR)
def test_a_book_of_hostile_documents_plans_to_none(little: Little, tmp_path: Path, orders: list[Any], inventory: list[Any]) -> None:
    book_plans_to_none(little, tmp_path, orders, inventory)


@pytest.mark.slow
@PATIENT
@given(orders=THREE, inventory=FOUR)
def test_many_csv_exports_plan_to_none(little: Little, tmp_path: Path, orders: list[Any], inventory: list[Any]) -> None:
    csv_plans_to_none(little, tmp_path, orders, inventory)


@pytest.mark.slow
@PATIENT
@given(orders=THREE, inventory=FOUR)
def test_many_books_plan_to_none(little: Little, tmp_path: Path, orders: list[Any], inventory: list[Any]) -> None:
    book_plans_to_none(little, tmp_path, orders, inventory)


# -- three cells ------------------------------------------------------------------------------------------

CHANGES: dict[str, list[tuple[int, str, str]]] = {
    "orders": [(2, "shipping.city", "Leeds"), (9, "email", "new@example.com"), (9, "folder", "Closed")],
    "orders with items": [(2, "shipping.city", "Leeds"), (3, "item.quantity", "77"), (4, "item.name", "Other")],
    "items": [(2, "quantity", "77"), (3, "name", "Other"), (30, "metadata.print_sku", "P")],
    "inventory": [(2, "stock", "777"), (3, "metadata.bin", "Z"), (20, "name", "Other")],
}


@pytest.mark.parametrize("shape", CHANGES)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_three_changed_cells_are_exactly_three_changes(desk: Desk, tmp_path: Path, shape: str, form: str) -> None:
    path = Path(exported(desk, shape, tmp_path / f"out.{form}"))
    edit(path, CHANGES[shape])
    plan = desk.plan(shape.split()[0], str(path))
    assert [str(problem) for problem in plan.problems] == []
    changed = [name for change in plan.changes if change.steps for name in change.all_fields()]
    assert len(changed) == 3, changed
    assert {name.rpartition(".")[2] for name in changed} == {name.rpartition(".")[2] for _, name, _ in CHANGES[shape]}


def edit(path: Path, changes: list[tuple[int, str, str]]) -> None:
    """Change cells as a spreadsheet program does."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        tab = book.worksheets[0]
        headings = [cell.value for cell in tab[1]]
        for row, name, value in changes:
            tab.cell(row, headings.index(name) + 1).value = int(value) if value.isdigit() else value
        book.save(path)
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for row, name, value in changes:
        rows[row - 1][rows[0].index(name)] = value
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)


def test_an_export_uploaded_again_to_another_store_creates_the_same_items(desk: Desk, tmp_path: Path) -> None:
    pages = [[{"id": 1, "code": "new-1", "name": "One", "weight": 1.234, "price": "4.50", "stock": 3, "metadata": {"a": "=x"}}]]
    path = export.to_file(tmp_path / "out.csv", "inventory", pages, columns="code,name,weight,price,stock,metadata").path
    plan = desk.plan("inventory", str(path), action="create")
    (change,) = plan.changes
    assert plan.problems == []
    assert {name: str(new) for name, (_, new) in change.fields.items()} == {
        "code": "new-1", "name": "One", "weight": "1.2340", "price": "4.5", "stock": "3", "metadata.a": "=x",
    }  # fmt: skip
