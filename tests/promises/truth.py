"""This file holds what a run says against what the store shows."""

from __future__ import annotations

from typing import Any

from orderdesk_batch.plan import Plan
from orderdesk_batch.plan.change import Change
from orderdesk_batch.sandbox import Sandbox


def lies(plan: Plan, box: Sandbox) -> list[str]:
    """Changes whose state is not what the store shows: done but not there, or said not to be done but there."""
    orders = {str(doc["id"]): doc for doc in box.orders()}
    items = {str(doc["id"]): doc for doc in box.inventory()}
    found = []
    for change in plan.writing():
        if change.relative is not None or len(change.steps) != 1 or change.steps[0].verb == "with-order":
            continue  # told by the comparison of the whole store
        shown = _shows(change, orders, items)
        if change.state == "done" and shown is False:
            found.append(f"{change.key} is done, says the run; the store does not show it")
        if change.state in ("failed", "stale", "waiting") and shown is True:
            found.append(f"{change.key} is {change.state}, says the run; the store shows it")
    return found


def _shows(change: Change, orders: dict[str, Any], items: dict[str, Any]) -> bool | None:
    verb = change.steps[0].verb
    if change.resource == "inventory":
        return _inventory(change, items)
    if change.resource == "orders":
        return _order(change, verb, orders)
    order = orders.get(change.order_id)
    if order is None:
        return change.action == "delete"
    inside = order["order_items" if change.resource == "items" else "order_shipments"]
    one = next((one for one in inside if one["id"] == change.id), None)
    if change.action == "delete":
        return one is None
    if change.action == "update":
        return one is not None and _has(change, one)
    if change.resource == "shipments":
        number = change.fields["tracking_number"][1]
        return None if number == "n/a" else any(one["tracking_number"] == number for one in inside)
    return any((one["metadata"] or {}).get("orderdesk_batch") == change.mark for one in inside) if change.mark else None


def _inventory(change: Change, items: dict[str, Any]) -> bool | None:
    if change.action == "create":
        return any(doc["code"] == change.fields["code"][1] for doc in items.values())
    if change.action == "delete":
        return change.id not in items
    return change.id in items and _has(change, items[change.id])


def _order(change: Change, verb: str, orders: dict[str, Any]) -> bool | None:
    if change.action == "create":
        if change.mark:
            return any((doc["order_metadata"] or {}).get("orderdesk_batch") == change.mark for doc in orders.values())
        return any(doc["source_id"] == change.fields["source_id"][1] for doc in orders.values())
    if change.action == "delete":
        return change.id not in orders
    order = orders.get(change.id)
    if order is None or verb == "history":
        return None
    if verb == "move":
        return bool(order["folder_id"] == change.fields["folder"][1])
    return _has(change, order)


def _has(change: Change, document: Any) -> bool | None:
    """Whether a document has the plain fields that a change sets; None if it sets none of them."""
    told = None
    for name, (_, new) in change.fields.items():
        at = document
        for part in name.split(".", 1):
            at = at.get(part) if isinstance(at, dict) else None
        if not isinstance(new, (str, int)) or name == "order_note":
            continue
        told = (told is not False) and str(at) == str(new)
    return told
