"""Every endpoint: method, path and body on the wire, and what is made of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from orderdesk_batch.errors import Unclear, UsageError
from orderdesk_batch.store import Store
from tests.stub import Stub, good

ONE = {"id": "9", "metadata": []}
TIDY = {"id": "9", "metadata": {}}
ORDERS = {"orders": [ONE], "total_records": 1}
ITEMS = {"inventory_items": [ONE], "total_records": "1"}

# fmt: off
ENDPOINTS: list[tuple[Callable[[Store], Any], str, str, Any, dict[str, Any], Any]] = [
    (lambda s: s.test(),                       "GET", "/test", None, {"message": "x"}, {"status": "success", "message": "x"}),
    (lambda s: s.settings(),                   "GET", "/store", None, {"store": {"id": "1"}}, {"id": "1"}),
    (lambda s: s.order(9),                     "GET", "/orders/9", None, {"order": ONE}, TIDY),
    (lambda s: s.order("9", history=True),     "GET", "/orders/9?get_order_history=1", None, {"order": ONE}, TIDY),
    (lambda s: s.orders_page({"email": "a"}, 50, 10).records, "GET", "/orders?email=a&limit=10&offset=50", None, ORDERS, [TIDY]),
    (lambda s: s.create_order({"a": 1}),       "POST", "/orders", {"a": 1}, {"order": ONE}, TIDY),
    (lambda s: s.update_order(9, {"a": 1}),    "PUT", "/orders/9", {"a": 1}, {"order": ONE}, TIDY),
    (lambda s: s.delete_order(9),              "DELETE", "/orders/9", None, {}, None),
    (lambda s: s.add_history(9, "hi"),         "POST", "/orders/9/order-history", {"note": "hi"}, {}, None),
    (lambda s: s.add_history(9, "hi", "me"),   "POST", "/orders/9/order-history", {"note": "hi", "source_name": "me"}, {}, None),
    (lambda s: s.items(9),                     "GET", "/orders/9/order-items", None, {"order_items": [ONE]}, [TIDY]),
    (lambda s: s.item(9, 8),                   "GET", "/orders/9/order-items/8", None, {"order_item": ONE}, TIDY),
    (lambda s: s.create_item(9, {"a": 1}),     "POST", "/orders/9/order-items", {"a": 1}, {"order_item": ONE}, TIDY),
    (lambda s: s.update_item(9, 8, {"a": 1}),  "PUT", "/orders/9/order-items/8", {"a": 1}, {"message": "ok"}, {}),
    (lambda s: s.delete_item(9, 8),            "DELETE", "/orders/9/order-items/8", None, {}, None),
    (lambda s: s.shipments(9),                 "GET", "/orders/9/shipments", None, {"shipments": []}, []),
    (lambda s: s.shipment(9, 8),               "GET", "/orders/9/shipments/8", None, {"shipment": ONE}, TIDY),
    (lambda s: s.create_shipment(9, {"a": 1}), "POST", "/orders/9/shipments", {"a": 1}, {"message": "Shipment Added"}, {}),
    (lambda s: s.update_shipment(9, 8, {}),    "PUT", "/orders/9/shipments/8", {}, {"shipment": ONE}, TIDY),
    (lambda s: s.delete_shipment(9, 8),        "DELETE", "/orders/9/shipments/8", None, {}, None),
    (lambda s: s.inventory_page(None, 0, 5).total, "GET", "/inventory-items?limit=5&offset=0", None, ITEMS, 1),
    (lambda s: s.inventory_item(9),            "GET", "/inventory-items/9", None, {"inventory_item": ONE}, TIDY),
    (lambda s: s.create_inventory_item({}),    "POST", "/inventory-items", {}, {"inventory_item": []}, {}),
    (lambda s: s.update_inventory_item(9, {}), "PUT", "/inventory-items/9", {}, {"inventory_item": ONE}, TIDY),
    (lambda s: s.delete_inventory_item(9),     "DELETE", "/inventory-items/9", None, {}, None),
    (lambda s: s.batch_shipments([{"order_id": 1}]), "POST", "/batch-shipments", [{"order_id": 1}],
        {"results": [{"status": "error"}]}, [{"status": "error"}]),
    (lambda s: s.batch_inventory([{"id": 1}]), "PUT", "/batch-inventory-items", [{"id": 1}],
        {"results": {"0": {"status": "success"}}}, [{"status": "success"}]),
]
# fmt: on


@pytest.mark.parametrize(("call", "method", "target", "body", "entries", "result"), ENDPOINTS)
def test_an_endpoint(
    call: Callable[[Store], Any], method: str, target: str, body: Any, entries: dict[str, Any], result: Any
) -> None:
    with Stub(good(**entries)) as stub, stub.store() as store:
        assert call(store) == result
    request = stub.received[0]
    assert (request.method, request.target) == (method, "/api/v2" + target)
    assert (json.loads(request.body) if request.body else None) == body


def test_orders_are_moved_by_folder_id_or_name_and_told_one_by_one() -> None:
    results = [{"order_id": 2, "original_folder_id": "7"}, {"order_id": "1", "message": "Order Not Found"}]
    with Stub(good(results=results)) as stub, stub.store() as store:
        assert store.move_orders(["1", 2, 3], folder_id=7) == [results[1], results[0], {"order_id": 3}]
        store.move_orders([1], folder_name="New")
        with pytest.raises(UsageError):
            store.move_orders([1])
        with pytest.raises(UsageError):
            store.move_orders([1], folder_id=1, folder_name="New")
        assert store.move_orders([], folder_id=1) == []
    assert [json.loads(request.body) for request in stub.received] == [
        {"order_id_list": ["1", 2, 3], "destination_folder_id": 7},
        {"order_id_list": [1], "destination_folder_name": "New"},
    ]


@pytest.mark.parametrize("entries", [{}, {"results": None}, {"results": [{}]}, {"results": [1, 2]}, {"results": "ok"}])
def test_a_batch_without_a_result_for_each_row_tells_nothing(entries: dict[str, Any]) -> None:
    with Stub(good(**entries)) as stub, stub.store() as store:
        with pytest.raises(Unclear, match="row by row"):
            store.batch_shipments([{}, {}])
        assert store.batch_inventory([{}, {}]) is None
    assert len(stub.received) == 2


def test_a_move_without_results_is_unclear() -> None:
    with Stub(good()) as stub, stub.store() as store, pytest.raises(Unclear, match="move"):
        store.move_orders([1], folder_id=2)


def test_an_empty_batch_costs_nothing() -> None:
    with Stub(good()) as stub, stub.store() as store:
        assert store.batch_shipments([]) == store.batch_inventory([]) == []
    assert stub.received == []


def test_a_total_is_a_number_whatever_it_comes_as() -> None:
    for told, meant in ((3, 3), ("3", 3), ("", None), (None, None), (-1, 0), ([], None)):
        with Stub(good(orders=[], total_records=told)) as stub, stub.store() as store:
            assert store.orders_page().total == meant
