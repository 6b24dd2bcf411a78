"""Order items, shipments and inventory: how they are written, blanked and batched."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.inprocess import Client

ID = "7000004"
ITEMS = f"/orders/{ID}/order-items"
SHIPMENTS = f"/orders/{ID}/shipments"


def numbers(client: Client, order_id: str = ID) -> list[str]:
    return [shipment["tracking_number"] for shipment in client.box.order(order_id)["order_shipments"]]


@pytest.mark.fact("items-endpoints")
@pytest.mark.fact("items-totals")
def test_items_are_listed_read_added_changed_and_deleted(client: Client) -> None:
    before = client.box.order(ID)
    client.post(ITEMS, {"name": "Mug", "price": "2.5", "quantity": "4", "weight": 1})
    added = client.get(ITEMS)["order_items"][-1]
    assert added == client.get(f"{ITEMS}/{added['id']}")["order_item"]
    order = client.box.order(ID)
    assert order["order_total"] == round(before["order_total"] + 10, 2)
    assert order["quantity_total"] == before["quantity_total"] + 4
    client.put(f"{ITEMS}/{added['id']}", added | {"quantity": 1})
    assert client.box.order(ID)["order_total"] == round(before["order_total"] + 2.5, 2)
    assert client.call("DELETE", f"{ITEMS}/{added['id']}").ok
    assert client.box.order(ID)["order_total"] == before["order_total"]
    assert client.call("GET", f"{ITEMS}/{added['id']}").status == 404
    assert client.call("GET", f"/orders/7000001/order-items/{before['order_items'][0]['id']}").status == 404


@pytest.mark.fact("items-defaults")
def test_a_new_item_gets_defaults(client: Client) -> None:
    client.post(ITEMS, {"name": "Mug"})
    item = client.get(ITEMS)["order_items"][-1]
    assert (item["price"], item["quantity"], item["weight"], item["delivery_type"]) == (0, 1, 0, "ship")
    assert item["variation_list"] == item["metadata"] == []
    assert client.refused("POST", ITEMS, {"name": "Mug", "delivery_type": "drone"})
    client.post(ITEMS, {"name": "Mug", "delivery_type": "future", "quantity": "3.9"})
    assert client.get(ITEMS)["order_items"][-1]["quantity"] == 3


@pytest.mark.fact("items-put-blanks")
def test_a_put_of_an_item_blanks_what_it_leaves_out(client: Client) -> None:
    item = client.get(ITEMS)["order_items"][0]
    client.put(f"{ITEMS}/{item['id']}", {"name": "Only a name"})
    after = client.get(f"{ITEMS}/{item['id']}")["order_item"]
    assert after == dict.fromkeys(item, "") | {
        "id": item["id"],
        "name": "Only a name",
        "price": 0,
        "quantity": 0,
        "weight": 0,
        "variation_list": [],
        "metadata": [],
    }


@pytest.mark.fact("shipments-endpoints")
@pytest.mark.fact("shipments-several")
@pytest.mark.fact("answers-shipment-numbers")
def test_shipments_are_listed_read_added_changed_and_deleted(client: Client) -> None:
    client.post(SHIPMENTS, {"tracking_number": "T1", "carrier_code": "USPS", "weight": 1.5, "cost": "4"})
    client.post(SHIPMENTS, {"tracking_number": "T2", "weight": 0.125})
    first, second = client.get(SHIPMENTS)["shipments"]
    assert client.get(f"{SHIPMENTS}/{first['id']}")["shipment"] == first
    assert client.box.order(ID)["order_shipments"] == [first, second]
    assert (first["order_id"], first["store_id"]) == (ID, client.box.store_id)
    assert (first["weight"], first["cost"], second["weight"], second["cost"]) == (
        "1.50",
        "4.00",
        "0.125",
        "0.00",
    )
    client.put(f"{SHIPMENTS}/{first['id']}", first | {"tracking_number": "T9"})
    assert client.call("DELETE", f"{SHIPMENTS}/{second['id']}").ok
    assert numbers(client) == ["T9"]


@pytest.mark.fact("shipments-put-blanks")
def test_a_put_of_a_shipment_blanks_what_it_leaves_out(client: Client) -> None:
    sent = {"tracking_number": "T1", "carrier_code": "Own", "weight": 1, "status": "x", "note_of_ours": "y"}
    client.post(SHIPMENTS, sent)
    (shipment,) = client.get(SHIPMENTS)["shipments"]
    assert shipment["note_of_ours"] == "y"
    client.put(f"{SHIPMENTS}/{shipment['id']}", {"tracking_number": "T1"})
    (after,) = client.get(SHIPMENTS)["shipments"]
    assert (after["carrier_code"], after["weight"], after["status"], after["date_shipped"]) == (
        "",
        "0.00",
        "",
        "",
    )
    assert after["date_added"] == shipment["date_added"] and "note_of_ours" not in after


@pytest.mark.fact("shipments-duplicate")
@pytest.mark.parametrize("number", ["1Z99", " 1Z99 ", "1z99"])
def test_a_tracking_number_is_on_an_order_once(client: Client, number: str) -> None:
    client.post(SHIPMENTS, {"tracking_number": "1Z99"})
    before = client.box.dump()
    assert client.refused("POST", SHIPMENTS, {"tracking_number": number}) == "Shipment Not Added"
    assert client.box.dump() == before
    client.post("/orders/7000001/shipments", {"tracking_number": number})
    client.post(SHIPMENTS, {"tracking_number": "other"})
    other = client.get(SHIPMENTS)["shipments"][1]["id"]
    assert (
        client.refused("PUT", f"{SHIPMENTS}/{other}", {"tracking_number": number}) == "Shipment Not Updated"
    )


@pytest.mark.fact("shipments-duplicate")
def test_a_duplicate_is_http_200_even_where_other_errors_are_not(client: Client, switch: Any) -> None:
    switch(error_status=400)
    client.post(SHIPMENTS, {"tracking_number": "T1"})
    assert client.call("POST", SHIPMENTS, {"tracking_number": "T1"}).status == 200


@pytest.mark.fact("shipments-na")
def test_shipments_without_a_number_say_so(client: Client) -> None:
    client.post(SHIPMENTS, {"tracking_number": "n/a"})
    client.post(SHIPMENTS, {"tracking_number": "n/a", "carrier_code": "USPS"})
    assert numbers(client) == ["n/a", "n/a"]
    assert client.get(SHIPMENTS)["shipments"][1]["tracking_url"] == ""
    assert client.refused("POST", SHIPMENTS, {"carrier_code": "USPS"}) == "A tracking number is required"


@pytest.mark.fact("shipments-tracking-url")
def test_a_link_is_guessed_when_there_is_none(client: Client) -> None:
    client.post(SHIPMENTS, {"tracking_number": "123", "carrier_code": "FedEx"})
    client.post(SHIPMENTS, {"tracking_number": "124", "carrier_code": "Bike"})
    client.post(
        SHIPMENTS, {"tracking_number": "125", "carrier_code": "USPS", "tracking_url": "https://x.example"}
    )
    first, second, third = (shipment["tracking_url"] for shipment in client.get(SHIPMENTS)["shipments"])
    assert "fedex" in first and first.endswith("123")
    assert (second, third) == ("", "https://x.example")


@pytest.mark.fact("shipments-date-shipped")
def test_the_date_of_shipping_is_kept_or_set(client: Client, switch: Any) -> None:
    client.post(SHIPMENTS, {"tracking_number": "1", "date_shipped": "2026-01-05"})
    client.post(SHIPMENTS, {"tracking_number": "2"})
    switch(date_shipped="server")
    client.post(SHIPMENTS, {"tracking_number": "3", "date_shipped": "2026-01-05"})
    dates = [shipment["date_shipped"] for shipment in client.get(SHIPMENTS)["shipments"]]
    assert dates == ["2026-01-05", "2026-03-20", "2026-03-20"]
    first = client.get(SHIPMENTS)["shipments"][0]
    client.put(f"{SHIPMENTS}/{first['id']}", first | {"date_shipped": "2026-02-02"})
    assert client.get(SHIPMENTS)["shipments"][0]["date_shipped"] == "2026-01-05"


@pytest.mark.fact("shipments-batch")
@pytest.mark.fact("shipments-own-id")
@pytest.mark.fact("answers-batch-rows")
def test_a_batch_tells_row_by_row(client: Client) -> None:
    number = client.box.order(ID)["source_id"]
    rows = [
        {"order_id": ID, "tracking_number": "T1", "carrier_code": "USPS", "shipment_method": "Priority"},
        {"order_id": ID, "tracking_number": "T1"},
        {"order_id": int(ID), "tracking_number": "T2"},
        {"order_id": number, "tracking_number": "T3"},
        {"tracking_number": "T4"},
        {"order_id": "7000001", "tracking_number": "T1"},
        {"order_id": "7000001"},
        "T5",
        {"order_id": {"id": ID}, "tracking_number": "T6"},
    ]
    reply = client.post("/batch-shipments", rows)
    statuses = [row["status"] for row in reply["results"]]
    assert statuses == ["success", "error", "success", "error", "error", "success", "error", "error", "error"]
    messages = [row["message"] for row in reply["results"]]
    assert messages[1] == "Shipment Not Added" and messages[3] == messages[4] == "Order Not Found"
    assert numbers(client) == ["T1", "T2"] and numbers(client, "7000001") == ["T1"]


@pytest.mark.fact("shipments-batch-wrapped")
@pytest.mark.parametrize(
    "body", [{"shipments": [{"order_id": ID, "tracking_number": "T"}]}, [], "T", 5, None]
)
def test_a_batch_that_is_no_bare_list_is_refused(client: Client, body: Any) -> None:
    before = client.box.dump()
    assert client.call("POST", "/batch-shipments", body).json["status"] == "error"
    assert client.call("PUT", "/batch-inventory-items", body).json["status"] == "error"
    assert client.box.dump() == before


@pytest.mark.fact("inventory-endpoints")
@pytest.mark.fact("inventory-dates")
def test_inventory_is_listed_read_added_changed_and_deleted(client: Client) -> None:
    client.post("/inventory-items", {"name": "Thing", "code": "T", "stock": "5", "price": "1.50"})
    (item,) = client.get("/inventory-items", code="T")["inventory_items"]
    path = f"/inventory-items/{item['id']}"
    assert client.get(path)["inventory_item"] == item
    assert (item["stock"], item["price"], item["date_added"]) == (5, 1.5, "2026-03-20 12:00:00")
    dates = {"date_added": "2000-01-01 00:00:00", "date_updated": "2000-01-01 00:00:00"}
    client.put(path, item | {"stock": 6} | dates)
    assert client.get(path)["inventory_item"] == item | {"stock": 6}
    assert client.call("DELETE", path).ok
    assert client.call("GET", path).status == 404


@pytest.mark.fact("inventory-required")
def test_an_inventory_item_needs_name_and_code(client: Client) -> None:
    assert client.refused("POST", "/inventory-items", {"code": "T"}) == "name is required"
    assert client.refused("POST", "/inventory-items", {"name": "Thing", "code": " "}) == "code is required"
    assert client.refused("PUT", "/inventory-items/300001", {"name": "Thing"}) == "code is required"


@pytest.mark.fact("inventory-unique")
def test_a_code_is_there_once(client: Client) -> None:
    first, second = client.box.inventory()[:2]
    client.refused("POST", "/inventory-items", {"name": "Thing", "code": first["code"]})
    client.refused("PUT", f"/inventory-items/{second['id']}", second | {"code": first["code"]})
    client.put(f"/inventory-items/{second['id']}", second)
    client.post("/inventory-items", {"name": "Thing", "code": "123"})


@pytest.mark.fact("inventory-put-blanks")
@pytest.mark.fact("answers-null-sku")
def test_a_put_of_an_inventory_item_blanks_what_it_leaves_out(client: Client) -> None:
    before = client.box.inventory_item(300002)
    assert (
        before["manufacturer_sku"]
        and before["metadata"]
        and client.box.inventory_item(300001)["manufacturer_sku"] is None
    )
    client.put("/inventory-items/300002", {"name": "A", "code": "B", "extra": 1})
    after = client.box.inventory_item(300002)
    assert after == {
        "id": 300002,
        "name": "A",
        "code": "B",
        **dict.fromkeys(("price", "cost", "weight", "stock"), 0),
        **dict.fromkeys(("location", "update_source"), ""),
        "manufacturer_sku": None,
        "metadata": [],
        "variation_list": [],
        "date_added": before["date_added"],
        "date_updated": "2026-03-20 12:00:00",
        "extra": 1,
    }
    client.put("/inventory-items/300002", {"name": "A", "code": "B"})
    assert "extra" not in client.box.inventory_item(300002)


@pytest.mark.fact("inventory-batch")
@pytest.mark.fact("inventory-batch-results")
@pytest.mark.parametrize("told", [True, False])
def test_an_inventory_batch_does_the_rows_it_can(client: Client, switch: Any, told: bool) -> None:
    switch(batch_results=told)
    one, two, three, four = client.box.inventory()[:4]
    rows: list[Any] = [
        one | {"stock": 1},
        {"id": str(two["id"]), "name": "Two", "code": "Two"},
        {"id": three["id"], "name": "Three"},
        four | {"code": one["code"]},
        one | {"id": 5},
        {"name": "New", "code": "N"},
        "x",
    ]
    reply = client.put("/batch-inventory-items", rows)
    if told:
        statuses = [row["status"] for row in reply["results"]]
        assert statuses == ["success", "success", "error", "error", "error", "error", "error"]
    else:
        assert "results" not in reply
    kept = client.box.inventory()[:4]
    assert kept[0]["stock"] == 1 and kept[1]["location"] == "" and kept[1]["price"] == 0
    assert kept[2:] == [three, four] and len(client.box.inventory()) == 40
