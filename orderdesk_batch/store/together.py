"""This file holds together: several calls in flight, their outcomes in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from orderdesk_batch.errors import Stopped

T = TypeVar("T")

AHEAD = 3  # outcomes kept, per worker, while an earlier call is still on its way; else one: the caller is slower than the calls
LOOK = 0.2  # seconds between looks around while waiting, so that Ctrl-C gets through on Windows too


def together(
    calls: Iterable[Callable[[], T]],
    workers: int,
    stop: threading.Event | None = None,
    ahead: Callable[[], int] | None = None,
) -> Iterator[T | Exception]:
    """Run calls with up to `workers` in flight; yields each one's result, or its exception, in order.

    `calls` is read lazily, in the caller's thread, one entry when a worker is free for it: what its
    iterator does (write down an intention, say) happens just before the call. After `stop` no further
    call begins; those begun are waited for and yielded. `ahead` tells how many calls may have begun whose
    outcome the caller has not had yet; it is asked anew each time, and one may always begin.

    Raises:
        Stopped: `stop` was set and calls were left over.
    """
    source = iter(calls)
    begun: deque[Future[T]] = deque()
    more = True
    pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix="orderdesk")
    try:
        while True:
            stopped = stop is not None and stop.is_set()
            running = sum(not future.done() for future in begun)
            if ahead is not None:
                most = max(1, ahead())
            else:
                most = workers if begun and begun[0].done() else AHEAD * workers
            while more and not stopped and running < workers and len(begun) < most:
                try:
                    call = next(source)
                except StopIteration:
                    more = False
                    break
                begun.append(pool.submit(call))
                running += 1
            if not begun:
                break
            if begun[0].done():
                future = begun.popleft()
                error = future.exception()
                if error is not None and not isinstance(error, Exception):
                    raise error
                yield error if error is not None else future.result()
            else:
                wait([future for future in begun if not future.done()], LOOK, FIRST_COMPLETED)
        if more:
            for _ in source:
                raise Stopped("Stopped; the calls that had begun are done.")
    except KeyboardInterrupt:
        if stop is not None:
            stop.set()  # what has not left yet must not leave while Python ends
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
