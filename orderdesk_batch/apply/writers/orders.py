"""This file holds the writers of orders: create, put, delete, move, and the entries in an order's history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import NotFound
from ...fields import ITEMS, ORDERS, Document, get
from ...kinds import CLEAR
from ...lookup import Lookup
from ...plan.change import Change, ItemChange, Step
from ...plan.compare import children
from .. import merge
from .writer import Context, Job, Outcome, Writer, child, deleted, fields_took, ids, made


class OrderPost(Writer):
    """A new order. Its look: our mark, or its number in its cart; without a number the mark among the orders of that day."""

    of, doubles = ORDERS, True

    def clashes(self, job: Job) -> str:
        return ""

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        date = job.step.answer.setdefault("note_date", merge.note_date(context.clock()))
        job.body = job.change.restore if job.change.restore is not None else merge.new_order(job.change, date)
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        return made(context.store.create_order(job.body))

    def look(self, jobs: Sequence[Job], context: Context) -> list[bool | None]:
        return [self._is_there(job, context) for job in jobs]

    def _is_there(self, job: Job, context: Context) -> bool | None:
        found = find_created(job.change, job.step, context.lookup)
        if found is None:
            return None
        if found:
            job.step.answer["id"] = found
        return bool(found)


def find_created(change: Change, step: Step, lookup: Lookup) -> str | None:
    """The id of an order that a change created; "" if it is not there; None if that can't be told."""
    if known := step.answer.get("id"):
        return str(known)
    number = change.fields.get("source_id", [None, None])[1]
    if isinstance(number, str) and number:
        return _by_number(change, number, lookup)
    if not change.mark:
        return None
    # Orders can't be searched by metadata: page by date, widened by 14 hours either side [open].
    given = change.fields.get("date_added", [None, None])[1]
    moment = given if isinstance(given, dt.datetime) else dt.datetime.fromtimestamp(step.begun_at, dt.UTC).replace(tzinfo=None)
    window = {
        "search_start_date": str(moment - dt.timedelta(hours=15))[:19],
        "search_end_date": str(moment + dt.timedelta(hours=15))[:19],
    }
    for document in lookup.list_orders(window):
        if _mark(document) == change.mark:
            return str(document["id"])
    return ""


def _by_number(change: Change, number: str, lookup: Lookup) -> str | None:
    source = change.fields.get("source_name", [None, None])[1] or "Order Desk"
    found = lookup.list_orders({"source_id": number})
    if change.mark and (ours := [doc for doc in found if _mark(doc) == change.mark]):
        return str(ours[0]["id"])
    in_cart = [
        doc for doc in found
        if str(doc.get("source_id") or "").strip() == number and str(doc.get("source_name") or "") == source and not _mark(doc)
    ]  # fmt: skip
    if change.restore is not None:  # a deleted order that comes back: its twin in the cart is another one
        in_cart = [doc for doc in in_cart if doc.get("date_added") == change.restore.get("date_added")]
    if not in_cart:
        return ""
    if change.mark:
        return None  # someone else made it, or the mark was lost: a person has to look
    return str(in_cart[0]["id"])


def _mark(document: Mapping[str, Any]) -> Any:
    return get(document, ("order_metadata", merge.MARK))


def _note_date(change: Change, now: Document, moment: float) -> str:
    """When a note is appended: a time at which the order has none of these words yet, so that ours is told from it."""
    text = change.fields.get("order_note", [None, CLEAR])[1]
    while text is not CLEAR and merge.has_note(now, {"content": text, "date_added": merge.note_date(moment)}):
        moment += 1
    return merge.note_date(moment)


