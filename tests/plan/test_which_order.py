"""Which order does a row mean? Keys in their order, several that agree, twins that are listed."""

from __future__ import annotations

import pytest

from tests.plan.tables import acts, order, plan, said, stock


@pytest.mark.parametrize(
    ("headings", "cells", "found"),
    [
        ("order", "10001", True),
        ("order", "#10001", True),
        ("order", "701", True),
        ("order", "010001", False),
        ("order", "0701", False),
        ("order.id", "701", True),
        ("order.id", "10001", False),
        ("order.source_id", "10001", True),
        ("order.source_id", "#10001", False),
        ("order.source_id | order.source_name", "10001 | shopify", True),
        ("order.source_id | order.source_name", "10001 | Amazon", False),
        ("order | order.source_name", "10001 | Shopify", True),
        ("order | order.source_name", "10001 | Amazon", False),
        ("order.id | order.source_id | order", "701 | 10001 | #10001", True),
        ("order.id | order", "701 | 10002", False),
        ("order.source_id | order", "10001 | 702", False),
        ("order.id | order", "701 | 99999", False),
    ],
)
def test_an_order_is_found_by_its_surest_key_and_the_others_have_to_agree(headings: str, cells: str, found: bool) -> None:
    made = plan("shipments", f"{headings} | tracking_number\n{cells} | 94001", [order(1), order(2)])
    assert acts(made) == (["create batch"] if found else [])
    assert len(said(made)) == (not found)


def test_a_number_that_two_carts_share_is_a_problem_that_lists_both_orders() -> None:
    twins = [order(1), order(2, source_id="10001", source_name="Amazon")]
    made = plan("shipments", "order | tracking_number\n10001 | 94001", twins)
    (problem,) = made.errors
    assert problem.code == "several"
    assert "id 701" in problem.reason and "id 702" in problem.reason
    assert "Amazon or Shopify" in problem.hint


def test_a_second_key_tells_which_of_the_twins_is_meant() -> None:
    twins = [order(1), order(2, source_id="10001", source_name="Amazon")]
    made = plan("shipments", "order | order.source_name | tracking_number\n10001 | Amazon | 94001", twins)
    assert [change.order_id for change in made.changes] == ["702"]
    made = plan("shipments", "order.source_id | order | tracking_number\n10001 | 702 | 94001", twins)
    assert [change.order_id for change in made.changes] == ["702"]


def test_with_pages_in_hand_a_number_that_is_another_orders_id_fits_both() -> None:
    made = plan("shipments", "order | tracking_number\n702 | 94001", [order(1, source_id="702"), order(2)])
    assert said(made) == [(2, "several")]


@pytest.mark.parametrize(
    ("asked", "held", "named"),
    [("123", "00123", True), ("00123", "123", True), ("abc-1", "ABC-1", True), ("124", "00123", False), ("1002", "10020", False)],
)
def test_a_number_that_is_nearly_there_is_named(asked: str, held: str, named: bool) -> None:
    (problem,) = plan("shipments", f"order | tracking_number\n{asked} | 94001", [order(1, source_id=held)]).errors
    assert (held in problem.hint) == named
    (problem,) = plan("orders", f"source_id | email\n{asked} | a@b.c", [order(1, source_id=held)]).errors
    assert (held in problem.hint) == named
    (problem,) = plan("inventory", f"code | stock\n{asked} | 4", inventory=[stock(1, code=held)]).errors
    assert (held in problem.hint) == named


def test_of_several_that_are_near_none_is_named() -> None:
    (problem,) = plan("inventory", "code | stock\n123 | 4", inventory=[stock(1, code="00123"), stock(2, code="0123")]).errors
    assert "0123" not in problem.hint


def test_an_orders_sheet_tries_id_then_cart_and_number_then_the_number() -> None:
    store = [order(1), order(2, source_id="10001", source_name="Amazon"), order(3)]
    table = "id | source_name | source_id | email\n702 | | | x@y.z\n | Shopify | 10001 | x@y.z\n | | 10003 | x@y.z"
    assert [change.id for change in plan("orders", table, store).changes] == ["702", "701", "703"]


def test_another_orders_number_beside_an_id_is_refused_for_the_columns_may_be_sorted_apart() -> None:
    made = plan("orders", "id | source_id\n701 | 10002\n702 | 10001", [order(1), order(2)])
    assert said(made) == [(2, "disagree"), (3, "disagree")]
    made = plan("inventory", "id | code\n301 | SKU-2", inventory=[stock(1), stock(2)])
    assert said(made) == [(2, "disagree")]


def test_a_new_number_beside_an_id_renames_the_order() -> None:
    made = plan("orders", "id | source_id\n701 | X-1", [order(1), order(2)])
    assert made.changes[0].fields == {"source_id": ["10001", "X-1"]}


def test_the_carts_inner_number_beside_its_order_number_is_no_matter_unless_it_is_another_order() -> None:
    store = [order(1), order(2)]
    assert acts(plan("orders", "Order ID | Order Number | email\n5551 | 10001 | x@y.z", store)) == ["update put"]
    assert said(plan("orders", "Order ID | Order Number | email\n10002 | 10001 | x@y.z", store)) == [(2, "disagree")]


def test_rows_that_spell_one_order_in_two_ways_are_a_problem_of_both() -> None:
    table = "order | email\n10001 | x@y.z\n#10001 | z@y.x"
    assert said(plan("orders", table, [order(1)])) == [(2, "duplicate"), (3, "duplicate")]
    table = "order | shipping.first_name | item.name\nN1 | Ada | Mug\n#N1 | Ada | Cup"
    assert said(plan("orders", table, action="create")) == [(2, "duplicate"), (3, "duplicate")]


def test_two_carts_may_each_have_a_new_order_of_one_number() -> None:
    table = "source_name | source_id | shipping.first_name | item.name\nA | 1 | Ada | Mug\nB | 1 | Bob | Cup"
    assert acts(plan("orders", table, action="create")) == ["create post", "create post"]


def test_rows_tied_by_a_row_that_names_both_keys_are_one_order() -> None:
    table = "id | source_id | email | item.code | item.quantity\n701 | 10001 | x@y.z | MUG-1 | 5\n | 10001 | | CUP | 1"
    (change,) = plan("orders", table, [order(1)]).changes
    assert change.rows == [2, 3]
    assert [(one.action, one.code) for one in change.items] == [("update", "MUG-1"), ("create", "CUP")]
