"""This file holds Several: the desks of several stores, which go on side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Self, TypeVar

from ..desk import Desk, Progress, Teller
from ..errors import OrderDeskBatchError, Stopped, UsageError

T = TypeVar("T")
LOOK = 0.2  # seconds between looks around while waiting, so that Ctrl-C gets through on Windows too


class Several(Mapping[str, Desk]):
    """Desks by the names of their stores. What fails for one store is that store's alone.

    Args:
        desks: name → desk.
        failed: the stores that could not even be connected, and why: a profile without its key.
        known: name → store id of all stores that are known here; a sheet may name more of them than are chosen.
        twins: other names of these stores → the name that each has here.
    """

    def __init__(
        self,
        desks: Mapping[str, Desk],
        failed: Mapping[str, OrderDeskBatchError] | None = None,
        *,
        known: Mapping[str, str] | None = None,
        twins: Mapping[str, str] | None = None,
        progress: Teller | None = None,
    ) -> None:
        if not desks:
            raise next(iter((failed or {}).values()), UsageError("There is no store. `orderdesk-batch login NAME` makes one known."))
        self._desks = dict(desks)
        self.failed = dict(failed or {})
        self.known = {**{name: desk.store.store_id for name, desk in desks.items()}, **(known or {})}
        self.twins = dict(twins or {})
        self._away: dict[str, OrderDeskBatchError] = {}  # the stores that the call under way can't reach
        first = next(iter(desks.values()))
        self.home: Path = first.home
        self._clock = first._clock
        self._leaving: set[threading.Event] = set()
        self.progress = progress

    def __getitem__(self, name: str) -> Desk:
        if name not in self._desks:
            raise KeyError(f"no store {name} among {', '.join(self._desks)}")
        return self._desks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._desks)

    def __len__(self) -> int:
        return len(self._desks)

    def __repr__(self) -> str:
        return f"Desks({', '.join(self._desks)})"

    def _repr_html_(self) -> str:
        return "".join(filter(None, (desk._repr_html_() for desk in self.values())))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        for desk in self.values():
            desk.close()

    def stop(self) -> None:
        """Let the calls in flight end, and begin no more."""
        for desk in self.values():
            desk.stop()
        for event in tuple(self._leaving):
            event.set()

    def leaving(self) -> threading.Event:
        """An event that is set when they are stopped, for what waits between its calls; `left` takes it back."""
        event = threading.Event()
        self._leaving.add(event)
        return event

    def left(self, event: threading.Event) -> None:
        """Nobody waits for it any more."""
        self._leaving.discard(event)

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped them."""
        return any(desk.is_stopped for desk in self.values())

    @property
    def progress(self) -> Teller | None:
        """Told how far all of them together have come."""
        return self._progress

    @progress.setter
    def progress(self, tell: Teller | None) -> None:
        self._progress = tell
        together = None if tell is None else Together(tell)
        for name, desk in self.items():
            desk.progress = None if together is None else together.of(name)

    def side_by_side(self, call: Callable[[str, Desk], T], names: Container[str] | None = None) -> dict[str, T | OrderDeskBatchError]:
        """What comes of a call for each store, all at the same time: each has its own rate. An error is a result.

        Args:
            names: only these stores.

        Raises:
            Stopped: somebody stopped them before all were done.
        """
        chosen = {name: desk for name, desk in self.items() if names is None or name in names}
        results: dict[str, T | OrderDeskBatchError] = {}
        pool = ThreadPoolExecutor(max(1, len(chosen)), thread_name_prefix="orderdesk-store")
        try:
            begun = {name: pool.submit(call, name, desk) for name, desk in chosen.items()}
            left = set(begun.values())
            while left:
                left = wait(left, LOOK).not_done
            for name, future in begun.items():
                error = future.exception()
                if error is not None and not isinstance(error, OrderDeskBatchError):
                    raise error
                results[name] = error if error is not None else future.result()
        except KeyboardInterrupt:
            self.stop()
            raise
        finally:
            pool.shutdown(wait=True)
        if stopped := [error for error in results.values() if isinstance(error, Stopped)]:
            raise stopped[0]
        return results


class Together:
    """Adds up how far each store has come."""

    def __init__(self, tell: Teller) -> None:
        self._tell = tell
        self._each: dict[str, Progress] = {}
        self._guard = threading.Lock()

    def of(self, name: str) -> Teller:
        """The teller of one store."""

        def told(state: Progress) -> None:
            with self._guard:
                self._each[name] = state
                each = list(self._each.values())
                sums = {what: sum(getattr(one, what) for one in each) for what in ("done", "total", "calls", "calls_left")}
                self._tell(Progress(state.stage, **sums, seconds_left=max(one.seconds_left for one in each)))

        return told


def refused(results: Mapping[str, T | OrderDeskBatchError]) -> dict[str, OrderDeskBatchError]:
    """The stores that failed, with their errors."""
    return {name: result for name, result in results.items() if isinstance(result, OrderDeskBatchError)}


def had(results: Mapping[str, T | OrderDeskBatchError]) -> dict[str, T]:
    """What came of the stores that did not fail."""
    return {name: result for name, result in results.items() if not isinstance(result, OrderDeskBatchError)}
