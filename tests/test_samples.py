"""The sample sheets: in step with the script that makes them, and uploaded to the sandbox as their README says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from orderdesk_batch.carriers import wrong_check_digit
from orderdesk_batch.desk import Desk
from orderdesk_batch.sample_files import sample
from orderdesk_batch.sandbox import Sandbox
from tests.conftest import fast_store

SAMPLES = Path(__file__).parent.parent / "samples"
SCRIPT = SAMPLES / "make_samples.py"
TRACKING = ("shipstation-tracking.csv", "pirateship-tracking.csv", "tracking.xlsx")


@pytest.fixture(scope="module")
def full() -> Iterator[Sandbox]:
    """The sandbox as the command starts it, but for its rate."""
    with Sandbox(orders=300, inventory=500, bucket=(10**6, 1e6)) as running:
        yield running


@pytest.fixture(scope="module")
def fresh(full: Sandbox) -> dict[str, Any]:
    """What it holds at first."""
    return full.dump()


@pytest.fixture
def desk(full: Sandbox, fresh: dict[str, Any], tmp_path: Path) -> Iterator[Desk]:
    """A desk for it, as it was at first."""
    full.restore(fresh)
    full.requests.clear()
    with Desk(fast_store(full.url, full), folder=tmp_path / "home") as made:
        yield made


def copied(name: str, folder: Path) -> str:
    return str(shutil.copy(sample(name), folder / name))


def counts(**expected: int) -> dict[str, int]:
    return dict.fromkeys(("create", "update", "delete", "none", "skip", "refused"), 0) | expected


def test_the_samples_are_as_their_script_makes_them(script: ModuleType, tmp_path: Path) -> None:
    for made in script.make(tmp_path):
        kept = SAMPLES / made.name
        if made.suffix == ".csv":
            assert made.read_bytes() == kept.read_bytes(), f"run samples/make_samples.py: {made.name} is out of step"
        else:
            books = [CalamineWorkbook.from_path(str(path)) for path in (made, kept)]
            rows = [[book.get_sheet_by_name(tab).to_python() for tab in book.sheet_names] for book in books]
            assert rows[0] == rows[1], f"run samples/make_samples.py: {made.name} is out of step"


@pytest.mark.parametrize("name", TRACKING)
def test_a_tracking_sheet_creates_58_shipments_in_one_read_and_one_write(
    name: str, desk: Desk, full: Sandbox, tmp_path: Path
) -> None:
    before = {order["id"]: len(order["order_shipments"]) for order in full.orders()}
    plan = desk.upload("shipments", copied(name, tmp_path), skip_bad_rows=True, yes=True)
    assert plan.counts == counts(create=58, none=1, refused=1)
    assert plan.results["done"] == 58
    assert (plan.requests["read"], plan.requests["written"]) == (1, 1)
    more = sorted(len(order["order_shipments"]) - before[order["id"]] for order in full.orders())
    assert more == [0] * 243 + [1] * 56 + [2]


@pytest.mark.parametrize("name", TRACKING)
def test_a_tracking_sheet_a_second_time_changes_nothing(name: str, desk: Desk, full: Sandbox, tmp_path: Path) -> None:
    path = copied(name, tmp_path)
    desk.upload("shipments", path, skip_bad_rows=True, yes=True)
    state = full.dump()
    again = desk.upload("shipments", path, skip_bad_rows=True, yes=True)
    assert again.counts == counts(none=59, refused=1)
    assert again.requests["written"] == 0
    assert full.dump() == state


@pytest.mark.parametrize("name", TRACKING)
def test_a_tracking_sheet_has_one_bad_row_where_its_readme_says(name: str, desk: Desk, tmp_path: Path) -> None:
    plan = desk.plan("shipments", copied(name, tmp_path))
    first = 4 if name.endswith(".xlsx") else 2
    (problem,) = plan.errors
    assert problem.row == first + 41
    (same,) = [change for change in plan.changes if change.action == "none"]
    assert list(same.rows) == [first + 11]
    by_order: dict[str, list[int]] = {}
    for change in plan.writing():
        by_order.setdefault(change.order_id, []).extend(change.rows)
    assert [rows for rows in by_order.values() if len(rows) > 1] == [[first + 24, first + 25]]


def test_the_three_tracking_sheets_can_go_up_one_after_the_other(desk: Desk, tmp_path: Path) -> None:
    for name in TRACKING:
        assert desk.upload("shipments", copied(name, tmp_path), skip_bad_rows=True, yes=True).results["done"] == 58


@pytest.mark.parametrize("name", TRACKING)
def test_no_tracking_number_is_a_slip(name: str, desk: Desk, tmp_path: Path) -> None:
    plan = desk.plan("shipments", copied(name, tmp_path), skip_bad_rows=True)
    for change in plan.writing():
        new = {name: new for name, (_, new) in change.as_json()["fields"].items()}
        assert wrong_check_digit(new["tracking_number"], new["carrier_code"]) is None


def test_the_stock_count_changes_33_of_60_items_in_one_batch(desk: Desk, tmp_path: Path) -> None:
    plan = desk.upload("inventory", copied("stock-count.csv", tmp_path), yes=True)
    assert plan.counts == counts(update=33, none=27)
    assert plan.results["done"] == 33
    assert plan.requests["written"] == 1


def test_the_orders_are_twelve_with_24_items(desk: Desk, full: Sandbox, tmp_path: Path) -> None:
    plan = desk.upload("orders", copied("orders.csv", tmp_path), yes=True)
    assert plan.counts == counts(create=12)
    assert plan.results["done"] == 12
    made = full.orders()[300:]
    assert [order["source_id"] for order in sorted(made, key=lambda order: order["source_id"])] == [
        f"W-{n}" for n in range(2001, 2013)
    ]
    assert sum(len(order["order_items"]) for order in made) == 24
