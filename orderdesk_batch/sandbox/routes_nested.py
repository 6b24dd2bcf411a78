"""The endpoints of what belongs to an order: its items and its shipments, with the batch of shipments."""

from __future__ import annotations

from typing import Any

from .calls import Answer, Call, Route
from .documents import item_document, recount
from .shipments import shipment_document
from .wire import Json, Refused, text

__all__ = ["ROUTES", "add_shipment"]

_ITEMS = ("order_items", "Order Item")
_SHIPMENTS = ("order_shipments", "Shipment")


def list_items(call: Call, order_id: str) -> Answer:
    """`GET /orders/{id}/order-items`"""
    return Answer(keys={"order_items": call.order(order_id)["order_items"]})


def get_item(call: Call, order_id: str, item_id: str) -> Answer:
    """`GET /orders/{id}/order-items/{item_id}`"""
    order = call.order(order_id)
    return Answer(keys={"order_item": order["order_items"][_place(call, order, item_id, *_ITEMS)]})


def post_item(call: Call, order_id: str) -> Answer:
    """`POST /orders/{id}/order-items`"""
    order = call.order(order_id)
    sent = call.document("order_item")
    item = item_document(sent, str(call.data.next_id("item")), fresh=True)
    order["order_items"].append(item)
    _keep(call, order, "items")
    return Answer("Order Item Added", {"order_item": item} if call.switches.created_ids else {}, created=True)


def put_item(call: Call, order_id: str, item_id: str) -> Answer:
    """`PUT /orders/{id}/order-items/{item_id}`"""
    order = call.order(order_id)
    place = _place(call, order, item_id, *_ITEMS)
    order["order_items"][place] = item_document(call.document("order_item"), item_id, fresh=False)
    _keep(call, order, "items")
    return Answer("Order Item Updated")


def delete_item(call: Call, order_id: str, item_id: str) -> Answer:
    """`DELETE /orders/{id}/order-items/{item_id}`"""
    order = call.order(order_id)
    del order["order_items"][_place(call, order, item_id, *_ITEMS)]
    _keep(call, order, "items")
    return Answer("Order Item Deleted")


def list_shipments(call: Call, order_id: str) -> Answer:
    """`GET /orders/{id}/shipments`"""
    return Answer(keys={"shipments": call.order(order_id)["order_shipments"]})


def get_shipment(call: Call, order_id: str, shipment_id: str) -> Answer:
    """`GET /orders/{id}/shipments/{shipment_id}`"""
    order = call.order(order_id)
    return Answer(keys={"shipment": order["order_shipments"][_place(call, order, shipment_id, *_SHIPMENTS)]})


def post_shipment(call: Call, order_id: str) -> Answer:
    """`POST /orders/{id}/shipments`"""
    shipment = add_shipment(call, call.order(order_id), call.document("shipment"))
    return Answer("Shipment Added", {"shipment": shipment} if call.switches.created_ids else {}, created=True)


def add_shipment(call: Call, order: Json, sent: Json) -> Json:
    """Make a shipment of what was sent and keep it on its order."""
    shipment = _shipment(call, order, sent, None)
    order["order_shipments"].append(shipment)
    _keep(call, order, "shipments")
    return shipment


def put_shipment(call: Call, order_id: str, shipment_id: str) -> Answer:
    """`PUT /orders/{id}/shipments/{shipment_id}`"""
    order = call.order(order_id)
    place = _place(call, order, shipment_id, *_SHIPMENTS)
    before = order["order_shipments"][place]
    order["order_shipments"][place] = _shipment(call, order, call.document("shipment"), before)
    _keep(call, order, "shipments")
    return Answer("Shipment Updated")


def delete_shipment(call: Call, order_id: str, shipment_id: str) -> Answer:
    """`DELETE /orders/{id}/shipments/{shipment_id}`"""
    order = call.order(order_id)
    del order["order_shipments"][_place(call, order, shipment_id, *_SHIPMENTS)]
    _keep(call, order, "shipments")
    return Answer("Shipment Deleted")


def batch_shipments(call: Call) -> Answer:
    """`POST /batch-shipments`"""
    return Answer("Batch Complete", {"results": [_batch_row(call, entry) for entry in call.batch()]})


def _batch_row(call: Call, entry: Any) -> Json:
    try:
        if not isinstance(entry, dict):
            raise Refused("Invalid Request")
        order = call.data.order(call.store, text(entry.get("order_id"), "order_id"))
        if order is None:
            raise Refused("Order Not Found")
        add_shipment(call, order, entry)
    except Refused as refused:
        return {"status": "error", "message": refused.message}
    return {"status": "success", "message": "Shipment Added"}


def _shipment(call: Call, order: Json, sent: Json, before: Json | None) -> Json:
    return shipment_document(
        sent,
        order=order,
        shipment_id=before["id"] if before else str(call.data.next_id("shipment")),
        store_id=call.store,
        now=call.now,
        before=before,
        switches=call.switches,
    )


def _place(call: Call, order: Json, entry_id: str, where: str, what: str) -> int:
    for place, entry in enumerate(order[where]):
        if entry["id"] == entry_id:
            return place
    raise call.missing(what)


def _keep(call: Call, order: Json, kind: str) -> None:
    recount(order)
    call.touch(order, kind)
    call.data.put_order(call.store, order)


ROUTES: list[Route] = [
    ("GET", "/orders/<order_id>/order-items", list_items),
    ("POST", "/orders/<order_id>/order-items", post_item),
    ("GET", "/orders/<order_id>/order-items/<item_id>", get_item),
    ("PUT", "/orders/<order_id>/order-items/<item_id>", put_item),
    ("DELETE", "/orders/<order_id>/order-items/<item_id>", delete_item),
    ("GET", "/orders/<order_id>/shipments", list_shipments),
    ("POST", "/orders/<order_id>/shipments", post_shipment),
    ("GET", "/orders/<order_id>/shipments/<shipment_id>", get_shipment),
    ("PUT", "/orders/<order_id>/shipments/<shipment_id>", put_shipment),
    ("DELETE", "/orders/<order_id>/shipments/<shipment_id>", delete_shipment),
    ("POST", "/batch-shipments", batch_shipments),
]
