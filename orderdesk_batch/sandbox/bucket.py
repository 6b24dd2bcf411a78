"""The token bucket of one store: so many requests at once, refilled at a steady rate."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

__all__ = ["Bucket"]


class Bucket:
    """A token bucket; `take` is safe to call from several threads."""

    def __init__(self, size: float, rate: float, clock: Callable[[], float]) -> None:
        self.size = float(size)
        self.rate = float(rate)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = self.size
        self._at = clock()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        with self._lock:
            self._refill()
            # A hair under one is one: the refill is a sum of floats.
            if self._tokens < 1 - 1e-9:
                return False
            self._tokens = max(0.0, self._tokens - 1)
            return True

    def drain(self, tokens: float) -> None:
        """Take tokens as another user of the same key would."""
        with self._lock:
            self._refill()
            self._tokens = max(0.0, self._tokens - tokens)

    def fill(self) -> None:
        """Fill the bucket to the brim."""
        with self._lock:
            self._tokens = self.size
            self._at = self._clock()

    @property
    def remaining(self) -> int:
        """The whole tokens left."""
        with self._lock:
            self._refill()
            return int(self._tokens + 1e-9)

    @property
    def retry_after(self) -> int:
        """The whole seconds until there is a token again, at least one."""
        with self._lock:
            self._refill()
            if self.rate <= 0:
                return 3600
            return max(1, math.ceil((1 - self._tokens) / self.rate - 1e-9))

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self.size, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now
