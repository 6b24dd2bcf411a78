"""This file holds what of a change can be put back: fields, items, notes and folders that still are as we set them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..fields import ITEMS, ORDERS, Document, Resource, get, in_open_map
from ..kinds import CLEAR, Value
from ..plan.change import Change, ItemChange, Plan, Step
from ..plan.children import folded_number
from ..plan.compare import children, same, stored
from .merge import MARK, NOT_IN_PUT, item_mark
from .writers import Job, Writer, writer_of
from .writers.items import ItemPost
from .writers.writer import fields_took

TOUCHED = ("done", "begun", "unknown")
BY_SERVER = ("date_shipped",)  # set by the server, or kept as sent [open]


def was_ours(step: Step) -> bool:
    """Whether a step was sent and may have changed something: not what was so already, and not what others did."""
    return step.state in TOUCHED and step.tries > 0 and step.answer.get("ours") is not False


@dataclass(slots=True)
class Told:
    """What an order's change takes back, and what it can't."""

    fields: dict[str, list[Value]] = field(default_factory=dict)
    items: list[ItemChange] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # what others changed since
    lost: list[str] = field(default_factory=list)  # what can't be taken back


def swapped(
    of: Resource, fields: Mapping[str, list[Value]], now: Document, once: Document
) -> tuple[dict[str, list[Value]], list[str]]:
    """[new, old] of the fields that still are as we set them, and what is to be said of the others."""
    found: dict[str, list[Value]] = {}
    changed: dict[str, str] = {}
    for name, (_, new) in fields.items():
        one = of.field(name)
        held, before = stored(one, now), stored(one, once)
        if new is CLEAR and in_open_map(one) and one.place is not None:
            ours = get(now, one.place) in (None, "")
        else:
            ours = same(one.kind, held, new)
        if ours:
            found[name] = [held if new is not CLEAR else None, CLEAR if before is None else before]
        elif not same(one.kind, held, before):
            changed[name] = f"{name} was changed to {one.kind.show(held) or 'blank'} since"
    for name in changed:  # a list's entry that we added is taken away whole, or not at all
        entry = name.rsplit(".", 1)[0]
        if isinstance(place := of.field(name).place, tuple) and len(place) > 2 and get(once, place[:2]) is None:
            found = {other: pair for other, pair in found.items() if not other.startswith(f"{entry}.")}
    return found, list(changed.values())


def without_what_the_server_sets(document: Document, names: tuple[str, ...]) -> Document:
    """A document to be created again."""
    return {
        name: copy.deepcopy(value) for name, value in document.items() if name not in names and not name.startswith("label_")
    }


def look_of(job: Job) -> Writer:
    """The writer whose look finds what a job created."""
    return ItemPost() if job.change.resource == "items" else writer_of(job)


def changed(of: Resource, change: Change, now: Document) -> str:
    """A field of a record that we created and that someone changed since; "" if there is none."""
    for name, (_, new) in change.fields.items():
        if new is None or new is CLEAR or name in NOT_IN_PUT or name in BY_SERVER or name == "order_note":
            continue
        if not fields_took(of, {name: [None, new]}, now):
            one = of.field(name)
            return f"{name} is {one.kind.show(stored(one, now)) or 'blank'} now"
    return _filled_in(of, change.fields if change.restore is None else None, now)


# What a store may fill in by itself in a record that it creates; of addresses also the country and the state [open].
BY_RULES = frozenset({
    "source_id", "source_name", "payment_status", "payment_type", "folder", "date_added", "tracking_url", "date_shipped", "status",
    "delivery_type", "category_code", "fulfillment_method", "update_source", "cc_number",
})  # fmt: skip
DEFAULTS: Mapping[str, Value] = {"quantity": 1}  # else blank, or 0 [doc]


def _filled_in(of: Resource, ours: Mapping[str, list[Value]] | None, now: Document) -> str:
    """A field that a record has and that we did not create it with; "" if there is none, or nobody knows what we did."""
    if ours is None:
        return ""
    for one in of.writable:
        if one.name in ours or one.name in BY_RULES or one.place is None or "#" in one.name:
            continue
        if one.name.startswith(("item.", "return_address.")) or one.name.endswith((".country", ".state")):
            continue
        if one.is_open:
            held = get(now, one.place[:-1])
            keys = {name.partition(".")[2] for name in ours if name.startswith(one.name[:-1])} | {MARK}
            if isinstance(held, dict) and (added := sorted(held.keys() - keys)):
                return f"{one.name[:-1]}{added[0]} was added"
            continue
        value = stored(one, now)
        twin = one.name.replace("customer.", "shipping.") if one.name.startswith("customer.") else one.name.replace("shipping.", "customer.")
        copied = twin in ours and same(one.kind, ours[twin][1], value)  # an address alone is taken for both [doc]
        if not copied and not same(one.kind, value, None) and value != DEFAULTS.get(one.name):
            return f"{one.name} is {one.kind.show(value)} now"
    return ""


def changed_order(change: Change, now: Document, run: Plan) -> str:
    """What someone changed since on an order that a run created; "" if nothing was."""
    if told := changed(ORDERS, change, now):
        return told
    of_ours = [
        other for other in run.changes
        if other.order_id == change.id and other.action == "create" and other.steps and other.steps[0].verb != "with-order"
    ]  # fmt: skip
    if change.restore is None and children(now, "order_notes") and not any(name.startswith("order_note") for name in change.fields):
        return "a note was added"
    numbers = {folded_number(other.fields.get("tracking_number", [None, None])[1]) for other in of_ours if other.resource == "shipments"}
    for shipment in children(now, "order_shipments"):
        if folded_number(shipment.get("tracking_number")) not in numbers:
            return f"shipment {shipment.get('tracking_number')} was added"
    there = children(now, "order_items")
    if change.restore is not None:
        wanted: list[Mapping[str, list[Value]]] = [{name: [None, stored(ITEMS.field(name), one)] for name in ("name", "code", "quantity", "price")}
                  for one in children(change.restore, "order_items")]  # fmt: skip
    else:
        wanted = [item.fields for item in change.items if item.action == "create"]
    wanted += [other.fields for other in of_ours if other.resource == "items" and other.state == "done"]
    if len(there) > len(wanted) + sum(other.resource == "items" and other.state in ("begun", "unknown") for other in of_ours):
        return "items were added"
    for fields in wanted:
        if not any(fields_took(ITEMS, fields, one) and (change.restore is not None or not _filled_in(ITEMS, fields, one)) for one in there):
            return "an item was changed"
    return ""


def order_back(change: Change, now: Document) -> Told:
    """What an order's change takes back: fields, note, items and folder."""
    told = Told()
    once = change.before or {}
    sent = {step.verb: step for step in change.steps if was_ours(step)}
    put = sent.get("put")
    if put is not None:
        plain = {name: pair for name, pair in change.fields.items() if name not in (*NOT_IN_PUT, "order_note")}
        told.fields, told.changed = swapped(ORDERS, plain, now, once)
        if "order_note" in change.fields:
            old, new = change.fields["order_note"]
            told.fields["order_note"] = [None, old] if new is CLEAR else [new, CLEAR]
    deleted = {str(step.answer.get("item")) for step in change.steps if step.verb == "item-delete" and was_ours(step)}
    for item in change.items:
        told.items += _item_back(change, item, now, put, deleted, told)
    if told.fields or any(item.action != "delete" for item in told.items):
        date = put.answer.get("note_date") if put is not None else None
        told.steps.append(Step("put", learnt={"note_date": date} if date else {}))
    told.steps += [Step("item-delete", learnt={"item": item.id}) for item in told.items if item.action == "delete"]
    move = sent.get("move")
    if move is not None:
        came_from = str(move.answer.get("from") or once.get("folder_id") or "")
        held = str(now.get("folder_id") or "")
        if held == str(change.fields["folder"][1]) and came_from and came_from != held:
            told.fields["folder"] = [held, came_from]
            told.steps.append(Step("move"))
        elif held != came_from:
            told.changed.append(f"folder was changed to {held} since")
        told.lost.append("e-mails that were sent and rules that fired")
    if "history" in sent:
        told.lost.append("entries in an order's history")
    return told


