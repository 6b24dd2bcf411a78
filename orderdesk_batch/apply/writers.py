"""This file holds the writers: for each sort of write, what is sent, what its answer means, and its look.

A look is a question to the store that tells whether a write happened; every writer has one. Where it
can't tell, the change stays `unknown` and nothing is sent a second time on its own.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..errors import NotFound, Refused
from ..fields import INVENTORY, ITEMS, ORDERS, SHIPMENTS, Document, Resource, get
from ..kinds import CLEAR
from ..lookup import Listed, Lookup
from ..plan.change import Change, State, Step
from ..plan.children import folded_number
from ..plan.compare import children, same, stored
from . import merge

if TYPE_CHECKING:
    from ..store import Store


@dataclass(slots=True, eq=False)
class Job:
    """One step of one change, on its way."""

    change: Change
    step: Step
    body: Document | None = None  # what is sent for it
    seen: Document | None = None  # the document it was merged with
    read_at: float = 0.0  # when that was read

    @property
    def order_id(self) -> str:
        """The order it is about."""
        return self.change.order_id or (self.change.id if self.change.resource == "orders" else "")


@dataclass(slots=True)
class Outcome:
    """What became of a job."""

    state: State | Literal["again"]  # again: it did not happen, and may be sent once more
    message: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    passing: bool = False
    refused: bool = False
    look_again: bool = False  # not there yet, and the server would not refuse it the second time: look twice


@dataclass(frozen=True)
class Context:
    """What the writers work with."""

    store: Store
    lookup: Lookup
    clock: Callable[[], float]
    claimed: dict[str, set[str]]  # order id → children that a change of this run has been settled with
    guard: threading.Lock


DONE = "done"
GONE = "is gone already"


def _failed(error: Exception) -> Outcome:
    return Outcome("failed", str(error), refused=isinstance(error, Refused))


def _row_verdicts(jobs: Sequence[Job], results: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """A batch's results, one by one: success only where the row says so."""
    verdicts = []
    for job, result in zip(jobs, results, strict=True):
        if result.get("status") == "success":
            learnt = _learn(result)
            verdicts.append(Outcome("done", answer={"id": learnt} if learnt else {}))
        else:
            message = str(result.get("message") or "the store refused the row, without a reason")
            verdicts.append(Outcome("failed", message, refused=True))
    return verdicts


def _learn(result: Mapping[str, Any]) -> str:
    for name in ("shipment", "inventory_item"):
        held = result.get(name)
        if isinstance(held, Mapping) and held.get("id"):
            return str(held["id"])
    for name in ("shipment_id", "inventory_item_id", "id"):
        if result.get(name):
            return str(result[name])
    return ""


class Writer:
    """How one sort of write is carried out. The default is a single call about one record."""

    of: Resource
    listed: Listed = "orders"  # where the document that it needs is read
    needs = False  # whether the document must be at most 30 seconds old when it leaves
    whole = False  # whether that document must also have all that we wrote ourselves meanwhile
    doubles = False  # whether the server would do it twice if it were sent twice
    batch = False

    def group(self, job: Job) -> tuple[str, ...]:
        """Jobs of one group may go in one call, if the writer batches."""
        return (type(self).__name__,)

    def size(self, batch_size: int) -> int:
        """How many jobs go in one call at most."""
        return batch_size if self.batch else 1

    def record(self, job: Job) -> str:
        """The id of the document that it needs."""
        return job.change.id if self.listed == "inventory" else job.order_id

    def wants(self, job: Job) -> bool:
        """Whether this very job needs its document fresh."""
        return self.needs

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        """Make the body from the document as it is now; an Outcome where nothing is to be sent."""
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        """Send it, and read the answer."""
        raise NotImplementedError

    def after(self, jobs: Sequence[Job], outcomes: list[Outcome], context: Context) -> list[Outcome]:
        """A second thought about what the store refused."""
        return outcomes

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        """The look: whether the store shows that it happened; None where that can't be told."""
        raise NotImplementedError

    def look(self, jobs: Sequence[Job], context: Context) -> list[bool | None]:
        """The look for several jobs, in the fewest calls."""
        found = context.lookup.refresh(self.listed, [self.record(job) for job in jobs])
        return [self.happened(job, found[self.record(job)], context) for job in jobs]

    def clashes(self, job: Job) -> str:
        """Jobs with the same answer are never on their way at the same time; "" for none."""
        return job.order_id


