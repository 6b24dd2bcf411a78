"""This folder holds the writers: for each sort of write, what is sent, what its answer means, and its look.

A look is a question to the store that tells whether a write happened; every writer has one. Where it
can't tell, the change stays `unknown` and nothing is sent a second time on its own.
"""

from __future__ import annotations

from .inventory import InventoryBatch, InventoryDelete, InventoryPost, relative_came
from .items import ItemDelete, ItemPost, ItemPut, ItemsWithOrder, ItemWithNewOrder
from .orders import OrderDelete, OrderHistory, OrderMove, OrderPost, OrderPut, find_created
from .shipments import ShipmentBatch, ShipmentDelete, ShipmentPut
from .writer import Context, Job, Outcome, Unsaid, Writer

__all__ = ["WRITERS", "Context", "Job", "Outcome", "Unsaid", "Writer", "find_created", "look_twice", "relative_came", "writer_of"]

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
    ("items", "with-order"): ItemWithNewOrder(),
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


def look_twice(job: Job, context: Context) -> bool:
    """Whether what is not there yet has to be looked for a second time, some time later, before it is sent again.

    So it is where the server would do it twice; and where a whole order that comes through late would
    undo what this run writes to the same order after it.
    """
    writer = writer_of(job)
    return writer.would_double(job) or (writer.whole and _more_to_come(job, context))


def _more_to_come(job: Job, context: Context) -> bool:
    return any(
        step is not job.step and step.state != "done"
        for change in context.plan.changes
        if change is job.change or job.order_id in (change.order_id, change.id if change.resource == "orders" else "")
        for step in change.steps
    )
