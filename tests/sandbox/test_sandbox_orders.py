"""Orders: how they are written, blanked, found, moved and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.inprocess import Client, Clock

ITEM = {"name": "Mug", "price": 5, "code": "M"}
ORDER: dict[str, Any] = {"customer": {"first_name": "Zoë", "city": "Köln"}, "order_items": [ITEM]}
ID = "7000004"


def made(client: Client, **fields: Any) -> Any:
    return client.post("/orders", ORDER | fields)["order"]


@pytest.mark.fact("orders-get")
@pytest.mark.fact("orders-delete")
def test_an_order_is_read_and_deleted_by_its_own_id(client: Client) -> None:
    order = made(client)
    assert client.get(f"/orders/{order['id']}")["order"] == order
    assert client.call("DELETE", f"/orders/{order['id']}").ok
    assert client.call("GET", f"/orders/{order['id']}").status == 404
    assert client.call("GET", f"/orders/{order['id']}/order-items").status == 404
    assert client.call("GET", f"/orders/{client.box.order(ID)['source_id']}").status == 404


@pytest.mark.fact("orders-defaults")
def test_a_new_order_gets_defaults(client: Client) -> None:
    order = made(client)
    assert order["source_name"] == "Order Desk" and order["payment_status"] == "Captured"
    assert order["source_id"] == order["id"] and order["folder_id"] == "21654"
    assert order["date_added"] == order["date_updated"] == "2026-03-20 12:00:00"
    other = made(client, source_id="007", source_name="Etsy", payment_status="Pending", folder_name="Hold")
    assert [other[name] for name in ("source_id", "source_name", "payment_status", "folder_id")] == [
        "007",
        "Etsy",
        "Pending",
        "21658",
    ]
    assert made(client, folder_id=21656)["folder_id"] == "21656"


@pytest.mark.fact("orders-payment-status")
def test_a_payment_status_nobody_knows_is_refused(client: Client) -> None:
    assert "Paid" in client.refused("POST", "/orders", ORDER | {"payment_status": "Paid"})
    assert made(client, payment_status="Partially Refunded")["payment_status"] == "Partially Refunded"


@pytest.mark.fact("orders-dates")
@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-01-02 03:04:05", "2026-01-02 03:04:05"),
        ("2026-01-02", "2026-01-02 00:00:00"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02 01:04:05"),
    ],
)
def test_dates_are_utc(client: Client, sent: str, read: str) -> None:
    assert made(client, date_added=sent)["date_added"] == read


@pytest.mark.fact("orders-dates")
@pytest.mark.parametrize("sent", ["01/02/2026", "soon", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_is_refused(client: Client, sent: str) -> None:
    assert client.refused("POST", "/orders", ORDER | {"date_added": sent}) == "date_added is not a date"


@pytest.mark.fact("orders-create-needs")
def test_a_new_order_needs_items_and_a_name(client: Client) -> None:
    nameless = {"customer": {"city": "Köln"}, "shipping": [], "order_items": [ITEM]}
    assert client.refused("POST", "/orders", nameless) == "A customer or shipping name is required"
    assert client.refused("POST", "/orders", ORDER | {"order_items": []}) == "Order items are required"
    assert (
        client.refused("POST", "/orders", ORDER | {"order_items": ["Mug"]})
        == "An order item must be an object"
    )
    for name in ("first_name", "last_name", "company"):
        assert client.post("/orders", {"shipping": {name: "X"}, "order_items": [ITEM]})


@pytest.mark.fact("orders-create-copies")
@pytest.mark.fact("orders-address")
def test_customer_and_recipient_are_copied_to_each_other(client: Client) -> None:
    order = made(client)
    assert order["shipping"]["city"] == order["customer"]["city"] == "Köln"
    assert order["shipping"]["address3"] == "" and "address3" not in order["customer"]
    sent = {"first_name": "Ann", "address3": "Back", "address1": ""}
    order = client.post("/orders", {"shipping": sent, "customer": {"first_name": ""}, "order_items": [ITEM]})[
        "order"
    ]
    assert order["customer"]["first_name"] == "Ann" and "address3" not in order["customer"]
    order = made(client, shipping={"first_name": "Other"})
    assert (order["customer"]["first_name"], order["shipping"]["city"]) == ("Zoë", "")


@pytest.mark.fact("orders-return-address")
def test_the_return_address_has_one_name(client: Client) -> None:
    order = made(client, return_address={"title": "Back", "name": "Rosa Retour", "first_name": "Rosa"})
    assert order["return_address"]["name"] == "Rosa Retour" and order["return_address"]["phone"] == ""


@pytest.mark.fact("orders-read-only")
def test_read_only_fields_are_not_looked_at(client: Client) -> None:
    before = client.box.order(ID)
    sent = before | {
        "id": "1",
        "order_total": 999,
        "quantity_total": 99,
        "email_count": 9,
        "date_updated": "2000-01-01 00:00:00",
        "order_shipments": [{"tracking_number": "X"}],
        "cc_number_masked": "1",
        "order_history": [{"note": "x"}],
        "cc_number": before["cc_number_masked"],
    }
    after = client.put(f"/orders/{ID}", sent)["order"]
    assert after == before | {"date_updated": "2026-03-20 12:00:00"}
    assert client.box.history(ID) == []


@pytest.mark.fact("orders-totals")
@pytest.mark.fact("orders-discounts")
@pytest.mark.fact("answers-discount-amounts")
def test_totals_are_reckoned_by_the_server(client: Client) -> None:
    order = made(
        client,
        order_items=[{"name": "A", "price": 10.1, "quantity": 3, "weight": 0.5}, {"name": "B", "price": "2"}],
        discount_list=[{"name": "Five", "amount": 5}, {"name": "Bit", "code": "B", "amount": "0.255"}],
        shipping_total="4.50",
        handling_total=1,
        tax_total=2,
        product_total=1,
    )
    totals = ("quantity_total", "weight_total", "product_total", "discount_total", "order_total")
    assert [order[name] for name in totals] == [4, 1.5, 32.3, 5.25, 34.55]
    assert order["discount_list"] == [
        {"name": "Five", "code": "", "amount": "5.00"},
        {"name": "Bit", "code": "B", "amount": "0.255"},
    ]


@pytest.mark.fact("orders-notes")
def test_notes_have_a_date_a_name_and_a_text(client: Client) -> None:
    order = made(client, order_notes=[{"username": "Zoë", "content": "Hi"}])
    assert order["order_notes"] == [{"date_added": "2026-03-20 12:00:00", "username": "Zoë", "content": "Hi"}]
    assert client.refused("POST", "/orders", ORDER | {"order_notes": ["Hi"]})


@pytest.mark.fact("limits-notes")
def test_notes_together_have_at_most_2000_characters(client: Client) -> None:
    short = {"date_added": "2026-03-20 12:00:00", "username": "ü", "content": "é" * 980}
    assert len(made(client, order_notes=[short, short])["order_notes"]) == 2
    full = [short, short | {"content": "é" * 981}]
    assert client.refused("POST", "/orders", ORDER | {"order_notes": full})
    assert client.refused("PUT", f"/orders/{ID}", ORDER | {"order_notes": full})


@pytest.mark.fact("orders-put-blanks")
def test_a_put_blanks_what_it_leaves_out(client: Client) -> None:
    before = client.box.order(ID)
    after = client.put(f"/orders/{ID}", {"email": "only@example.com"})["order"]
    assert after["email"] == "only@example.com"
    assert after["id"] == before["id"] and after["email_count"] == before["email_count"]
    for name in ("source_id", "source_name", "payment_status", "folder_id", "date_added", "cc_exp"):
        assert after[name] == "", name
    for name in ("shipping_total", "tax_total", "order_total", "quantity_total"):
        assert after[name] == 0, name
    for name in ("shipping", "customer", "checkout_data", "order_metadata", "order_notes", "order_items"):
        assert after[name] == [], name
    assert client.get("/orders", source_id=before["source_id"])["total_records"] == 0


@pytest.mark.fact("orders-put-blanks")
def test_a_put_of_what_was_read_changes_nothing_but_the_date(client: Client) -> None:
    for before in client.box.orders():
        sent = before | {"cc_number": before["cc_number_masked"][-4:]}
        after = client.put(f"/orders/{before['id']}", sent)["order"]
        assert after == before | {"date_updated": "2026-03-20 12:00:00"}


@pytest.mark.fact("orders-put-items")
def test_a_put_updates_items_with_an_id_and_adds_others(client: Client) -> None:
    order = client.box.order(ID)
    known = order["order_items"][0]
    order["order_items"] = [
        {"id": known["id"], "name": "New name", "quantity": 2},
        {"name": "Added", "price": 3},
    ]
    first, second = client.put(f"/orders/{ID}", order)["order"]["order_items"]
    assert first["id"] == known["id"] and first["name"] == "New name"
    assert (first["price"], first["code"], first["delivery_type"], first["quantity"]) == (0, "", "", 2)
    assert second["id"] not in ("", known["id"]) and (second["quantity"], second["delivery_type"]) == (
        1,
        "ship",
    )


@pytest.mark.fact("orders-put-items-left-out")
@pytest.mark.parametrize("way", ["removed", "kept"])
def test_items_a_put_leaves_out_go_or_stay(client: Client, switch: Any, way: str) -> None:
    switch(put_items_left_out=way)
    order = client.box.order("7000002")
    ids = [item["id"] for item in order["order_items"]]
    assert len(ids) == 2
    order["order_items"] = order["order_items"][1:]
    after = client.put("/orders/7000002", order)["order"]
    assert sorted(item["id"] for item in after["order_items"]) == (ids if way == "kept" else ids[1:])
    del order["order_items"]
    after = client.put("/orders/7000002", order)["order"]
    assert len(after["order_items"]) == (2 if way == "kept" else 0)


@pytest.mark.fact("orders-put-unknown-item")
def test_an_item_of_a_put_the_order_has_not_got(client: Client, switch: Any) -> None:
    order = client.box.order(ID)
    order["order_items"] = [*order["order_items"], {"id": "5", "name": "Ghost"}]
    switch(unknown_item_id="error")
    assert client.refused("PUT", f"/orders/{ID}", order) == "There is no order item 5"
    switch(unknown_item_id="ignored")
    assert len(client.put(f"/orders/{ID}", order)["order"]["order_items"]) == len(order["order_items"]) - 1
    switch(unknown_item_id="added")
    last = client.put(f"/orders/{ID}", order)["order"]["order_items"][-1]
    assert last["name"] == "Ghost" and last["id"] != "5"
    twice = order | {"order_items": order["order_items"][:1] * 2}
    assert client.refused("PUT", f"/orders/{ID}", twice)


@pytest.mark.fact("orders-put-shipments")
def test_a_put_leaves_the_shipments_alone(client: Client) -> None:
    client.box.add_shipment(ID, {"tracking_number": "T1"})
    order = client.box.order(ID)
    after = client.put(f"/orders/{ID}", order | {"order_shipments": []})["order"]
    assert after["order_shipments"] == order["order_shipments"] != []


@pytest.mark.fact("orders-unknown-fields")
def test_fields_nobody_knows_are_kept_until_left_out(client: Client) -> None:
    order = client.box.order(ID) | {"colour": {"a": [1]}}
    order["shipping"]["door_code"] = "77"
    order["order_items"][0]["engraving"] = "Zoë"
    kept = client.put(f"/orders/{ID}", order)["order"]
    assert kept["colour"] == {"a": [1]} and kept["shipping"]["door_code"] == "77"
    assert kept["order_items"][0]["engraving"] == "Zoë"
    del kept["colour"], kept["shipping"]["door_code"], kept["order_items"][0]["engraving"]
    gone = client.put(f"/orders/{ID}", kept)["order"]
    assert "colour" not in gone and "door_code" not in gone["shipping"]
    assert "engraving" not in gone["order_items"][0]
    assert made(client, colour="x")["colour"] == "x"


@pytest.mark.fact("orders-cc-number")
@pytest.mark.fact("orders-cc-left-out")
def test_only_the_last_four_digits_of_a_card_are_kept(client: Client, switch: Any) -> None:
    order = made(client, cc_number="4111 1111 1111 1234")
    assert order["cc_number_masked"] == "************1234" and "cc_number" not in order
    switch(cc_kept=True)
    path = f"/orders/{order['id']}"
    assert client.put(path, order)["order"]["cc_number_masked"] == "************1234"
    assert (
        client.put(path, order | {"cc_number": "************1234"})["order"]["cc_number_masked"][-4:]
        == "1234"
    )
    switch(cc_kept=False)
    assert client.put(path, order | {"cc_number": "1234"})["order"]["cc_number_masked"] == "************1234"
    assert client.put(path, order)["order"]["cc_number_masked"] == ""


@pytest.mark.fact("orders-history")
def test_history_is_only_added_to(client: Client) -> None:
    path = f"/orders/{ID}/order-history"
    client.post(path, {"note": "one", "source_name": "Test"})
    client.post(path, {"note": "two"})
    assert [(entry["note"], entry["source_name"]) for entry in client.box.history(ID)] == [
        ("one", "Test"),
        ("two", ""),
    ]
    assert client.refused("POST", path, {"note": " "}) == "A note is required"
    assert client.call("GET", path).status == 405
    client.put(f"/orders/{ID}", ORDER)
    assert len(client.box.history(ID)) == 2


@pytest.mark.fact("orders-history-one")
def test_one_order_carries_its_history_when_asked(client: Client, switch: Any) -> None:
    client.post(f"/orders/{ID}/order-history", {"note": "one"})

    def carried(**query: str) -> bool:
        return "order_history" in client.get(f"/orders/{ID}", **query)["order"]

    assert (carried(), carried(get_order_history="1")) == (False, True)
    switch(order_history_in_get="always")
    assert (carried(), carried(get_order_history="1")) == (True, True)
    switch(order_history_in_get="never")
    assert (carried(), carried(get_order_history="1")) == (False, False)


@pytest.mark.fact("orders-move")
@pytest.mark.fact("orders-move-rows")
def test_orders_are_moved_together(client: Client, switch: Any) -> None:
    body = {"order_id_list": ["7000001", 7000005, "5"], "destination_folder_id": 21658}
    rows = client.post("/move-orders", body)["results"]
    assert rows == [
        {"order_id": "7000001", "message": "Order Moved", "original_folder_id": "21654"},
        {"order_id": "7000005", "message": "Order Moved", "original_folder_id": "21655"},
        {"order_id": "5", "message": "Order Not Found"},
    ]
    assert client.box.order("7000001")["folder_id"] == client.box.order("7000005")["folder_id"] == "21658"
    switch(move_status=True)
    rows = client.post("/move-orders", body)["results"]
    assert [row["status"] for row in rows] == ["success", "success", "error"]


@pytest.mark.fact("orders-move-one-of")
@pytest.mark.fact("orders-other-descriptions")
@pytest.mark.parametrize(
    "body",
    [
        {"order_id_list": [ID]},
        {"order_id_list": [ID], "destination_folder_id": "21654", "destination_folder_name": "New"},
        {"order_id_list": [ID], "destination_folder_name": "new"},
        {"order_id_list": [ID], "destination_folder_id": "1"},
        {"order_id_list": ID, "destination_folder_name": "Hold"},
        {"order_id_list": [], "destination_folder_name": "Hold"},
        {"order_id_list": [[ID]], "destination_folder_name": "Hold"},
        {"order_ids": [ID], "folder_id": "21658"},
        [ID],
    ],
)
def test_a_move_that_is_not_right_moves_nothing(client: Client, body: Any) -> None:
    before = client.box.dump()
    client.refused("POST", "/move-orders", body)
    assert client.box.dump() == before


@pytest.mark.fact("orders-other-descriptions")
def test_an_order_inside_an_object_of_its_own_is_refused(client: Client) -> None:
    client.refused("POST", "/orders", {"order": ORDER})
    client.refused("PUT", f"/orders/{ID}", {"order": ORDER})
    client.refused("PUT", f"/orders/{ID}", [ORDER])
    client.refused("PUT", f"/orders/{ID}", {})
    client.refused("POST", f"/orders/{ID}/shipments", {"shipment": {"tracking_number": "T"}})


@pytest.mark.fact("orders-unknown-folder")
def test_a_folder_the_store_has_not_got_is_refused(client: Client) -> None:
    client.refused("POST", "/orders", ORDER | {"folder_id": "1"})
    client.refused("POST", "/orders", ORDER | {"folder_name": "Elsewhere"})
    client.refused("PUT", f"/orders/{ID}", client.box.order(ID) | {"folder_id": "1"})


@pytest.mark.fact("orders-touches")
@pytest.mark.parametrize("kind", ["items", "shipments", "history", "folder"])
def test_nested_writes_move_the_date_or_not(client: Client, switch: Any, clock: Clock, kind: str) -> None:
    writes = {
        "items": ("POST", f"/orders/{ID}/order-items", ITEM),
        "shipments": ("POST", f"/orders/{ID}/shipments", {"tracking_number": "n/a"}),
        "history": ("POST", f"/orders/{ID}/order-history", {"note": "x"}),
        "folder": ("POST", "/move-orders", {"order_id_list": [ID], "destination_folder_name": "Hold"}),
    }
    method, path, body = writes[kind]
    before = client.box.order(ID)["date_updated"]
    switch(touches=frozenset(writes) - {kind})
    assert client.call(method, path, body).ok
    assert client.box.order(ID)["date_updated"] == before
    switch(touches=frozenset({kind}))
    clock.tick(5)
    assert client.call(method, path, body).ok
    assert client.box.order(ID)["date_updated"] == "2026-03-20 12:00:05"


@pytest.mark.fact("orders-number-not-unique")
def test_two_orders_can_have_one_number(client: Client) -> None:
    first, second = (
        made(client, source_id="1001", source_name="A"),
        made(client, source_id="1001", source_name="B"),
    )
    found = client.get("/orders", source_id="1001")["orders"]
    assert {order["id"] for order in found} == {first["id"], second["id"]}
