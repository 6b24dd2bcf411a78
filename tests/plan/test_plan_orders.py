"""Orders: created, changed, deleted; their items, notes, folder; what is refused, and what a repeat says."""

from __future__ import annotations

from typing import Any

import pytest

from orderdesk_batch.kinds import CLEAR
from orderdesk_batch.plan import Change
from orderdesk_batch.plan.orders import once_marks
from tests.plan.tables import acts, fields, item, news, order, plan, row, said

NEW = "source_id | shipping.first_name | item.name | item.code"


# -- actions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "number", "act", "problem"),
    [
        ("create", "N1", "create post", ""),
        ("create", "10001", "", "exists"),
        ("update", "N1", "", "not-found"),
        ("update", "10001", "update put", ""),
        ("upsert", "N1", "create post", ""),
        ("upsert", "10001", "update put", ""),
        ("delete", "N1", "none", ""),
        ("delete", "10001", "delete delete", ""),
        ("skip", "10001", "skip", ""),
        ("NEW", "N1", "create post", ""),
        ("merge", "10001", "update put", ""),
    ],
)
def test_each_action_on_what_is_there_and_what_is_not(action: str, number: str, act: str, problem: str) -> None:
    made = plan("orders", f"command | {NEW} | email\n{action} | {number} | Ada | Mug 1 | MUG-1 | x@y.z", [order(1)])
    assert acts(made) == ([act] if act else [])
    assert [code for _, code in said(made)] == ([problem] if problem else [])
    assert made.counts["refused"] == bool(problem)


def test_an_order_is_not_created_where_its_number_is_there_under_any_source_name() -> None:
    table = "source_id | source_name | shipping.first_name | item.name\n10001 | Amazon | Ada | Mug"
    for action in ("create", "upsert"):
        made = plan("orders", table, [order(1)], action=action)
        assert said(made) == [(2, "exists")]
        assert "10001 of Shopify" in made.errors[0].reason


def test_a_new_order_needs_a_name_and_an_item_and_is_told_so_once() -> None:
    made = plan("orders", "source_id | shipping.first_name | item.name\nN1 | | Mug\nN2 | Ada | ", action="create")
    assert sorted((row, code) for row, code in said(made)) == [(2, "required"), (3, "required")]
    made = plan("orders", "source_id | shipping.first_name | item.name\nN1 | | Mug\nN2 | Ada | ", action="upsert")
    assert sorted((row, code) for row, code in said(made)) == [(2, "required"), (3, "required")]


def test_a_new_orders_id_is_not_ours_to_give() -> None:
    assert said(plan("orders", "id | shipping.first_name | item.name\n999 | Ada | Mug", action="create")) == [(2, "not-found")]


def test_a_bad_row_takes_its_whole_order_with_it_and_counts_as_one() -> None:
    table = "source_id | tax_total | item.code | item.quantity\n10001 | 2 | MUG-1 | 5\n10001 | | CUP | abc\n10002 | 3 | | "
    made = plan("orders", table, [order(1), order(2)])
    assert [change.rows for change in made.changes] == [[4]]
    assert made.refused == 1 and made.refused_rows == {("", 2), ("", 3)}


def test_rows_of_one_order_that_say_different_things_are_told_once() -> None:
    table = "source_id | action | item.code\n10001 | update | A\n10001 | delete | B"
    made = plan("orders", table, [order(1)])
    assert [code for _, code in said(made)] == ["contradiction", "contradiction"]
    assert not made.changes and made.refused == 1


def test_a_skipped_row_of_an_order_leaves_its_other_rows_alone() -> None:
    table = "source_id | action | item.code | item.quantity\n10001 | | MUG-1 | 5\n10001 | skip | CUP | 1"
    made = plan("orders", table, [order(1)])
    assert acts(made) == ["update put", "skip"]
    assert [change.rows for change in made.changes] == [[2], [3]]


def test_a_delete_minds_no_cell_but_those_that_say_which_order_and_what_to_do() -> None:
    assert acts(plan("orders", "source_id | tax_total\n10001 | abc", [order(1)], action="delete")) == ["delete delete"]
    made = plan("orders", "source_id | action\n10001 | remove", [order(1)], action="delete")
    assert not made.changes and [code for _, code in said(made)] == ["action"]


