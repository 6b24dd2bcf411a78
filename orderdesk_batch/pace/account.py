"""This file holds Account: what the server's bucket holds if it fills in one certain way."""

from __future__ import annotations

import math
from dataclasses import dataclass

PHASES = 16  # moments of a second at which a server that fills once a second may do so
NEAR = 1 / PHASES + 0.02  # seconds by which an account may miss that moment
LATE = 0.03  # seconds after such a moment until we rely on what it brought
CALM = 0.2  # tokens in reserve under smooth filling, beside what jitter asks for
UNSTEADY = 0.15  # seconds of jitter that are waited for at most


@dataclass(slots=True, eq=False)
class Account:
    """What the server's bucket holds, in tokens, if it fills in one certain way."""

    phase: float | None  # the moment of each second at which it fills, in seconds; None: smoothly
    level: float
    at: float  # when it held that
    struck: bool = False  # whether an answer contradicted it
    doubt: float = 0.0  # tokens that came and may have found no room
    brim: tuple[float, float] = (-math.inf, 0.0)  # when we last began to take from a full bucket, and what it held

    def steps(self, since: float, until: float) -> int:
        """How many of its moments lie in (since, until]."""
        assert self.phase is not None
        return math.floor(until - self.phase) - math.floor(since - self.phase)

    def fill(self, now: float, rate: float, capacity: float) -> None:
        """Let come in what comes in until `now`."""
        if self.phase is None:
            self.level += rate * (now - self.at)
        elif steps := self.steps(self.at, now):
            self.level += rate * steps
            first = math.floor(self.at - self.phase) + 1 + self.phase
            if first - self.brim[0] < NEAR:  # it may have come before that taking, and found no room
                self.doubt = max(0.0, rate - (capacity - self.brim[1]))
                self.level -= self.doubt
        self.level = min(capacity, self.level)
        self.at = now

    def take(self, rate: float, capacity: float) -> float:
        """Count one call; returns what is left."""
        if self.level > capacity - rate and self.at - self.brim[0] >= NEAR:
            self.brim = self.at, self.level
        self.level -= 1
        return self.level

    def until(self, tokens: float, rate: float, jitter: float) -> float:
        """Seconds until so many tokens are surely there, for latencies that differ by `jitter` seconds."""
        lacking = tokens - self.level
        if self.phase is None:
            return (lacking + CALM) / rate + min(jitter, UNSTEADY)
        late = LATE + min(jitter, UNSTEADY)
        if lacking <= -rate * self.steps(self.at - late, self.at):
            return 0.0
        steps = math.ceil(lacking / rate - 1e-9)
        return math.floor(self.at - self.phase) + steps + self.phase + late + 1e-4 - self.at

    def range(self, sent: float, said: float, rate: float, jitter: float) -> tuple[float, float]:
        """The least and the most that the bucket may have held after a call sent then, of which it said `said`."""
        if self.phase is None:
            return said - rate * NEAR, said + rate * (NEAR + jitter)
        return said - rate * self.steps(sent - NEAR, sent), said + rate * self.steps(sent, sent + NEAR + jitter)
