"""This file holds Call and Sending: one call to the store, from its documents to its outcomes, in a thread of its own."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from ..errors import (
    NotAllowed,
    NotFound,
    OrderDeskBatchError,
    RateLimited,
    Refused,
    RunError,
    Stopped,
    StoreError,
    Unclear,
    Unreachable,
    UsageError,
)  # fmt: skip
from ..plan.change import Change
from .fresh import FRESH, JOURNAL, ON_THE_WAY, Fresh
from .notes import Notes
from .writers import Context, Job, Outcome, Unsaid, Writer, find_created, look_twice, writer_of

if TYPE_CHECKING:
    from ..run import Run

log = logging.getLogger("orderdesk_batch")

TRIES: Final = 5  # times that a write is sent, while the looks say that it did not happen
PREPARED: Final = 3  # times that documents are read anew in one call, because they grew old while it waited
YOUNG: Final = FRESH / 2  # seconds: if a batch grows old while it is read, what is younger goes alone
TOO_SLOW: Final = "not sent: the documents were more than 30 seconds old whenever their turn came"
SEEN: Final = "seen in the store after an unclear answer"


class _Expired(Exception):
    """A document grew too old while its call waited for its turn; nothing was sent."""


@dataclass(slots=True)
class Call:
    """Some jobs that go in one request, or are looked at together."""

    jobs: list[Job]
    looking: bool = False  # the jobs were sent before, and it is not known what became of them
    reads: int = 0  # documents that are read one by one before it leaves, as far as could be told
    upcoming: list[str] = field(default_factory=list)  # records whose documents are needed next
    outcomes: list[tuple[Job, Outcome]] = field(default_factory=list)
    halt: OrderDeskBatchError | None = None  # what ends the run
    why: str = ""  # why its outcome was not clear
    left: bool = False  # it has had its turn
    too_large: bool = False  # 413, or a timeout: smaller batches from now on

    def settled(self) -> set[int]:
        """The jobs that have their outcome."""
        return {id(job) for job, _ in self.outcomes}

    def rest(self) -> list[Job]:
        """The jobs that have no outcome yet."""
        settled = self.settled()
        return [job for job in self.jobs if id(job) not in settled]


class Sending:
    """Carries out calls. Whatever happens on the way, each job of a call has an outcome in the end."""

    def __init__(
        self, run: Run, context: Context, fresh: Fresh, *, settle: float, clock: Callable[[], float]
    ) -> None:
        self.notes = Notes(run)
        self._context = context
        self._fresh = fresh
        self._settle = settle
        self._clock = clock
        self._by_number = {change.number: change for change in context.plan.changes}

    def carry_out(self, call: Call) -> Call:
        """Send a call, or look at its jobs; nothing is raised, all is in the call's outcomes."""
        try:
            if call.looking:
                self._look(call, call.jobs)
            else:
                self._send(call, writer_of(call.jobs[0]))
        except (NotAllowed, Unreachable, RunError) as error:
            call.halt = error
        except Stopped:
            pass  # the engine knows
        except Exception as error:  # a fault of our own, or of a document that nobody foresaw
            log.warning("a call failed in a way nobody foresaw", exc_info=True)
            why = f"an error of this program: {type(error).__name__}: {error}"
            for job in call.rest():
                state = "unknown" if job.left or call.looking else "failed"
                call.outcomes.append((job, Outcome(state, self._context.store.clean(why), refused=state == "failed")))  # type: ignore[arg-type]
        for job in call.rest():
            if job.left or call.looking:
                call.outcomes.append((job, Outcome("unknown", job.step.message or _unknown(""))))
            else:
                call.outcomes.append((job, Outcome("again")))
        return call

    # -- sending ----------------------------------------------------------------------------------

    def _send(self, call: Call, writer: Writer) -> None:
        for tried in range(PREPARED):
            ready = self._prepare(call, writer)
            if not ready:
                return
            try:
                with self._context.store.leaving(partial(self._leave, call, ready)):
                    outcomes = writer.send(ready, self._context)
            except _Expired:
                call.left = False
                _turned_away(ready)
                if tried and writer.batch:
                    self._leave_out_old(call, ready)
                continue
            except Unclear as error:
                call.why = str(error)
                timeout = error.status in (None, 504) and not error.body
                call.too_large = writer.batch and timeout and len(ready) > 1
                self._look(call, ready, call.why)
                return
            except Unsaid as error:
                call.why = str(error)
                self._look(call, ready, call.why, said_yes=True)
                return
            except (RunError, NotAllowed, Unreachable, Stopped):
                _turned_away(ready)
                raise
            except RateLimited as error:
                outcomes = [Outcome("failed", str(error), passing=True) for _ in ready]
            except (Refused, UsageError) as error:
                outcomes = self._refused(call, writer, ready, error)
            self._answered(call, writer, ready, outcomes)
            return
        call.why = TOO_SLOW

    def _leave_out_old(self, call: Call, jobs: Sequence[Job]) -> None:
        """So many documents can't be read in time: those that are young go, the others later."""
        now = self._clock()
        old = [job for job in jobs if job.seen is not None and not 0 <= now - job.read_at <= YOUNG]
        if len(old) < len(jobs):
            call.outcomes += [(job, Outcome("again")) for job in old]

    def _prepare(self, call: Call, writer: Writer) -> list[Job]:
        """Merge each job with its document as it is now; reads again what is too old."""
        jobs = [job for job in call.rest() if self._has_its_order(call, job)]
        needy = [writer.record(job) for job in jobs if writer.wants(job)]
        try:
            now = self._fresh.documents(writer.listed, needy, call.upcoming, whole=writer.whole) if needy else {}
        except (NotAllowed, Unreachable):
            raise
        except StoreError as error:
            call.outcomes += [(job, Outcome("failed", f"not sent: {error}", passing=True)) for job in jobs]
            return []
        ready = []
        for job in jobs:
            document, at = now.get(writer.record(job), (None, 0.0))
            job.seen = None
            try:
                outcome = writer.prepare(job, document, at, self._context)
            except Exception as error:  # one document that nobody foresaw does not keep the others from going
                log.warning("a document could not be prepared", exc_info=True)
                outcome = Outcome("failed", f"not sent, an error of this program: {type(error).__name__}: {error}", refused=True)
            if outcome is None:
                ready.append(job)
            else:
                call.outcomes.append((job, outcome))
        return ready

    def _has_its_order(self, call: Call, job: Job) -> bool:
        """Whether it is known which order a job is about; where not, it waits for `resume`."""
        known = self._know_its_order(job)
        if not known:
            call.outcomes.append((job, Outcome("failed", "its order was created, but its id is not known", passing=True)))
        return known

    def _know_its_order(self, job: Job) -> bool:
        """Whether it is known which order a job is about; one that was created without telling its id is looked for."""
        change = job.change
        if change.resource == "inventory" or job.order_id or (job.step.verb == "post" and change.resource == "orders"):
            return True
        parents = [change, *(self._by_number[number] for number in change.after if number in self._by_number)]
        for parent in parents:
            if parent.resource == "orders" and parent.action == "create" and parent.steps[0].state == "done":
                try:
                    parent.id = parent.id or find_created(parent, parent.steps[0], self._context.lookup) or ""
                except (NotAllowed, Unreachable):
                    raise
                except StoreError:
                    parent.id = ""
                if parent.id:
                    take_over_id(change, parent)
                    return True
        return False

    def _leave(self, call: Call, jobs: Sequence[Job]) -> None:
        """The last moment before a request leaves: its documents are young, its intention is on disk."""
        _turned_away(jobs)  # called again after a 429: the first time was not carried out
        if self._context.store.stop.is_set():
            raise Stopped("Stopped before the call was sent.")
        now = self._clock()
        read_at = [job.read_at for job in jobs if job.seen is not None]
        oldest = min(read_at, default=now)
        if not 0 <= now - oldest <= FRESH - ON_THE_WAY:
            raise _Expired
        call.left = True
        before = [(job.step.state, job.step.begun_at, job.step.tries) for job in jobs]
        for job in jobs:
            job.step.state, job.step.begun_at = "begun", now
            job.step.tries += 1
        try:
            self.notes.note((job.change, job.step) for job in jobs)
        except BaseException:
            for job, (state, begun_at, tries) in zip(jobs, before, strict=True):
                job.step.state, job.step.begun_at, job.step.tries = state, begun_at, tries
            raise
        for job in jobs:
            job.left = True
            writer = writer_of(job)
            self._fresh.wrote(writer.listed, writer.record(job))
        if read_at and not 0 <= self._clock() - oldest <= FRESH - JOURNAL:  # the disk was slow, or the process was stopped for a while
            raise _Expired

    def _refused(self, call: Call, writer: Writer, ready: Sequence[Job], error: OrderDeskBatchError) -> list[Outcome]:
        if isinstance(error, Refused) and error.status == 413 and writer.batch and len(ready) > 1:
            call.too_large = True
            _turned_away(ready)
            return [Outcome("again") for _ in ready]
        if isinstance(error, NotFound) and writer.needs and not writer.batch:
            return [Outcome("stale", f"the {writer.of.one} is gone") for _ in ready]
        return [Outcome("failed", str(error), refused=True) for _ in ready]

    def _answered(self, call: Call, writer: Writer, ready: Sequence[Job], outcomes: list[Outcome]) -> None:
        """Second thoughts about what the store refused: it may be so already, by an earlier try of ours."""
        again = [n for n, outcome in enumerate(outcomes) if outcome.state in ("failed", "stale")
                 and (ready[n].doubted or (outcome.refused and writer.rethinks(ready[n])))]  # fmt: skip
        if again:
            try:
                looked = writer.look([ready[n] for n in again], self._context)
            except (StoreError, Stopped):
                looked = [None] * len(again)
            for n, there in zip(again, looked, strict=True):
                if there:
                    ours = ready[n].doubted
                    outcomes[n] = Outcome("done", SEEN if ours else writer.there, answer={"ours": ours})
                elif there is None and ready[n].doubted:
                    outcomes[n] = Outcome("unknown", _unknown(outcomes[n].message))
        _turned_away([job for job, outcome in zip(ready, outcomes, strict=True) if outcome.state in ("failed", "stale")])
        call.outcomes += zip(ready, outcomes, strict=True)

    # -- looks ------------------------------------------------------------------------------------

    def _look(self, call: Call, jobs: Sequence[Job], why: str = "", *, said_yes: bool = False) -> None:
        """Ask the store what became of jobs that were sent."""
        by_writer: dict[Writer, list[Job]] = defaultdict(list)
        for job in jobs:
            by_writer[writer_of(job)].append(job)
        for writer, some in by_writer.items():
            found: dict[int, bool | None] = {}
            try:
                known = [job for job in some if self._know_its_order(job)]
                looked = writer.look(known, self._context) if known else []
                found = {id(job): there for job, there in zip(known, looked, strict=True)}
            except Stopped:
                return  # they stay in doubt
            except StoreError as error:
                if isinstance(error, (NotAllowed, Unreachable)):
                    call.halt = error
                why = why or str(error)
            for job in some:
                if not call.looking:  # the second look comes some time after this one
                    job.step.answer["looked_at"] = self._clock()
                call.outcomes.append((job, self._verdict(job, found.get(id(job)), why, said_yes, first=not call.looking)))

    def _verdict(self, job: Job, there: bool | None, why: str, said_yes: bool, first: bool) -> Outcome:
        if there is None:
            return Outcome("unknown", _unknown(why))
        if there:
            return Outcome("done", "" if said_yes else SEEN)
        if said_yes:
            job.step.tries -= 1
            return Outcome("failed", why, refused=True)
        if (first or self._clock() < settled_at(job, self._settle)) and look_twice(job, self._context):
            return Outcome("unknown", _unknown(why), look_again=True)
        if job.step.tries >= TRIES:
            return Outcome("failed", f"sent {job.step.tries} times, and it did not happen: {why or 'no answer'}", passing=True)
        return Outcome("again", why)


def take_over_id(change: Change, parent: Change) -> None:
    """Let a change know the id of the order that was created for it."""
    if change.resource == "orders":
        change.id = change.id or parent.id
    else:
        change.order_id = change.order_id or parent.id


def settled_at(job: Job, settle: float) -> float:
    """When the second look is due: some time after the first, which comes when we give up on an answer."""
    return max(job.step.begun_at, float(job.step.answer.get("looked_at", 0.0))) + settle


def _turned_away(jobs: Sequence[Job]) -> None:
    """These were not carried out, for certain: as if they had not left."""
    for job in jobs:
        if job.left:
            job.left = False
            job.step.tries -= 1
            job.step.state = "waiting"


def _unknown(why: str) -> str:
    said = f" ({why})" if why else ""
    return f"sent, but whether it was done is not known{said}; look at it in Order Desk, or `resume` to look again"
