"""This file holds the writers of order items: by their own endpoints, or with the order's own PUT."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from ...fields import ITEMS, Document, get
from ...plan.change import Change
from ...plan.compare import children
from .. import merge
from .writer import Context, Job, Outcome, Writer, child, claim, deleted, fields_took, ids, made


class ItemPost(Writer):
    """A new item. Its look: our mark in its metadata; without one, an item of that name and code that was not there."""

    of, doubles = ITEMS, True

    def wants(self, job: Job) -> bool:
        return not job.change.mark and not job.doubted

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        change = job.change
        if self.wants(job):
            if now is None:
                return Outcome("stale", "the order is gone")
            job.step.answer["had"] = ids(now, "order_items")
        job.body = change.restore if change.restore is not None else merge.new_document(ITEMS, change.fields, change.mark)
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        return made(context.store.create_item(job.change.order_id, job.body))

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return item_came(job, now, context)


def item_came(job: Job, now: Document | None, context: Context) -> bool | None:
    """Whether an order has the item that a change adds."""
    if now is None:
        return None
    there = children(now, "order_items")
    change = job.change
    if change.mark:
        for item in there:
            if get(item, ("metadata", merge.MARK)) == change.mark:
                job.step.answer["id"] = str(item["id"])
                return True
        return False
    had = job.step.answer.get("had")
    if had is None:
        return None
    wanted = _name_and_code(change)
    new = [one for one in there if str(one.get("id")) not in had]
    fits = [one for one in new if (str(one.get("name") or ""), str(one.get("code") or "")) == wanted]
    return claim(job, fits, context, lambda other: _name_and_code(other) == wanted)


def _name_and_code(change: Change) -> tuple[str, str]:
    document = change.restore if change.restore is not None else merge.new_document(ITEMS, change.fields)
    return str(document.get("name") or ""), str(document.get("code") or "")


class ItemPut(Writer):
    """A whole item. Its look: compare."""

    of, needs, inside = ITEMS, True, "order_items"

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        there = child(now, self.inside, job.change.id)
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
        return fields_took(self.of, job.change.fields, child(now, self.inside, job.change.id))


class ItemDelete(Writer):
    """Its look: the order no longer has it."""

    of, inside = ITEMS, "order_items"

    def item(self, job: Job) -> str:
        """The item's id; an order's change keeps it in the step."""
        return str(job.step.answer.get("item") or job.change.id)

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return deleted(job, lambda: context.store.delete_item(job.order_id, self.item(job)))

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return child(now, self.inside, self.item(job)) is None


class ItemsWithOrder(Writer):
    """Several items of one order, with the order's own PUT. Its look: compare."""

    of, needs, whole = ITEMS, True, True

    def size(self, batch_size: int) -> int:
        return 10_000  # all items of an order go with it

    def group(self, job: Job) -> tuple[str, ...]:
        return ("ItemsWithOrder", job.change.order_id)

    def would_double(self, job: Job) -> bool:
        return job.change.action == "create"

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the order is gone")
        if self.would_double(job):
            job.step.answer.setdefault("had", ids(now, "order_items"))
        merged = self._set(job, {"order_items": children(now, "order_items")})
        if merged.stale:
            return Outcome("stale", merged.stale)
        if merged.already:
            return Outcome("done", "was so already")
        job.seen, job.read_at = now, at
        return None

    def _set(self, job: Job, document: Document) -> merge.Merged:
        change = job.change
        return merge.set_item(document, change.action, change.id, change.fields, change.mark, change.restore)

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        after = copy.deepcopy(jobs[0].seen)
        assert after is not None
        for job in jobs:
            self._set(job, after)
        context.store.update_order(jobs[0].change.order_id, merge.whole_order(after))
        return [Outcome("done") for _ in jobs]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if job.change.action == "create":
            return item_came(job, now, context)
        return fields_took(ITEMS, job.change.fields, child(now, "order_items", job.change.id))


class ItemWithNewOrder(Writer):
    """An item of an order that the same book creates: it went up with the order, so there is nothing to send or to look at."""

    of = ITEMS

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        return Outcome("done", "created with its order")

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return True
