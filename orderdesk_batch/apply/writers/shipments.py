"""This file holds the writers of shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import Unclear
from ...fields import SHIPMENTS, Document
from ...plan.change import Change
from ...plan.children import folded_number
from ...plan.compare import children
from .. import merge
from .items import ItemDelete, ItemPut
from .writer import Context, Job, Outcome, Unsaid, Writer, child, claim, deleted, fields_took, ids, row_verdicts

NO_NUMBER = "n/a"
NOT_TOLD = ("date_shipped",)  # the server may set it itself [open], so it tells nothing


class ShipmentBatch(Writer):
    """New shipments, many orders a call. Its look: the tracking number on the order."""

    of, batch, there = SHIPMENTS, True, "is on the order already"

    def clashes(self, job: Job) -> str:
        return ""

    def would_double(self, job: Job) -> bool:
        return number_of(job.change) == NO_NUMBER

    def rethinks(self, job: Job) -> bool:
        return number_of(job.change) != NO_NUMBER  # a parcel without a number is never refused as one too many

    def wants(self, job: Job) -> bool:
        return self.would_double(job) and not job.doubted

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        if self.wants(job) and now is not None:
            job.step.answer["had"] = ids(now, "order_shipments")
        job.body = {**_document(job.change), "order_id": job.change.order_id}
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        try:
            results = context.store.batch_shipments([job.body or {} for job in jobs])
        except Unclear as error:
            if isinstance(error.body, Mapping) and error.body.get("status") == "success":
                raise Unsaid(str(error)) from None
            raise
        return row_verdicts(jobs, results)

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        if now is None:
            return False
        return shipment_came(job, now, context)


def shipment_came(job: Job, now: Document, context: Context) -> bool:
    """Whether an order has the shipment that a change adds."""
    number = number_of(job.change)
    there = [one for one in children(now, "order_shipments") if folded_number(one.get("tracking_number")) == number]
    if number != NO_NUMBER:
        if there and there[0].get("id"):
            job.step.answer["id"] = str(there[0]["id"])
        return bool(there)
    # A parcel without a number is ours if it was not there before, and no other row has claimed it.
    had = job.step.answer.get("had", ())
    fields = _telling(job.change)
    fits = [one for one in there if str(one.get("id")) not in had and fields_took(SHIPMENTS, fields, one, NOT_TOLD)]
    return claim(job, fits, context, lambda other: number_of(other) == NO_NUMBER and _telling(other) == fields)


def number_of(change: Change) -> str:
    """The tracking number that a change adds, as it is compared."""
    return folded_number(_document(change).get("tracking_number"))


def _document(change: Change) -> Document:
    return dict(change.restore) if change.restore is not None else merge.new_document(SHIPMENTS, change.fields)


def _telling(change: Change) -> dict[str, list[Any]]:
    """The fields that tell two parcels without a number apart."""
    if change.restore is None:
        return {name: [None, new] for name, (_, new) in change.fields.items() if name not in NOT_TOLD}
    from ...plan.compare import stored

    names = ("carrier_code", "shipment_method", "weight", "cost")
    return {name: [None, stored(SHIPMENTS.field(name), change.restore)] for name in names}


class ShipmentPut(ItemPut):
    """A whole shipment. Its look: compare."""

    of, inside = SHIPMENTS, "order_shipments"

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        assert job.body is not None
        context.store.update_shipment(job.change.order_id, job.change.id, job.body)
        return [Outcome("done")]

    def happened(self, job: Job, now: Document | None, context: Context) -> bool | None:
        leave = NOT_TOLD if set(job.change.fields) - set(NOT_TOLD) else ()
        return fields_took(SHIPMENTS, job.change.fields, child(now, self.inside, job.change.id), leave)


class ShipmentDelete(ItemDelete):
    """Its look: the order no longer has it."""

    of, inside = SHIPMENTS, "order_shipments"

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        (job,) = jobs
        return deleted(job, lambda: context.store.delete_shipment(job.change.order_id, job.change.id))