# -- cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "held", "cell", "sets"),
    [
        ("email", "a@b.c", "", None),
        ("email", " a@b.c ", "a@b.c", None),
        ("email", "a@b.c", "(clear)", CLEAR),
        ("email", "", "(clear)", None),
        ("tax_total", "4.50", "$4.5", None),
        ("tax_total", 0, "(clear)", None),
        ("tax_total", 3, "(clear)", CLEAR),
        ("tax_total", 1234, "1,234", None),  # ambiguous, but what the store holds
        ("tax_total", "about 3", "about 3", None),  # a stored value that does not parse
        ("payment_status", "Captured", "captured", None),
        ("order_metadata.a", None, "(clear)", None),
        ("cc_number", "", "4242", "4242"),
        ("date_added", "2026-11-01 10:00:00", "2026-11-01T10:00:00Z", None),
        ("discount_list.1.code", None, "(clear)", None),
    ],
)
def test_a_cell_sets_what_differs_and_nothing_else(name: str, held: Any, cell: str, sets: Any) -> None:
    document = order(1, **({name: held} if "." not in name else {}))
    made = plan("orders", f"source_id | {name} | handling_total\n10001 | {cell} | 7.77", [document])
    assert not made.errors
    assert fields(made).get(name) == sets


def test_a_masked_card_is_compared_by_its_last_four() -> None:
    assert acts(plan("orders", "source_id | cc_number\n10001 | 4242", [order(1, cc_number_masked="************4242")])) == ["none"]


def test_a_key_of_an_open_map_is_set_and_removed() -> None:
    held = order(1, order_metadata={"a": "1", "b.c": "2"})
    made = plan("orders", "source_id | order_metadata.a | order_metadata.b.c | checkout_data.Gift Message\n10001 | (clear) | 2 | Hi", [held])
    assert fields(made) == {"order_metadata.a": CLEAR, "checkout_data.Gift Message": "Hi"}


def test_read_only_columns_are_ignored_and_warned_of_where_they_differ() -> None:
    made = plan("orders", "source_id | order_total | quantity_total\n10001 | 12.50 | \n10002 | 99 | abc", [order(1), order(2)])
    assert acts(made) == ["none", "none"]
    assert [row for row, _ in said(made, "warning")] == [3, 3] and not made.errors


def test_the_two_names_of_the_return_address_are_one() -> None:
    made = plan("orders", "source_id | return_address.first_name | return_address.last_name\n10001 | Rosa | Retour", [order(1)])
    assert fields(made) == {"return_address.name": "Rosa Retour"}
    held = order(1, return_address={"name": "Rosa Retour"})
    assert acts(plan("orders", "source_id | return_address.first_name | return_address.last_name\n10001 | Rosa | Retour", [held])) == ["none"]


@pytest.mark.parametrize(
    ("cell", "act", "problem"),
    [("Shipped", "update move", ""), (" shipped", "update move", ""), ("5", "update move", ""), ("New", "none", ""), ("1", "none", ""),
     ("Lost", "", "folder"), ("Twice", "", "folder"), ("2", "", "folder"), ("(clear)", "", "clear"), ("", "none", "")],
)  # fmt: skip
def test_a_folder_is_named_by_name_or_id(cell: str, act: str, problem: str) -> None:
    made = plan("orders", f"source_id | folder\n10001 | {cell}", [order(1)])
    assert (acts(made), [code for _, code in said(made)]) == ([act] if act else [], [problem] if problem else [])


def test_a_new_order_is_made_in_its_folder() -> None:
    made = plan("orders", f"{NEW} | folder\nN1 | Ada | Mug | | Shipped", action="create")
    assert fields(made)["folder"] == "2"
    assert said(plan("orders", f"{NEW} | folder\nN1 | Ada | Mug | | Nowhere", action="create")) == [(2, "folder")]


# -- items ------------------------------------------------------------------------------------------------


