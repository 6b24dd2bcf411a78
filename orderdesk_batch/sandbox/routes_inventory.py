"""The endpoints of the inventory, with its batch."""

from __future__ import annotations

from typing import Any

from .calls import Answer, Call, Route, listed
from .documents import inventory_document
from .filters import inventory_filter, page
from .wire import Json, Refused, text

__all__ = ["ROUTES", "add_item"]


def list_inventory(call: Call) -> Answer:
    """`GET /inventory-items`"""
    found = inventory_filter(call.query, call.switches)
    limit, offset = page(call.query)
    total, rows = call.data.find_items(call.store, found.where, found.values, limit, offset)
    docs = [doc for (doc,) in rows]
    return listed(call, total, limit, offset, "inventory_items", docs, as_text=True)


def get_item(call: Call, item_id: str) -> Answer:
    """`GET /inventory-items/{id}`"""
    return Answer(keys={"inventory_item": _item(call, item_id)})


def post_item(call: Call) -> Answer:
    """`POST /inventory-items`"""
    item = add_item(call, call.document("inventory_item"))
    return Answer(
        "Inventory Item Added", {"inventory_item": item} if call.switches.created_ids else {}, created=True
    )


def add_item(call: Call, sent: Json) -> Json:
    """Make an inventory item of what was sent and keep it."""
    return _keep(call, sent, None)


def put_item(call: Call, item_id: str) -> Answer:
    """`PUT /inventory-items/{id}`"""
    _keep(call, call.document("inventory_item"), _item(call, item_id))
    return Answer("Inventory Item Updated")


def delete_item(call: Call, item_id: str) -> Answer:
    """`DELETE /inventory-items/{id}`"""
    call.data.delete_item(call.store, _item(call, item_id)["id"])
    return Answer("Inventory Item Deleted")


def put_batch(call: Call) -> Answer:
    """`PUT /batch-inventory-items`"""
    results = [_batch_row(call, entry) for entry in call.batch()]
    return Answer("Batch Complete", {"results": results} if call.switches.batch_results else {})


def _batch_row(call: Call, entry: Any) -> Json:
    try:
        if not isinstance(entry, dict):
            raise Refused("Invalid Request")
        _keep(call, entry, _item(call, text(entry.get("id"), "id")))
    except Refused as refused:
        return {"status": "error", "message": refused.message}
    return {"status": "success", "message": "Inventory Item Updated"}


def _item(call: Call, item_id: str) -> Json:
    item = call.data.item(call.store, item_id)
    if item is None:
        raise call.missing("Inventory Item")
    return item


def _keep(call: Call, sent: Json, before: Json | None) -> Json:
    item_id = before["id"] if before else call.data.next_id("inventory")
    date_added = before["date_added"] if before else call.now
    item = inventory_document(sent, item_id, date_added=date_added, now=call.now)
    if call.data.code_taken(call.store, item["code"], item_id):
        raise Refused(f"There is an inventory item with the code {item['code']} already")
    call.data.put_items(call.store, [item])
    return item


ROUTES: list[Route] = [
    ("GET", "/inventory-items", list_inventory),
    ("POST", "/inventory-items", post_item),
    ("GET", "/inventory-items/<item_id>", get_item),
    ("PUT", "/inventory-items/<item_id>", put_item),
    ("DELETE", "/inventory-items/<item_id>", delete_item),
    ("PUT", "/batch-inventory-items", put_batch),
]
