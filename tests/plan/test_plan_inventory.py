"""Inventory: by id or SKU, stock as it is counted or by how much it changed."""

from __future__ import annotations

from typing import Any

import pytest

from orderdesk_batch.kinds import CLEAR
from orderdesk_batch.plan.inventory import once_marks
from tests.plan.tables import acts, fields, plan, row, said, stock

HELD = [stock(1), stock(2)]


@pytest.mark.parametrize(
    ("action", "code", "act", "problem"),
    [
        ("create", "NEW", "create post", ""),
        ("create", "SKU-1", "", "exists"),
        ("update", "NEW", "", "not-found"),
        ("update", "SKU-1", "update batch", ""),
        ("upsert", "NEW", "create post", ""),
        ("upsert", "SKU-1", "update batch", ""),
        ("delete", "NEW", "none", ""),
        ("delete", "SKU-1", "delete delete", ""),
        ("skip", "SKU-1", "skip", ""),
    ],
)
def test_each_action_on_what_is_there_and_what_is_not(action: str, code: str, act: str, problem: str) -> None:
    made = plan("inventory", f"action | code | name | stock\n{action} | {code} | Thing | 77", inventory=HELD)
    assert acts(made) == ([act] if act else [])
    assert [code for _, code in said(made)] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("name", "held", "cell", "sets"),
    [
        ("stock", "12", "12", None),
        ("stock", 12, "12.0", None),
        ("stock", 12, "(clear)", CLEAR),
        ("stock", "many", "many", None),
        ("stock", 12, "", None),
        ("manufacturer_sku", None, "(clear)", None),
        ("price", "1234", "1,234", None),
        ("price", "1.234", "1,234", None),
        ("metadata.bin", None, "A-3", "A-3"),
    ],
)
def test_a_cell_sets_what_differs_and_nothing_else(name: str, held: Any, cell: str, sets: Any) -> None:
    one = stock(1, **({name: held} if "." not in name else {}))
    made = plan("inventory", f"code | {name} | location\nSKU-1 | {cell} | B", inventory=[one])
    assert not made.errors
    assert fields(made).get(name) == sets


def test_an_ambiguous_number_that_the_store_does_not_hold_is_refused() -> None:
    assert said(plan("inventory", "code | price\nSKU-1 | 1,234", inventory=HELD)) == [(2, "ambiguous-number")]


def test_a_new_item_without_a_name_is_told_once() -> None:
    for action in ("create", "upsert"):
        assert said(plan("inventory", "code | name\nNEW | ", inventory=HELD, action=action)) == [(2, "required")]


def test_an_id_that_is_not_there_can_not_be_created() -> None:
    for action in ("create", "update", "upsert"):
        assert said(plan("inventory", "id | name | code\n999 | Thing | X", inventory=HELD, action=action)) == [(2, "not-found")]


def test_stock_change_is_counted_from_what_there_is_and_not_twice() -> None:
    table = "code | stock_change\nSKU-1 | +5\nSKU-2 | 0"
    made = plan("inventory", table, inventory=HELD)
    assert acts(made) == ["update batch", "none"]
    assert made.changes[0].fields == {"stock": [10, 15]} and made.changes[0].relative == 5
    marks = once_marks(made.changes[0], {2: row(2, "update", {"code": "SKU-1", "stock_change": 5})})
    done = dict.fromkeys(marks, "a.run")
    assert said(plan("inventory", table, inventory=HELD, uploaded=done)) == [(2, "again")]
    assert acts(plan("inventory", table, inventory=HELD, uploaded=done, again=True)) == ["update batch", "none"]
    wider = "code | stock_change | location\nSKU-1 | +5 | A-3"  # one more column does not make it another row
    assert said(plan("inventory", wider, inventory=HELD, uploaded=done)) == [(2, "again")]
    assert not said(plan("inventory", wider.replace("+5", "+6"), inventory=HELD, uploaded=done))


def test_stock_that_is_no_number_can_not_be_counted_from() -> None:
    assert said(plan("inventory", "code | stock_change\nSKU-1 | 5", inventory=[stock(1, stock="a few")])) == [(2, "stock-unread")]
    assert acts(plan("inventory", "code | stock_change\nSKU-1 | 5", inventory=[stock(1, stock=None)])) == ["update batch"]


def test_two_rows_about_one_item_are_a_problem_of_both_told_once() -> None:
    made = plan("inventory", "id | code | stock\n301 | | 5\n | SKU-1 | 6", inventory=HELD)
    assert said(made) == [(2, "duplicate"), (3, "duplicate")]
    made = plan("inventory", "code | stock\nSKU-1 | 5\nSKU-1 | 6", inventory=HELD)
    assert said(made) == [(2, "same-key"), (3, "same-key")] and made.refused == 1


@pytest.mark.parametrize("other", ["302 | WID-9 | Saucer", " | WID-9 | New mug"])
def test_one_sku_is_not_given_to_two_items(other: str) -> None:
    made = plan("inventory", f"id | code | name\n301 | WID-9 | Mug\n{other}", inventory=HELD, action="upsert")
    assert said(made) == [(2, "duplicate"), (3, "duplicate")]
    assert made.refused == 2 and not made.changes


def test_the_page_of_a_document_goes_with_its_change() -> None:
    made = plan("inventory", "code | stock\nSKU-700 | 5", inventory=[stock(n) for n in range(800)])
    assert (made.changes[0].page, made.changes[0].read_at) == (1, 1000.0)


def test_read_only_columns_are_warned_of_where_they_differ() -> None:
    made = plan("inventory", "code | date_updated\nSKU-1 | 2026-11-01 10:00\nSKU-2 | 2020-01-01 10:00", inventory=HELD)
    assert acts(made) == ["none", "none"] and said(made, "warning") == [(3, "read-only")]
