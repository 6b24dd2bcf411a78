"""The endpoints of orders, their history and their folders."""

from __future__ import annotations

from .calls import Answer, Call, Route, listed
from .documents import order_document
from .filters import order_filter, page
from .wire import Json, Refused, listing, text

__all__ = ["ROUTES", "add_order"]


def list_orders(call: Call) -> Answer:
    """`GET /orders`"""
    found = order_filter(call.query, call.spec, call.switches)
    limit, offset = page(call.query)
    total, rows = call.data.find_orders(call.store, found.where, found.values, found.order_by, limit, offset)
    docs = [doc for doc, _ in rows]
    if call.query.get("get_order_history") == "1":
        docs = [f'{doc[:-1]},"order_history":{history}}}' for doc, history in rows]
    return listed(call, total, limit, offset, "orders", docs, as_text=False)


def get_order(call: Call, order_id: str) -> Answer:
    """`GET /orders/{id}`"""
    order = call.order(order_id)
    way = call.switches.order_history_in_get
    if way == "always" or (way == "asked" and call.query.get("get_order_history") == "1"):
        order["order_history"] = call.data.history(call.store, order_id)
    return Answer(keys={"order": order})


def post_order(call: Call) -> Answer:
    """`POST /orders`"""
    return Answer("Order Added", {"order": add_order(call, call.document("order"))}, created=True)


def add_order(call: Call, sent: Json) -> Json:
    """Make an order of what was sent and keep it."""
    order_id = str(call.data.next_id("order"))
    order = order_document(
        sent,
        before=None,
        order_id=order_id,
        now=call.now,
        folders=call.spec.folders,
        switches=call.switches,
        next_item_id=lambda: str(call.data.next_id("item")),
    )
    call.data.put_order(call.store, order)
    return order


def put_order(call: Call, order_id: str) -> Answer:
    """`PUT /orders/{id}`"""
    before = call.order(order_id)
    order = order_document(
        call.document("order"),
        before=before,
        order_id=before["id"],
        now=call.now,
        folders=call.spec.folders,
        switches=call.switches,
        next_item_id=lambda: str(call.data.next_id("item")),
    )
    call.data.put_order(call.store, order)
    return Answer("Order Updated", {"order": order})


def delete_order(call: Call, order_id: str) -> Answer:
    """`DELETE /orders/{id}`"""
    call.data.delete_order(call.store, call.order(order_id)["id"])
    return Answer("Order Deleted")


def post_history(call: Call, order_id: str) -> Answer:
    """`POST /orders/{id}/order-history`"""
    order = call.order(order_id)
    sent = call.document()
    note = text(sent.get("note"), "note")
    if not note.strip():
        raise Refused("A note is required")
    entry = {
        "date_added": call.now,
        "source_name": text(sent.get("source_name"), "source_name"),
        "note": note,
    }
    call.data.put_history(call.store, order["id"], [*call.data.history(call.store, order["id"]), entry])
    call.touch(order, "history")
    call.data.put_order(call.store, order)
    return Answer("Order History Added", created=True)


def move_orders(call: Call) -> Answer:
    """`POST /move-orders`"""
    sent = call.document()
    ids = listing(sent.get("order_id_list"), "order_id_list")
    folder = _destination(call, sent)
    if not ids or not all(isinstance(entry, str | int) and not isinstance(entry, bool) for entry in ids):
        raise Refused("order_id_list must be a list of order ids")
    call.check_size(ids)
    return Answer("Orders Moved", {"results": [_move(call, str(entry), folder) for entry in ids]})


def _destination(call: Call, sent: Json) -> str:
    folder_id = text(sent.get("destination_folder_id"), "destination_folder_id")
    name = text(sent.get("destination_folder_name"), "destination_folder_name")
    if bool(folder_id) == bool(name):
        raise Refused("One of destination_folder_id and destination_folder_name is required")
    for known, known_name in call.spec.folders.items():
        if folder_id == known or (name and name == known_name):
            return known
    raise Refused("Folder Not Found")


def _move(call: Call, order_id: str, folder: str) -> Json:
    order = call.data.order(call.store, order_id)
    row: Json = {"order_id": order_id}
    if order is None:
        row["message"] = "Order Not Found"
    else:
        row |= {"message": "Order Moved", "original_folder_id": order["folder_id"]}
        order["folder_id"] = folder
        call.touch(order, "folder")
        call.data.put_order(call.store, order)
    if call.switches.move_status:
        row["status"] = "success" if order else "error"
    return row


ROUTES: list[Route] = [
    ("GET", "/orders", list_orders),
    ("POST", "/orders", post_order),
    ("GET", "/orders/<order_id>", get_order),
    ("PUT", "/orders/<order_id>", put_order),
    ("DELETE", "/orders/<order_id>", delete_order),
    ("POST", "/orders/<order_id>/order-history", post_history),
    ("POST", "/move-orders", move_orders),
]