def test_item_rows_change_add_and_delete_and_what_is_not_named_stays() -> None:
    held = order(1, order_items=[item(1), item(2), item(3)])
    table = (
        "source_id | item.code | item.quantity | item.price | item.action\n"
        "10001 | MUG-1 | 5 | | \n10001 | NEW | 1 | 3.00 | \n10001 | MUG-2 | | | delete\n10001 | GONE | | | delete"
    )
    (change,) = plan("orders", table, [held]).changes
    assert [(one.action, one.id, one.code) for one in change.items] == [("update", "9001", "MUG-1"), ("create", "", "NEW"), ("delete", "9002", "MUG-2")]
    assert [step.verb for step in change.steps] == ["put", "item-delete"]
    assert change.items[0].fields == {"quantity": [2, 5]}


def test_an_item_row_that_matches_adds_nothing_the_second_time() -> None:
    held = order(1, order_items=[item(1), item(2, code="", name="Gift wrap"), item(3, name="NEW", code="NEW")])
    table = "source_id | item.code | item.name | item.quantity\n10001 | MUG-1 | | 2\n10001 | | Gift wrap | 2\n10001 | NEW | | 2"
    assert acts(plan("orders", table, [held])) == ["none"]


def test_the_variation_counts_where_the_code_fits_several_items_or_rows() -> None:
    sizes = [item(n, code="TEE", variation_list={"Size": size}) for n, size in enumerate("SM", 1)]
    table = "source_id | item.code | item.variation_list.Size | item.quantity\n10001 | TEE | M | 5"
    (change,) = plan("orders", table, [order(1, order_items=sizes)]).changes
    assert [one.id for one in change.items] == ["9002"]
    table = "source_id | item.code | item.variation_list.Size | item.quantity\n10001 | TEE | S | 2\n10001 | TEE | L | 1"
    (change,) = plan("orders", table, [order(1, order_items=sizes[:1])]).changes
    assert [(one.action, one.id) for one in change.items] == [("create", "")]
    (change,) = plan("orders", "source_id | item.code | item.variation_list.Size\n10001 | TEE | L", [order(1, order_items=sizes[:1])]).changes
    assert news(change) == {"item.TEE.variation_list.Size": "L"}


def test_an_item_row_that_fits_two_items_asks_for_the_id() -> None:
    held = order(1, order_items=[item(1, code="A"), item(2, code="A")])
    assert said(plan("orders", "source_id | item.code | item.quantity\n10001 | A | 5", [held])) == [(2, "several")]
    assert acts(plan("orders", "source_id | item.item_id | item.quantity\n10001 | 9002 | 5", [held])) == ["update put"]


def test_two_rows_about_one_item_are_a_problem_of_both_told_once() -> None:
    table = "source_id | item.item_id | item.code | item.quantity\n10001 | 9001 | | 5\n10001 | | MUG-1 | 6"
    assert said(plan("orders", table, [order(1)])) == [(2, "duplicate"), (3, "duplicate")]
    table = "source_id | item.code | item.quantity\n10001 | MUG-1 | 5\n10001 | MUG-1 | 6"
    assert said(plan("orders", table, [order(1)])) == [(2, "same-key"), (3, "same-key")]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [("MUG-1 | | create | Mug", "exists"), (" | 77 | | ", "not-found"), (" | | delete | ", "no-key"), (" | | skip | ", "")],
)
def test_what_an_item_row_can_not_do(cells: str, problem: str) -> None:
    made = plan("orders", f"source_id | item.code | item.item_id | item.action | item.name\n10001 | {cells}", [order(1)])
    assert [code for _, code in said(made)] == ([problem] if problem else [])


# -- notes, discounts, history ------------------------------------------------------------------------------


def test_notes_and_discounts_are_numbered_without_gaps() -> None:
    two = [{"content": "a", "username": "b", "date_added": "2026-01-01 00:00:00"}] * 2
    held = order(1, order_notes=two, discount_list=[{"name": "x", "amount": "1.00"}])
    assert fields(plan("orders", "source_id | order_notes.3.content\n10001 | c", [held])) == {"order_notes.3.content": "c"}
    assert fields(plan("orders", "source_id | order_notes.2.content\n10001 | c", [held])) == {"order_notes.2.content": "c"}
    assert said(plan("orders", "source_id | order_notes.4.content\n10001 | c", [held])) == [(2, "gap")]
    assert said(plan("orders", "source_id | order_notes.3.username\n10001 | c", [held])) == [(2, "required")]
    assert said(plan("orders", "source_id | discount_list.2.name\n10001 | c", [held])) == [(2, "required")]
    assert acts(plan("orders", "source_id | discount_list.2.name | discount_list.2.amount\n10001 | c | 2", [held])) == ["update put"]
    made = plan("orders", f"{NEW} | order_notes.1.content | order_notes.2.content\nN1 | Ada | Mug | | | late", action="create")
    assert said(made) == [(2, "gap")]


