"""Plans with very many rows: documents, rows and changes are kept in less room, and the plan is the same."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch import lookup, shelf
from orderdesk_batch.lookup import Lookup, Shelf
from orderdesk_batch.packing import Packed
from orderdesk_batch.plan import shipments
from orderdesk_batch.plan.change import Plan
from orderdesk_batch.plan.lean import Few, NewPairs, Pairs
from orderdesk_batch.run import Run
from orderdesk_batch.run.pack import change_from, change_row
from tests.plan import tables
from tests.plan.tables import order, parcel, plan, stock

HELD: dict[str, list[dict[str, Any]]] = {
    "orders": [order(n, order_shipments=[parcel(n, f"9400{n}"), parcel(50 + n, "n/a", shipment_method="Letter")]) for n in range(6)],
    "inventory": [stock(n) for n in range(6)],
}
SHEETS = {
    "shipments": ("order | tracking_number | shipment_method | cost\n10000 | 94000 | |\n10001 | NEW1A | Ground | 3.5\n10001 | NEW2A | Ground | 4\n"
                  "702 | n/a | Letter | 1\n10002 | n/a | Letter | 1\n10003 | 94003 | | 7\n#10004 | X1 | |", "upsert"),
    "inventory": ("id | code | name | stock | price\n | SKU-1 | Thing 1 | 10 | 9.50\n | SKU-2 | Other | 5 |\n303 | | | 7 | 9.25\n | NEW | Thing | 1 | 2", "upsert"),
    "items": ("order | code | name | price\n10000 | MUG-0 | | 3\n10000 | NEW | New mug | 4\n10001 | MUG-1 | | 9.5", "upsert"),
    "orders": ("source_id | email | shipping.city\n10000 | b0@example.com | Paris\n10001 | z@example.com |", "update"),
}  # fmt: skip


@pytest.fixture
def very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are very many."""
    for name in ("groups", "make"):
        monkeypatch.setattr(importlib.import_module(f"orderdesk_batch.plan.{name}"), "MANY", 1)
    monkeypatch.setattr(lookup, "FEW", 1)
    monkeypatch.setattr(tables, "Lookup", functools.partial(Lookup, rows=shelf.MANY + 1))


def told(made: Plan) -> Any:
    rows = [change_row(change) for change in made.changes]
    return made.as_json(), [change_from(row, change.steps) for row, change in zip(rows, made.changes, strict=True)], rows


@pytest.mark.parametrize("resource", list(SHEETS))
def test_it_is_the_same_plan_and_the_same_run(resource: str, request: pytest.FixtureRequest) -> None:
    text, action = SHEETS[resource]
    full = told(plan(resource, text, HELD["orders"], HELD["inventory"], action=action))
    request.getfixturevalue("very_many")
    made = plan(resource, text, HELD["orders"], HELD["inventory"], action=action)
    assert told(made) == full
    kept = [change.kept for change in made.changes if change.kept is not None]
    assert resource == "items" or (kept and all(type(one) is Packed for one in kept))


@pytest.mark.parametrize("resource", list(SHEETS))
def test_a_saved_run_is_read_as_the_same_plan(resource: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, action = SHEETS[resource]
    made = plan(resource, text, HELD["orders"], HELD["inventory"], action=action)
    Run.create(tmp_path / "a.run", made, {}).close()
    with Run.open(tmp_path / "a.run") as run:
        full = run.plan()
        monkeypatch.setattr("orderdesk_batch.run.file.MANY", 1)
        read = run.plan()
    assert told(read) == told(full)
    assert [change.before for change in read.changes] == [change.before for change in full.changes]
    kept = [change.kept for change in read.changes if change.kept is not None]
    assert kept and all(type(one) is Packed for one in kept)


@pytest.mark.usefixtures("very_many")
def test_a_shelf_with_very_many_documents_gives_each_as_it_was_put() -> None:
    full = Shelf(ready=2)
    for n in range(5):
        full.put(order(n, source_id="A" if n < 3 else str(n)), 5.0, n)
    assert all(type(seen.held) is Packed for seen in full.by_id.values())
    assert [document["id"] for document in full.with_text("A")] == ["700", "701", "702"]
    assert full.by_id["704"].document == order(4, source_id="4")
    full.put(order(1, source_id="B"), 6.0)
    full.forget("700")
    assert [document["id"] for document in full.with_text("A")] == ["702"]
    assert (full.by_text["A"], full.by_id["701"].page) == ("702", 1)


def test_maps_of_few_names_are_like_the_maps_they_were_made_from() -> None:
    fields: dict[str, Any] = {"stock": [1, 2], "name": ["a", None]}
    assert (Pairs.of(fields), Few.of({"a": "b"}), NewPairs.of({"x": [None, 4]})) == (fields, {"a": "b"}, {"x": [None, 4]})
    assert (dict(Pairs.of(fields).items()), dict(Few.of({"a": "b"}).items()), dict(NewPairs.of({"x": [None, 4]}).items())) == (
        fields, {"a": "b"}, {"x": [None, 4]},
    )  # fmt: skip
    assert ("stock" in Pairs.of(fields), "price" in Pairs.of(fields), Pairs.of(fields).get("price")) == (True, False, None)


def test_parcels_without_a_number_are_compared_once_a_sort_of_row(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    alike = shipments._alike

    def counted(*given: Any) -> bool:
        nonlocal looks
        looks += 1
        return alike(*given)

    monkeypatch.setattr(shipments, "_alike", counted)

    def of(many: int) -> int:
        nonlocal looks
        looks = 0
        held = [order(1, order_shipments=[parcel(n, "n/a", shipment_method="Letter") for n in range(many)])]
        made = plan("shipments", "order | tracking_number | shipment_method\n" + "10001 | n/a | Letter\n" * many, held)
        assert made.counts["none"] + made.counts["skip"] == many
        return looks

    assert of(80) <= 2 * of(40)


def test_a_number_that_many_orders_have_is_told_without_a_look_at_all_of_them() -> None:
    looks = 0

    class Order(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            nonlocal looks
            looks += 1
            return super().get(name, default)

    from orderdesk_batch.plan.children import which_one

    assert "order.id" in which_one([Order(source_name="Shopify") for _ in range(1000)], "order.")
    assert looks < 10
