"""This file holds Bucket: how fast we may ask one store, learnt from what its answers say.

Order Desk gives each store a bucket of 20 tokens that fills at 3 a second; an answer carries
`X-Tokens-Remaining`, an empty bucket answers 429 with `X-Retry-After` [doc]. All clients of the key
share the bucket, so our own count is only a guess, and the answers correct it.

How the count is kept, and why this way:

* **Our own count is exact while we are alone.** It goes down by one as a call is let go and up with the
  clock. A steady latency only shifts the server's view of the same sequence in time: latency costs no rate.
* **An answer gives an interval, not a number.** "19 left" was true at some moment between sending and
  answering, was probably rounded down, and calls in flight may have been counted before or after it. Calls
  sent less than OVERTAKE apart may have overtaken each other; others are taken to arrive in order. So each
  answer says: at least `low` (all that may have come after it did), at most `high` (only those that surely
  did). A count inside the interval is left alone: that keeps noise from pushing it about.
* **Down at once, up with care.** A count above `high` means that somebody else takes tokens: it is lowered,
  whichever answer says so. It is raised to `low`, and only by the latest call answered so far: an older one
  cannot know what others took since. So answers out of order never raise it too far, and a count that
  drifted low recovers.
* **The start is unknown.** Another run may just have emptied the bucket. Until the first answer we ask at
  the rate of the refill, which is safe if the first call was, and loses nothing if the bucket was full.
* **A reserve, until the store looks calm.** Whether the server fills smoothly or by three at the turn of
  each second is [open], and others may be at work. We keep WARY tokens in reserve until the answers of a
  whole second agree with smooth filling and nobody else; then only what the jitter of the latency asks for.
  The reserve is only kept back, not lost: it costs a job nothing once it is let go, and at most WARY / 3
  seconds if it never is. Under steps of three our count is less than three too high, so the reserve keeps
  us safe there; when another client drains the bucket it makes us meet in its upper part instead of on 429.
* **What is surely there may be spent at once.** Beside the count there is a second, `sure`, that trusts
  steps of three only. While answers are prompt it lets a short job have the whole bucket without the
  reserve; its last token is spent when one more should have come in: if the answer shows that one did, the
  filling is smooth.
"""

from __future__ import annotations

import math
import random
import threading
import time
from bisect import insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from orderdesk_batch.errors import Stopped

CAPACITY = 20.0  # tokens in a full bucket [doc]
RATE = 3.0  # tokens a second [doc]

OVERTAKE = 0.25  # seconds: calls closer than this may reach the server in either order
WARY = 2.4  # tokens in reserve while others, or steps, may be about
CALM = 0.2  # tokens in reserve when all is calm, beside what jitter asks for
FIRST = 0.15  # tokens in reserve before the first answer
ROUNDED = 0.9  # tokens: an answer raises the count only by more than its rounding may be wrong
SURPRISE = 0.4  # tokens that rounding and jitter do not explain
PROMPT = 0.15  # seconds of latency up to which `sure` is used
STEP_LATE = 0.03  # seconds after a second is up until we rely on what it brought
ONE_CAME = 1.05  # tokens that must have come in, if smoothly, before we look whether they did
WATCHED = 1.5  # seconds of answers that are compared to find out whether all is calm
WARY_FOR = 30.0  # seconds after a surprise or a 429
PAUSE = 1.0  # seconds after a 429 that does not say how long
LONGEST_PAUSE = 300.0  # seconds; a server that asks for more is asked again then
REMEMBERED = 64  # calls; an answer that comes later than that many others teaches nothing
POLL = 0.1  # seconds between looks at the stop event


@dataclass(slots=True, eq=False)
class Ticket:
    """One call that was let go: hand it back with `answered`, `limited` or `unused`."""

    number: int
    sent: float
    answered: float | None = None


