"""Who is let in, at what rate, and how answers look."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderdesk_batch.sandbox import Sandbox, StoreSpec
from orderdesk_batch.sandbox.app import ROUTES
from orderdesk_batch.sandbox.routes_store import SECRETS
from tests.sandbox.inprocess import Client, Clock

ITEM = {"name": "Mug", "price": 5}
ORDER = {"customer": {"first_name": "Zoë"}, "order_items": [ITEM]}


def test_there_are_26_endpoints() -> None:
    assert len(ROUTES) == len({(method, path) for method, path, _ in ROUTES}) == 26


@pytest.mark.fact("access-keys")
@pytest.mark.parametrize(
    "headers",
    [
        {"ORDERDESK-STORE-ID": ""},
        {"ORDERDESK-STORE-ID": "40002"},
        {"ORDERDESK-API-KEY": ""},
        {"ORDERDESK-API-KEY": "schlüssel"},
    ],
)
def test_wrong_keys_are_turned_away_without_taking_a_token(client: Client, headers: dict[str, str]) -> None:
    before = client.box.bucket().remaining
    reply = client.call("GET", "/test", headers=headers)
    assert reply.status == 401 and reply.json["status"] == "error"
    assert client.box.bucket().remaining == before
    assert client.box.requests[-1].store_id == ""


@pytest.mark.fact("access-get-bare")
def test_a_get_with_anything_of_a_body_is_invalid(client: Client) -> None:
    assert client.call("GET", "/test", {"a": 1}).status == 400
    assert client.call("GET", "/test", headers={"Content-Type": "application/json"}).status == 400
    assert client.call("GET", "/test", headers={"Content-Length": "0"}).status == 400
    assert client.call("GET", "/test", headers={"Transfer-Encoding": "chunked"}).status == 400
    assert client.call("DELETE", "/orders/7000001", headers={"Content-Length": "0"}).ok


@pytest.mark.fact("access-body-json")
@pytest.mark.parametrize(
    "raw", [b"{", b"order=1", b"\xff\xfe", b"[" * 100000, b'{"a": NaN}', b'{"email": "\\ud800"}']
)
def test_what_is_no_json_is_invalid(client: Client, raw: bytes) -> None:
    assert client.call("POST", "/orders", raw=raw).status == 400


@pytest.mark.fact("access-body-json")
def test_a_body_must_say_that_it_is_json(client: Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.call("POST", "/orders", ORDER, headers=form).status == 400
    assert client.call(
        "POST", "/orders", ORDER, headers={"Content-Type": "application/json; charset=utf-8"}
    ).ok
    assert client.call("POST", "/orders").status == 400


@pytest.mark.fact("access-methods")
@pytest.mark.parametrize("method", ["PATCH", "CONNECT", "TRACE", "HEAD", "OPTIONS"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    assert client.call(method, "/orders/7000001").status == 405
    assert client.call("DELETE", "/orders").status == 405


@pytest.mark.fact("access-override")
def test_a_put_can_be_sent_as_post(client: Client) -> None:
    order = client.box.order("7000001") | {"email": "new@example.com"}
    reply = client.call("POST", "/orders/7000001", order, headers={"X-HTTP-Method-Override": "PUT"})
    assert reply.ok and client.box.order("7000001")["email"] == "new@example.com"
    assert client.box.requests[-1].method == "POST"
    reply = client.call("POST", "/orders/7000001", order, headers={"X-HTTP-Method-Override": "DELETE"})
    assert reply.status == 405
    assert client.call("POST", "/orders/7000001", order).status == 405


@pytest.mark.fact("access-unknown-path")
@pytest.mark.parametrize("path", ["/nope", "/orders/", "/orders/1/2/3", "/../test"])
def test_an_unknown_path_is_a_json_404(client: Client, path: str) -> None:
    reply = client.call("GET", path)
    assert reply.status == 404 and reply.json["status"] == "error"


@pytest.mark.fact("access-test")
def test_test_tells_the_time(client: Client) -> None:
    assert client.get("/test")["message"] == "Connection Successful"
    assert client.get("/test")["current_date_time"] == "2026-03-20 12:00:00"


@pytest.mark.fact("access-store")
def test_store_tells_folders_and_secrets(client: Client) -> None:
    store = client.get("/store")["store"]
    assert store["id"] == client.box.store_id and store["name"]
    assert store["folders"]["21654"] == "New"
    assert store["settings"]["timezone"] == "America/Los_Angeles"
    assert store["settings"]["api_key"] == client.box.api_key
    assert {name: store["settings"][name] for name in SECRETS} == SECRETS


@pytest.mark.fact("access-stores")
def test_stores_have_their_own_data_and_buckets(clock: Clock) -> None:
    specs = [
        StoreSpec("1", "k" * 40, orders=3),
        StoreSpec("2", "l" * 40, folders={"9": "In"}, timezone="Asia/Tokyo"),
    ]
    with Sandbox(orders=5, inventory=2, stores=specs, clock=clock, bucket=(2, 0)) as box:
        one, two = Client(box, specs[0]), Client(box, specs[1])
        assert one.get("/orders")["total_records"] == 3
        assert two.get("/orders")["total_records"] == 5
        assert not {order["id"] for order in box.orders("1")} & {order["id"] for order in box.orders("2")}
        assert one.call("GET", "/test", headers={"ORDERDESK-API-KEY": specs[1].key}).status == 401
        assert one.call("GET", f"/orders/{box.orders('2')[0]['id']}").status == 404
        assert one.call("GET", "/test").status == 429
        assert two.get("/store")["store"]["folders"] == {"9": "In"}
        assert [seen.store_id for seen in box.requests[:2]] == ["1", "2"]


@pytest.mark.fact("limits-bucket")
@pytest.mark.fact("limits-429")
@pytest.mark.fact("limits-header")
def test_the_bucket_empties_and_fills(box: Sandbox, clock: Clock) -> None:
    client = Client(box, box.stores[0])
    box.bucket().size, box.bucket().rate = 20, 3.0
    box.bucket().fill()
    left = [client.call("GET", "/test").headers["X-Tokens-Remaining"] for _ in range(20)]
    assert left == [str(19 - number) for number in range(20)]
    reply = client.call("POST", "/orders", ORDER)
    assert (reply.status, reply.headers["X-Retry-After"], reply.headers["X-Tokens-Remaining"]) == (
        429,
        "1",
        "0",
    )
    assert len(box.orders()) == 60
    clock.tick(1)
    assert client.call("GET", "/test").headers["X-Tokens-Remaining"] == "2"
    clock.tick(100)
    assert client.call("GET", "/test").headers["X-Tokens-Remaining"] == "19"


@pytest.mark.fact("limits-header")
def test_errors_tell_the_tokens_too(box: Sandbox) -> None:
    client = Client(box, box.stores[0])
    box.bucket().size, box.bucket().rate = 20, 3.0
    box.bucket().fill()
    tries: list[dict[str, Any]] = [
        {"method": "PATCH"},
        {"path": "/nope"},
        {"headers": {"ORDERDESK-STORE-ID": "x"}},
    ]
    replies = [client.call(**({"method": "GET", "path": "/test"} | one)) for one in tries]
    assert [reply.headers["X-Tokens-Remaining"] for reply in replies] == ["19", "18", "20"]


@pytest.mark.fact("limits-shared")
def test_others_drain_the_same_bucket(box: Sandbox) -> None:
    box.bucket().size, box.bucket().rate = 20, 1 / 7
    box.bucket().fill()
    box.bucket().drain(20)
    reply = Client(box, box.stores[0]).call("GET", "/test")
    assert reply.status == 429 and reply.headers["X-Retry-After"] == "7"


@pytest.mark.fact("limits-page")
def test_a_list_comes_in_pages(client: Client) -> None:
    for number in range(500):
        client.box.add_inventory({"name": "Thing", "code": f"T{number}"})
    first = client.get("/inventory-items")
    assert (first["limit"], first["records_returned"], first["total_records"]) == (50, 50, "540")
    assert client.get("/inventory-items", limit="9999")["records_returned"] == 500
    assert client.get("/inventory-items", limit="-1")["limit"] == 50
    assert client.get("/inventory-items", limit="x", offset="x")["offset"] == 0
    last = client.get("/inventory-items", limit="100", offset="500")
    assert last["records_returned"] == 40 and last["offset"] == 500
    assert client.get("/inventory-items", offset="540")["inventory_items"] == []


@pytest.mark.fact("limits-batch-max")
def test_a_batch_can_be_too_large(client: Client, switch: Any) -> None:
    rows = [{"order_id": "7000001", "tracking_number": f"T{number}"} for number in range(3)]
    items = client.box.inventory()[:3]
    move = {"order_id_list": ["7000001"] * 3, "destination_folder_name": "New"}
    switch(batch_max=2)
    before = client.box.dump()
    for method, path, body in (
        ("POST", "/batch-shipments", rows),
        ("PUT", "/batch-inventory-items", items),
        ("POST", "/move-orders", move),
    ):
        reply = client.call(method, path, body)
        assert reply.status == 413 and reply.text.startswith("<html>")
    assert client.box.dump() == before
    switch(batch_max=None)
    assert len(client.post("/batch-shipments", rows)["results"]) == 3


@pytest.mark.fact("answers-body-status")
def test_every_body_tells_status_and_time(client: Client) -> None:
    good, bad = client.call("GET", "/test").json, client.call("GET", "/orders/1").json
    assert (good["status"], bad["status"]) == ("success", "error")
    assert good["execution_time"].endswith("seconds") and bad["message"] == "Order Not Found"


@pytest.mark.fact("answers-error-status")
@pytest.mark.parametrize("status", [200, 400])
def test_a_wrong_document_is_an_error_with_a_status_of_choice(
    client: Client, switch: Any, status: int
) -> None:
    switch(error_status=status)
    reply = client.call("POST", "/orders", {"customer": {"first_name": "Zoë"}})
    assert reply.status == status and reply.json["message"] == "Order items are required"


@pytest.mark.fact("answers-missing")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders/1"),
        ("GET", "/orders/abc"),
        ("PUT", "/orders/1"),
        ("DELETE", "/orders/1"),
        ("POST", "/orders/1/order-history"),
        ("GET", "/orders/1/order-items"),
        ("GET", "/orders/7000001/order-items/1"),
        ("DELETE", "/orders/7000001/shipments/1"),
        ("PUT", "/inventory-items/1"),
        ("GET", "/inventory-items/99999999999999999999999"),
    ],
)
def test_a_missing_record_answers_either_way(client: Client, switch: Any, method: str, path: str) -> None:
    body = {"note": "x"} if method in ("PUT", "POST") else None
    reply = client.call(method, path, body)
    assert reply.status == 404 and reply.json["status"] == "error"
    switch(missing="error200")
    assert client.refused(method, path, body).endswith("Not Found")


@pytest.mark.fact("answers-empty-map")
@pytest.mark.fact("answers-list-for-map")
def test_an_empty_map_is_a_list_both_ways(client: Client) -> None:
    order = client.post("/orders", ORDER | {"checkout_data": [], "order_metadata": {"a": "1"}})["order"]
    assert (order["checkout_data"], order["order_metadata"]) == ([], {"a": "1"})
    assert order["order_items"][0]["metadata"] == order["return_address"] == []
    again = client.put(f"/orders/{order['id']}", order | {"order_metadata": []})["order"]
    assert again["order_metadata"] == []
    assert (
        client.refused("POST", "/orders", ORDER | {"checkout_data": ["x"]})
        == "checkout_data must be an object"
    )
    assert client.refused("POST", "/orders", ORDER | {"shipping": "Zoë"}) == "shipping must be an object"


@pytest.mark.fact("answers-list-for-map")
def test_a_list_for_a_map_may_be_refused(client: Client, switch: Any) -> None:
    switch(list_for_map="refused")
    assert (
        client.refused("POST", "/orders", ORDER | {"checkout_data": []}) == "checkout_data must be an object"
    )
    item = ITEM | {"metadata": []}
    assert client.refused("POST", "/orders", ORDER | {"order_items": [item]}) == "metadata must be an object"
    assert client.refused("PUT", "/batch-inventory-items", [item]) == "metadata must be an object"
    assert (
        client.post("/orders", ORDER | {"checkout_data": {}, "discount_list": []})["order"]["checkout_data"]
        == []
    )


@pytest.mark.fact("answers-total-type")
@pytest.mark.fact("answers-total-zero")
def test_the_count_is_a_number_or_text_and_may_be_zero(client: Client, switch: Any) -> None:
    assert client.get("/orders")["total_records"] == 60
    assert client.get("/inventory-items")["total_records"] == "40"
    switch(total_records="zero")
    assert client.get("/orders")["total_records"] == 0
    reply = client.get("/inventory-items")
    assert reply["total_records"] == "0" and len(reply["inventory_items"]) == 40


@pytest.mark.fact("answers-ids")
def test_ids_are_text_but_for_inventory(client: Client) -> None:
    client.box.add_shipment("7000001", {"tracking_number": "T1"})
    order = client.get("/orders/7000001")["order"]
    ids = [order["id"], order["order_items"][0]["id"], order["order_shipments"][0]["id"]]
    assert all(isinstance(one, str) for one in ids)
    assert isinstance(client.get("/inventory-items")["inventory_items"][0]["id"], int)


@pytest.mark.fact("answers-item-numbers")
@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("12.50", 12.5),
        (20.0, 20),
        ("1,5", 1),
        ("abc", 0),
        ("", 0),
        (None, 0),
        (" 7 ", 7),
        ("-3", -3),
        ("1e2", 100),
    ],
)
def test_numbers_are_read_as_far_as_they_go(client: Client, sent: Any, read: float) -> None:
    item = ITEM | {"price": sent, "weight": sent}
    order = client.post("/orders", ORDER | {"order_items": [item], "tax_total": sent})["order"]
    kept = [order["order_items"][0]["price"], order["order_items"][0]["weight"], order["tax_total"]]
    assert json.dumps(kept) == json.dumps([read] * 3)


@pytest.mark.parametrize("sent", [{}, [], {"a": 1}])
def test_a_number_that_is_a_structure_is_refused(client: Client, sent: Any) -> None:
    assert client.refused("POST", "/orders", ORDER | {"tax_total": sent}) == "tax_total must be a number"
    assert client.refused("POST", "/orders", ORDER | {"email": sent or [1]}) == "email must be text"


@pytest.mark.fact("answers-created-status")
@pytest.mark.parametrize("status", [200, 201])
def test_creations_answer_with_a_status_of_choice(client: Client, switch: Any, status: int) -> None:
    switch(created_status=status)
    for path, body in (
        ("/orders", ORDER),
        ("/orders/7000001/order-items", ITEM),
        ("/orders/7000001/shipments", {"tracking_number": "T1"}),
        ("/orders/7000001/order-history", {"note": "x"}),
        ("/inventory-items", {"name": "Thing", "code": "T"}),
    ):
        assert client.call("POST", path, body).status == status
    assert client.call("PUT", "/orders/7000001", client.box.order("7000001")).status == 200


@pytest.mark.fact("answers-created-ids")
@pytest.mark.parametrize("carried", [False, True])
def test_creations_carry_the_record_or_not(client: Client, switch: Any, carried: bool) -> None:
    switch(created_ids=carried)
    for path, body, name in (
        ("/orders/7000001/order-items", ITEM, "order_item"),
        ("/orders/7000001/shipments", {"tracking_number": "T1"}, "shipment"),
        ("/inventory-items", {"name": "Thing", "code": "T"}, "inventory_item"),
    ):
        reply = client.post(path, body)
        assert reply["message"]
        assert ("id" in reply[name]) if carried else (name not in reply)


@pytest.mark.fact("answers-created-order")
def test_the_answer_to_an_order_carries_it(client: Client) -> None:
    order = client.post("/orders", ORDER)["order"]
    assert order == client.get(f"/orders/{order['id']}")["order"] == client.box.order(order["id"])
    changed = client.put(f"/orders/{order['id']}", order | {"email": "x@example.com"})["order"]
    assert changed["email"] == "x@example.com"


@pytest.mark.fact("answers-weight-unit")
def test_weights_have_no_unit(client: Client) -> None:
    order = client.get("/orders/7000001")["order"]
    assert isinstance(order["order_items"][0]["weight"], int | float)
    assert not any("unit" in name for name in order | client.get("/store")["store"]["settings"])


def test_a_request_is_logged_as_it_came(client: Client) -> None:
    client.call("GET", "/orders", folder_name="Shipped", email="a+b@example.com")
    client.call("POST", "/orders", raw=b"{nope")
    first, second = client.box.requests
    assert (first.method, first.path, first.status, first.store_id) == ("GET", "/orders", 200, "40001")
    assert first.query == {"folder_name": "Shipped", "email": "a+b@example.com"} and first.body is None
    assert (second.body, second.status, second.at) == ("{nope", 400, 1000.0)
