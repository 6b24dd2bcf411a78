"""This file holds the writers of the inventory."""

from __future__ import annotations

from collections.abc import Sequence

from ...fields import INVENTORY, Document
from ...plan.compare import same
from .. import merge
from .writer import Context, Job, Outcome, Unsaid, Writer, deleted, fields_took, made, row_verdicts


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
        return made(context.store.create_inventory_item(job.body))

    def look(self, jobs: Sequence[Job], context: Context) -> list[bool | None]:
        return [self._is_there(job, context) for job in jobs]

    def _is_there(self, job: Job, context: Context) -> bool:
        found = context.lookup.items_by_code(str(job.change.fields["code"][1]))
        if found:
            job.step.answer["id"] = str(found[0]["id"])
        return bool(found)


class InventoryBatch(Writer):
    """Whole items, many a call. Its look: compare; for relative stock see `relative_came`."""

    of, needs, batch, listed = INVENTORY, True, True, "inventory"

    def clashes(self, job: Job) -> str:
        return ""

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if now is None:
            return Outcome("stale", "the item is gone")
        change = job.change
        fields, restore = change.fields, change.restore
        if change.relative is not None:
            # Between the look and this moment an earlier try may have come through after all.
            came = relative_came(job, now) if job.doubted else False
            if came is None:
                return Outcome("unknown", "sent, and the stock was changed by someone else too: count it by hand")
            if came:
                return Outcome("done", "seen in the store after an unclear answer")
            fields = merge.relative_stock(change, now)
            job.step.answer["stock"] = fields["stock"]
            job.step.answer["as_read"] = {"stock": now.get("stock"), "date_updated": now.get("date_updated")}
            if restore is not None:
                restore = {**restore, "stock": fields["stock"][1]}
        merged = merge.merge(INVENTORY, now, fields, restore)
        if merged.stale:
            return Outcome("stale", merged.stale)
        if merged.already:
            return Outcome("done", "was so already")
        job.body, job.seen, job.read_at = merged.document, now, at
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        results = context.store.batch_inventory([job.body or {} for job in jobs])
        if results is None:  # no results row by row [open]: read the items back
            raise Unsaid("the store said yes, but the item is as it was")
        return row_verdicts(jobs, results)

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if now is None:
            return False
        return fields_took(INVENTORY, job.change.fields, now) if job.change.relative is None else relative_came(job, now)


def relative_came(job: Job, now: Document) -> bool | None:
    """Whether a relative change was counted: yes if stock is what we sent, no if all is as read, else unknown."""
    sent = job.step.answer.get("stock")
    as_read = job.step.answer.get("as_read")
    if sent is None or as_read is None:
        return False  # it never left
    kind = INVENTORY.field("stock").kind
    if same(kind, kind.read(now.get("stock")), sent[1]):
        return True
    untouched = str(now.get("stock")) == str(as_read.get("stock")) and now.get("date_updated") == as_read.get("date_updated")
    return False if untouched else None


class InventoryDelete(Writer):
    """Its look: a 404, or an answer that says "not found"."""

    of, listed = INVENTORY, "inventory"

    def clashes(self, job: Job) -> str:
        return ""

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return deleted(job, lambda: context.store.delete_inventory_item(job.change.id))

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        return now is None