def _fields_took(of: Resource, change: Change, now: Mapping[str, Any] | None) -> bool | None:
    """Whether a document shows the fields that we set."""
    if now is None:
        return None
    for name, (_, new) in change.fields.items():
        if name in merge.NOT_IN_PUT or name == "order_note":
            continue
        one = of.field(name)
        if one.place is None:
            continue
        if new is CLEAR and one.steps is not None:
            if get(now, one.place) not in (None, ""):
                return False
        elif not same(one.kind, stored(one, now), new):
            return False
    return True


def _child(order: Document | None, inside: str, record: str) -> Document | None:
    if order is None:
        return None
    return next((one for one in children(order, inside) if str(one.get("id")) == record), None)


# -- orders -----------------------------------------------------------------------------------------


class OrderPost(Writer):
    """A new order. Its look: its number in its cart, or our mark among the orders of that day."""

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
        made = context.store.create_order(job.body)
        return [Outcome("done", answer={"id": str(made["id"])} if made.get("id") else {})]

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
    number = change.fields.get("source_id", [None, None])[1]
    source = change.fields.get("source_name", [None, None])[1] or "Order Desk"
    if isinstance(number, str) and number:
        found = lookup.list_orders({"source_id": number})
        for document in found:
            if change.mark and get(document, ("order_metadata", merge.MARK)) == change.mark:
                return str(document["id"])
        same_cart = [doc for doc in found if str(doc.get("source_id")) == number and doc.get("source_name") == source]
        if not change.mark or not any(get(doc, ("order_metadata", merge.MARK)) for doc in same_cart):
            if same_cart:
                return str(same_cart[0]["id"])
        return ""
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
        if get(document, ("order_metadata", merge.MARK)) == change.mark:
            return str(document["id"])
    return ""


class OrderPut(Writer):
    """A whole order, its items among it. Its look: compare."""

    of, needs, whole = ORDERS, True, True

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the order is gone")
        date = job.step.answer.setdefault("note_date", merge.note_date(context.clock()))
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
        took = _fields_took(ORDERS, job.change, now)
        if not took or now is None:
            return took
        for item in job.change.items:
            if item.action == "update":
                there = _child(now, "order_items", item.id)
                stand_in = Change(0, "items", "update", [], "", fields=item.fields)
                if there is None or not _fields_took(ITEMS, stand_in, there):
                    return False
            elif item.action == "create":
                merged = merge.set_item(dict(now), "create", "", item.fields, merge.item_mark(job.change, item))
                if not job.change.mark:
                    return None
                if not merged.already:
                    return False
        if "order_note" in job.change.fields:
            old, new = job.change.fields["order_note"]
            note = {"content": old if new is CLEAR else new, "date_added": job.step.answer.get("note_date", "")}
            return merge.has_note(now, note) == (new is not CLEAR)
        return True


class OrderDelete(Writer):
    """Its look: a 404, or an answer that says "not found"."""

    of = ORDERS

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return [_deleted(lambda: context.store.delete_order(job.change.id))]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return now is None


def _deleted(call: Callable[[], None]) -> Outcome:
    try:
        call()
    except NotFound:
        return Outcome("done", GONE)
    return Outcome("done")


