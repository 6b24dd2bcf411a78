"""This file holds what all writers share: a job, its outcome, what they work with, and the default writer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ...errors import NotFound
from ...fields import Document, Resource, get, in_open_map
from ...kinds import CLEAR, Value
from ...lookup import Listed, Lookup
from ...plan.change import Change, Plan, State, Step
from ...plan.compare import children, same, stored
from .. import merge

if TYPE_CHECKING:
    from ...store import Store

GONE = "is gone already"


@dataclass(slots=True, eq=False)
class Job:
    """One step of one change, on its way."""

    change: Change
    step: Step
    body: Document | None = None  # what is sent for it
    seen: Document | None = None  # the document it was merged with
    read_at: float = 0.0  # when that was read
    key: str = ""  # what it holds while it is on its way, or in doubt
    left: bool = False  # it has left in this call, and is not known to have been turned away

    @property
    def order_id(self) -> str:
        """The order it is about."""
        return self.change.order_id or (self.change.id if self.change.resource == "orders" else "")

    @property
    def doubted(self) -> bool:
        """Whether an earlier try than this one may have been carried out, now or later."""
        return self.step.tries > int(self.left)


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

    plan: Plan
    store: Store
    lookup: Lookup
    clock: Callable[[], float]
    claimed: dict[str, set[str]]  # order id → children that a change of this run has been settled with
    guard: threading.Lock


class Unsaid(Exception):
    """The store said yes to a batch, but not row by row what became of it: look."""


class Writer:
    """How one sort of write is carried out. The default is a single call about one record."""

    of: Resource
    listed: Listed = "orders"  # where the document that it needs is read
    needs = False  # whether the document must be at most 30 seconds old when it leaves
    whole = False  # whether that document must also have all that we wrote ourselves meanwhile
    doubles = False  # whether the server would do it twice if it were sent twice
    batch = False  # whether several jobs go in a call, and fewer might go as well
    there = ""  # what is said of a record that the store refused because it was so already

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

    def rethinks(self, job: Job) -> bool:
        """Whether what the store refuses may be so already, so that a look is worth a call."""
        return False

    def would_double(self, job: Job) -> bool:
        """Whether the server would do the job twice if it were sent twice."""
        return self.doubles

    def prepare(self, job: Job, now: Document | None, at: float, context: Context) -> Outcome | None:
        """Make the body from the document as it is now; an Outcome where nothing is to be sent."""
        return None

    def send(self, jobs: Sequence[Job], context: Context) -> list[Outcome]:
        """Send it, and read the answer.

        Raises:
            Unsaid: the store said yes, but not to what.
        """
        raise NotImplementedError

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


def row_verdicts(jobs: Sequence[Job], results: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """A batch's results, one by one: success only where the row says so."""
    verdicts = []
    for _, result in zip(jobs, results, strict=True):
        if str(result.get("status")).strip().lower() == "success":
            learnt = _id_in(result)
            verdicts.append(Outcome("done", answer={"id": learnt} if learnt else {}))
        else:
            message = str(result.get("message") or "the store refused the row, without a reason")
            verdicts.append(Outcome("failed", message, refused=True))
    return verdicts


def made(answer: Mapping[str, Any]) -> list[Outcome]:
    """A creation's outcome, with the id where the answer has one."""
    return [Outcome("done", answer={"id": str(answer["id"])} if answer.get("id") else {})]


def _id_in(result: Mapping[str, Any]) -> str:
    for name in ("shipment", "inventory_item"):
        held = result.get(name)
        if isinstance(held, Mapping) and held.get("id"):
            return str(held["id"])
    for name in ("shipment_id", "inventory_item_id", "id"):
        if result.get(name):
            return str(result[name])
    return ""


def deleted(job: Job, call: Callable[[], None]) -> list[Outcome]:
    """Delete something; what is gone already is as good, but was not taken away by us."""
    try:
        call()
    except NotFound:
        return [Outcome("done", GONE, answer={"ours": job.doubted})]
    return [Outcome("done")]


def fields_took(
    of: Resource, fields: Mapping[str, list[Value]], now: Mapping[str, Any] | None, leave: Sequence[str] = ()
) -> bool:
    """Whether a document shows the fields that we set."""
    if now is None:
        return False
    for name, (_, new) in fields.items():
        if name in merge.NOT_IN_PUT or name == "order_note" or name in leave:
            continue
        one = of.field(name)
        if one.place is None:
            continue
        if new is CLEAR and in_open_map(one):
            if get(now, one.place) not in (None, ""):
                return False
        elif not same(one.kind, stored(one, now), new):
            return False
    return True


def child(order: Document | None, inside: str, record: str) -> Document | None:
    """The item or shipment of that id within an order's document."""
    if order is None or not record:
        return None
    return next((one for one in children(order, inside) if str(one.get("id")) == record), None)


def ids(order: Document | None, inside: str) -> list[str]:
    """The ids of an order's items or shipments."""
    return [str(one.get("id")) for one in children(order, inside)] if order else []


def twins(job: Job, context: Context, alike: Callable[[Change], bool]) -> Iterator[Change]:
    """The other changes of the run that create in the same order what looks the same."""
    for change in context.plan.changes:
        if (
            change is not job.change
            and change.resource == job.change.resource
            and change.action == "create"
            and change.order_id == job.change.order_id
            and alike(change)
        ):
            yield change


def claim(
    job: Job, candidates: Sequence[Document], context: Context, alike: Callable[[Change], bool]
) -> bool:
    """Whether one of these new children is this job's: none that another change of the run is settled with.

    A change that is done without knowing its id (the answer had none) accounts for one of them, too.
    """
    with context.guard:
        taken = context.claimed.setdefault(job.order_id, set())
        others = list(twins(job, context, alike))
        taken.update(str(step.answer["id"]) for other in others for step in other.steps if step.answer.get("id"))
        spoken_for = sum(other.state == "done" and not any(s.answer.get("id") for s in other.steps) for other in others)
        own = job.step.answer.get("id")
        left = [str(one.get("id")) for one in candidates if str(one.get("id")) not in taken or str(one.get("id")) == own]
        if len(left) <= spoken_for:
            return False
        if not spoken_for:
            job.step.answer["id"] = left[0]
            taken.add(left[0])
        return True


__all__ = [
    "GONE", "Context", "Job", "Outcome", "Step", "Unsaid", "Writer", "child", "claim", "deleted", "fields_took", "ids",
    "made", "row_verdicts", "twins",
]  # fmt: skip
