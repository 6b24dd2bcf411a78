"""This file holds Account: what the server's bucket holds if it fills in one certain way."""

from __future__ import annotations

import math
from dataclasses import dataclass

PHASES = 16  # moments of a second at which a server that fills once a second may do so
NEAR = 1 / PHASES + 0.02  # seconds by which an account may miss that moment
LATE = 0.03  # seconds after such a moment until we rely on what it brought
CALM = 0.2  # tokens in reserve under smooth filling, beside what jitter asks for
UNSTEADY = 0.15  # seconds of jitter that are waited for at most
SURPRISE = 0.1  # tokens: a contradiction


@dataclass(slots=True, eq=False)
class Account:
    """What the server's bucket holds, in tokens, if it fills in one certain way: at least `level`, at most `slack` more."""

    phase: float | None  # the moment of each second at which it fills, in seconds; None: smoothly
    level: float
    at: float  # when it held that
    struck: bool = False  # whether an answer contradicted it
    slack: float = 0.0  # tokens that it may hold beyond its level: answers are rounded down
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
        self.slack = min(self.slack, capacity - self.level)
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

    def sure(self) -> int:
        """Whole tokens that are surely there."""
        return math.floor(self.level - (CALM if self.phase is None else 0.0) + 1e-6)

    def range(self, sent: float, said: float, rate: float, jitter: float) -> tuple[float, float]:
        """The least and the most that the bucket may have held after a call sent then, of which it said `said`."""
        near = NEAR + jitter
        if self.phase is None:
            return said - rate * near, said + rate * near
        return said - rate * self.steps(sent - near, sent), said + rate * self.steps(sent, sent + near)

    def judge(
        self, sent: float, said: float, tokens: float, rate: float, jitter: float, before: int, told: float, after: int
    ) -> tuple[float, bool]:
        """What the answer to a call sent then contradicts, if the account said `said` and the answer `tokens`.

        Args:
            before: calls sent before it that may have come after it; `told` is the least that one of them was told. If they
                had come after it, the last of them would have been told no more than this one was to be.
            after: calls sent after it that may have come before it.

        Returns:
            the tokens that the account lacks, below 0 if it has too many for an answer that took its usual time; and whether
            it has more than any jitter explains: it fills otherwise, or others took some.
        """
        least, most = self.range(sent, said, rate, jitter)
        usual, _ = self.range(sent, said, rate, 0.0)
        wrong = min(0.0, tokens + 1 - (usual - after)) + max(0.0, tokens - (most + (before if told <= most else 0)))
        margin = SURPRISE if self.phase is None else -1e-6  # steps bring whole tokens
        return wrong, tokens + 1 < least - after - margin

    def put_right(self, wrong: float, lost: bool, after: int, held: float) -> None:
        """Strike it out if the answer can't be explained; `level` is right by now, `held` is what it was."""
        self.struck |= lost or wrong > SURPRISE + self.slack + self.doubt
        self.slack = 1.0 + after if lost else max(0.0, self.slack - wrong)
        self.doubt = 0.0
        if self.level > held and (lost or wrong < 0):
            self.slack += self.level - held
            self.level = held
