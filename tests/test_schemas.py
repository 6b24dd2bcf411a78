"""Tests of the pandera schemas, on plain frames without our reader."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pandas as pd
import pytest

from orderdesk_batch.checks import schema, schemas
from orderdesk_batch.errors import UsageError
from orderdesk_batch.fields import RESOURCES


def wrong(name: str, frame: pd.DataFrame, action: str = "") -> set[tuple[str, int]]:
    """(check, index of the row) of what the schema finds."""
    import pandera.errors

    try:
        schema(name, action).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as found:
        return {
            (str(error.check.name).split(":")[0], index)
            for error in found.schema_errors
            for index in error.check_output.index[~error.check_output.astype(bool)]
        }
    return set()


def test_there_is_a_schema_for_every_resource_and_action():
    assert list(schemas) == list(RESOURCES)
    assert len(schemas) == 4
    for name in schemas:
        assert schemas[name] is schema(name)
        for action in ("create", "update", "upsert", "delete"):
            assert schema(name, action).coerce is False


def test_an_unknown_schema_is_named():
    with pytest.raises(KeyError):
        schemas["customers"]
    with pytest.raises(UsageError):
        schema("customers")
    with pytest.raises(UsageError):
        schema("orders", "updaet")


def test_a_sound_frame_passes():
    frame = pd.DataFrame(
        {"order": ["1", "2"], "tracking_number": ["A1", "n/a"], "weight": [1.5, None], "Mood": ["x", "y"]},
        index=[7, 9],
    )
    assert wrong("shipments", frame) == set()
    assert schemas["shipments"].validate(frame) is not None


def test_findings_carry_the_index_of_the_frame():
    frame = pd.DataFrame({"order": ["1", "2"], "tracking_number": ["A1", "A2"], "weight": [1.5, -2.0]}, index=[7, 9])
    assert wrong("shipments", frame) == {("least", 9)}


@pytest.mark.parametrize(
    ("name", "action", "columns", "found"),
    [
        ("shipments", "create", {"order": ["1", None], "tracking_number": [None, "A"]}, {("required", 0), ("key", 1)}),
        ("shipments", "create", {"order": ["1"]}, {("required", 0)}),
        ("shipments", "update", {"order.id": ["1", "1"], "shipment_id": ["5", ""]}, {("key", 1)}),
        ("inventory", "create", {"code": ["A", "B"], "name": ["a", None]}, {("required", 1)}),
        ("inventory", "update", {"code": ["A", "B"], "stock": [1, 2], "stock_change": [None, 3]}, {("stock-and-change", 1)}),
        ("inventory", "update", {"code": ["A", "A"], "stock": [1, 2]}, {("agrees", 0), ("agrees", 1)}),
        ("inventory", "update", {"code": ["A", "A"], "stock": [1, 1]}, set()),
        ("inventory", "update", {"code": ["A", "B", "C"], "stock": [1.5, "many", 2.0]}, {("whole", 0), ("whole", 1)}),
        ("inventory", "update", {"code": ["A", "B"], "price": ["9.50", Decimal("9.50")]}, {("number", 0)}),
        ("items", "update", {"order": ["1", "1"], "code": ["A", "B"], "delivery_type": ["ship", "mail"]}, {("choice", 1)}),
        ("items", "create", {"order": ["1"], "name": [float("nan")]}, {("required", 0)}),
        ("orders", "update", {"id": ["1"], "cc_number": ["4242424242424242"]}, {("pattern", 0)}),
        ("orders", "update", {"id": ["1"], "order_note": ["x" * 2001]}, {("most", 0)}),
        ("orders", "update", {"id": ["1"], "discount_list.2.amount": [-1]}, {("least", 0)}),
        ("orders", "update", {"id": ["1"], "item.quantity": [2]}, {("item-key", 0)}),
        ("orders", "update", {"id": ["1", "1"], "email": ["a", "b"]}, {("agrees", 0), ("agrees", 1)}),
        ("orders", "update", {"id": ["1", "1"], "email": ["a", None]}, set()),
        ("orders", "create", {"source_id": ["1", "1"], "customer.company": ["Works", None], "item.name": ["a", "b"]}, set()),
        ("orders", "create", {"source_id": ["1"], "item.name": ["a"]}, {("required", 0)}),
    ],
)  # fmt: skip
def test_the_rules_of_a_frame(name, action, columns, found):
    assert wrong(name, pd.DataFrame(columns, dtype=object), action) == found


def test_the_failures_are_sentences():
    import pandera.errors

    with pytest.raises(pandera.errors.SchemaErrors) as found:
        schemas["inventory"].validate(pd.DataFrame({"code": ["A"], "weight": [-1]}), lazy=True)
    assert list(found.value.failure_cases["check"]) == ["is 0 or more"]


def test_one_bad_cell_does_not_hide_the_others():
    frame = pd.DataFrame({"code": ["A", "B", "C", "D"], "weight": ["two", -3, None, 1]}, dtype=object)
    assert wrong("inventory", frame) == {("number", 0), ("least", 1)}


def test_frames_of_every_sort_of_blank_pass():
    frame = pd.DataFrame(
        {
            "code": ["A", "B", "C", "D"],
            "stock": pd.array([1, None, 3, None], dtype="Int64"),
            "weight": [None, float("nan"), pd.NA, pd.NaT],
        }
    )
    assert wrong("inventory", frame) == set()


def test_neither_tables_nor_schemas_load_pandas_before_they_are_used():
    code = (
        "import sys, orderdesk_batch.fields, orderdesk_batch.kinds, orderdesk_batch.sheets.headings, orderdesk_batch.carriers\n"
        "import orderdesk_batch.checks\n"
        "assert not {'pandas', 'pandera', 'numpy'} & set(sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