def number_of(value: object) -> float | None:
    """A header's number, not below 0, or None for what is missing or garbage.

    >>> number_of("19"), number_of("soon"), number_of(None), number_of("nan")
    (19.0, None, None, None)
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


class Bucket:
    """Lets calls go as fast as the store allows; shared by all threads that talk to one store.

    `clock` and `wait` are passed in by tests; without `wait`, a waiting thread is woken by answers too.

    >>> bucket = Bucket(clock=lambda: 0.0)
    >>> bucket.forecast(41)
    7.0
    """

    def __init__(
        self,
        capacity: float = CAPACITY,
        rate: float = RATE,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.rate = rate
        self._capacity = capacity
        self._clock = clock
        self._wait = wait
        self._chance = chance
        self._turn = threading.Condition()
        self._level = min(capacity, 1.0 + FIRST)  # our count of the server's tokens, calls in flight off
        self._at = clock()  # when the count was right
        self._heard = False  # whether any answer told us where the bucket stands
        self._taken = 0
        self._newest = 0  # the latest call that has an answer
        self._early = 0.0  # 1 if the header is written before the call's own token is taken
        self._log: deque[Ticket] = deque(maxlen=REMEMBERED)
        self._latencies: deque[float] = deque(maxlen=16)
        self._sure = 0.0  # our count if the server fills by three once a second
        self._sure_at = self._at  # when that count was right
        self._sure_seen = math.inf  # when an answer, of a bucket not full, first agreed with that count
        self._proof: list[tuple[float, float]] = []  # (sent, what the bucket would hold at time 0 without us)
        self._calm = False
        self._wary_until = -math.inf
        self._paused_until = -math.inf
        self._in_a_row = 0

    # --- asking ---------------------------------------------------------------------------------------

    def take(self, stop: threading.Event | None = None) -> Ticket:
        """Wait until one more call may go, and count it.

        Raises:
            Stopped: `stop` was set before there was a token.
        """
        while True:
            if stop is not None and stop.is_set():
                raise Stopped("Stopped while waiting for the store's rate limit.")
            with self._turn:
                delay = self._delay()
                if delay <= 0:
                    return self._let_go()
                if self._wait is None:
                    self._turn.wait(delay if stop is None else min(delay, POLL))
                    continue
            self._wait(delay)

    def delay(self) -> float:
        """Seconds until `take` would let a call go; 0 means at once."""
        with self._turn:
            return self._delay()

    def forecast(self, calls: int) -> float:
        """Seconds that so many calls take at the allowed rate, starting with the tokens there are now."""
        with self._turn:
            self._refill()
            paused = max(0.0, self._paused_until - self._at)
            level = self._level if self._heard else self._capacity
            return max(paused, (calls - level) / self.rate, 0.0)

    # --- hearing --------------------------------------------------------------------------------------

    def answered(self, ticket: Ticket, remaining: object = None) -> None:
        """The call has ended, with this `X-Tokens-Remaining` if there was one."""
        with self._turn:
            self._refill()
            ticket.answered = self._at
            if ticket.sent >= self._paused_until:
                self._in_a_row = 0
            tokens = number_of(remaining)
            if tokens is not None:
                self._latencies.append(self._at - ticket.sent)
                self._learn(ticket, tokens)
            elif not self._heard:  # a server that does not tell: our own count, from a full bucket [doc]
                self._heard = True
                self._level = self._capacity - len(self._log)
            self._newest = max(self._newest, ticket.number)
            self._turn.notify_all()

    def lost(self, ticket: Ticket) -> None:
        """The call left and no answer came: its token counts as taken."""
        with self._turn:
            self._refill()
            ticket.answered = self._at

    def limited(self, ticket: Ticket, retry_after: object = None) -> float:
        """The call was answered 429: everybody pauses; returns for how many seconds.

        Several calls in flight may be refused by one and the same empty bucket; that counts once. If a call
        sent after the pause is refused again, the waits grow a little (with chance, so that two runs part),
        never so much that a run starves beside another.
        """
        with self._turn:
            self._refill()
            self._forget(ticket)
            self._level = min(self._level, 0.0)
            self._sure = min(self._sure, 0.0)
            self._heard = True
            self._be_wary()
            if ticket.sent >= self._paused_until:
                self._in_a_row += 1
            asked = number_of(retry_after)
            pause = PAUSE if asked is None else min(asked, LONGEST_PAUSE)
            growth = min(4.0, 0.25 * 2.0 ** min(self._in_a_row, 8))
            pause += growth * self._chance()
            self._paused_until = max(self._paused_until, self._at + pause)
            self._turn.notify_all()
            return self._paused_until - self._at

    def unused(self, ticket: Ticket) -> None:
        """The call never reached the store (no connection): its token is still there."""
        with self._turn:
            self._refill()
            self._forget(ticket)
            self._level = min(self._capacity, self._level + 1)
            self._sure = min(self._level, self._sure + 1)
            self._turn.notify_all()

    # --- the count (all of it with the lock held) ------------------------------------------------------

    def _refill(self) -> None:
        now = self._clock()
        if now > self._at:
            self._level = min(self._capacity, self._level + self.rate * (now - self._at))
            self._at = now
            steps = math.floor(now - self._sure_at - STEP_LATE)
            if steps > 0:
                self._sure = min(self._level, self._sure + self.rate * steps)
                self._sure_at += steps
                self._sure_seen = math.inf

    def _delay(self) -> float:
        self._refill()
        delay = (min(1.0 + self._reserve(), self._capacity) - self._level) / self.rate
        if self._heard and self._at >= self._wary_until and self._prompt():
            if self._sure >= 2:
                delay = 0.0
            elif self._sure >= 1:
                delay = min(delay, (self._sure + ONE_CAME - self._level) / self.rate)
            if delay > 0:  # or look again when the next step has come in
                delay = min(delay, max(0.001, self._sure_at + 1 + STEP_LATE - self._at))
        delay = max(self._paused_until - self._at, delay)
        return delay if delay > 1e-6 else 0.0

    def _let_go(self) -> Ticket:
        self._taken += 1
        self._level -= 1
        if self._sure > self._capacity - self.rate:
            self._sure_at = self._at  # a step that came earlier may have found no room
        self._sure -= 1
        ticket = Ticket(self._taken, self._at)
        self._log.append(ticket)
        return ticket

    def _reserve(self) -> float:
        if not self._heard:
            return FIRST
        if not self._calm or self._at < self._wary_until:
            return WARY
        jitter = max(self._latencies) - min(self._latencies)
        return min(WARY, CALM + min(1.6, self.rate * jitter))

    def _prompt(self) -> bool:
        """Whether answers come so fast that they tell what the bucket holds now."""
        return max(self._latencies, default=PROMPT) < PROMPT

    def _learn(self, ticket: Ticket, tokens: float) -> None:
        """Correct the count by one answer; see the head of this file."""
        if not self._log or ticket.number < self._log[0].number:
            return
        self._capacity = max(self._capacity, tokens)
        if tokens > self._capacity - 1 and tokens == int(tokens):
            self._early = 1.0  # full although we just took one: written before the taking
        tokens -= self._early
        before = 0  # calls sent before this one that may have reached the server after it
        after: list[float] = []  # calls sent after it
        surely_after: list[float] = []
        for other in self._log:
            if other is ticket:
                continue
            if other.number < ticket.number:
                overlaps = other.answered is None or other.answered >= ticket.sent
                before += overlaps and other.sent > ticket.sent - OVERTAKE
            else:
                after.append(other.sent)
                if other.sent > self._at or other.sent > ticket.sent + OVERTAKE:
                    surely_after.append(other.sent)
        self._compare(ticket, tokens, clear=not before and len(after) == len(surely_after))
        if ticket.number > self._newest:
            low = self._replay(tokens - before, ticket.sent, after)
            if low > self._level + ROUNDED or not self._heard:
                self._level = max(self._level, low)
            if tokens - before - len(after) > self._sure:
                self._sure, self._sure_at = tokens - before - len(after), ticket.sent
                self._sure_seen = math.inf
            if tokens - len(surely_after) <= self._sure + SURPRISE and tokens <= self._capacity - 3:
                self._sure_seen = min(self._sure_seen, ticket.sent)
        high = self._replay(tokens + 1, ticket.sent, surely_after)
        if self._level > high + SURPRISE and self._heard:
            self._be_wary()
            self._level = high - 1
        self._level = min(self._level, high)
        self._sure = min(self._sure, self._level)
        self._heard = True

    def _replay(self, level: float, at: float, takes: list[float]) -> float:
        """What the bucket holds now if it held `level` at the moment `at` and we took these since."""
        for sent in takes:
            level = min(self._capacity, level + self.rate * (sent - at)) - 1
            at = sent
        return min(self._capacity, level + self.rate * (self._at - at))

    def _compare(self, ticket: Ticket, tokens: float, *, clear: bool) -> None:
        """Find out whether the answers of the last second agree with smooth filling and nobody else.

        While the bucket is not full, `tokens - rate * sent + calls so far` stays the same to within rounding
        (1); it saws by three if the server fills once a second, and sinks if others take tokens.
        """
        gained = tokens - (self._sure + sum(other.number > ticket.number for other in self._log))
        if clear and self._prompt() and 1 <= gained <= 2 + SURPRISE and 0 < ticket.sent - self._sure_seen < 1:
            self._calm = True  # one or two came in within a second, so not three at once
        if tokens >= self._capacity - 3:
            self._proof.clear()
        elif clear:
            insort(self._proof, (ticket.sent, tokens - self.rate * ticket.sent + ticket.number))
            last = self._proof[-1][0]
            self._proof = [entry for entry in self._proof if entry[0] >= last - WATCHED]
            times = [entry[0] for entry in self._proof]
            values = [entry[1] for entry in self._proof]
            if max(values) - min(values) >= 1 + SURPRISE:
                self._calm = False
            elif last - times[0] >= 1 and all(b - a <= 0.45 for a, b in pairwise(times)):
                self._calm = True

    def _be_wary(self) -> None:
        self._proof.clear()
        self._calm = False
        self._wary_until = self._at + WARY_FOR

    def _forget(self, ticket: Ticket) -> None:
        ticket.answered = self._at
        if ticket in self._log:
            self._log.remove(ticket)
        self._proof.clear()