class OrderMove(Writer):
    """Many orders into one folder. Its look: `original_folder_id` in the result, else the order itself."""

    of, needs, batch = ORDERS, True, True

    def group(self, job: Job) -> tuple[str, ...]:
        return ("OrderMove", str(job.change.fields["folder"][1]))

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the order is gone")
        old, new = job.change.fields["folder"]
        held = str(now.get("folder_id") or "")
        if held == str(new):
            return Outcome("done", "was there already")
        if old is not None and held != str(old):
            return Outcome("stale", f"was moved to folder {held} by someone since the plan")
        job.seen, job.read_at = now, at
        job.step.answer["from"] = held
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        folder = str(jobs[0].change.fields["folder"][1])
        results = context.store.move_orders([job.change.id for job in jobs], folder_id=folder)
        verdicts = []
        for result in results:
            if result.get("original_folder_id") not in (None, ""):
                verdicts.append(Outcome("done", answer={"from": str(result["original_folder_id"])}))
            else:
                verdicts.append(Outcome("failed", str(result.get("message") or "was not moved"), refused=True))
        return verdicts

    def after(self, jobs: Sequence[Job], outcomes: list[Outcome], context: Context) -> list[Outcome]:
        return _look_at_failed(self, jobs, outcomes, context, "")

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return now is not None and str(now.get("folder_id") or "") == str(job.change.fields["folder"][1])


def _look_at_failed(
    writer: Writer, jobs: Sequence[Job], outcomes: list[Outcome], context: Context, message: str
) -> list[Outcome]:
    """Look at what the store refused: it may be so already."""
    failed = [n for n, outcome in enumerate(outcomes) if outcome.state == "failed"]
    if not failed:
        return outcomes
    looked = writer.look([jobs[n] for n in failed], context)
    for n, there in zip(failed, looked, strict=True):
        if there:
            outcomes[n] = Outcome("done", message, answer={"ours": jobs[n].step.tries > 1})
    return outcomes


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
        begun = merge.note_date(job.step.begun_at - 120)
        for entry in history.values() if isinstance(history, dict) else history:
            held = entry.values() if isinstance(entry, Mapping) else [entry]
            if any(str(value).strip() == text for value in held):
                date = str(entry.get("date_added") or "") if isinstance(entry, Mapping) else ""
                if not date or date >= begun:
                    return True
        return False


# -- items ------------------------------------------------------------------------------------------


class ItemPost(Writer):
    """A new item. Its look: our mark in its metadata; without one, an item of that code that was not there."""

    of, doubles = ITEMS, True

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        job.body = job.change.restore if job.change.restore is not None else merge.new_document(ITEMS, job.change.fields, job.change.mark)
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        made = context.store.create_item(job.change.order_id, job.body)
        return [Outcome("done", answer={"id": str(made["id"])} if made.get("id") else {})]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if now is None:
            return None
        if not job.change.mark:
            return _new_item(job, now, context)
        for item in children(now, "order_items"):
            if get(item, ("metadata", merge.MARK)) == job.change.mark:
                job.step.answer["id"] = str(item["id"])
                return True
        return False


def _new_item(job: Job, now: Document, context: Context) -> bool | None:
    """Without a mark: an item of that name and code that was not there before, and that no other row has claimed."""
    had = job.step.answer.get("had")
    if had is None:
        return None
    wanted = job.body or merge.new_document(ITEMS, job.change.fields)
    with context.guard:
        taken = context.claimed.setdefault(job.order_id, set())
        for item in children(now, "order_items"):
            record = str(item.get("id"))
            alike = all(str(item.get(name) or "") == str(wanted.get(name) or "") for name in ("name", "code"))
            if alike and record not in had and record not in taken:
                taken.add(record)
                job.step.answer["id"] = record
                return True
    return False


class ItemPut(Writer):
    """A whole item. Its look: compare."""

    of, needs, inside = ITEMS, True, "order_items"

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        there = _child(now, self.inside, job.change.id)
        if there is None:
            return Outcome("stale", f"the {self.of.one} is gone")
        merged = merge.merge(self.of, there, job.change.fields, job.change.restore)
        if merged.stale:
            return Outcome("stale", merged.stale)
        if merged.already:
            return Outcome("done", "was so already")
        job.body, job.seen, job.read_at = merged.document, there, at
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        context.store.update_item(job.change.order_id, job.change.id, job.body)
        return [Outcome("done")]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return _fields_took(self.of, job.change, _child(now, self.inside, job.change.id)) or False