class OrderPut(Writer):
    """A whole order, its items among it. Its look: compare."""

    of, needs, whole = ORDERS, True, True

    def would_double(self, job: Job) -> bool:
        return any(item.action == "create" for item in job.change.items)

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the order is gone")
        date = job.step.answer.setdefault("note_date", _note_date(job.change, now, context.clock()))
        if self.would_double(job):
            job.step.answer.setdefault("had", ids(now, "order_items"))
        merged = merge.order(job.change, now, date)
        if merged.stale:
            return Outcome("stale", merged.stale)
        if merged.already:
            return Outcome("done", "was so already")
        job.body, job.seen, job.read_at = merged.document, now, at
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        context.store.update_order(job.change.id, job.body)
        return [Outcome("done")]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        change = job.change
        if now is None or not fields_took(ORDERS, change.fields, now):
            return False
        for item in change.items:
            if item.action == "update" and not fields_took(ITEMS, item.fields, child(now, "order_items", item.id)):
                return False
        if "order_note" in change.fields:
            old, new = change.fields["order_note"]
            note = {"content": old if new is CLEAR else new, "date_added": job.step.answer.get("note_date", "")}
            if merge.has_note(now, note) == (new is CLEAR):
                return False
        return self._items_came(job, now)

    def _items_came(self, job: Job, now: Document) -> bool | None:
        """Whether the new items are there: by their marks, else as many of their kind as are new."""
        created = [item for item in job.change.items if item.action == "create"]
        if not created:
            return True
        there = children(now, "order_items")
        if job.change.mark:
            marks = {get(one, ("metadata", merge.MARK)) for one in there}
            return all(merge.item_mark(job.change, item) in marks for item in created)
        had = job.step.answer.get("had")
        if had is None:
            return None
        new = [one for one in there if str(one.get("id")) not in had]
        return all(sum(_looks_like(one, item) for one in new) >= sum(_alike(item, other) for other in created) for item in created)


def _looks_like(one: Mapping[str, Any], item: ItemChange) -> bool:
    wanted = item.restore if item.restore is not None else merge.new_document(ITEMS, item.fields)
    return all(str(one.get(name) or "") == str(wanted.get(name) or "") for name in ("name", "code"))


def _alike(item: ItemChange, other: ItemChange) -> bool:
    return item.code == other.code and item.fields.get("name", [0, 0])[1] == other.fields.get("name", [0, 0])[1]


class OrderDelete(Writer):
    """Its look: a 404, or an answer that says "not found"."""

    of = ORDERS

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return deleted(job, lambda: context.store.delete_order(job.change.id))

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return now is None


class OrderMove(Writer):
    """Many orders into one folder. Its look: `original_folder_id` in the result, else the order itself."""

    of, needs, batch = ORDERS, True, True

    def group(self, job: Job) -> tuple[str, ...]:
        return ("OrderMove", str(job.change.fields["folder"][1]))

    def rethinks(self, job: Job) -> bool:
        return True

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the order is gone")
        old, new = job.change.fields["folder"]
        held = str(now.get("folder_id") or "")
        if held == str(new):
            return Outcome("done", "was there already", answer={"ours": job.doubted})
        if old is not None and held != str(old):
            return Outcome("stale", f"was moved to folder {held} by someone since the plan")
        job.seen, job.read_at = now, at
        job.step.answer["from"] = held
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        folder = str(jobs[0].change.fields["folder"][1])
        results = context.store.move_orders([job.change.id for job in jobs], folder_id=folder)
        verdicts = []
        for job, result in zip(jobs, results, strict=True):
            came_from = str(result.get("original_folder_id") or "")
            if came_from:
                kept = job.step.answer.get("from") if job.doubted or came_from == folder else None
                verdicts.append(Outcome("done", answer={"from": kept or came_from}))
            else:
                verdicts.append(Outcome("failed", str(result.get("message") or "was not moved"), refused=True))
        return verdicts

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return now is not None and str(now.get("folder_id") or "") == str(job.change.fields["folder"][1])


class OrderHistory(Writer):
    """An entry in the order's history. Its look: the history, read back."""

    of, doubles = ORDERS, True

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        context.store.add_history(job.change.id, str(job.change.fields["order_history"][1]))
        return [Outcome("done")]

    def look(self, jobs: Sequence[Job], context: Context) -> list[bool | None]:
        return [self._noted(job, context) for job in jobs]

    def _noted(self, job: Job, context: Context) -> bool | None:
        try:
            history = context.store.order(job.change.id, history=True).get("order_history")
        except NotFound:
            return None
        if not isinstance(history, (list, dict)):
            return None
        text = str(job.change.fields["order_history"][1]).strip()
        begun = merge.note_date(job.step.begun_at - 120)  # the server's clock may be behind ours
        for entry in history.values() if isinstance(history, dict) else history:
            held = entry.values() if isinstance(entry, Mapping) else [entry]
            if any(str(value).strip() == text for value in held):
                date = str(entry.get("date_added") or "") if isinstance(entry, Mapping) else ""
                if not date or date >= begun:
                    return True
        return False
