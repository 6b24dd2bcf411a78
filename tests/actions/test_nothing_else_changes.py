"""A sheet sets what it says; every other part of every document stays as it was, known to us or not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdesk_batch.desk import Desk
from orderdesk_batch.fields import INVENTORY, ORDERS, RESOURCES, Resource, get
from orderdesk_batch.kinds import CLEAR_WORD
from orderdesk_batch.sandbox import Sandbox
from tests.actions.stage import Uploads, fast

MOVES = ("date_updated", "quantity_total", "weight_total", "product_total", "discount_total", "order_total")  # the server reckons these
STRANGE = {"x_unknown": "kept", "x_nested": {"deep": {"er": [1, None, "zwei"]}}, "x_empty": {}, "x_null": None}

# A cell for each column that can be set, by its kind.
VALUES = {
    "text": st.sampled_from(["new", "Ünïcode 茶", "00042", "it's", "NA", "1E5", "a  b", "Null"]),
    "money": st.sampled_from(["1.5", "0", "12.34", "1000"]),
    "weight": st.sampled_from(["0.25", "3"]),
    "number": st.sampled_from(["2", "7.5"]),
    "whole": st.sampled_from(["3", "0", "41"]),
    "time": st.sampled_from(["2026-02-03 04:05:06"]),
    "date": st.sampled_from(["2026-02-03"]),
    "tracking": st.sampled_from(["94007"]),
    "json": st.sampled_from(['[{"id": "5", "quantity": 1}]']),
}
KEYS = ("id", "source_id", "source_name", "code", "tracking_number", "folder", "cc_number", "cc_exp", "order_items")


def settable(of: Resource) -> list[str]:
    """The columns of a resource that a sheet may set, with a key or a number for the open ones."""
    found = []
    for one in of.writable:
        name = one.name.replace(".*", ".k y").replace(".#.", ".1.")
        if one.place is not None and name not in KEYS and not name.startswith("item."):
            found.append(name)
    return found


def cells(of: Resource, *, clear: bool) -> st.SearchStrategy[dict[str, str]]:
    """Some columns, each with a cell."""

    def cell(name: str) -> st.SearchStrategy[str]:
        one = of.field(name)
        plain = st.sampled_from(one.choices) if one.choices else VALUES[one.kind.name]
        lists = ".1." in name or one.choices or one.kind.name == "time"
        never = lists or one.use == "required" or name == "tracking_url"  # the server guesses that one anew
        return plain if not clear or never else plain | st.just(CLEAR_WORD)

    return st.lists(st.sampled_from(settable(of)), min_size=1, max_size=6, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: cell(name) for name in names})
    )


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("kept")
    with Sandbox(orders=12, inventory=8, bucket=(10**6, 1e6)) as box, Desk(fast(box), folder=folder / "home") as desk:
        for order in box.orders():
            first = order["order_items"][0]
            first |= {"x_unknown": "kept", "metadata": {"own": "1", "k y": "0"}, "variation_list": {"Size": "L"}}
            parcel = {"id": f"9{order['id']}", "tracking_number": f"T{order['id']}", "carrier_code": "USPS", "order_id": order["id"],
                      "shipment_method": "x", "weight": "1.50", "cost": "2.00", "status": "", "tracking_url": "http://t", "label_image": "abc",
                      "date_shipped": "2026-01-01", "date_added": "2026-01-01 10:00:00", "order_items": [], "x_unknown": "kept",
                      "x_null": None, "store_id": box.store_id, "cart_shipment_id": "", "label_format": "", "print_status": ""}  # fmt: skip
            box.put_order({
                **order, **copy.deepcopy(STRANGE), "order_shipments": [parcel], "cc_number_masked": "************4242",
                "order_metadata": {"own": "1", "k y": "0", "empty": ""}, "checkout_data": {"Gift": "Ja"},
                "discount_list": [{"name": "A", "code": "B", "amount": "1.00", "x_unknown": 1}, {"name": "C", "code": "", "amount": "2.00"}],
                "order_notes": [{"date_added": "2026-01-01 00:00:00", "username": "u", "content": "c"}],
                "shipping": {**order["shipping"], "x_unknown": "kept"}, "return_address": {"title": "T", "name": "N", "company": "C",
                "address1": "1", "address2": "", "city": "X", "state": "", "postal_code": "0", "country": "US", "phone": ""},
            })  # fmt: skip
        for item in box.inventory():
            box.put_inventory({**item, **copy.deepcopy(STRANGE), "metadata": {"own": "1", "k y": "0"}, "variation_list": {"Size": "L"}})
        yield Uploads(desk, box, folder)


def stripped(document: Any, of: Resource, names: dict[str, str]) -> Any:
    """A document without what the sheet sets and what the server reckons."""
    left = copy.deepcopy(document)
    for name in names:
        place = of.field(name).place
        assert place is not None
        holder = get(left, place[:-1]) if len(place) > 1 else left
        if isinstance(holder, dict):
            holder.pop(place[-1], None)
    for name in MOVES:
        left.pop(name, None)
    return left


def took(document: dict[str, Any], of: Resource, names: dict[str, str]) -> None:
    """Each cell is in the document as its kind reads it."""
    for name, cell in names.items():
        one = of.field(name)
        held = get(document, one.place or ())
        if cell == CLEAR_WORD:
            assert held in (None, "", 0, [], "0.00", "0"), name
        else:
            assert one.kind.show(one.kind.read(held)) == one.kind.show(one.kind.read(cell)), name


SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@SLOW
@given(st.data())
def test_orders_keep_what_the_sheet_does_not_name(up: Uploads, data: st.DataObject) -> None:
    names = data.draw(cells(ORDERS, clear=True))
    before = up.box.orders()
    chosen = data.draw(st.sets(st.sampled_from([one["id"] for one in before]), min_size=1, max_size=4))
    up.send("orders", pd.DataFrame([{"id": record, **names} for record in sorted(chosen)]), action="update")
    for old, new in zip(before, up.box.orders(), strict=True):
        if old["id"] in chosen:
            took(new, ORDERS, names)
            assert stripped(new, ORDERS, names) == stripped(old, ORDERS, names)
        else:
            assert new == old


@SLOW
@given(st.data())
def test_inventory_keeps_what_the_sheet_does_not_name(up: Uploads, data: st.DataObject) -> None:
    names = data.draw(cells(INVENTORY, clear=True).filter(lambda names: names.get("stock") not in ("0", CLEAR_WORD)))
    before = up.box.inventory()
    chosen = data.draw(st.sets(st.sampled_from([one["id"] for one in before]), min_size=1, max_size=4))
    up.send("inventory", pd.DataFrame([{"id": str(record), **names} for record in sorted(chosen)]), action="update")
    for old, new in zip(before, up.box.inventory(), strict=True):
        if old["id"] in chosen:
            took(new, INVENTORY, names)
            assert stripped(new, INVENTORY, names) == stripped(old, INVENTORY, names)
        else:
            assert new == old


@pytest.mark.parametrize("resource", ["items", "shipments"])
@SLOW
@given(st.data())
def test_children_keep_what_the_sheet_does_not_name(up: Uploads, resource: str, data: st.DataObject) -> None:
    of = RESOURCES[resource]
    inside, key = of.inside, of.keys[0][0]
    names = data.draw(cells(of, clear=True))
    before = up.box.orders()
    chosen = data.draw(st.sets(st.sampled_from([(one["id"], one[inside][0]["id"]) for one in before]), min_size=1, max_size=4))
    up.send(of.name, pd.DataFrame([{"order.id": order, key: record, **names} for order, record in sorted(chosen)]), action="update")
    records = {record for _, record in chosen}
    for old, new in zip(before, up.box.orders(), strict=True):
        for was, now in zip(old[inside], new[inside], strict=True):
            if now["id"] in records:
                took(now, of, names)
                assert stripped(now, of, names) == stripped(was, of, names)
            else:
                assert now == was
        plain = ({name: value for name, value in one.items() if name not in (inside, *MOVES)} for one in (old, new))
        assert next(plain) == next(plain)


def test_one_column_of_fifteen_hundred_items_leaves_all_else_as_it_was(tmp_path: Path) -> None:
    with Sandbox(orders=0, inventory=1500, bucket=(10**6, 1e6)) as box, Desk(fast(box), folder=tmp_path / "home") as desk:
        for item in box.inventory()[::7]:
            box.put_inventory({**item, **STRANGE, "metadata": {"own": "1", "deep": {"er": []}}})
        before = box.inventory()
        frame = pd.DataFrame({"code": [one["code"] for one in before], "location": [f"L-{n}" for n in range(1500)]})
        plan = desk.upload("inventory", frame, yes=True)
        assert plan.results["done"] == 1500
        for n, (old, new) in enumerate(zip(before, box.inventory(), strict=True)):
            assert new == {**old, "location": f"L-{n}", "date_updated": new["date_updated"]}


def test_a_cards_number_is_kept_unless_it_is_cleared(up: Uploads) -> None:
    first, second = (one["id"] for one in up.box.orders()[:2])
    up.send("orders", pd.DataFrame([{"id": first, "email": "card@example.com", "cc_number": None}, {"id": second, "email": None, "cc_number": CLEAR_WORD}]))
    assert up.box.order(first)["cc_number_masked"].endswith("4242")
    assert up.box.order(second)["cc_number_masked"] == ""
