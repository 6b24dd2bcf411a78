"""This file holds undo: a plan like any other, made from the documents as they were before a run."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Problem
from ..fields import INVENTORY, ITEMS, ORDERS, Document, Resource, get, in_open_map
from ..kinds import CLEAR, Value
from ..lookup import Lookup
from ..plan.change import Change, ItemChange, Plan, Step
from ..plan.children import folded_number
from ..plan.compare import children, same, stored
from .merge import MARK, NOT_IN_PUT, TABLES, item_mark
from .writers import find_created

TOUCHED = ("done", "begun", "unknown")
SERVER_SETS = {  # what a record gets from the server when it is created again
    "orders": ("id", "quantity_total", "weight_total", "product_total", "discount_total", "order_total", "email_count",
               "date_updated", "order_shipments", "cc_number_masked", "order_history", "store_id"),
    "items": ("id",),
    "shipments": ("id", "order_id", "store_id", "date_added", "cart_shipment_id", "print_status"),
    "inventory": ("id", "date_added", "date_updated"),
}  # fmt: skip


class Undo:
    """Makes the plan that takes a run back."""

    def __init__(self, run: Plan, lookup: Lookup) -> None:
        self._run = run
        self._lookup = lookup
        self._plan = Plan(run.resource, undoes=run.run or "", sheet_name=run.sheet_name)
        self._lost: list[str] = []  # what can't be taken back

    def plan(self) -> Plan:
        """The plan: children before parents on delete, parents first on creation; the last change first."""
        touched = [change for change in self._run.writing() if any(step.state in TOUCHED for step in change.steps)]
        self._read(touched)
        for change in reversed(touched):
            self._take_back(change)
        deletes = {change.id: change for change in self._plan.changes if change.resource == "orders" and change.action == "delete"}
        for number, change in enumerate(self._plan.changes, 1):
            change.number = number
        for change in self._plan.changes:
            if change.order_id in deletes and change.steps:
                deletes[change.order_id].after.append(change.number)
        self._plan.sets_off += [f"Can't be taken back: {lost}." for lost in dict.fromkeys(self._lost)]
        return self._plan

    # -- the documents as they are now ------------------------------------------------------------

    def _read(self, touched: list[Change]) -> None:
        """Have the documents in hand, in the fewest calls."""
        from ..lookup import OrderKey

        for change in touched:
            if change.action == "create" and change.resource == "orders" and not change.id:
                change.id = find_created(change, change.steps[0], self._lookup) or ""
        orders = {change.order_id or (change.id if change.resource == "orders" else "") for change in touched} - {""}
        self._lookup.orders(OrderKey("id", record) for record in sorted(orders))
        items = [change for change in touched if change.resource == "inventory"]
        codes = [str(change.fields["code"][1]) for change in items if not change.id and "code" in change.fields]
        self._lookup.inventory([change.id for change in items if change.id], codes)

    def _now(self, listed: str, record: str) -> Document | None:
        seen = self._lookup.shelves[listed].by_id.get(record)  # type: ignore[index]
        return seen.document if seen else None

    # -- one change -------------------------------------------------------------------------------

    def _take_back(self, change: Change) -> None:
        if change.action == "create":
            self._delete(change)
        elif change.action == "delete":
            self._create(change)
        elif change.resource == "orders":
            self._update_order(change)
        else:
            self._update(change)

    def _add(self, change: Change, action: Any, steps: list[Step], **facts: Any) -> Change:
        new = Change(0, change.resource, action, change.rows, change.key, change.id, change.order_id, about=change.about,
                     tab=change.tab, undoes=change.number, steps=steps, **facts)  # fmt: skip
        listed = "inventory" if change.resource == "inventory" else "orders"
        seen = self._lookup.shelves[listed].by_id.get(new.order_id or new.id)  # type: ignore[index]
        if seen is not None:
            new.read_at, new.page = seen.at, seen.page
        self._plan.changes.append(new)
        return new

    def _report(self, change: Change, reason: str) -> None:
        row = change.rows[0] if change.rows else None
        self._plan.problems.append(Problem(reason, "It is left alone.", "warning", row, place=change.key, code="changed-since"))

    def _delete(self, change: Change) -> None:
        record, now = self._created_record(change)
        if now is None:
            return self._nothing(change, "is gone already")
        if change.steps[0].answer.get("ours") is False:
            return self._nothing(change, "was there before, so it is left there")
        change.id = record
        steps = [Step("delete")]
        if any(step.verb == "history" for step in change.steps):
            self._lost.append("entries in an order's history")
        if change.resource in ("orders", "shipments"):
            self._lost.append("e-mails that were sent and rules that fired")
        self._add(change, "delete", steps, before=now)
        return None

    def _created_record(self, change: Change) -> tuple[str, Document | None]:
        if change.resource == "orders":
            return change.id, self._now("orders", change.id)
        if change.resource == "inventory":
            if change.id:
                return change.id, self._now("inventory", change.id)
            found = self._lookup.shelves["inventory"].with_text(str(change.fields["code"][1]))
            return (str(found[0]["id"]), found[0]) if found else ("", None)
        order = self._now("orders", change.order_id)
        inside = "order_items" if change.resource == "items" else "order_shipments"
        there = children(order, inside) if order else []
        for one in there:
            if change.id and str(one.get("id")) == change.id:
                return change.id, one
        if change.id:
            return change.id, None
        for one in there:
            if change.resource == "items" and change.mark and get(one, ("metadata", MARK)) == change.mark:
                return str(one["id"]), one
            number = change.fields.get("tracking_number", [None, None])[1]
            if change.resource == "shipments" and folded_number(one.get("tracking_number")) == folded_number(number):
                if str(one.get("id")) not in change.steps[0].answer.get("had", ()):
                    return str(one["id"]), one
        return "", None

    def _nothing(self, change: Change, note: str) -> None:
        self._add(change, "none", [], note=note)

    def _create(self, change: Change) -> None:
        once = change.before
        if once is None or self._still_there(change):
            return self._nothing(change, "is there")
        of = TABLES[change.resource]
        restore = {name: value for name, value in copy.deepcopy(once).items() if name not in SERVER_SETS[change.resource]}
        if change.resource == "orders":
            _without_ids(restore)
        restore = {name: value for name, value in restore.items() if not name.startswith("label_")}
        fields = {
            field.name: [None, stored(field, restore)]
            for field in of.writable
            if not field.is_open and field.place is not None and not field.name.startswith("item.")
            and stored(field, restore) is not None
        }  # fmt: skip
        verb = "batch" if change.resource == "shipments" else "post"
        made = self._add(change, "create", [Step(verb)], fields=fields, restore=restore)  # type: ignore[arg-type]
        made.id = ""
        made.note = "comes back under a new id"
        self._lost.append(f"the ids of {of.name} that come back, and the times that the server sets")
        if change.resource == "orders":
            made.number = len(self._plan.changes)
            self._shipments_of(change, once, made)
        elif change.resource == "shipments":
            self._lost.append("labels of shipments")
        return None

    def _shipments_of(self, change: Change, once: Document, made: Change) -> None:
        """The shipments that a deleted order had are created again with it."""
        if not children(once, "order_shipments"):
            return
        self._lost.append("labels of shipments")
        for shipment in children(once, "order_shipments"):
            restore = {
                name: value for name, value in shipment.items()
                if name not in SERVER_SETS["shipments"] and not name.startswith("label_")
            }  # fmt: skip
            number = restore.get("tracking_number")
            again = Change(0, "shipments", "create", change.rows, f"{change.key}, {number}", about=change.about, tab=change.tab,
                           fields={"tracking_number": [None, number]}, after=[made.number], restore=restore,
                           steps=[Step("batch")], undoes=change.number)  # fmt: skip
            self._plan.changes.append(again)

    def _still_there(self, change: Change) -> bool:
        if change.resource in ("orders", "inventory"):
            return self._now(change.resource, change.id) is not None
        order = self._now("orders", change.order_id)
        inside = "order_items" if change.resource == "items" else "order_shipments"
        return order is not None and any(str(one.get("id")) == change.id for one in children(order, inside))

    def _update(self, change: Change) -> None:
        now = self._record_now(change)
        if now is None:
            self._report(change, "is gone, so nothing can be put back")
            return self._nothing(change, "is gone")
        once = change.before or {}
        if change.relative is not None:
            fields = {"stock": [stored(INVENTORY.field("stock"), now), None]}
            held = fields["stock"][0] or 0
            fields["stock"][1] = int(held) - change.relative
            others = {name: pair for name, pair in change.fields.items() if name != "stock"}
            fields |= self._swapped(TABLES[change.resource], change, others, now, once)
            self._add(change, "update", [Step("batch")], fields=fields, before=now, relative=-change.relative, restore=once)
            return None
        fields = self._swapped(TABLES[change.resource], change, change.fields, now, once)
        if not fields:
            return self._nothing(change, "nothing to put back")
        verb = "batch" if change.resource == "inventory" else "put"
        self._add(change, "update", [Step(verb)], fields=fields, before=now, restore=once)  # type: ignore[arg-type]
        return None

    def _record_now(self, change: Change) -> Document | None:
        if change.resource == "inventory":
            return self._now("inventory", change.id)
        order = self._now("orders", change.order_id)
        inside = "order_items" if change.resource == "items" else "order_shipments"
        there = children(order, inside) if order else []
        return next((one for one in there if str(one.get("id")) == change.id), None)

    def _swapped(
        self, of: Resource, change: Change, fields: Mapping[str, list[Value]], now: Document, once: Document
    ) -> dict[str, list[Value]]:
        """[new, old] of the fields that still are as we set them; the others are reported."""
        swapped: dict[str, list[Value]] = {}
        for name, (_, new) in fields.items():
            one = of.field(name)
            held = stored(one, now)
            before = stored(one, once)
            if new is CLEAR and in_open_map(one) and one.place is not None:
                ours = get(now, one.place) is None
            else:
                ours = same(one.kind, held, new)
            if ours:
                swapped[name] = [held if new is not CLEAR else None, CLEAR if before is None else before]
            elif not same(one.kind, held, before):
                self._report(change, f"{name} was changed to {one.kind.show(held) or 'blank'} since")
        return swapped

    def _update_order(self, change: Change) -> None:
        now = self._now("orders", change.id)
        if now is None:
            self._report(change, "the order is gone, so nothing can be put back")
            return self._nothing(change, "is gone")
        once = change.before or {}
        sent = {step.verb: step for step in change.steps if step.state in TOUCHED}
        fields: dict[str, list[Value]] = {}
        items: list[ItemChange] = []
        steps: list[Step] = []
        if "put" in sent:
            plain = {name: pair for name, pair in change.fields.items() if name not in (*NOT_IN_PUT, "order_note")}
            fields |= self._swapped(ORDERS, change, plain, now, once)
        if "put" in sent and "order_note" in change.fields:
            fields["order_note"] = _flipped(change.fields["order_note"])
        deleted = {str(step.answer.get("item")) for step in change.steps if step.verb == "item-delete" and step.state in TOUCHED}
        for item in change.items:
            items += self._item_back(change, item, now, "put" in sent, deleted)
        if fields or any(item.action != "delete" for item in items):
            answer = {"note_date": sent["put"].answer["note_date"]} if "put" in sent and "note_date" in sent["put"].answer else {}
            steps.append(Step("put", answer=answer))
        steps += [Step("item-delete", answer={"item": item.id}) for item in items if item.action == "delete"]
        if "move" in sent:
            back = str(sent["move"].answer.get("from") or once.get("folder_id") or "")
            held = str(now.get("folder_id") or "")
            if held == str(change.fields["folder"][1]) and back and back != held:
                fields["folder"] = [held, back]
                steps.append(Step("move"))
            elif held != back:
                self._report(change, f"folder was changed to {held} since")
        if "history" in sent:
            self._lost.append("entries in an order's history")
        if "move" in sent:
            self._lost.append("e-mails that were sent and rules that fired")
        if not steps:
            return self._nothing(change, "nothing to put back")
        self._add(change, "update", steps, fields=fields, items=items, before=now, restore=once)
        return None

    def _item_back(
        self, change: Change, item: ItemChange, now: Document, put: bool, deleted: set[str]
    ) -> Iterable[ItemChange]:
        there = children(now, "order_items")
        if item.action == "create" and put:
            mark = item_mark(change, item)
            before = {str(one.get("id")) for one in children(change.before or {}, "order_items")}
            for one in there:
                is_ours = get(one, ("metadata", MARK)) == mark if mark else (
                    str(one.get("id")) not in before and str(one.get("code") or "") == item.code
                )  # fmt: skip
                if is_ours:
                    yield ItemChange("delete", str(one["id"]), item.code, item.rows, {}, one)
                    return
        elif item.action == "update" and put:
            one_now = next((one for one in there if str(one.get("id")) == item.id), None)
            if one_now is None:
                self._report(change, f"item {item.code or item.id} is gone, so it can't be put back")
            elif fields := self._swapped(ITEMS, change, item.fields, one_now, item.before or {}):
                yield ItemChange("update", item.id, item.code, item.rows, fields, one_now, item.before)
        elif item.action == "delete" and item.id in deleted and item.before is not None:
            if not any(str(one.get("id")) == item.id for one in there):
                restore = {name: value for name, value in item.before.items() if name != "id"}
                self._lost.append("the ids of items that come back")
                fields = {"name": [None, restore.get("name")]}
                yield ItemChange("create", "", item.code, item.rows, fields, None, restore)


def _flipped(pair: list[Value]) -> list[Value]:
    old, new = pair
    return [None, old] if new is CLEAR else [new, CLEAR]


def _without_ids(order: Document) -> None:
    for item in children(order, "order_items"):
        item.pop("id", None)


