"""Tests of the field tables: names, headings, examples, and every path against the samples of the API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdesk_batch import fields
from orderdesk_batch.errors import UsageError
from orderdesk_batch.fields import (
    NOWHERE,
    ORDERS,
    READ_ONLY,
    RESOURCES,
    Field,
    Resource,
    get,
    put,
    read,
    write,
)
from orderdesk_batch.fields.page import fields_markdown, page, rows_of
from orderdesk_batch.kinds import CLEAR, How, trim

ROOT = Path(__file__).parent.parent
SAMPLES = {"orders": "order", "items": "item", "shipments": "shipment", "inventory": "inventory_item"}
EVERY = [(of, one) for of in RESOURCES.values() for one in of.fields]


def sample(of: Resource) -> dict[str, Any]:
    return json.loads((ROOT / "samples" / f"{SAMPLES[of.name]}.json").read_text("utf-8"))


def concrete(of: Resource, one: Field) -> Field:
    """The field itself, or one of those that an open one stands for, as the samples have it."""
    keys = {
        "variation_list": "Size",
        "metadata": "image",
        "checkout_data": "Gift Message",
        "order_metadata": "channel",
    }
    if one.name.endswith(".*"):
        stem = one.name[:-2].split(".")[-1]
        return of.field(f"{one.name[:-1]}{'bin' if of.name == 'inventory' and stem == 'metadata' else keys[stem]}")
    return of.field(one.name.replace("#", "1")) if one.is_open else one


def document_of(of: Resource, one: Field) -> dict[str, Any]:
    """The document that a field's path is counted from."""
    whole = sample(of)
    return whole["order_items"][0] if of.name == "orders" and one.name.startswith("item.") else whole


@pytest.mark.parametrize("of", RESOURCES.values(), ids=RESOURCES)
def test_names_are_unique(of):
    names = [one.name for one in of.fields]
    assert len(names) == len(set(names))


def test_every_field_has_a_sentence_that_ends_with_a_full_stop():
    for _, one in EVERY:
        assert one.sentence.endswith(".")
        assert one.sentence[0].isupper()
        assert len(one.sentence) <= 75


def test_every_path_is_in_the_samples():
    for of, one in EVERY:
        it = concrete(of, one)
        if it.place is None:
            assert one.path == NOWHERE
            continue
        at: Any = document_of(of, one)
        for step in it.place:
            if isinstance(step, int):
                assert isinstance(at, list)
                assert step < len(at)
            else:
                assert step in at, f"{'.'.join(map(str, it.place))} is not in samples/{SAMPLES[of.name]}.json"
            at = at[step]


def leaves(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*steps, key))
    elif isinstance(value, list) and steps[-1:] not in (("order_items",), ("order_shipments",)):
        for n, below in enumerate(value):
            yield from leaves(below, (*steps, n))
    else:
        yield steps


@pytest.mark.parametrize("of", RESOURCES.values(), ids=RESOURCES)
def test_every_leaf_of_the_samples_has_a_field(of):
    known = {concrete(of, one).place for one in of.fields if not one.name.startswith("item.")}
    if of.name == "orders":
        known |= {("tag_color",), ("tag_name",)}  # not in use
    if of.name == "inventory":
        known |= {("metadata", "bin"), ("variation_list", "Size")}
    assert set(leaves(sample(of))) - known == set()


def test_examples_pass_their_own_checks():
    for _, one in EVERY:
        if one.use not in (READ_ONLY,) and one.path != NOWHERE and one.kind.name != "json" and one.place:
            assert one.example or one.name.endswith(("address3", "address4", "delivery_type"))
        if not one.example:
            continue
        value = one.parse(one.example, How())
        assert value is not None
        if one.choices:
            assert value in one.choices
        if one.least is not None:
            assert value >= one.least


def test_what_is_written_into_a_document_is_read_back():
    for of, one in EVERY:
        it = concrete(of, one)
        if it.place is None or not it.example:
            continue
        value = it.parse(it.example, How())
        document: dict[str, Any] = {}
        write(it, document, value)
        assert read(it, json.loads(json.dumps(document, default=float))) == value


def test_the_value_of_a_sample_survives_reading_and_writing():
    for of, one in EVERY:
        it = concrete(of, one)
        if it.place is None:
            continue
        document = document_of(of, one)
        value = read(it, document)
        if value is not None:
            write(it, document, value)
            assert read(it, document) == value


