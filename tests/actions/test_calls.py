"""How many requests a job takes, counted at the server."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.sandbox import Sandbox, Switches
from tests.actions.stage import Uploads, fast


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """A store of 3,000 orders and 3,000 inventory items."""
    with Sandbox(orders=3000, inventory=3000, bucket=(10**6, 1e6)) as running:
        yield running


@pytest.fixture
def up(large: Sandbox, tmp_path: Path) -> Iterator[Uploads]:
    large.switches = Switches()
    large.requests.clear()
    with Desk(fast(large), folder=tmp_path / "home") as desk:
        yield Uploads(desk, large, tmp_path)


def kinds(up: Uploads) -> dict[str, int]:
    """How many requests of each sort."""
    found: dict[str, int] = {}
    for call in up.calls():
        method, path = call.split(" ")
        path = path.removeprefix("/api/v2").partition("?")[0]
        sort = f"{method} /{path.split('/')[1]}"
        found[sort] = found.get(sort, 0) + 1
    return found


def plain_orders(box: Sandbox) -> list[dict[str, object]]:
    """Orders that lie in New, whose numbers are plain."""
    return [one for one in box.orders() if one["folder_id"] == "21654" and one["source_id"].isdigit() and one["source_id"][0] == "1"]


def test_two_hundred_tracking_numbers_are_six_pages_and_two_batches(up: Uploads) -> None:
    # Twins, and numbers that are another order's id, are left out: they are problems, not uploads.
    chosen = [one for one in plain_orders(up.box) if int(one["id"]) % 20 in (1, 2, 3, 4)][:200]  # type: ignore[call-overload]
    counted = [one["source_id"] for one in up.box.orders()]
    chosen = [one for one in chosen if counted.count(one["source_id"]) == 1]
    assert len(chosen) > 150
    frame = pd.DataFrame({"order": [one["source_id"] for one in chosen], "tracking_number": [f"9400{n:08d}" for n in range(len(chosen))]})
    up.send("shipments", frame)
    assert kinds(up) == {"GET /orders": 6, "POST /batch-shipments": math.ceil(len(chosen) / 100)}
    up.again("shipments", frame)
    assert kinds(up) == {"GET /orders": 6}


def test_three_rows_in_a_large_store_are_five_requests_at_most(up: Uploads) -> None:
    sheet = up.file("order | tracking_number\n10001 | A1\n10302 | A2\n12999 | A3")
    up.send("shipments", sheet)
    assert sum(kinds(up).values()) <= 5
    up.again("shipments", sheet)
    assert sum(kinds(up).values()) == 3


def test_a_thousand_stock_updates_are_six_pages_and_ten_batches(up: Uploads) -> None:
    held = up.box.inventory()
    frame = pd.DataFrame({"code": [one["code"] for one in held[::3]], "stock": [one["stock"] + 1 for one in held[::3]]})
    assert up.send("inventory", frame).counts["update"] == 1000
    assert kinds(up) == {"GET /inventory-items": 6, "PUT /batch-inventory-items": 10}


def test_a_thousand_orders_moved_by_id_are_ten_moves(up: Uploads) -> None:
    new = [one["id"] for one in up.box.orders() if one["folder_id"] == "21654"][:1000]
    frame = pd.DataFrame({"id": new, "folder": ["Closed"] * len(new)})
    assert up.send("orders", frame).counts["update"] == 1000
    found = kinds(up)
    assert found["POST /move-orders"] == 10 and found["GET /orders"] <= 6
    assert set(found) == {"POST /move-orders", "GET /orders"}


def test_a_delete_reads_the_total_once_for_the_limit(up: Uploads) -> None:
    sheet = up.file("id\n" + "\n".join(str(300100 + n) for n in range(5)))
    up.send("inventory", sheet, action="delete")
    found = kinds(up)
    assert found.pop("DELETE /inventory-items") == 5
    assert found["GET /inventory-items"] <= 2


def test_orders_that_are_changed_and_moved_are_moved_together(up: Uploads) -> None:
    chosen = [one["id"] for one in plain_orders(up.box)[-30:]]
    sheet = up.file("id | email | folder\n" + "\n".join(f"{one} | new{n}@example.com | Closed" for n, one in enumerate(chosen)))
    plan = up.send("orders", sheet)
    found = kinds(up)
    assert (found["PUT /orders"], found["POST /move-orders"]) == (30, 1)
    up.box.requests.clear()
    up.desk.undo(str(plan.run), yes=True, settle=0)
    found = kinds(up)
    assert (found["PUT /orders"], found["POST /move-orders"]) == (30, 1)


@pytest.mark.parametrize("action", ["update", "upsert", "delete"])
def test_an_undo_takes_the_items_of_an_order_back_with_one_put(up: Uploads, action: str) -> None:
    order = next(one for one in up.box.orders() if len(one["order_items"]) > 2 and len({item["code"] for item in one["order_items"]}) > 2)
    codes = ["NEW-1", "NEW-2", "NEW-3"] if action == "upsert" else [item["code"] for item in order["order_items"]][:3]
    sheet = up.file("order.id | code | name | quantity\n" + "\n".join(f"{order['id']} | {code} | Mug | 7" for code in codes))
    plan = up.send("items", sheet, action=action)
    up.box.requests.clear()
    back = up.desk.undo(str(plan.run), yes=True, settle=0)
    assert back.results["done"] == 3
    writes = {"DELETE /orders": 3} if action == "upsert" else {"PUT /orders": 1}
    assert {sort: count for sort, count in kinds(up).items() if not sort.startswith("GET")} == writes
    held = {item["code"]: item["quantity"] for item in order["order_items"]}
    assert {item["code"]: item["quantity"] for item in up.box.order(order["id"])["order_items"]} == held
