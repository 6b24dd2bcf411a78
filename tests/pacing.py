"""This file holds a simulated store and its clients, for the tests of the bucket: no threads, no waiting."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from orderdesk_batch.pace import Bucket, Ticket


class Time:
    """A clock that others turn, and what is to happen when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        return self.now

    def at(self, moment: float, happening: Callable[[], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._numbers), happening))

    def run(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            moment, _, happening = heapq.heappop(self._due)
            self.now = max(self.now, moment)
            happening()
        self.now = until


@dataclass
class Server:
    """The store's own bucket: it fills smoothly, or by `rate` tokens once a second, from `phase` on."""

    time: Time
    level: float = 20.0
    steps: bool = False
    phase: float = 0.0
    rounding: Callable[[float], float] = math.floor
    rate: float = 3.0
    capacity: float = 20.0
    refused: int = 0
    _at: float = 0.0

    def ask(self) -> tuple[bool, float]:
        now = self.time.now
        if self.steps:
            new = (math.floor(now - self.phase) - math.floor(self._at - self.phase)) * self.rate
        else:
            new = (now - self._at) * self.rate
        self.level = min(self.capacity, self.level + new)
        self._at = now
        if self.level < 1 - 1e-9:
            self.refused += 1
            return False, 0.0
        self.level -= 1
        return True, self.rounding(self.level + 1e-9)


class Ideal:
    """A bucket that knows all: its count is the server's, and it keeps nothing in reserve."""

    def __init__(self, time: Time, level: float, phase: float | None = None) -> None:
        self._time, self._level, self._at, self._n = time, level, 0.0, 0
        self._phase = phase  # as our clock sees it: the way to the server taken off; None: it fills smoothly

    def delay(self, waiting: int = 1) -> float:
        now, before, self._at = self._time.now, self._at, self._time.now
        came = now - before if self._phase is None else math.floor(now - self._phase) - math.floor(before - self._phase)
        self._level = min(20.0, self._level + 3 * came)
        if self._level >= 1 - 1e-9:
            return 0.0
        if self._phase is None:
            return (1 - self._level) / 3
        return math.floor(now - self._phase) + 1 + self._phase - now + 1e-6

    def take(self) -> Ticket:
        self._level -= 1
        self._n += 1
        return Ticket(self._n, self._time.now, [])

    def answered(self, ticket: Ticket, remaining: object) -> None: ...
    def limited(self, ticket: Ticket, retry_after: object) -> None: ...


@dataclass
class Client:
    """Sends `calls` calls with some workers, as `Store` does; a refused one is sent again."""

    time: Time
    server: Server
    bucket: Any
    calls: int
    latency: Callable[[], float] = lambda: 0.05
    taken_late: float = 0.0  # the part of the latency that passes before the token is taken
    workers: int = 8
    retry_after: object = 1
    done: int = 0
    refused: int = 0
    ended: float = math.nan
    sent: list[float] = field(default_factory=list)
    chained: int = 0  # so many go one by one before all others, as in a job that first reads what it then writes
    _idle: int = 0
    _left: int = 0
    _wake: float = math.inf

    def start(self, moment: float = 0.0) -> None:
        self._idle, self._left = self.workers, 1 if self.chained else self.calls
        self.time.at(moment, self._work)

    def _work(self) -> None:
        while self._idle and self._left:
            delay = self.bucket.delay(min(self._idle, self._left))
            if delay > 0:
                moment = self.time.now + delay
                if not self.time.now < self._wake <= moment:
                    self._wake = moment
                    self.time.at(moment, self._work)
                return
            ticket = self.bucket.take()
            self._idle -= 1
            self._left -= 1
            self.sent.append(self.time.now)
            latency = self.latency()
            self.time.at(self.time.now + latency * self.taken_late, self._arrive(ticket, latency))

    def _arrive(self, ticket: Ticket, latency: float) -> Callable[[], None]:
        def arrive() -> None:
            good, left = self.server.ask()
            self.time.at(ticket.sent + latency, lambda: self._answer(ticket, good, left))

        return arrive

    def _answer(self, ticket: Ticket, good: bool, left: float) -> None:
        self._idle += 1
        if good:
            self.bucket.answered(ticket, left)
            self.done += 1
            if self.done < self.chained:
                self._left += self.done < self.calls
            elif self.done == self.chained:
                self._left += self.calls - self.done
            if self.done == self.calls:
                self.ended = self.time.now
        else:
            self.refused += 1
            self._left += 1
            self.bucket.limited(ticket, self.retry_after)
        self._work()


def alone(
    calls: int,
    latency: Callable[[], float],
    *,
    workers: int = 8,
    late: float = 0.0,
    ideal: bool = False,
    chance: Callable[[], float] | None = None,
    chained: int = 0,
    **server: Any,
) -> Client:
    """One client on a quiet store, run to its end."""
    time = Time()
    store = Server(time, **server)
    bucket = (
        Ideal(time, store.level, store.phase - late * latency() if store.steps else None)
        if ideal
        else Bucket(clock=time, chance=chance or random.Random(1).random, wait=lambda _: None)
    )
    client = Client(time, store, bucket, calls, latency, late, workers, chained=chained)
    client.start()
    time.run(10_000)
    return client


def jitter(low: float, high: float, seed: int = 1) -> Callable[[], float]:
    """Latencies between two bounds."""
    chance = random.Random(seed)
    return lambda: chance.uniform(low, high)


def steady(latency: float) -> Callable[[], float]:
    """Always the same latency."""
    return lambda: latency


class Other:
    """Another client of the same key that asks every `gap` seconds, whatever happens."""

    def __init__(self, time: Time, server: Server, gap: float, after_refusal: float) -> None:
        self._time, self._server, self._gap, self._after = time, server, gap, after_refusal
        self.done = 0

    def start(self, moment: float = 0.0) -> None:
        self._time.at(moment, self._ask)

    def _ask(self) -> None:
        good, _ = self._server.ask()
        self.done += good
        self._time.at(self._time.now + (self._gap if good else self._after), self._ask)


def chain(stages: Sequence[int], latency: float, *, capacity: float = 20.0, rate: float = 3.0) -> float:
    """Seconds that a job takes which keeps nothing back: each stage's calls leave, as the bucket allows, once
    all answers of the stage before it are there."""
    level, at, now = capacity, 0.0, 0.0
    for calls in stages:
        for _ in range(calls):
            level, at = min(capacity, level + rate * (now - at)), now
            wait = max(0.0, (1.0 - level) / rate)
            level, at, now = level + rate * wait - 1.0, at + wait, now + wait
        now += latency
    return now