class ItemDelete(Writer):
    """Its look: the order no longer has it."""

    of, inside = ITEMS, "order_items"

    def item(self, job: Job) -> str:
        """The item's id; an order's change keeps it in the step."""
        return str(job.step.answer.get("item") or job.change.id)

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return [_deleted(lambda: context.store.delete_item(job.order_id, self.item(job)))]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return _child(now, self.inside, self.item(job)) is None


class ItemsWithOrder(Writer):
    """Several items of one order, with the order's own PUT. Its look: compare."""

    of, needs, whole, batch = ITEMS, True, True, True

    def size(self, batch_size: int) -> int:
        return 10_000  # all items of an order go with it

    def group(self, job: Job) -> tuple[str, ...]:
        return ("ItemsWithOrder", job.change.order_id)

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the order is gone")
        probe: Document = {"order_items": children(now, "order_items")}
        merged = merge.set_item(
            probe, job.change.action, job.change.id, job.change.fields, job.change.mark, job.change.restore
        )  # fmt: skip
        if merged.stale:
            return Outcome("stale", merged.stale)
        if merged.already:
            return Outcome("done", "was so already")
        job.seen, job.read_at = now, at
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        import copy

        after = copy.deepcopy(jobs[0].seen)
        assert after is not None
        for job in jobs:
            change = job.change
            merge.set_item(after, change.action, change.id, change.fields, change.mark, change.restore)
        context.store.update_order(jobs[0].change.order_id, merge.whole_order(after))
        return [Outcome("done") for _ in jobs]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if job.change.action == "create":
            return ItemPost().happened(job, now, context)
        return ItemPut().happened(job, now, context)


# -- shipments --------------------------------------------------------------------------------------


class ShipmentBatch(Writer):
    """New shipments, many orders a call. Its look: the tracking number on the order."""

    of, batch = SHIPMENTS, True

    def clashes(self, job: Job) -> str:
        return ""

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        body = job.change.restore if job.change.restore is not None else merge.new_document(SHIPMENTS, job.change.fields)
        job.body = {**(body or {}), "order_id": job.change.order_id}
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        return _row_verdicts(jobs, context.store.batch_shipments([job.body or {} for job in jobs]))

    def after(self, jobs: Sequence[Job], outcomes: list[Outcome], context: Context) -> list[Outcome]:
        return _look_at_failed(self, jobs, outcomes, context, "is on the order already")

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if now is None:
            return False
        number = folded_number((job.body or {}).get("tracking_number") or self._number(job))
        there = [one for one in children(now, "order_shipments") if folded_number(one.get("tracking_number")) == number]
        if number == "n/a":
            return self._claim(job, there, context)
        if there and there[0].get("id"):
            job.step.answer["id"] = str(there[0]["id"])
        return bool(there)

    def _number(self, job: Job) -> Any:
        return job.change.fields.get("tracking_number", [None, (job.change.before or {}).get("tracking_number")])[1]

    def _claim(self, job: Job, there: Sequence[Document], context: Context) -> bool:
        """A parcel without a number is ours if it was not there before, and no other row has claimed it."""
        had = set(job.step.answer.get("had", ()))
        method = str(job.change.fields.get("shipment_method", [None, ""])[1] or "")
        with context.guard:
            taken = context.claimed.setdefault(job.order_id, set())
            for one in there:
                record = str(one.get("id"))
                if record in had or record in taken or str(one.get("shipment_method") or "").strip() != method:
                    continue
                taken.add(record)
                job.step.answer["id"] = record
                return True
        return False


class ShipmentPut(ItemPut):
    """A whole shipment. Its look: compare."""

    of, inside = SHIPMENTS, "order_shipments"

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        context.store.update_shipment(job.change.order_id, job.change.id, job.body)
        return [Outcome("done")]


class ShipmentDelete(ItemDelete):
    """Its look: the order no longer has it."""

    of, inside = SHIPMENTS, "order_shipments"

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return [_deleted(lambda: context.store.delete_shipment(job.change.order_id, job.change.id))]


# -- inventory --------------------------------------------------------------------------------------


