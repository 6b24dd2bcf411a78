"""This file holds Bucket: how fast we may ask one store, learnt from what its answers say.

Order Desk gives each store a bucket of 20 tokens that fills at 3 a second; an answer carries
`X-Tokens-Remaining`, an empty bucket answers 429 with `X-Retry-After` [doc]. All clients of the key
share the bucket, so our own count is only a guess, and the answers correct it.

How the count is kept, and why this way:

* **Several accounts, for the ways the server may fill.** Whether it fills smoothly or by three at one moment
  of each second is [open]. So there is one account that fills smoothly, and one for each of PHASES moments
  within a second. Each goes down by one as a call is let go. A steady latency only shifts the server's view of
  the same sequence in time: latency costs no rate.
* **An answer strikes out the accounts that it contradicts.** It tells an interval, not a number: "19 left"
  may have been rounded down, and calls in flight may have been counted before or after it. Calls sent less than
  OVERTAKE (or the jitter of the latency) apart may have overtaken each other, and so may one that is still out when a later
  one is answered; others are taken to arrive in order.
* **A call goes when every account that is left says that there is a token.** So no quiet store answers 429.
  While it is not known how the bucket fills, and more calls wait than there are tokens, the last KEPT tokens are spent
  one by one, APART seconds between them: their answers show in which moment a step came, or that none did. That costs
  nothing, since the call after them could not go before the second is over.
* **Down at once, up with care.** If all accounts are contradicted, somebody else takes tokens: each is put
  right, and all count again, for WARY_FOR seconds without striking out, and WARY tokens are kept in reserve, so
  that two clients meet above the bottom of the bucket instead of on 429. An account is put down by
  whichever answer says so, and up only by the latest call answered so far: an older one cannot know what others
  took since.
* **The start is unknown.** Another run may just have emptied the bucket. Until the first answer we ask at
  the rate of the refill, which is safe if the first call was, and loses nothing if the bucket was full.

Beside a client that knows all, on a quiet store with steady latencies of 50 ms or 1 s, a job takes at most 5 % + 0.3 s more.
One thing can't be had, whoever asks: with answers of 1 s and a stage of 21 calls (21 to 23 if the store fills in steps),
the calls after the 20th should leave before any answer can have told how it fills. They wait until the second is over,
0.7 s more than needed (up to 1.1 s in steps); to go earlier would be a 429 if the store fills otherwise.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orderdesk_batch.errors import Stopped
from orderdesk_batch.pace.account import PHASES, Account

CAPACITY = 20.0  # tokens in a full bucket [doc]
RATE = 3.0  # tokens a second [doc]

WARY = 2.4  # tokens in reserve while others may be about
KEPT = 6  # tokens: the last ones leave one by one while it is not known how the bucket fills
APART = 0.15  # seconds between them: together nearly the second in which a step must come
FIRST = 0.15  # tokens in reserve before the first answer
OVERTAKE = 0.25  # seconds: calls closer than this may reach the server in either order
SURE = 3  # accounts: of so few nothing more has to be found out
WARY_FOR = 30.0  # seconds after a surprise or a 429
PAUSE = 1.0  # seconds after a 429 that does not say how long
LONGEST_PAUSE = 300.0  # seconds; a server that asks for more is asked again then
REMEMBERED = 64  # calls; an answer that comes later than that many others teaches nothing
POLL = 0.1  # seconds between looks at the stop event


@dataclass(slots=True, eq=False)
class Ticket:
    """One call that was let go: hand it back with `answered`, `lost`, `limited` or `unused`."""

    number: int
    sent: float
    said: list[float]  # what each account held after it
    answered: int | None = None  # the latest call that had left when its answer came
    heard: float | None = None  # what its answer said that was left


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
    """Lets calls go as fast as the store allows, first come first served; shared by all threads of one store.

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
        self.coming = 0  # calls that are known to follow those that wait already
        self._capacity = capacity
        self._clock = clock
        self._wait = wait
        self._chance = chance
        self._turn = threading.Condition()
        self._line: deque[object] = deque()  # those that wait, in the order in which they came
        self._at = clock()  # when the accounts were right
        phases: list[float | None] = [None]
        if capacity >= rate + 2:  # else what a step brings would be all there is, and never surely there under each of them
            phases += [number / PHASES for number in range(PHASES)]
        self._accounts = [Account(phase, min(capacity, 1.0 + FIRST), self._at) for phase in phases]
        self._heard = False  # whether any answer told us where the bucket stands
        self._taken = 0
        self._newest = 0  # the latest call that has an answer
        self._early = 0.0  # 1 if the header is written before the call's own token is taken
        self._log: deque[Ticket] = deque(maxlen=REMEMBERED)
        self._latencies: deque[float] = deque(maxlen=32)
        self._wary_until = -math.inf
        self._paused_until = -math.inf
        self._in_a_row = 0

    # --- asking ---------------------------------------------------------------------------------------

    def take(self, stop: threading.Event | None = None) -> Ticket:
        """Wait until one more call may go, and count it.

        Raises:
            Stopped: `stop` was set before there was a token.
        """
        me = object()
        with self._turn:
            self._line.append(me)
        try:
            while True:
                if stop is not None and stop.is_set():
                    raise Stopped("Stopped while waiting for the store's rate limit.")
                with self._turn:
                    delay = self._delay(len(self._line) + self.coming) if self._line[0] is me else POLL
                    if delay <= 0:
                        return self._let_go()
                    if self._wait is None:
                        self._turn.wait(delay if stop is None else min(delay, POLL))
                        continue
                self._wait(delay)
        finally:
            with self._turn:
                self._line.remove(me)
                self._turn.notify_all()

    def delay(self, waiting: int = 1) -> float:
        """Seconds until `take` would let a call go if so many wait in all; 0 means at once."""
        with self._turn:
            return self._delay(waiting)

    def due(self) -> float:
        """Seconds until a call that comes now would be let go, behind those that wait already."""
        with self._turn:
            delay = self._delay(len(self._line) + 1 + self.coming)
            level = self._accounts[0].level
            return max(delay, (len(self._line) + 1 - level) / self.rate) if self._line else delay

    def forecast(self, calls: int) -> float:
        """Seconds that so many calls take at the allowed rate, starting with the tokens there are now."""
        with self._turn:
            self._refill()
            paused = max(0.0, self._paused_until - self._at)
            level = self._accounts[0].level if self._heard else self._capacity
            return max(paused, (calls - level) / self.rate, 0.0)

    # --- hearing --------------------------------------------------------------------------------------

    def answered(self, ticket: Ticket, remaining: object = None) -> None:
        """The call has ended, with this `X-Tokens-Remaining` if there was one."""
        with self._turn:
            self._refill()
            ticket.answered = self._taken
            if ticket.sent >= self._paused_until:
                self._in_a_row = 0
            tokens = number_of(remaining)
            if tokens is not None:
                self._latencies.append(self._at - ticket.sent)
                self._learn(ticket, tokens)
            elif not self._heard:  # a server that does not tell: our own count, from a full bucket [doc]
                self._heard = True
                self._put([self._capacity - len(self._log)] * len(self._accounts))
            self._newest = max(self._newest, ticket.number)
            self._turn.notify_all()

    def lost(self, ticket: Ticket) -> None:
        """The call left and no answer came: its token counts as taken."""
        with self._turn:
            self._refill()
            ticket.answered = self._taken

    def limited(self, ticket: Ticket, retry_after: object = None) -> float:
        """The call was answered 429: everybody pauses; returns for how many seconds.

        Several calls in flight may be refused by one and the same empty bucket; that counts once. If a call
        sent after the pause is refused again, the waits grow a little (with chance, so that two runs part),
        never so much that a run starves beside another.
        """
        with self._turn:
            self._refill()
            self._forget(ticket)
            self._put([min(account.level, 0.0) for account in self._accounts])
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
            for other in self._log:
                if other.number > ticket.number:
                    other.said = [level + 1 for level in other.said]
            self._put([min(account.level + 1, self._capacity) for account in self._accounts])
            self._turn.notify_all()

    # --- the accounts (all of it with the lock held) ---------------------------------------------------

    def _refill(self) -> None:
        self._at = max(self._at, self._clock())
        for account in self._accounts:
            account.fill(self._at, self.rate, self._capacity)

    def _put(self, levels: Sequence[float]) -> None:
        for account, level in zip(self._accounts, levels, strict=True):
            account.level = level

    def _delay(self, waiting: int = 1) -> float:
        self._refill()
        if not self._heard:
            delay = (min(1.0 + FIRST, self._capacity) - self._accounts[0].level) / self.rate
        else:
            left = [account for account in self._accounts if not account.struck]
            delay = max(account.until(1.0, self.rate, self._jitter()) for account in left)
            smooth = self._accounts[0]
            if self._at < self._wary_until:
                delay = max(delay, (1.0 + min(WARY, self._capacity - 1) - smooth.level) / self.rate)
            elif delay <= 0 and len(left) > (1 if left[0] is smooth else SURE):
                delay = self._hold(left, waiting)
        delay = max(self._paused_until - self._at, delay)
        return delay if delay > 1e-6 else 0.0

    def _hold(self, left: list[Account], waiting: int) -> float:
        """Seconds for which one of the last tokens is kept, so that its answer tells how the bucket fills."""
        sure = min(account.sure() for account in left)
        if waiting <= sure or sure > KEPT:
            return 0.0
        more = max(account.until(sure + 1, self.rate, self._jitter()) for account in left)
        return min(more, self._log[-1].sent + APART - self._at)

    def _let_go(self) -> Ticket:
        self._taken += 1
        ticket = Ticket(self._taken, self._at, [account.take(self.rate, self._capacity) for account in self._accounts])
        self._log.append(ticket)
        return ticket

    def _jitter(self) -> float:
        return max(self._latencies, default=0.0) - min(self._latencies, default=0.0)

    def _learn(self, ticket: Ticket, tokens: float) -> None:
        """Put right, and strike out, what one answer contradicts; see the head of this file."""
        if not self._log or ticket.number < self._log[0].number:
            return
        self._capacity = max(self._capacity, tokens)
        if tokens > self._capacity - 1 and tokens == int(tokens):
            self._early = 1.0  # full although we just took one: written before the taking
        tokens -= self._early
        ticket.heard = tokens
        earlier, after = self._overtaking(ticket)
        told = min((-math.inf if other.heard is None else other.heard for other in earlier), default=math.inf)
        jitter = self._jitter()
        newest = ticket.number > self._newest
        lower = 0
        for index, account in enumerate(self._accounts):
            said = ticket.said[index]
            if not self._heard:
                near = sum(other.sent > ticket.sent - OVERTAKE for other in earlier)
                self._replay(index, tokens - near, ticket)
                account.slack = min(1.0, max(0.0, self._capacity - 1 - tokens)) + near
                continue
            wrong, lost = account.judge(ticket.sent, said, tokens, self.rate, jitter, len(earlier), told, after)
            if lost or wrong < 0 or (wrong > 0 and newest):
                held = account.level
                self._replay(index, tokens - after if lost else said + wrong, ticket)
                account.put_right(wrong, lost, after, held)
                lower += lost
        if all(account.struck for account in self._accounts) or self._at < self._wary_until:
            self._be_wary(WARY_FOR if lower == len(self._accounts) else 0.0)
        self._heard = True

    def _overtaking(self, ticket: Ticket) -> tuple[list[Ticket], int]:
        """The calls sent before this one that may have reached the server after it, and how many the other way round."""
        apart = max(OVERTAKE, self._jitter())
        before, after = [], 0
        for other in self._log:
            if other.number > ticket.number:
                after += other.answered is not None or other.sent <= ticket.sent + apart
            elif other.number < ticket.number and (
                other.answered is None or (other.answered >= ticket.number and other.sent > ticket.sent - apart)
            ):
                before.append(other)
        return before, after

    def _replay(self, index: int, level: float, ticket: Ticket) -> None:
        """Let an account hold so much after this call, and count again what came since."""
        account = self._accounts[index]
        account.level, account.at = level, ticket.sent
        ticket.said[index] = level
        for other in self._log:
            if other.number > ticket.number:
                account.fill(other.sent, self.rate, self._capacity)
                other.said[index] = account.take(self.rate, self._capacity)
        account.fill(self._at, self.rate, self._capacity)

    def _be_wary(self, seconds: float = WARY_FOR) -> None:
        """Take every account into account again."""
        for account in self._accounts:
            account.struck = False
        self._wary_until = max(self._wary_until, self._at + seconds)

    def _forget(self, ticket: Ticket) -> None:
        if ticket in self._log:
            self._log.remove(ticket)