def _item_back(
    change: Change, item: ItemChange, now: Document, put: Step | None, deleted: set[str], told: Told
) -> Iterator[ItemChange]:
    there = children(now, "order_items")
    name = f"item {item.code or item.id}"
    if item.action == "create" and put is not None:
        taken = {other.id for other in told.items}
        ours = next((one for one in there if str(one.get("id")) not in taken and _added(change, item, one, put)), None)
        if ours is None:
            return
        if item.restore is None and not fields_took(ITEMS, item.fields, ours):
            told.changed.append(f"{name} was changed since it was added")
        else:
            yield ItemChange("delete", str(ours["id"]), item.code, item.rows, {}, ours)
    elif item.action == "update" and put is not None:
        held = next((one for one in there if str(one.get("id")) == item.id), None)
        if held is None:
            told.changed.append(f"{name} is gone, so it can't be put back")
            return
        fields, changed_since = swapped(ITEMS, item.fields, held, item.before or {})
        told.changed += [f"{name}: {reason}" for reason in changed_since]
        if fields:
            yield ItemChange("update", item.id, item.code, item.rows, fields, held, item.before)
    elif item.action == "delete" and item.id in deleted and item.before is not None and item.id not in _ids(there):
        restore = {key: copy.deepcopy(value) for key, value in item.before.items() if key != "id"}
        told.lost.append("the ids of items that come back")
        yield ItemChange("create", "", item.code, item.rows, {"name": [None, restore.get("name")]}, None, restore)


def _ids(there: list[Document]) -> set[str]:
    return {str(one.get("id")) for one in there}


def _added(change: Change, item: ItemChange, one: Document, put: Step) -> bool:
    """Whether an item of the order is the one that a change added."""
    if mark := item_mark(change, item):
        return bool(get(one, ("metadata", MARK)) == mark)
    had = put.answer.get("had")
    if had is None:
        had = [str(other.get("id")) for other in children(change.before or {}, "order_items")]
    wanted = item.restore if item.restore is not None else {"code": item.code}
    return str(one.get("id")) not in had and str(one.get("code") or "") == str(wanted.get("code") or "")

