"""Books: sheets joined by their order, parents before children, a whole order refused for one bad row."""

from __future__ import annotations

from orderdesk_batch.plan import safety
from tests.plan.tables import acts, book, order, parcel, said

ORDERS = "source_id | shipping.first_name\nN1 | Ada\nN2 | Bob"
ITEMS = "order | code | name\nN1 | A | Mug\nN1 | B | Cup\n#N2 | C | Jar"
SHIPMENTS = "order | tracking_number\nN1 | 94001\nN2 | 94002"


def test_a_new_order_goes_up_with_the_items_of_the_other_sheet_and_its_parcels_wait_for_it() -> None:
    made = book(action="create", orders=ORDERS, items=ITEMS, shipments=SHIPMENTS)
    assert not made.problems
    assert acts(made) == ["create post"] * 2 + ["create with-order"] * 3 + ["create batch"] * 2
    assert [list(change.after) for change in made.changes] == [[], [], [1], [1], [2], [1], [2]]
    assert [len(change.items) for change in made.changes[:2]] == [2, 1]
    assert safety.calls(made, 100) == 3
    assert made.counts["create"] == 7


def test_a_new_order_without_any_item_is_refused_with_its_parcels() -> None:
    made = book(action="create", orders=ORDERS, items=ITEMS.replace("#N2", "N1"), shipments=SHIPMENTS)
    assert said(made) == [(3, "required")]
    assert [change.key for change in made.changes] == ["order N1", "order N1, A", "order N1, B", "order N1, C", "order N1, 94001"]


def test_a_new_order_whose_only_item_is_refused_is_not_told_to_have_none() -> None:
    made = book(action="create", orders=ORDERS, items="order | code | name | quantity\nN1 | A | Mug | 2.5\nN2 | C | Jar | 1")
    assert said(made) == [(2, "not-whole")]
    assert [change.key for change in made.changes] == ["order N2", "order N2, C"]


def test_one_bad_row_takes_its_order_from_all_sheets() -> None:
    made = book(action="create", orders=ORDERS, items=ITEMS + "\nN1 | D | ", shipments=SHIPMENTS)
    assert said(made) == [(5, "required")]
    assert {change.key.split(",")[0] for change in made.changes} == {"order N2", "order #N2"} - {"order #N2"}
    assert made.refused == 1 + 3 + 1
    assert ("shipments", 2) in made.refused_rows and ("shipments", 3) not in made.refused_rows


def test_a_bad_parcel_takes_the_change_of_its_order_with_it() -> None:
    made = book([order(1), order(2)], orders="source_id | email\n10001 | x@y.z\n10002 | x@y.z",
                shipments="order | tracking_number\n10001 | pending\n#10002 | 94002")  # fmt: skip
    assert said(made) == [(2, "no-tracking-number")]
    assert [change.rows for change in made.changes] == [[3], [3]]


def test_what_belongs_to_an_order_that_is_refused_says_so() -> None:
    made = book(action="create", orders="source_id | shipping.first_name\nN1 | ", items="order | code | name\nN1 | A | Mug")
    assert [code for _, code in said(made)] == ["required", "parent-refused"]
    assert made.refused == 2 and not made.changes


def test_children_wait_for_the_change_of_their_order_and_a_deleted_order_for_its_children() -> None:
    held = [order(1, order_shipments=[parcel(1, "94001")])]
    made = book(held, orders="source_id | email\n10001 | x@y.z", items="order | code | quantity\n10001 | MUG-1 | 7",
                shipments="order | tracking_number\n10001 | 94002")  # fmt: skip
    assert [list(change.after) for change in made.changes] == [[], [1], [1]]
    made = book(held, action="delete", orders="source_id\n10001", items="order | code\n10001 | MUG-1",
                shipments="order | tracking_number\n10001 | 94001")  # fmt: skip
    assert [list(change.after) for change in made.changes] == [[2, 3], [], []]


def test_nothing_is_added_to_an_order_that_the_book_deletes() -> None:
    made = book([order(1)], orders="source_id | action\n10001 | delete", shipments="order | tracking_number\n10001 | 94002")
    assert [code for _, code in said(made)] == ["parent-deleted"]


def test_a_book_of_what_is_gone_is_none() -> None:
    made = book(action="delete", orders="source_id\nN1", items="order | code\nN1 | A", shipments="order | tracking_number\nN1 | 94001")
    assert acts(made) == ["none"] * 3 and not made.problems


def test_the_orders_of_a_book_are_moved_after_all_their_changes() -> None:
    made = book(action="create", then="Shipped", orders=ORDERS, items=ITEMS, shipments=SHIPMENTS)
    moves = [change for change in made.changes if change.fields.get("folder")]
    assert [change.after for change in moves] == [[1, 3, 4, 6], [2, 5, 7]]


def test_a_number_of_two_new_orders_is_told_apart_by_the_cart() -> None:
    orders = "source_name | source_id | shipping.first_name\nA | 1 | Ada\nB | 1 | Bob"
    made = book(action="create", orders=orders, items="order.source_name | order | code | name\nA | 1 | X | Mug\nb | 1 | Y | Cup")
    assert [list(change.after) for change in made.changes] == [[], [], [1], [2]]
    made = book(action="create", orders=orders, items="order | code | name\n1 | X | Mug")
    assert ("several" in [code for _, code in said(made)]) and not made.changes
