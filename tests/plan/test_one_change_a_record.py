"""No two changes of a plan are about one record, by whatever columns its rows name them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.tables import item, order, parcel, plan, stock

ORDERS = [
    order(n, order_items=[item(2 * n), item(2 * n + 1)], order_shipments=[parcel(2 * n, f"9400{2 * n}"), parcel(2 * n + 1, f"9400{2 * n + 1}")])
    for n in range(2)
]
INVENTORY = [stock(n) for n in range(2)]
OF_ORDER: dict[str, list[str]] = {
    "order": [spelled for n in range(2) for spelled in (f"1000{n}", f"#1000{n}", f"70{n}")],
    "order.source_id": [f"1000{n}" for n in range(2)],
    "order.id": [f"70{n}" for n in range(2)],
}
RECORDS: dict[str, dict[str, list[str]]] = {  # resource → what names its records
    "items": {"item_id": [f"900{n}" for n in range(4)], "code": [f"MUG-{n}" for n in range(4)], "name": [f"Mug {n}" for n in range(4)]},
    "shipments": {"shipment_id": [f"500{n}" for n in range(4)], "tracking_number": [f"9400{n}" for n in range(4)] + ["9400 1", "9400 2"]},
    "inventory": {"id": [f"30{n}" for n in range(2)], "code": [f"SKU-{n}" for n in range(2)]},
    "orders": {name.removeprefix("order."): held for name, held in OF_ORDER.items()},
}
SETS = {"items": "quantity", "shipments": "cost", "inventory": "stock", "orders": "shipping_total"}


@st.composite
def tables(draw: st.DrawFn, resource: str) -> str:
    """A table with some of the columns that name the records of a resource, and one that sets something."""
    names: list[str] = []
    values: dict[str, list[str]] = {}
    for columns in ([] if resource in ("inventory", "orders") else [OF_ORDER]) + [RECORDS[resource]]:
        names += draw(st.lists(st.sampled_from(sorted(columns)), min_size=1, max_size=2, unique=True))
        values |= columns
    cell = {name: st.one_of(st.just(""), st.sampled_from(values[name])) for name in names}
    rows = draw(st.lists(st.tuples(*cell.values(), st.sampled_from("123")), min_size=2, max_size=8))
    return "\n".join([" | ".join((*names, SETS[resource])), *(" | ".join(row) for row in rows)])


@pytest.mark.parametrize("resource", sorted(RECORDS))
@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_two_changes_are_about_one_record(resource: str, data: st.DataObject) -> None:
    text = data.draw(tables(resource))
    made = plan(resource, text, ORDERS, INVENTORY, action=data.draw(st.sampled_from(["update", "upsert", "delete"])))
    about: Counter[Any] = Counter((change.order_id, change.id) for change in made.writing() if change.id)
    assert not about or max(about.values()) == 1, [(change.rows, change.id) for change in made.writing()]
