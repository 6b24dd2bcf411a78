"""Promise 3 and 7, with random documents and random sheets: what a sheet doesn't name is kept, and undo brings all back."""

from __future__ import annotations

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdesk_batch.desk import Desk
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.sandbox.documents import recount
from tests.conftest import fast_store
from tests.promises.jobs import order
from tests.promises.stage import Stage

WORD = st.text(st.sampled_from("abcdefghijkXYZäß茶 "), min_size=1, max_size=9).map(str.strip).filter(bool)
CENTS = st.integers(1, 99999).map(lambda cents: cents / 100)
COUNT = st.integers(1, 999)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-5, 5) | WORD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3))  # fmt: skip
UNKNOWN = st.dictionaries(st.sampled_from(["x_one", "x_two", "x_three"]), JSON, min_size=1)
MAP = st.dictionaries(st.sampled_from(["colour", "Gift Message", "a.b", "Größe"]), WORD, max_size=3)
STREET = ("first_name", "last_name", "company", "address1", "address2", "city", "state", "postal_code", "country", "phone")

# field → a strategy for its values; the part after the first dot of an open map's field is the key
COLUMNS: dict[str, dict[str, Any]] = {
    "inventory": {
        "name": WORD, "price": CENTS, "cost": CENTS, "weight": CENTS, "stock": COUNT, "location": WORD, "update_source": WORD,
        "manufacturer_sku": WORD, "metadata.colour": WORD, "metadata.new key": WORD, "variation_list.Größe": WORD,
    },
    "items": {
        "name": WORD, "price": CENTS, "quantity": COUNT, "weight": CENTS, "category_code": WORD, "fulfillment_method": WORD,
        "metadata.colour": WORD, "variation_list.new key": WORD,
    },
    "shipments": {"carrier_code": WORD, "shipment_method": WORD, "cost": CENTS, "weight": CENTS, "status": WORD, "tracking_url": WORD},
    "orders": {
        "email": WORD, "shipping_method": WORD, "shipping_total": CENTS, "tax_total": CENTS, "customer_id": WORD, "ip_address": WORD,
        "payment_type": WORD, "fulfillment_name": WORD, "refund_total": CENTS, "cc_number": st.sampled_from(["4242", "0007"]),
        "shipping.city": WORD, "shipping.address3": WORD, "customer.phone": WORD, "return_address.title": WORD,
        "checkout_data.Gift Message": WORD, "order_metadata.new key": WORD, "order_metadata.colour": WORD,
        "discount_list.1.name": WORD, "discount_list.1.amount": CENTS, "order_notes.1.content": WORD,
        "folder": st.sampled_from(["New", "Hold"]), "order_note": WORD, "item.quantity": COUNT, "item.metadata.colour": WORD,
    },
}  # fmt: skip
CLEARABLE = ("metadata.colour", "variation_list.Größe", "location", "status", "customer_id", "order_metadata.colour", "stock", "cost")


@st.composite
def cells(draw: st.DrawFn, resource: str) -> dict[str, Any]:
    """Some columns of a sheet, with a value each; some are cleared."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS[resource])), min_size=1, max_size=6, unique=True))
    return {
        name: "(clear)" if name in CLEARABLE and draw(st.booleans()) else draw(COLUMNS[resource][name]) for name in names
    }


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """An order item with every field filled, and fields nobody knows."""
    return {
        "id": "8000001", "name": draw(WORD), "price": 2, "quantity": draw(COUNT), "weight": 0.5, "code": "PROP",
        "delivery_type": "ship", "category_code": draw(WORD), "fulfillment_method": "", "variation_list": draw(MAP) or [],
        "metadata": draw(MAP) or [], **draw(UNKNOWN),
    }  # fmt: skip


def prepared(box: Sandbox, resource: str, data: st.DataObject) -> tuple[str, dict[str, Any]]:
    """Put a random document into the store; the key of the sheet's row, as a heading and value."""
    if resource == "inventory":
        document = box.inventory_item(300001) | {
            "name": data.draw(WORD), "price": data.draw(CENTS), "cost": data.draw(CENTS), "weight": 1.25, "stock": data.draw(COUNT),
            "location": data.draw(WORD), "update_source": "", "manufacturer_sku": data.draw(st.none() | WORD),
            "metadata": data.draw(MAP) or [], "variation_list": data.draw(MAP) or [], **data.draw(UNKNOWN),
        }  # fmt: skip
        return "inventory", box.put_inventory(document)
    document = box.order(order(3))
    for who in ("shipping", "customer"):
        document[who] = dict.fromkeys(document[who], "x") | {"last_name": data.draw(WORD), **data.draw(UNKNOWN)}
    document |= {
        "return_address": data.draw(st.just([]) | st.just({"title": "A", **dict.fromkeys(("name", *STREET[2:]), "")})),
        "checkout_data": data.draw(MAP) or [], "order_metadata": data.draw(MAP) or [],
        "discount_list": data.draw(st.just([]) | st.just([{"name": "D", "code": "", "amount": "1.50", "x": None}])),
        "order_notes": data.draw(st.just([]) | st.just([{"date_added": "2026-01-02 03:04:05", "username": "u", "content": "c"}])),
        "order_items": [data.draw(items()), *document["order_items"]], **data.draw(UNKNOWN),
    }  # fmt: skip
    document["order_shipments"] = []
    recount(document)
    box.put_order(document)
    box.add_shipment(order(3), {"tracking_number": "PROP1", "carrier_code": "USPS", "status": data.draw(WORD), "cost": "1.5",
                                "date_shipped": "2026-01-02", **data.draw(UNKNOWN)})  # fmt: skip
    return "orders", box.order(order(3))


