"""This file holds undo: a plan like any other, made from the documents as they were before a run."""

from __future__ import annotations

import copy
import datetime as dt
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import Problem
from ..fields import INVENTORY, Document, get
from ..kinds import TIME
from ..lookup import Listed, Lookup, OrderKey
from ..plan.change import Change, Plan, Step
from ..plan.children import folded_number
from ..plan.compare import children, last_four, stored
from ..plan.items import one_put_an_order
from ..plan.keys import of_cart
from . import back
from .merge import MARK, TABLES
from .writers import Context, Job, find_created, relative_came
from .writers.writer import ids

INSIDE = {"items": "order_items", "shipments": "order_shipments"}
SERVER_SETS = {  # what a record gets from the server when it is created again
    "orders": ("id", "quantity_total", "weight_total", "product_total", "discount_total", "order_total", "email_count",
               "date_updated", "order_shipments", "cc_number_masked", "order_history", "store_id"),
    "items": ("id",),
    "shipments": ("id", "order_id", "store_id", "date_added", "cart_shipment_id", "print_status"),
    "inventory": ("id", "date_added", "date_updated"),
}  # fmt: skip


CLOCKS = 600.0  # seconds that the store's clock and ours may differ


def _number(order: Document) -> OrderKey:
    """An order's number in its cart; blank where it has none."""
    return OrderKey("source_id", str(order.get("source_id") or "").strip(), str(order.get("source_name") or ""))


def _code(item: Document | None) -> str:
    return str((item or {}).get("code") or "").strip()


