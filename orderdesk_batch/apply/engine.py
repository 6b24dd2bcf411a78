"""This file holds the engine: it sends what is waiting, several calls in flight, and keeps the journal.

Before a request leaves, the intention is on disk; after its answer, the outcome. Where the answer never
came, or says nothing, the store is looked at before anything is sent again.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from ..errors import OrderDeskBatchError, RunError, Stopped
from ..lookup import Lookup
from ..plan.change import Change, Plan, Step, by_number
from ..run.pack import index_of
from .call import Call, Sending, settled_at, take_over_id
from .fresh import FRESH, ON_THE_WAY, Fresh
from .queue import Queue
from .writers import Context, Job, writer_of

if TYPE_CHECKING:
    from ..run import Run
    from ..store import Store

log = logging.getLogger("orderdesk_batch")

ALIKE: Final = 5  # failures in a row that say the same: the run pauses
WINDOW: Final = int((FRESH - ON_THE_WAY) * 3.0)  # calls that leave before a document grows old, at the allowed rate
SINGLY: Final = WINDOW * 3 // 4  # documents that are read one by one for a call: of more, the first would be old as the last is read
SOON: Final = 1.0  # seconds that a call may wait for its turn: prepared earlier, its documents grow old in the line
LOOK: Final = 0.2  # seconds between looks around while waiting, so that Ctrl-C gets through on Windows too


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
        self._fresh = Fresh(lookup, clock)
        context = Context(plan, store, lookup, clock, {}, threading.Lock())
        self._sending = Sending(run, context, self._fresh, settle=settle, clock=clock)
        self._changes = by_number(plan.changes)
        self._queue = Queue()
        self._flying: dict[Future[Call], Call] = {}
        self._later: list[tuple[float, int, list[Job]]] = []  # second looks: due, tie, jobs
        self._ties = itertools.count()
        self._waiting_for: dict[int, list[Change]] = defaultdict(list)  # change → those that come after it
        self._busy: Counter[str] = Counter()  # orders that are written to, or about which there is doubt
        self._halt: OrderDeskBatchError | None = None
        self._alike: Counter[str] = Counter()

    # -- the whole ------------------------------------------------------------------------------

    def go(self) -> None:
        """Carry out what can be carried out; the plan's steps then hold the outcome.

        Raises:
            NotAllowed, Unreachable: the run can't go on now; what was done is in the journal.
            RunError: the journal can't be written; nothing was sent without its intention on disk.
            Stopped: somebody stopped it.
            Paused: the same failure came again and again.
        """
        self._enqueue_all()
        pool = ThreadPoolExecutor(self.store.workers, thread_name_prefix="orderdesk-write")
        flying = self._flying
        try:
            while True:
                while self._has_room() and (call := self._next(idle=not flying)) is not None:
                    if not call.looking:
                        self._hold(call.jobs)
                    self.store.bucket.coming = self._queue.calls_left(self.batch_size)
                    flying[pool.submit(self._sending.carry_out, call)] = call
                if not flying and (self._ended() or not self._later):
                    break
                finished, _ = wait(flying, self._patience(bool(flying)), FIRST_COMPLETED)
                self._finish([flying.pop(future) for future in finished])
        finally:
            self.store.bucket.coming = 0
            pool.shutdown(wait=True)
            self._finish(list(flying.values()))  # whatever ended the loop: what was in flight is noted
            self._close()
        if self._halt is not None:
            raise self._halt
        if self.store.stop.is_set():
            raise Stopped("Stopped. The calls in flight were finished; `orderdesk-batch resume` goes on.")

    def _has_room(self) -> bool:
        """Whether one more call may be prepared: a worker is free for it, and its turn comes soon."""
        if len(self._flying) >= self.store.workers:
            return False
        before_it = sum(1 + call.reads for call in self._preparing())
        return not before_it or self.store.bucket.forecast(before_it + 1) <= SOON

    def _preparing(self) -> list[Call]:
        return [call for call in self._flying.values() if not call.left]

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
        doubtful = [
            Job(change, step) for change in self.plan.writing() for step in change.steps if step.state in ("begun", "unknown")
        ]
        if doubtful:
            self._hold(doubtful)
            self._look_later(0.0, doubtful)
        for change in self.plan.writing():
            self._enqueue(change)
        self._queue.sort()
        for number in list(self._waiting_for):
            self._hold_back(self._changes[number])

    def _enqueue(self, change: Change) -> None:
        """Put a change's next step into the queue, if nothing stands before it."""
        step = _first_open(change)
        if step is None or step.state != "waiting" or self._queue.had(Job(change, step)):
            return
        parents = [self._changes[number] for number in change.after if number in self._changes]
        if any(parent.state != "done" for parent in parents):
            self._queue.expect(Job(change, step))
            return
        for parent in parents:
            if parent.resource == "orders" and parent.action == "create" and parent.id:
                take_over_id(change, parent)
        self._queue.add(Job(change, step))
        for later in change.steps[index_of(change, step) + 1 :]:
            self._queue.expect(Job(change, later))

    def _next(self, idle: bool) -> Call | None:
        if self._ended():
            return None
        if self._later and self._later[0][0] <= self._clock():
            return Call(heapq.heappop(self._later)[2], looking=True)
        free = lambda job: not self._busy[writer_of(job).clashes(job)]  # noqa: E731
        jobs = self._queue.take(self.batch_size, free, idle=idle)
        if not jobs:
            return None
        writer = writer_of(jobs[0])
        if not writer.needs:
            return Call(jobs)
        window = WINDOW * writer.size(self.batch_size)
        others = [job for call in self._preparing() for job in call.jobs if writer_of(job).listed == writer.listed]
        upcoming = [*self._queue.upcoming(writer.listed, window), *(writer_of(job).record(job) for job in others)]
        reads = 0
        if writer.batch:
            needy = [writer.record(job) for job in jobs if writer.wants(job)]
            reads = self._fresh.singly(writer.listed, needy, upcoming, whole=writer.whole)
            if reads > SINGLY:
                self._queue.put_back(jobs[SINGLY:])
                jobs, reads = jobs[:SINGLY], SINGLY
        return Call(jobs, reads=reads, upcoming=upcoming)

    def _hold(self, jobs: Iterable[Job]) -> None:
        """Nothing else is written to these orders until they are let go."""
        for job in jobs:
            job.key = writer_of(job).clashes(job)
            if job.key:
                self._busy[job.key] += 1

    def _let_go(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            if job.key:
                self._busy[job.key] -= 1

    def _look_later(self, due: float, jobs: list[Job]) -> None:
        heapq.heappush(self._later, (due, next(self._ties), jobs))

    # -- outcomes ---------------------------------------------------------------------------------

    def _finish(self, calls: list[Call]) -> None:
        """Write the outcomes of calls down, in one go, and see what they set free."""
        done = []
        for call in calls:
            for job, outcome in call.outcomes:
                step = job.step
                step.answer.update(outcome.answer)
                step.message = outcome.message
                step.passing, step.refused = outcome.passing, outcome.refused
                step.state = "waiting" if outcome.state == "again" else outcome.state
                if outcome.state == "done":
                    self._learn(job)
            self._halt = self._halt or call.halt
            if not isinstance(call.halt, RunError):  # else the journal can't be written; what it says is still true
                done += [(job.change, job.step) for job, _ in call.outcomes]
        if done:
            self._note(done)
        for call in calls:
            self._let_go(job for job, outcome in call.outcomes if not outcome.look_again)
            if call.too_large:
                self.batch_size = max(1, min(self.batch_size, len(call.jobs) // 2))
            self._go_on(call)
            self._count_alike(call)
        if calls and self._progress is not None:
            try:
                self._progress(self.plan, self._queue.calls_left(self.batch_size))
            except Exception:  # a bar that can't be drawn is no reason to stop
                log.warning("the progress could not be shown", exc_info=True)
                self._progress = None

    def _note(self, steps: list[tuple[Change, Step]]) -> None:
        try:
            self._sending.notes.note(steps)
        except RunError as error:
            self._halt = self._halt or error

    def _go_on(self, call: Call) -> None:
        for job, outcome in call.outcomes:
            if outcome.look_again:
                self._look_later(settled_at(job, self.settle), [Job(job.change, job.step, key=job.key)])
            elif outcome.state == "again":
                self._queue.add(Job(job.change, job.step))
            elif job.change.state == "done":
                self._set_free(job.change)
            elif outcome.state == "done":
                self._enqueue(job.change)
            else:
                for step in job.change.steps:
                    self._queue.unexpect(Job(job.change, step))
                self._hold_back(job.change)

    def _learn(self, job: Job) -> None:
        change = job.change
        record = job.step.answer.get("id")
        if record and change.action == "create" and job.step is change.steps[0]:
            change.id = str(record)
        if job.step.tries:
            self._fresh.wrote(writer_of(job).listed, writer_of(job).record(job))

    def _set_free(self, change: Change) -> None:
        for follower in self._waiting_for.pop(change.number, []):
            first = _first_open(follower)
            if first is not None and first.state == "waiting":
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
        self._note([(change, first)])
        self._hold_back(change)

    def _count_alike(self, call: Call) -> None:
        if any(outcome.state == "done" for _, outcome in call.outcomes):
            self._alike.clear()
            return
        said = {outcome.message for _, outcome in call.outcomes if outcome.state == "failed"} | ({call.why} - {""})
        for message in said:
            alike = re.sub(r"\d+", "0", message)
            self._alike[alike] += 1
            if self._alike[alike] >= ALIKE and self._halt is None and (self._queue or self._later):
                self._halt = Paused(
                    f'Paused: the last {ALIKE} calls failed and all say the same: "{message}". '
                    "What is left is waiting; `orderdesk-batch resume` goes on."
                )

    def _close(self) -> None:
        """What was begun, and not looked at, is unknown; what waits for it says so."""
        left = [(c, s) for c in self.plan.writing() for s in c.steps if s.state == "begun"]
        for _, step in left:
            step.state = "unknown"
        for number, followers in self._waiting_for.items():
            parent = self._changes[number]
            if parent.state == "unknown":
                for follower in followers:
                    first = _first_open(follower)
                    if first is not None and first.state == "waiting":
                        first.message = f"waits for {parent.key}, of which it is not known whether it was done"
                        left.append((follower, first))
        if left and not isinstance(self._halt, RunError):
            with contextlib.suppress(RunError):
                self._sending.notes.note(left)


class Paused(OrderDeskBatchError):
    """The run paused by itself: the same failure came again and again."""

    exit_code = 1


def _first_open(change: Change) -> Step | None:
    return next((step for step in change.steps if step.state != "done"), None)
