"""This file holds the engine: it sends what is waiting, several calls in flight, and keeps the journal.

Before a request leaves, the intention is on disk; after its answer, the outcome. Where the answer never
came, or says nothing, the store is looked at before anything is sent again.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..errors import (
    NotAllowed, NotFound, OrderDeskBatchError, RateLimited, Refused, RunError, Stopped, StoreError, Unclear, Unreachable,
)  # fmt: skip
from ..lookup import Lookup
from ..plan.change import Change, Plan, Step, by_number
from .fresh import FRESH, RESERVE, Fresh
from .queue import Queue
from .writers import Context, Job, Outcome, find_created, would_double, writer_of

if TYPE_CHECKING:
    from ..run import Run
    from ..store import Store

ALIKE: Final = 5  # failures in a row that say the same: the run pauses
WINDOW: Final = int((FRESH - RESERVE) * 3.0)  # calls that leave before a document grows old, at the allowed rate
TRIES: Final = 5  # times that a write is sent in one run, while the looks say that it did not happen
LOOK: Final = 0.2  # seconds between looks around while waiting, so that Ctrl-C gets through on Windows too


class _Expired(Exception):
    """A document grew too old while its call waited for its turn; nothing was sent."""


@dataclass(slots=True)
class Call:
    """Some jobs that go in one request, or are looked at together."""

    jobs: list[Job]
    looking: bool = False  # the jobs were sent before, and it is not known what became of them
    outcomes: list[tuple[Job, Outcome]] = field(default_factory=list)
    halt: OrderDeskBatchError | None = None  # what ends the run
    too_large: bool = False  # 413, or a timeout: smaller batches from now on


class Engine:
    """Carries out the steps of a plan that are waiting, or whose outcome is not known."""

    def __init__(
        self,
        run: Run,
        plan: Plan,
        store: Store,
        lookup: Lookup,
        *,
        batch_size: int = 100,
        settle: float = 60.0,
        clock: Callable[[], float] = time.time,
        progress: Callable[[Plan, int], None] | None = None,
    ) -> None:
        self.run = run
        self.plan = plan
        self.store = store
        self.batch_size = batch_size
        self.settle = settle
        self._clock = clock
        self._progress = progress
        self._context = Context(store, lookup, clock, defaultdict(set), threading.Lock())
        self._changes = by_number(plan.changes)
        self._queue = Queue()
        self._later: list[tuple[float, int, list[Job]]] = []  # second looks: due, tie, jobs
        self._ties = itertools.count()
        self._waiting_for: dict[int, list[Change]] = defaultdict(list)  # change → those that come after it
        self._busy: set[str] = set()
        self._halt: OrderDeskBatchError | None = None
        self._alike: Counter[str] = Counter()
        self._fresh = Fresh(lookup, clock)

    # -- the whole ------------------------------------------------------------------------------

    def go(self) -> None:
        """Carry out what can be carried out; the plan's steps then hold the outcome.

        Raises:
            NotAllowed, Unreachable: the run can't go on now; what was done is in the journal.
            RunError: the journal can't be written; nothing was sent without its intention on disk.
            Stopped: somebody stopped it.
        """
        self._enqueue_all()
        pool = ThreadPoolExecutor(self.store.workers, thread_name_prefix="orderdesk-write")
        flying: dict[Future[Call], Call] = {}
        try:
            while True:
                while len(flying) < self.store.workers and (call := self._next(idle=not flying)) is not None:
                    self._busy.update(filter(None, (writer_of(job).clashes(job) for job in call.jobs)))
                    flying[pool.submit(self._carry_out, call)] = call
                if not flying and (self._ended() or not self._later):
                    break
                finished, _ = wait(flying, self._patience(bool(flying)), FIRST_COMPLETED)
                for future in finished:
                    call = flying.pop(future)
                    self._finish(call, future)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for future, call in flying.items():  # an error of our own: what was in flight is still noted
                if future.done() and not future.cancelled() and future.exception() is None:
                    self._note(call)
        if self._halt is not None:
            raise self._halt
        if self.store.stop.is_set():
            raise Stopped("Stopped. The calls in flight were finished; `orderdesk-batch resume` goes on.")
        self._unknown_at_the_end()

    def _ended(self) -> bool:
        return self._halt is not None or self.store.stop.is_set()

    def _patience(self, flying: bool) -> float:
        """How long to wait for an answer before looking around again."""
        due = self._later[0][0] - self._clock() if self._later and not self._ended() else LOOK
        if not flying:
            self.store.stop.wait(max(0.0, min(due, LOOK)))
            return 0.0
        return max(0.01, min(due, LOOK))

    # -- what comes next ------------------------------------------------------------------------

    def _enqueue_all(self) -> None:
        for change in self.plan.writing():
            for number in change.after:
                parent = self._changes.get(number)
                if parent is not None and parent.state != "done":
                    self._waiting_for[number].append(change)
        doubtful: list[Job] = []
        for change in self.plan.writing():
            for step in change.steps:
                if step.state in ("begun", "unknown"):
                    doubtful.append(Job(change, step))
        if doubtful:
            heapq.heappush(self._later, (0.0, next(self._ties), doubtful))
        for change in self.plan.writing():
            self._enqueue(change)
        self._queue.sort()
        for number in list(self._waiting_for):
            self._hold_back(self._changes[number])

    def _enqueue(self, change: Change) -> None:
        """Put a change's next step into the queue, if nothing stands before it."""
        for step in change.steps:
            if step.state == "done":
                continue
            if step.state != "waiting":
                return
            break
        else:
            return
        parents = [self._changes[number] for number in change.after if number in self._changes]
        if any(parent.state != "done" for parent in parents):
            self._queue.expect(Job(change, step))
            return
        self._take_over_ids(change, parents)
        self._queue.add(Job(change, step))

    def _take_over_ids(self, change: Change, parents: list[Change]) -> None:
        """Let a change know the id of the order that was created for it."""
        for parent in parents:
            if parent.resource != "orders" or parent.action != "create":
                continue
            if change.resource == "orders":
                change.id = change.id or parent.id
            else:
                change.order_id = change.order_id or parent.id

    def _next(self, idle: bool) -> Call | None:
        if self._ended():
            return None
        if self._later and self._later[0][0] <= self._clock():
            return Call(heapq.heappop(self._later)[2], looking=True)
        free = lambda job: writer_of(job).clashes(job) not in self._busy  # noqa: E731
        jobs = self._queue.take(self.batch_size, free, idle=idle and not self._later)
        return Call(jobs) if jobs else None

    # -- one call, in a thread of its own ---------------------------------------------------------

    def _carry_out(self, call: Call) -> Call:
        try:
            if call.looking:
                self._look(call, call.jobs, first=True)
            else:
                self._send(call)
        except (NotAllowed, Unreachable, RunError) as error:
            call.halt = error
            self._not_sent(call)
        except Stopped:
            self._not_sent(call)
        return call

    def _not_sent(self, call: Call) -> None:
        """What had not left, or was not carried out for certain, is waiting again."""
        settled = {id(job) for job, _ in call.outcomes}
        for job in call.jobs:
            if id(job) not in settled and not call.looking:
                job.step.state = "waiting"

    def _send(self, call: Call) -> None:
        writer = writer_of(call.jobs[0])
        for _ in range(3):
            ready = self._prepare(call)
            if not ready:
                return
            oldest = min((job.read_at for job in ready if job.seen is not None), default=None)
            try:
                with self.store.leaving(lambda jobs=ready, oldest=oldest: self._leave(jobs, oldest)):  # type: ignore[misc]
                    outcomes = writer.send(ready, self._context)
                outcomes = writer.after(ready, outcomes, self._context)
                call.outcomes += zip(ready, outcomes, strict=True)
                return
            except _Expired:
                continue
            except Unclear as error:
                call.too_large = writer.batch and error.status is None and len(ready) > 1
                self._look(call, ready, first=True, why=error)
                return
            except RateLimited as error:
                call.outcomes += [(job, Outcome("failed", str(error), passing=True)) for job in ready]
                return
            except Refused as error:
                self._refused(call, ready, error)
                return
        call.outcomes += [(job, Outcome("again")) for job in ready]

    def _refused(self, call: Call, ready: list[Job], error: Refused) -> None:
        writer = writer_of(ready[0])
        if error.status == 413 and len(ready) > 1:
            call.too_large = True
            call.outcomes += [(job, Outcome("again")) for job in ready]
            return
        gone = isinstance(error, NotFound) and writer.needs
        outcomes = [
            Outcome("stale", f"the {job.change.resource} record is gone") if gone else Outcome("failed", str(error), refused=True)
            for job in ready
        ]
        if any(job.step.tries > 1 for job in ready) and not gone:  # our first try may have been done after all
            for n, there in enumerate(writer.look(ready, self._context)):
                if there:
                    outcomes[n] = Outcome("done")
        call.outcomes += zip(ready, outcomes, strict=True)

    def _prepare(self, call: Call) -> list[Job]:
        """Merge each job with its document as it is now; reads again what is too old."""
        writer = writer_of(call.jobs[0])
        settled = {id(job) for job, _ in call.outcomes}
        jobs = [job for job in call.jobs if id(job) not in settled]
        needy = [writer.record(job) for job in jobs if writer.wants(job)]
        upcoming = list(self._queue.upcoming(writer.listed, WINDOW * writer.size(self.batch_size))) if needy else []
        now = self._fresh.documents(writer.listed, needy, upcoming, whole=writer.whole)
        ready = []
        for job in jobs:
            document, at = now.get(writer.record(job), (None, 0.0))
            outcome = writer.prepare(job, document, at, self._context)
            if outcome is None:
                ready.append(job)
            else:
                call.outcomes.append((job, outcome))
        return ready

    def _leave(self, jobs: list[Job], oldest: float | None) -> None:
        """The last moment before a request leaves: its documents are young, its intention is on disk."""
        if self.store.stop.is_set():
            raise Stopped("Stopped before the call was sent.")
        now = self._clock()
        if oldest is not None and not 0 <= now - oldest <= FRESH - 1:
            raise _Expired
        for job in jobs:
            job.step.state = "begun"
            job.step.begun_at = now
            job.step.tries += 1
        self.run.note_steps((job.change, job.step) for job in jobs)

    # -- looks ------------------------------------------------------------------------------------

    def _look(self, call: Call, jobs: list[Job], *, first: bool, why: Unclear | None = None) -> None:
        """Ask the store what became of jobs that were sent."""
        by_writer: dict[object, list[Job]] = defaultdict(list)
        for job in jobs:
            by_writer[writer_of(job)].append(job)
        for some in by_writer.values():
            try:
                found = writer_of(some[0]).look(some, self._context)
            except (NotAllowed, Unreachable) as error:
                call.halt = error
                found = [None] * len(some)
                call.outcomes += [(job, Outcome("unknown", _unknown(why))) for job in some]
                continue
            except StoreError as error:
                call.outcomes += [(job, Outcome("unknown", _unknown(why or error))) for job in some]
                continue
            for job, there in zip(some, found, strict=True):
                call.outcomes.append((job, self._verdict(job, there, why)))

    def _verdict(self, job: Job, there: bool | None, why: Exception | None) -> Outcome:
        if there is None:
            return Outcome("unknown", _unknown(why))
        if there:
            return Outcome("done", "seen in the store after an unclear answer" if why else "")
        if would_double(job) and self._clock() < job.step.begun_at + self.settle:
            return Outcome("unknown", _unknown(why), look_again=True)
        if job.step.tries >= TRIES:
            return Outcome("failed", f"sent {job.step.tries} times, and it did not happen: {why or 'no answer'}", passing=True)
        return Outcome("again", str(why or ""))

    # -- outcomes ---------------------------------------------------------------------------------

    def _finish(self, call: Call, future: Future[Call]) -> None:
        self._busy.difference_update(filter(None, (writer_of(job).clashes(job) for job in call.jobs)))
        error = future.exception()
        if error is not None:
            self._halt = self._halt or (error if isinstance(error, OrderDeskBatchError) else None)
            if self._halt is None:
                raise error
            return
        self._note(call)
        if call.too_large and self.batch_size > 1:
            self.batch_size = max(1, min(self.batch_size, len(call.jobs)) // 2)
        if call.halt is not None:
            self._halt = self._halt or call.halt
        self._count_alike(call)
        if self._progress is not None:
            self._progress(self.plan, self._queue.calls_left(self.batch_size))

    def _note(self, call: Call) -> None:
        """Write the outcomes down, and see what they set free."""
        for job, outcome in call.outcomes:
            step = job.step
            step.answer.update(outcome.answer)
            step.message = outcome.message
            step.passing, step.refused = outcome.passing, outcome.refused
            step.state = "waiting" if outcome.state == "again" else outcome.state
            if outcome.state == "done":
                self._learn(job)
        if isinstance(call.halt, RunError):
            return  # the journal can't be written: what it says is still true
        self.run.note_steps((job.change, job.step) for job in call.jobs)
        again: list[Job] = []
        for job, outcome in call.outcomes:
            if outcome.look_again:
                due = job.step.begun_at + self.settle
                heapq.heappush(self._later, (due, next(self._ties), [job]))
            elif outcome.state == "again":
                again.append(job)
            elif job.change.state == "done":
                self._set_free(job.change)
            elif outcome.state == "done":
                self._enqueue(job.change)
            else:
                self._hold_back(job.change)
        for job in again:
            self._queue.add(Job(job.change, job.step))

    def _learn(self, job: Job) -> None:
        change = job.change
        record = job.step.answer.get("id")
        if record and change.action == "create" and job.step.verb in ("post", "batch", "order-put"):
            change.id = str(record)
        self._fresh.wrote(writer_of(job).listed, writer_of(job).record(job))

    def _set_free(self, change: Change) -> None:
        followers = self._waiting_for.pop(change.number, [])
        if followers and change.resource == "orders" and change.action == "create" and not change.id:
            change.id = find_created(change, change.steps[0], self._context.lookup) or ""
        for follower in followers:
            first = _first_open(follower)
            if first is None or first.state != "waiting":
                continue
            if change.resource == "orders" and change.action == "create" and not change.id:
                self._never(follower, "its order was created, but its id is not known")
            else:
                self._queue.unexpect(Job(follower, first))
                self._enqueue(follower)

    def _hold_back(self, change: Change) -> None:
        """What hangs on a change that failed is not sent, and says so."""
        if change.state in ("failed", "stale"):
            for follower in self._waiting_for.pop(change.number, []):
                self._never(follower, f"not sent, since {change.key} failed")

    def _never(self, change: Change, message: str) -> None:
        first = _first_open(change)
        if first is None or first.state != "waiting":
            return
        self._queue.unexpect(Job(change, first))
        first.state, first.message, first.passing = "failed", message, True
        self.run.note_steps([(change, first)])
        self._hold_back(change)

    def _count_alike(self, call: Call) -> None:
        messages = {outcome.message for _, outcome in call.outcomes if outcome.state == "failed"}
        if not messages:
            if any(outcome.state == "done" for _, outcome in call.outcomes):
                self._alike.clear()
            return
        for message in messages:
            self._alike[message] += 1
            if self._alike[message] >= ALIKE and self._halt is None and self._queue:
                self._halt = Paused(
                    f'Paused: the last {ALIKE} calls failed and all say the same: "{message}". '
                    "What is left is waiting; `orderdesk-batch resume` goes on."
                )

    def _unknown_at_the_end(self) -> None:
        left = [(c, s) for c in self.plan.writing() for s in c.steps if s.state == "begun"]
        for _, step in left:
            step.state = "unknown"
        if left:
            self.run.note_steps(left)


class Paused(OrderDeskBatchError):
    """The run paused by itself: the same failure came again and again."""

    exit_code = 1


def _first_open(change: Change) -> Step | None:
    return next((step for step in change.steps if step.state != "done"), None)


def _unknown(why: Exception | None) -> str:
    said = f" ({why})" if why else ""
    return f"sent, but whether it was done is not known{said}; look at it in Order Desk, or `resume` to look again"