class Undo:
    """Makes the plan that takes a run back."""

    def __init__(self, run: Plan, lookup: Lookup) -> None:
        self._run = run
        self._lookup = lookup
        self._plan = Plan(run.resource, undoes=str(Path(run.run).resolve()) if run.run else "", sheet_name=run.sheet_name)
        self._lost: list[str] = []  # what can't be taken back
        self._leaving: set[str] = set()  # orders that the run created, and that are deleted with all that is in them
        self._returning: set[str] = set()  # orders that the run deleted, and that come back with all that was in them
        # The looks of the writers serve here, too, on the documents in hand.
        self._context = Context(run, lookup.store, lookup, time.time, {}, threading.Lock())

    def plan(self) -> Plan:
        """The plan: children before parents on delete, parents first on creation; the last change first."""
        ours = [change for change in self._run.writing() if any(map(back.was_ours, change.steps))]
        touched = [change for change in ours if change.number not in self._run.taken_back]
        self._read(touched)
        for change in touched:
            if change.resource == "orders" and back.was_ours(change.steps[0]):
                now = self._now("orders", change.id)
                if change.action == "delete" and now is None:
                    self._returning.add(change.id)
                elif change.action == "create" and now is not None and not back.changed_order(change, now, self._run):
                    self._leaving.add(change.id)
        for change in reversed(ours):
            if undo := self._run.taken_back.get(change.number):
                self._nothing(change, f"was taken back already, by {undo}")
            else:
                self._take_back(change)
        one_put_an_order([change for change in self._plan.changes if change.resource == "items"])
        deletes = {change.id: change for change in self._plan.changes if change.resource == "orders" and change.action == "delete"}
        for number, change in enumerate(self._plan.changes, 1):
            change.number = number
        for change in self._plan.changes:
            if change.order_id in deletes and change.steps:
                deletes[change.order_id].after = [*deletes[change.order_id].after, change.number]
        self._plan.sets_off += [f"Can't be taken back: {lost}." for lost in dict.fromkeys(self._lost)]
        return self._plan

    # -- the documents as they are now ------------------------------------------------------------

    def _read(self, touched: list[Change]) -> None:
        """Have the documents in hand, in the fewest calls."""
        made = {}
        for change in touched:
            if change.action == "create" and change.resource == "orders":
                change.id = change.id or find_created(change, change.steps[0], self._lookup) or ""
                made[change.number] = change.id
        for change in touched:
            for number in change.after:
                if change.resource == "orders":
                    change.id = change.id or made.get(number, "")
                elif change.resource in INSIDE:
                    change.order_id = change.order_id or made.get(number, "")
        orders = {change.order_id or (change.id if change.resource == "orders" else "") for change in touched} - {""}
        dates = {change.id: TIME.read((change.before or {}).get("date_added")) for change in touched if change.resource == "orders"}
        added = {record: at for record, at in dates.items() if isinstance(at, dt.datetime)}
        numbers = [_number(change.before) for change in touched if change.resource == "orders" and change.action == "delete" and change.before]
        self._lookup.orders([*(OrderKey("id", record) for record in sorted(orders)), *(key for key in numbers if key.value)], added)
        items = [change for change in touched if change.resource == "inventory"]
        codes = [str(change.fields["code"][1]) for change in items if not change.id and "code" in change.fields]
        # Whether a deleted item was made again its id does not tell, but its SKU.
        gone = {change.id: code for change in items if change.action == "delete" and change.state == "done" and (code := _code(change.before))}
        self._lookup.inventory([change.id for change in items if change.id and change.id not in gone], [*codes, *gone.values()])

    def _now(self, listed: Listed, record: str) -> Document | None:
        seen = self._lookup.shelves[listed].by_id.get(record) if record else None
        return seen.document if seen else None

    def _record_now(self, change: Change) -> Document | None:
        """The record that a change was about, as it is now."""
        if change.resource not in INSIDE:
            return self._now("inventory" if change.resource == "inventory" else "orders", change.id)
        order = self._now("orders", change.order_id)
        there = children(order, INSIDE[change.resource]) if order else []
        return next((one for one in there if change.id and str(one.get("id")) == change.id), None)

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
        listed: Listed = "inventory" if change.resource == "inventory" else "orders"
        shelf = self._lookup.shelves[listed]
        if seen := shelf.by_id.get(new.order_id or new.id):
            new.read_at, new.page, new.among = seen.at, seen.page, shelf.among
        self._plan.changes.append(new)
        return new

    def _nothing(self, change: Change, note: str) -> None:
        self._add(change, "none", [], note=note)

    def _report(self, change: Change, reason: str) -> None:
        row = change.rows[0] if change.rows else None
        self._plan.problems.append(Problem(reason, "It is left alone.", "warning", row, place=change.key, code="changed-since"))

    def _leave(self, change: Change, reason: str) -> None:
        self._report(change, reason)
        self._nothing(change, reason)

    # -- created → deleted ------------------------------------------------------------------------

    def _delete(self, change: Change) -> None:
        if change.resource in INSIDE and change.order_id in self._leaving:
            return self._nothing(change, "goes with its order")
        now = self._created(change)
        if now is None:
            return self._nothing(change, "is gone already, or was never made")
        if change.resource == "orders":
            changed = back.changed_order(change, now, self._run)
        else:
            changed = back.changed(TABLES[change.resource], change, now)
        if changed:
            return self._leave(change, f"was changed since it was created ({changed})")
        change.id = str(now["id"])
        if any(step.verb == "history" for step in change.steps):
            self._lost.append("entries in an order's history")
        if change.resource in ("orders", "shipments"):
            self._lost.append("e-mails that were sent and rules that fired")
        self._add(change, "delete", [Step("delete")], kept=now)
        return None

    def _created(self, change: Change) -> Document | None:
        """The record that a change created, as it is now."""
        if change.id or change.resource == "orders":
            return self._record_now(change)
        if change.resource == "inventory":
            found = self._lookup.shelves["inventory"].with_text(str(change.fields["code"][1]))
            return self._now("inventory", str(found[0]["id"])) if found else None
        order = self._now("orders", change.order_id)
        if order is None:
            return None
        job = Job(change, change.steps[0])
        writer = back.look_of(job)
        if not writer.happened(job, order, self._context):
            return None
        change.id = str(change.steps[0].answer.get("id") or "")
        if change.id:
            return self._record_now(change)
        # Several that look the same were added, and nobody told which is whose: any one of them will do.
        had, taken = change.steps[0].answer.get("had", ()), self._context.claimed.setdefault(change.order_id, set())
        for one in children(order, INSIDE[change.resource]):
            if str(one.get("id")) not in (*had, *taken) and self._looks_like(change, one):
                taken.add(str(one["id"]))
                change.id = str(one["id"])
                return one
        return None

    def _looks_like(self, change: Change, one: Document) -> bool:
        if change.resource == "items" and change.mark:
            return bool(get(one, ("metadata", MARK)) == change.mark)
        name = "code" if change.resource == "items" else "tracking_number"
        wanted = (change.restore or {}).get(name) or change.fields.get(name, [None, None])[1]
        return folded_number(one.get(name)) == folded_number(wanted) and not back.changed(TABLES[change.resource], change, one)

    # -- deleted → created ------------------------------------------------------------------------

    def _create(self, change: Change) -> None:
        once = change.before
        if once is None or self._record_now(change) is not None:
            return self._nothing(change, "is there")
        if change.order_id in self._returning:
            return self._nothing(change, "comes back with its order")
        order = self._now("orders", change.order_id) if change.resource in INSIDE else None
        if change.resource in INSIDE and order is None:
            return self._leave(change, "belongs to an order that is gone")
        if change.resource == "orders" and (again := self._added_since(change, once)):
            return self._leave(change, f"was added again since (id {again})")
        if change.resource == "inventory" and (twins := self._lookup.shelves["inventory"].with_text(_code(once))):
            return self._leave(change, f"its SKU is that of another item by now (id {twins[0]['id']})")
        of = TABLES[change.resource]
        restore = back.without_what_the_server_sets(once, SERVER_SETS[change.resource])
        if change.resource == "orders":
            for item in children(restore, "order_items"):
                item.pop("id", None)
            if digits := last_four(once):
                restore["cc_number"] = digits
            self._lost.append("the history of orders that come back, and their count of e-mails")
        fields = {
            field.name: [None, stored(field, restore)]
            for field in of.writable
            if not field.is_open and field.place is not None and not field.name.startswith("item.")
            and stored(field, restore) is not None
        }  # fmt: skip
        step = Step("batch" if change.resource == "shipments" else "post")
        if order is not None:
            step.answer["had"] = ids(order, INSIDE[change.resource])
        made = self._add(change, "create", [step], fields=fields, restore=restore)
        made.id = ""
        made.note = "comes back under a new id"
        self._lost.append(f"the ids of {'inventory items' if of is INVENTORY else of.name} that come back, and the times that the server sets")
        if change.resource == "shipments":
            self._lost.append("labels of shipments")
        elif change.resource == "orders":
            made.number = len(self._plan.changes)
            self._shipments_of(change, once, made)
        return None

    def _added_since(self, change: Change, once: Document) -> str:
        """The id of an order of the same number and cart that came after a deletion; "" if there is none.

        A twin that is older was there all the time: the deleted one comes back beside it.
        """
        key, deleted = _number(once), change.steps[0].begun_at - CLOCKS
        for twin in self._lookup.shelves["orders"].with_text(key.value) if key.value else ():
            at = TIME.read(twin.get("date_added"))
            if of_cart(twin, key.source_name) and isinstance(at, dt.datetime) and at.replace(tzinfo=dt.UTC).timestamp() >= deleted:
                return str(twin["id"])
        return ""

    def _shipments_of(self, change: Change, once: Document, made: Change) -> None:
        """The shipments that a deleted order had are created again with it."""
        for shipment in children(once, "order_shipments"):
            self._lost.append("labels of shipments")
            restore = back.without_what_the_server_sets(shipment, SERVER_SETS["shipments"])
            number = restore.get("tracking_number")
            self._plan.changes.append(
                Change(0, "shipments", "create", change.rows, f"{change.key}, {number}", about=change.about, tab=change.tab,
                       fields={"tracking_number": [None, number]}, after=[made.number], restore=restore,
                       steps=[Step("batch", learnt={"had": []})], undoes=change.number)
            )  # fmt: skip

    # -- updated → the old values -----------------------------------------------------------------

    def _update(self, change: Change) -> None:
        now = self._record_now(change)
        if now is None:
            return self._leave(change, "is gone, so nothing can be put back")
        once, of = change.before or {}, TABLES[change.resource]
        names = dict(change.fields)
        fields = {}
        step = change.steps[0]
        if change.relative is not None:
            names.pop("stock", None)
            counted = step.state == "done" or relative_came(Job(change, step), now)
            if counted is None:
                return self._leave(change, "may or may not have been counted: count it by hand")
            if not counted:
                return self._nothing(change, "was not counted")
            held = stored(of.field("stock"), now)
            fields["stock"] = [held, (int(held) if isinstance(held, int) else 0) - change.relative]
        swapped, changed = back.swapped(of, names, now, once)
        fields |= swapped
        for reason in changed:
            self._report(change, reason)
        if not fields:
            return self._nothing(change, "; ".join(changed) or "nothing to put back")
        relative = None if change.relative is None else -change.relative
        verb = "batch" if change.resource == "inventory" else "put"
        self._add(change, "update", [Step(verb)], fields=fields, kept=copy.deepcopy(now), restore=once, relative=relative)  # type: ignore[arg-type]
        return None

    def _update_order(self, change: Change) -> None:
        if change.id in self._leaving:
            return self._nothing(change, "goes with its order")
        now = self._now("orders", change.id)
        if now is None:
            return self._leave(change, "the order is gone, so nothing can be put back")
        told = back.order_back(change, now)
        for reason in told.changed:
            self._report(change, reason)
        self._lost += told.lost
        if not told.steps:
            return self._nothing(change, "; ".join(told.changed) or "nothing to put back")
        self._add(change, "update", told.steps, fields=told.fields, items=told.items, kept=now, restore=change.before or {})
        return None