VALUES = {
    "text": st.text(max_size=20).map(trim).filter(bool),
    "whole": st.integers(-(10**12), 10**12),
    "number": st.decimals(-(10**9), 10**9, places=4),
    "money": st.decimals(-(10**9), 10**9, places=2),
    "weight": st.decimals(0, 10**6, places=4),
    "date": st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)),
    "time": st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0)),
    "json": st.lists(st.dictionaries(st.text(), st.integers() | st.text()), min_size=1, max_size=2),
}
VALUES |= {"folder": VALUES["text"], "order": VALUES["text"], "tracking": st.from_regex(r"[1-9A-Z][0-9]{9,21}", fullmatch=True)}


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([pair for pair in EVERY if pair[1].writable and pair[1].path != NOWHERE]), st.data())
def test_any_value_survives_the_way_into_a_document_and_back(pair, data):
    of, one = pair
    it = concrete(of, one)
    value = data.draw(st.sampled_from(it.choices) if it.choices else VALUES[it.kind.name])
    for document in ({}, sample(of) if not one.name.startswith("item.") else {}):
        write(it, document, value)
        assert read(it, json.loads(json.dumps(document, default=float))) == value


def test_a_choice_is_read_in_the_spelling_of_the_api():
    status = ORDERS.field("payment_status")
    assert status.parse("fully refunded", How()) == "Fully Refunded"
    assert status.parse("FULLY-REFUNDED", How()) == "Fully Refunded"
    assert status.parse("paid", How()) == "paid"  # the schema says that it is none
    assert read(status, {"payment_status": "captured"}) == "Captured"


def test_open_names_become_concrete():
    assert ORDERS.field("order_metadata.a.b").place == ("order_metadata", "a.b")
    assert ORDERS.field("checkout_data.Gift Message").place == ("checkout_data", "Gift Message")
    assert ORDERS.field("discount_list.2.code").place == ("discount_list", 1, "code")
    assert ORDERS.field("item.variation_list.Size").place == ("variation_list", "Size")
    assert ORDERS.find("discount_list.0.code") is None
    assert ORDERS.find("metadata.") is None


def test_an_unknown_field_or_resource_is_a_usage_error():
    with pytest.raises(UsageError, match="emial"):
        ORDERS.field("emial")
    with pytest.raises(UsageError, match="orders, items, shipments, inventory"):
        fields.resource("customers")


def test_php_lists_and_maps_are_taken_for_what_they_are():
    document: dict[str, Any] = {"metadata": [], "order_notes": {"0": {"content": "a"}, "2": {"content": "b"}}}
    put(document, ("metadata", "colour"), "red")
    assert document["metadata"] == {"colour": "red"}
    assert get(document, ("order_notes", 1, "content")) == "b"
    put(document, ("order_notes", 1, "content"), "c")
    assert document["order_notes"] == [{"content": "a"}, {"content": "c"}]


def test_clear_empties_a_field_and_removes_a_key_of_an_open_map():
    document = sample(ORDERS)
    write(ORDERS.field("order_metadata.channel"), document, CLEAR)
    write(ORDERS.field("tax_total"), document, CLEAR)
    write(ORDERS.field("shipping.city"), document, CLEAR)
    assert document["order_metadata"] == {}
    assert document["tax_total"] == 0
    assert document["shipping"]["city"] == ""


def test_what_a_new_record_lacks_is_named():
    assert RESOURCES["inventory"].missing({"name": "Mug"}) == [("code",)]
    assert RESOURCES["shipments"].missing({"tracking_number": CLEAR}) == [("tracking_number",)]
    assert len(ORDERS.missing({})) == 1
    assert ORDERS.missing({"customer.company": "Engine Works"}) == []


@pytest.mark.parametrize("of", RESOURCES.values(), ids=RESOURCES)
def test_keys_and_maps_are_fields_of_the_table(of):
    names = {one.name for one in of.fields}
    assert {name for group in of.keys for name in group} <= names
    assert set(of.order_keys) <= names
    assert {f"{name}.*" for name in of.maps if f"{name}.*" in names} or not of.maps
    assert all(name in names for group in of.required_any for name in group)


def test_numbers_of_either_spelling_are_one_value():
    weight = RESOURCES["shipments"].field("weight")
    assert read(weight, {"weight": "0.80"}) == read(weight, {"weight": 0.8}) == weight.parse("0.8", How()) == Decimal("0.8")


def test_the_reference_page_is_in_step():
    assert (ROOT / "docs" / "fields.md").read_text("utf-8") == page(RESOURCES), (
        "docs/fields.md is made from the tables: renew it with `make docs`"
    )


@pytest.mark.parametrize("of", RESOURCES.values(), ids=RESOURCES)
def test_the_reference_has_a_line_for_every_field(of):
    text = fields_markdown(of)
    assert all(f"| `{one.name}` |" in text for one in of.fields)
    assert [row["name"] for row in rows_of(of)] == [one.name for one in of.fields]
