"""Items and shipments sheets: what each action does, what is the same, what is told, and how often."""

from __future__ import annotations

import pytest

from orderdesk_batch.kinds import CLEAR
from tests.plan.tables import acts, fields, item, order, parcel, plan, said

HELD = [order(1, order_shipments=[parcel(1, "9400 1")]), order(2)]


# -- shipments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "number", "act", "problem"),
    [
        ("create", "94002", "create batch", ""),
        ("create", "94001", "none", ""),
        ("update", "94002", "", "not-found"),
        ("update", "94001", "update put", ""),
        ("upsert", "94002", "create batch", ""),
        ("upsert", "94001", "update put", ""),
        ("delete", "94002", "none", ""),
        ("delete", "94001", "delete delete", ""),
        ("skip", "94001", "skip", ""),
    ],
)
def test_each_action_on_a_parcel_that_is_there_and_one_that_is_not(action: str, number: str, act: str, problem: str) -> None:
    made = plan("shipments", f"action | order | tracking_number | carrier_code\n{action} | 10001 | {number} | FedEx", HELD)
    assert acts(made) == ([act] if act else [])
    assert [code for _, code in said(made)] == ([problem] if problem else [])


def test_a_parcel_that_is_there_with_other_values_is_a_warning_that_names_upsert() -> None:
    made = plan("shipments", "order | tracking_number | carrier_code | weight\n10001 | 94001 | FedEx | 1.5", HELD)
    (problem,) = made.problems
    assert problem.level == "warning" and "carrier_code" in problem.reason and "--action upsert" in problem.hint
    assert acts(made) == ["none"] and made.changes[0].note


@pytest.mark.parametrize("action", ["create", "update", "upsert", "delete"])
def test_a_blank_tracking_number_is_told_once(action: str) -> None:
    made = plan("shipments", "order | tracking_number | carrier_code\n10001 | | USPS", HELD, action=action)
    assert len(said(made)) == 1 and made.refused == 1


def test_a_refused_number_that_the_store_holds_just_so_is_not_refused() -> None:
    held = [order(1, order_shipments=[parcel(1, "pending")])]
    assert acts(plan("shipments", "order | tracking_number\n10001 | pending", held)) == ["none"]
    assert said(plan("shipments", "order | tracking_number\n10001 | pending", HELD)) == [(2, "no-tracking-number")]
    made = plan("shipments", "order | shipment_id | tracking_number\n10001 | 5001 | pending", held, action="upsert")
    assert acts(made) == ["none"]


def test_a_parcel_without_a_number_in_the_store_is_not_taken_for_a_bad_cell() -> None:
    held = [order(1, order_shipments=[parcel(1, "")])]
    assert said(plan("shipments", "order | tracking_number\n10001 | no idea", held)) == [(2, "no-tracking-number")]


def test_two_rows_with_n_a_are_two_parcels_and_a_repeat_finds_them_both() -> None:
    table = "order | tracking_number | shipment_method | date_shipped\n10001 | n/a | Post | 2026-11-05\n10001 | n/a | Post | 2026-11-06"
    assert acts(plan("shipments", table, [order(1)])) == ["create batch", "create batch"]
    kept = [parcel(n, "n/a", shipment_method="Post", date_shipped=f"2026-11-0{n + 4}", date_added="2026-11-06 12:00:00") for n in (1, 2)]
    both = [order(1, order_shipments=kept[::-1])]
    for action in ("create", "upsert"):
        made = plan("shipments", table, both, action=action)
        assert acts(made) == ["none", "none"]
        assert [change.id for change in made.changes] == ["5001", "5002"]
    by_server = [order(1, order_shipments=[parcel(n, "n/a", shipment_method="Post") for n in (1, 2)])]
    assert acts(plan("shipments", table, by_server)) == ["none", "none"]
    assert acts(plan("shipments", table, [order(1, order_shipments=kept[:1])])) == ["none", "create batch"]


def test_one_parcel_named_by_two_spellings_of_its_order_is_sent_once() -> None:
    made = plan("shipments", "order | tracking_number\n10002 | 94009\n#10002 | 9400 9", HELD)
    assert acts(made) == ["create batch", "skip"]
    made = plan("shipments", "order | tracking_number | carrier_code\n10002 | 94009 | USPS\n#10002 | 94009 | UPS", HELD)
    assert said(made) == [(2, "duplicate"), (3, "duplicate")] and made.refused == 1
    made = plan("shipments", "order | tracking_number | carrier_code\n10002 | 94009 | USPS\n10002 | 94009 | UPS", HELD)
    assert said(made) == [(2, "same-key"), (3, "same-key")] and made.refused == 1


def test_a_shipments_id_lets_its_number_change() -> None:
    made = plan("shipments", "order | shipment_id | tracking_number\n10001 | 5001 | 94777", HELD, action="update")
    assert fields(made) == {"tracking_number": "94777"}
    assert said(plan("shipments", "order | shipment_id | tracking_number\n10001 | 77 | 94777", HELD)) == [(2, "not-found")]


