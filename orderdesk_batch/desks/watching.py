"""This file holds the watching of several stores: a watcher for each, side by side, their events merged."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..desk import Desk
from ..desk.routing import of_store
from ..desk.watching import look_once
from ..errors import OrderDeskBatchError, Stopped, UsageError
from .searcher import SeveralSearcher
from .several import LOOK

if TYPE_CHECKING:
    from ..watch import Event, Turns, Watcher

log = logging.getLogger("orderdesk_batch")


class SeveralWatching(SeveralSearcher):
    """Several stores that are also watched."""

    def watch(self, what: str, *, once: bool = False, complain: Callable[[str], Any] | None = None, **options: Any) -> Iterator[Event]:
        """The events of all of the stores, one by one; `event.store` says whose it is.

        An event counts as had when the next one is asked for. A store that fails is complained about once, and the
        others go on.

        Args:
            once: end after one look at each; else look again and again, until they are stopped.
            complain: told of failures; by default they are logged.
            options: the same as of one store; see `Desk.watcher`.

        Raises:
            UsageError: an option that makes no sense, or a webhook, which is for one store.
            StoreError: every store failed.
        """
        with contextlib.closing(self.watchers(what, once=once, complain=complain, **options)) as watchers:
            yield from watchers.events()

    def watchers(self, what: str, *, once: bool = False, complain: Callable[[str], Any] | None = None, **options: Any) -> Watchers:
        """A watcher for each store; see `Watchers`.

        Raises:
            UsageError: an option that makes no sense, or a webhook, which is for one store.
            RunError: another watcher writes to the file.
        """
        if what == "webhook":
            raise UsageError("A webhook is of one store: each has an address of its own. Name one with --store.")
        return Watchers(self, what, once=once, complain=complain, **options)


Came = queue.Queue[tuple[str, "Event | BaseException | None", threading.Semaphore]]


class Watchers:
    """The watchers of several stores. `events()` gives what happens to Python; `go()` to a file, a command or stdout."""

    def __init__(self, stores: SeveralWatching, what: str, *, once: bool, complain: Callable[[str], Any] | None, **options: Any) -> None:
        """Open what they share.

        Args:
            options: see `Desk.watcher`; `note` is told what the first look did, with `once`. An `output` with `{store}` in its
                name is a file for each store, else one file takes the events of all; a `command` runs for one event at a time.

        Raises:
            UsageError: an option that makes no sense.
            RunError: another watcher writes to the file.
        """
        from .. import watch

        self._stores = stores
        self._what = what
        self._once = once
        self._complain = complain or log.warning
        self._note: Callable[[str], Any] = options.pop("note", None) or log.info
        say, output = options.pop("say", None), options.get("output")
        self._turns: Turns = watch.Turns(None if output is None else Path(os.fspath(output)), say)
        self._options = {**options, **({"say": self._turns.say} if say else {})}
        self._stop = stores.leaving()
        self.failed: dict[str, OrderDeskBatchError] = dict(stores.failed)  # the stores that are not watched any more, and why

    def events(self) -> Iterator[Event]:
        """The events as they come; of each store, the next one comes once the last one was had.

        Raises:
            UsageError: an option that makes no sense.
            StoreError: every store failed.
        """
        for name, error in self.failed.items():
            self._tell(name, error)
        came: Came = queue.Queue()
        threads = [
            threading.Thread(target=self._watch, args=(name, desk, came), name=f"orderdesk-{name}", daemon=True)
            for name, desk in self._stores.items()
        ]
        for thread in threads:
            thread.start()
        left = len(threads)
        try:
            while left:
                with contextlib.suppress(queue.Empty):
                    name, one, had = came.get(timeout=LOOK)
                    if one is None:
                        left -= 1
                    elif isinstance(one, BaseException):
                        self._failed(name, one)
                    else:
                        yield one
                        had.release()
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        if self.failed and not self._stores.keys() - self.failed.keys():
            raise next(iter(self.failed.values()))

    def go(self) -> None:
        """Watch until stopped, or look once; the events go where they are to go.

        Raises:
            UsageError: an option that makes no sense.
            StoreError: every store failed.
        """
        for _ in self.events():
            pass

    def close(self) -> None:
        """End the watching, and let go of what they share."""
        self._stop.set()
        self._turns.close()
        self._stores.left(self._stop)

    def _watch(self, name: str, desk: Desk, came: Came) -> None:
        had = threading.Semaphore(0)
        try:
            watcher = desk.watcher(
                self._what, patient=not self._once, turns=self._turns, stop=self._stop, complain=lambda text: self._say(name, text), **self._options
            )
            try:
                self._follow(name, watcher, lambda event: self._give((name, event, had), came))
            finally:
                watcher.close()
        except BaseException as error:  # it is for the thread that reads to say what it means
            came.put((name, error, had))
        finally:
            came.put((name, None, had))

    def _follow(self, name: str, watcher: Watcher, give: Callable[[Event], bool]) -> None:
        if any(self._options.get(way) is not None for way in ("say", "output", "command")):
            if self._once:
                look_once(watcher, lambda text: self._note(of_store(name, text)))
            else:
                watcher.forever()
            return
        with contextlib.closing(watcher.events(once=self._once)) as events:
            for event in events:
                if not give(event):
                    return  # it was not had: it comes again another time

    def _give(self, one: tuple[str, Event, threading.Semaphore], came: Came) -> bool:
        came.put(one)
        while not one[2].acquire(timeout=LOOK):
            if self._stop.is_set():
                return one[2].acquire(blocking=False)
        return True

    def _failed(self, name: str, error: BaseException) -> None:
        if isinstance(error, Stopped):
            return
        if isinstance(error, UsageError):  # an option: it is wrong for all, or a folder that one store has not got
            raise UsageError(of_store(name, error)) if self._options.get("folder") else error
        if not isinstance(error, OrderDeskBatchError):
            raise error
        self.failed[name] = error
        if not self._stores.keys() - self.failed.keys():
            return  # it is raised
        self._tell(name, error)

    def _tell(self, name: str, error: OrderDeskBatchError) -> None:
        more = "The others are looked at." if self._once else "The others go on; start this again once that is mended."
        self._complain(f"{of_store(name, error)} {more}")

    def _say(self, name: str, text: str) -> None:
        self._complain(of_store(name, text))
