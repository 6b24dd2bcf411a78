"""What Order Desk allows, without any client: a bucket of 20 requests that fills at 3 a second [doc]."""

from __future__ import annotations

import math
from collections.abc import Iterable

BURST, RATE = 20, 3.0
FRESH = 30.0  # seconds: how old a document may be when its whole PUT leaves (promise 3)
PAGE = 500  # records on a page of a list, at most [doc]
BATCH = 100  # rows in a batch call; no maximum is documented, and running clients send so many [seen]


class Allowance:
    """The bucket, in a time of its own."""

    def __init__(self) -> None:
        self.tokens, self.at = float(BURST), 0.0

    def take(self, now: float) -> float:
        """Take a token; 0.0, or the seconds until there is one, and then none was taken."""
        self.tokens, self.at = min(BURST, self.tokens + RATE * (now - self.at)), now
        if self.tokens < 1 - 1e-9:
            return (1 - self.tokens) / RATE
        self.tokens -= 1
        return 0.0


def allowed(calls: int) -> float:
    """The seconds after which the last of so many requests may leave, none of them refused."""
    bucket, now = Allowance(), 0.0
    for _ in range(calls):
        while wait := bucket.take(now):
            now += wait
    return now


def loop(calls: int, answer: float) -> tuple[float, int]:
    """What a plain loop needs that asks until a 429, and then sleeps for the whole seconds of `X-Retry-After`.

    Args:
        answer: seconds that an answer takes.

    Returns:
        the seconds, and how many requests were refused.
    """
    bucket, now, refused = Allowance(), 0.0, 0
    for _ in range(calls):
        while wait := bucket.take(now):
            refused += 1
            now += answer + max(1, math.ceil(wait - 1e-9))
        now += answer
    return now, refused


def pages(records: int) -> int:
    """How many calls a whole list takes."""
    return max(1, math.ceil(records / PAGE))


def batches(rows: int) -> int:
    """How many calls rows take that go in batches."""
    return math.ceil(rows / BATCH)


def again(rows_by_page: Iterable[int], read: int) -> int:
    """The fewest pages to be read again where each row is a PUT of its own, and its document must be young.

    The plan's pages are read in the burst. So many PUTs can leave before they are 30 seconds old; every page
    that still has rows then is read again, and serves for 30 seconds. Fewest are left if small pages go first.

    Args:
        rows_by_page: how many rows have their document on each page.
        read: how many calls the plan took.
    """
    room = BURST + math.floor(RATE * FRESH) - read
    calls = 0
    for rows in sorted(rows_by_page):
        left = max(0, rows - room)
        room = max(0, room - rows)
        calls += math.ceil(left / (math.floor(RATE * FRESH) - 1))
    return calls
