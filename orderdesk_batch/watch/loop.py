"""This file holds Watcher: looks again and again, and gives the events to their sinks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ..errors import NotAllowed, StoreError, UsageError
from ..export.asking import listed
from .delivery import Delivery
from .events import Event, Wanted
from .poll import LEAST_EVERY, Folders, Poller
from .sinks import SinkError

if TYPE_CHECKING:
    from ..store import Store

log = logging.getLogger("orderdesk_batch")
LOOK: Final = 1.0  # seconds between looks at a second stop


class Watcher:
    """A watcher of one store: what it has seen lasts, so it can be stopped and started at any time."""

    def __init__(
        self,
        store: Store,
        delivery: Delivery,
        what: str,
        asked: Wanted,
        *,
        folders: Folders,
        zone: str = "UTC",
        since: datetime | None = None,
        sweep: float | None = None,
        every: float = 60.0,
        times: str = "",
        complain: Callable[[str], Any] | None = None,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Go on from what was seen before.

        Args:
            what: orders, items, shipments, inventory or folders.
            stop: ends the watching, but no call: for one of several watchers.
            complain: told of failures that pass.
            sweep, times, since, zone, folders: see `Poller`.
        """
        self.delivery = delivery
        self._poller = Poller(
            store, delivery.log, listed(what), asked, folders=folders, zone=zone, since=since, sweep=sweep, times=times, clock=clock
        )
        self._every = every
        self._store = store
        self._stop = stop or store.stop
        self._complain = complain or log.warning

    def once(self) -> int:
        """Look once and deliver; how many events were delivered.

        The first time it remembers what is there; from then on it delivers what changed since.

        Raises:
            StoreError: the store refused the key, or can't be reached.
            SinkError: a sink can't take the events; they are kept.
        """
        self._poller.look()
        return self.delivery.deliver()

    def forever(self) -> None:
        """Look until stopped; failures that may pass are told, and tried again at the next look.

        Raises:
            NotAllowed: the store refused the key.
        """
        while not self._is_over():
            self._try_once()
            self._rest()

    def events(self, *, once: bool = False) -> Generator[Event, None, None]:
        """The events, one by one, for Python; an event counts as had when the next one is asked for.

        Raises:
            NotAllowed: the store refused the key.
            StoreError: with `once`: it can't be reached.
        """
        while not self._is_over():
            if once:
                self.once()
            else:
                self._try_once()
            yield from self.delivery.events()
            if once:
                return
            self._rest()

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._store.stop.is_set()

    def _rest(self) -> None:
        """Wait until the next look."""
        left = self._every
        while left > 0 and not self._is_over():
            some = left if self._stop is self._store.stop else min(left, LOOK)
            self._stop.wait(some)
            left -= some

    def _try_once(self) -> None:
        try:
            self.once()
        except SinkError as error:
            self._complain(str(error))
        except NotAllowed:
            raise
        except StoreError as error:
            self._complain(f"{error} The next look is in {self._every:g} s.")

    def close(self) -> None:
        """Close what was seen."""
        self.delivery.close()


def polite(every: float) -> float:
    """The seconds between two looks.

    Raises:
        UsageError: fewer than is polite.
    """
    if not every >= LEAST_EVERY:
        raise UsageError(f"--every {every:g} is too often: the least is {LEAST_EVERY:g} seconds.")
    return every