@pytest.mark.parametrize(("length", "fine"), [(2000 - 200 - 19 - 15, True), (2000 - 200 - 19 - 15 + 1, False)])
def test_all_notes_together_have_two_thousand_characters(length: int, fine: bool) -> None:
    held = order(1, order_notes=[{"content": "x" * 177, "username": "ops1", "date_added": "2026-01-01 00:00:00"}])
    made = plan("orders", f"source_id | order_note\n10001 | {'n' * length}", [held])
    assert (acts(made) == ["update put"], [code for _, code in said(made)]) == (fine, [] if fine else ["notes-too-long"])


def test_what_appends_is_refused_the_second_time_unless_again_is_said() -> None:
    table = "order | order_note | order_history\n10001 | hello | seen"
    first = plan("orders", table, [order(1)])
    assert acts(first) == ["update put,history"]
    marks = once_marks(first.changes[0], {2: row(2, "update", {"order": "10001", "order_note": "hello", "order_history": "seen"})})
    done = dict.fromkeys(marks, "a.run")
    again = table.replace("10001", "#10001")  # the same row, though its order is spelled otherwise
    assert [code for _, code in said(plan("orders", again, [order(1)], uploaded=done))] == ["again", "again"]
    assert acts(plan("orders", table, [order(1)], uploaded=done, again=True)) == ["update put,history"]
    assert acts(plan("orders", table.replace("hello", "hi").replace("seen", "read"), [order(1)], uploaded=done)) == ["update put,history"]


def test_a_new_order_without_a_number_can_not_be_repeated() -> None:
    table = "shipping.first_name | item.name\nAda | Mug"
    (change,) = plan("orders", table, action="create").changes
    marks = once_marks(change, {2: row(2, "create", {"shipping.first_name": "Ada", "item.name": "Mug"})})
    assert said(plan("orders", table, action="create", uploaded=dict.fromkeys(marks, "a.run"))) == [(2, "again")]


# -- then-move-to ---------------------------------------------------------------------------------------------


def test_orders_are_moved_once_their_rows_are_done() -> None:
    table = "order | tracking_number\n10001 | 94001\n10001 | 94002\n10002 | 94003\n10003 | \n10003 | 94004"
    made = plan("shipments", table, [order(1), order(2, folder_id="2"), order(3)], then="Shipped")
    moves = [change for change in made.changes if change.resource == "orders"]
    assert [(change.id, change.rows, change.after) for change in moves] == [("701", [2, 3], [1, 2])]


def test_an_orders_own_change_moves_it_too_in_one_change() -> None:
    made = plan("orders", "source_id | email | folder\n10001 | x@y.z | \n10002 | | \n10003 | | 5", [order(1), order(2), order(3)], then="Shipped")
    assert acts(made) == ["update put,move", "update move", "update move"]
    assert [change.fields["folder"] for change in made.changes] == [["1", "2"]] * 3
    assert made.counts["update"] == 3
    held = [order(n, folder_id="2", email="x@y.z") for n in (1, 2)]
    assert acts(plan("orders", "source_id | email\n10001 | x@y.z\n10002 | x@y.z", held, then="Shipped")) == ["none", "none"]


def test_a_new_order_is_moved_after_it_is_made_unless_it_is_made_there() -> None:
    made = plan("orders", f"{NEW} | folder\nN1 | Ada | Mug | | \nN2 | Bob | Mug | | Shipped", action="create", then="Shipped")
    assert acts(made) == ["create post", "create post", "update move"]
    assert made.changes[2].after == [1]


def test_marks_and_numbers_go_to_orders() -> None:
    made = plan("orders", f"{NEW}\nN1 | Ada | Mug | \nN2 | Bob | Mug | ", action="create")
    assert [(change.number, change.mark) for change in made.changes] == [(1, "m-1"), (2, "m-2")]
    assert isinstance(made.changes[0], Change)