KEYS = {
    "inventory": {"id": "300001"}, "orders": {"id": order(3), "item.code": "PROP"}, "items": {"order.id": order(3), "code": "PROP"},
    "shipments": {"order.id": order(3), "tracking_number": "PROP1"},
}  # fmt: skip


def without(document: dict[str, Any], resource: str, columns: dict[str, Any]) -> dict[str, Any]:
    """A document without what the columns set, and what the server reckons."""
    left = copy.deepcopy(document)
    for name in ("date_updated", "quantity_total", "weight_total", "product_total", "discount_total", "order_total"):
        left.pop(name, None)
    inside = {"items": left.get("order_items"), "shipments": left.get("order_shipments")}.get(resource)
    for name in columns:
        at: Any = inside[0] if inside else left
        path = name
        if name.startswith("item."):
            at, path = left["order_items"][0], name[5:]
        named = {"cc_number": "cc_number_masked", "folder": "folder_id"}.get(path, path)
        if named.startswith(("order_note", "discount_list")):
            left.pop("order_notes" if named.startswith("order_note") else "discount_list", None)
            continue
        head, _, tail = named.partition(".")
        if head == "return_address":
            left.pop(head, None)
        elif not tail:
            at.pop(head, None)
        elif isinstance(at[head], dict):
            at[head].pop(tail, None)
            at[head] = at[head] or []
    return left


def same_but_for_dates(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {key: one[key] for key in one if key != "date_updated"} == {key: other[key] for key in other if key != "date_updated"}


def play(stage: Stage, folder: Path, resource: str, data: st.DataObject) -> None:
    """Update one record by a random sheet, and undo it."""
    stage.server.reset()
    stage.box.restore(stage.fresh)
    listed, before = prepared(stage.box, resource, data)
    columns = data.draw(cells(resource))
    if any(name.startswith("discount_list") for name in columns) and not before["discount_list"]:  # a new one needs both
        columns = {"discount_list.1.name": "Sale", "discount_list.1.amount": 4.5, **columns}
    path = folder / "random.csv"
    row = {**KEYS[resource], **columns}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    with stage.desk() as desk:
        plan = desk.upload(resource, str(path), action="update", yes=True, results=folder / "results.csv", decimal=".", force=True)
        assert plan.results["done"] == sum(plan.results.values()), plan.as_json()
        after = stage.box.inventory_item(300001) if listed == "inventory" else stage.box.order(order(3))
        assert without(after, resource, columns) == without(before, resource, columns)
        desk.undo(str(plan.run), yes=True, force=True)
    again = stage.box.inventory_item(300001) if listed == "inventory" else stage.box.order(order(3))
    assert same_but_for_dates(again, before), _differences(again, before)


def _differences(one: dict[str, Any], other: dict[str, Any]) -> str:
    return json.dumps({key: (other.get(key), one.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}, default=str)


RELAXED = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


@pytest.mark.parametrize("resource", list(COLUMNS))
@settings(RELAXED, max_examples=5)
@given(data=st.data())
def test_what_a_sheet_does_not_name_is_kept_and_undo_brings_all_back(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory, resource: str, data: st.DataObject
) -> None:
    play(stage, tmp_path_factory.getbasetemp(), resource, data)


@pytest.mark.slow
@pytest.mark.parametrize("resource", list(COLUMNS))
@settings(RELAXED, max_examples=60)
@given(data=st.data())
def test_what_a_sheet_does_not_name_is_kept_over_many_sheets(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory, resource: str, data: st.DataObject
) -> None:
    play(stage, tmp_path_factory.getbasetemp(), resource, data)


@pytest.mark.slow
def test_one_column_of_1500_items_leaves_all_else(tmp_path: Path) -> None:
    with Sandbox(orders=1, inventory=1500, bucket=(10**6, 1e6)) as box:
        for item in box.inventory():
            box.put_inventory({**item, "unknown": {"a": None, "b": []}, "metadata": {"colour": "red", "deep": "x"}}, touch=False)
        before = {item["id"]: item for item in box.inventory()}
        path = tmp_path / "stock.csv"
        path.write_text("id,location\n" + "".join(f"{key},Bay {key}\n" for key in before))
        with Desk(fast_store(box.url, box), folder=tmp_path) as desk:
            box.requests.clear()
            plan = desk.upload("inventory", str(path), yes=True)
            assert plan.results["done"] == 1500
            assert [seen.method for seen in box.requests].count("PUT") == 15
            for item in box.inventory():
                assert item["location"] == f"Bay {item['id']}"
                assert same_but_for_dates({**item, "location": ""}, {**before[item["id"]], "location": ""})
            desk.undo(str(plan.run), yes=True, force=True)
        for item in box.inventory():
            assert same_but_for_dates(item, before[item["id"]])