def test_a_date_that_the_store_sets_itself_is_compared_only_until_that_is_seen() -> None:
    table = "order | tracking_number | date_shipped\n10001 | 94001 | 2026-10-30"
    assert acts(plan("shipments", table, HELD)) == ["none"]
    assert acts(plan("shipments", table, HELD, action="upsert")) == ["update put"]
    sent = {"701 94001": "2026-10-30"}
    made = plan("shipments", table, HELD, action="upsert", dates_sent=sent)  # we sent it, and the store has its own
    assert acts(made) == ["none"] and made.dates_kept is False and said(made, "warning") == [(None, "date-set")]
    assert acts(plan("shipments", table, HELD, action="upsert", dates_kept=False)) == ["none"]
    kept = [order(1, order_shipments=[parcel(1, "94001", date_shipped="2026-10-30")])]
    made = plan("shipments", table.replace("10-30", "10-29"), kept, action="upsert", dates_sent=sent)
    assert made.dates_kept is True and acts(made) == ["update put"]
    made = plan("shipments", table.replace("10-30", "10-29"), kept, dates_kept=True)
    assert acts(made) == ["none"] and said(made, "warning") == [(2, "differs")]


def test_read_only_columns_of_a_parcel_are_warned_of_where_they_differ() -> None:
    made = plan("shipments", "order | tracking_number | print_status\n10001 | 94001 | printed", HELD, action="upsert")
    assert acts(made) == ["none"] and said(made, "warning") == [(2, "read-only")]


def test_a_delete_in_an_order_that_is_gone_finds_nothing_to_delete() -> None:
    for resource, column in (("shipments", "tracking_number"), ("items", "code")):
        made = plan(resource, f"order | {column}\n99 | A1", HELD, action="delete")
        assert acts(made) == ["none"] and not made.problems


# -- items --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "code", "act", "problem"),
    [
        ("create", "NEW", "create post", ""),
        ("create", "MUG-1", "", "exists"),
        ("update", "NEW", "", "not-found"),
        ("update", "MUG-1", "update put", ""),
        ("upsert", "NEW", "create post", ""),
        ("upsert", "MUG-1", "update put", ""),
        ("delete", "NEW", "none", ""),
        ("delete", "MUG-1", "delete delete", ""),
        ("skip", "NEW", "skip", ""),
    ],
)
def test_each_action_on_an_item_that_is_there_and_one_that_is_not(action: str, code: str, act: str, problem: str) -> None:
    made = plan("items", f"action | order | code | name | quantity\n{action} | 10001 | {code} | Mug | 7", HELD)
    assert acts(made) == ([act] if act else [])
    assert [code for _, code in said(made)] == ([problem] if problem else [])


@pytest.mark.parametrize("action", ["create", "upsert"])
def test_a_new_item_without_a_name_is_told_once(action: str) -> None:
    made = plan("items", "order | code | name\n10001 | NEW | ", HELD, action=action)
    assert said(made) == [(2, "required")]


def test_an_item_without_a_code_is_not_created_twice() -> None:
    held = [order(1, order_items=[item(1, code="", name="Gift wrap")])]
    assert said(plan("items", "order | name\n10001 | Gift wrap", held, action="create")) == [(2, "exists")]


def test_the_error_for_an_unknown_item_names_those_of_the_order() -> None:
    (problem,) = plan("items", "order | code | quantity\n10001 | MUG-9 | 1", HELD).errors
    assert "MUG-1" in problem.hint and "create" in problem.hint


def test_several_items_of_an_order_go_with_its_own_put_and_one_alone_by_itself() -> None:
    held = [order(1, order_items=[item(1), item(2)]), order(2)]
    table = "order | code | quantity\n10001 | MUG-1 | 7\n10001 | MUG-2 | 7\n10002 | MUG-2 | 7"
    made = plan("items", table, held)
    assert acts(made) == ["update order-put", "update order-put", "update put"]
    assert made.changes[0].note == "with the order's own PUT: 2 items, one call"


def test_two_rows_about_one_item_are_a_problem_of_both() -> None:
    made = plan("items", "order | item_id | code | quantity\n10001 | 9001 | | 7\n10001 | | MUG-1 | 8", HELD)
    assert said(made) == [(2, "duplicate"), (3, "duplicate")]


def test_a_code_changes_where_the_id_is_given() -> None:
    assert fields(plan("items", "order | item_id | code\n10001 | 9001 | CUP", HELD)) == {"code": "CUP"}


def test_a_key_of_an_items_map_is_cleared() -> None:
    held = [order(1, order_items=[item(1, metadata={"a": "1"}, variation_list={"Size": "L"})])]
    made = plan("items", "order | code | metadata.a | variation_list.Size\n10001 | MUG-1 | (clear) | L", held)
    assert fields(made) == {"metadata.a": CLEAR}


def test_what_the_store_fills_in_by_itself_can_not_be_cleared() -> None:
    held = [order(1, order_shipments=[parcel(1, "94001", tracking_url="http://t")], order_notes=[{"content": "c", "date_added": "2026-01-01 00:00:00"}])]
    assert said(plan("shipments", "order | tracking_number | tracking_url\n10001 | 94001 | (clear)", held, action="update")) == [(2, "clear")]
    assert said(plan("orders", "source_id | order_notes.1.date_added\n10001 | (clear)", held)) == [(2, "clear")]