class InventoryPost(Writer):
    """A new item. Its look: its SKU, which is unique in the store."""

    of, listed = INVENTORY, "inventory"

    def clashes(self, job: Job) -> str:
        return ""

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        job.body = job.change.restore if job.change.restore is not None else merge.new_document(INVENTORY, job.change.fields)
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        made = context.store.create_inventory_item(job.body)
        return [Outcome("done", answer={"id": str(made["id"])} if made.get("id") else {})]

    def look(self, jobs: Sequence[Job], context: Context) -> list[bool | None]:
        return [self._is_there(job, context) for job in jobs]

    def _is_there(self, job: Job, context: Context) -> bool:
        code = str((job.body or job.change.before or {}).get("code") or job.change.fields["code"][1])
        found = context.lookup.items_by_code(code)
        if found:
            job.step.answer["id"] = str(found[0]["id"])
        return bool(found)


class InventoryBatch(Writer):
    """Whole items, many a call. Its look: compare; for relative stock see `happened`."""

    of, needs, batch, listed = INVENTORY, True, True, "inventory"

    def clashes(self, job: Job) -> str:
        return ""

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the item is gone")
        fields = job.change.fields
        if job.change.relative is not None:
            fields = merge.relative_stock(job.change, now)
            job.step.answer["stock"] = fields["stock"]
            job.step.answer["as_read"] = {"stock": now.get("stock"), "date_updated": now.get("date_updated")}
        merged = merge.merge(INVENTORY, now, fields, None if job.change.relative is not None else job.change.restore)
        if merged.stale:
            return Outcome("stale", merged.stale)
        if merged.already:
            return Outcome("done", "was so already")
        job.body, job.seen, job.read_at = merged.document, now, at
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        results = context.store.batch_inventory([job.body or {} for job in jobs])
        if results is not None:
            return _row_verdicts(jobs, results)
        looked = self.look(jobs, context)  # no results row by row [open]: read the items back
        return [
            Outcome("done") if there else Outcome("failed", "the store said yes, but the item is as it was", refused=True)
            for there in looked
        ]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if now is None:
            return False
        if job.change.relative is None:
            return _fields_took(INVENTORY, job.change, now)
        _, sent = job.step.answer.get("stock", [None, None])
        kind = INVENTORY.field("stock").kind
        if same(kind, kind.read(now.get("stock")), sent):
            return True
        as_read = job.step.answer.get("as_read", {})
        untouched = str(now.get("stock")) == str(as_read.get("stock")) and now.get("date_updated") == as_read.get("date_updated")
        return False if untouched else None


class InventoryDelete(Writer):
    """Its look: a 404, or an answer that says "not found"."""

    of, listed = INVENTORY, "inventory"

    def clashes(self, job: Job) -> str:
        return ""

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return [_deleted(lambda: context.store.delete_inventory_item(job.change.id))]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return now is None


WRITERS: dict[tuple[str, str], Writer] = {
    ("orders", "post"): OrderPost(),
    ("orders", "put"): OrderPut(),
    ("orders", "delete"): OrderDelete(),
    ("orders", "move"): OrderMove(),
    ("orders", "history"): OrderHistory(),
    ("orders", "item-delete"): ItemDelete(),
    ("items", "post"): ItemPost(),
    ("items", "put"): ItemPut(),
    ("items", "delete"): ItemDelete(),
    ("items", "order-put"): ItemsWithOrder(),
    ("shipments", "batch"): ShipmentBatch(),
    ("shipments", "put"): ShipmentPut(),
    ("shipments", "delete"): ShipmentDelete(),
    ("inventory", "post"): InventoryPost(),
    ("inventory", "batch"): InventoryBatch(),
    ("inventory", "delete"): InventoryDelete(),
}


def writer_of(job: Job) -> Writer:
    """The writer of a job."""
    return WRITERS[job.change.resource, job.step.verb]


def would_double(job: Job) -> bool:
    """Whether the server would do the job twice if it were sent twice."""
    if job.change.resource == "shipments" and job.step.verb == "batch":
        return folded_number(job.change.fields.get("tracking_number", [None, None])[1]) == "n/a"
    if job.step.verb in ("put", "order-put") and any(item.action == "create" for item in job.change.items):
        return True
    return writer_of(job).doubles or job.step.verb == "order-put" and job.change.action == "create"
