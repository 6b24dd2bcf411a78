"""This file holds Watcher: looks again and again, and gives the events to their sinks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StoreError, UsageError
from .events import Event, Wanted
from .log import Log
from .poll import LEAST_EVERY, Listed, Poller
from .sinks import Command, Printed, Sink, SinkError, deliver, sink_for

if TYPE_CHECKING:
    from ..store import Store


class Watcher:
    """A watcher of one store: what it has seen lasts, so it can be stopped and started at any time."""

    def __init__(
        self,
        store: Store,
        home: Path,
        what: str,
        asked: Wanted,
        *,
        folders: Mapping[str, str],
        since: dt.datetime | None = None,
        sweep: float | None = None,
        every: float = 60.0,
        filters_are_utc: bool = False,
        output: Path | None = None,
        command: str | None = None,
        say: Callable[[str], Any] | None = None,
        complain: Callable[[str], Any] | None = None,
    ) -> None:
        """Open what was seen before.

        Args:
            what: orders, items, shipments, inventory or folders.
            output: a .jsonl, .csv or .xlsx file that gets each event exactly once.
            command: run for each event, at least once.
            say: prints an event's JSON; used where neither output nor command is given.
            complain: told of failures that pass.

        Raises:
            UsageError: an interval that is not polite, a file or a command that makes no sense.
        """
        if every < LEAST_EVERY:
            raise UsageError(f"--every {every:g} is too often: the least is {LEAST_EVERY:g} seconds.")
        listed: Listed = "inventory" if what == "inventory" else "orders"
        self.log = Log(_place(home, store, what, asked, output, command))
        self._poller = Poller(store, self.log, listed, asked, folders=folders, since=since, sweep=sweep, filters_are_utc=filters_are_utc)
        self._every = every
        self._stop = store.stop
        self._complain = complain or (lambda text: None)
        self._sinks: list[Sink] = []
        if output is not None:
            self._sinks.append(sink_for(output, self.log))
        if command is not None:
            self._sinks.append(Command(command))
        if not self._sinks and say is not None:
            self._sinks.append(Printed(say))

    def once(self) -> int:
        """Look once and deliver; how many events were delivered.

        The first time it remembers what is there; from then on it delivers what changed since.

        Raises:
            StoreError: the store refused the key, or can't be reached.
            SinkError: a sink can't take the events; they are kept.
        """
        self._poller.look()
        return sum(deliver(self.log, sink) for sink in self._sinks)

    def forever(self) -> None:
        """Look until stopped; failures that may pass are told, and tried again at the next look.

        Raises:
            NotAllowed: the store refused the key.
        """
        while not self._stop.is_set():
            try:
                self.once()
            except SinkError as error:
                self._complain(str(error))
            except StoreError as error:
                if not error.passing:
                    raise
                self._complain(f"{error} The next look is in {self._every:g} s.")
            self._stop.wait(self._every)

    def events(self) -> Iterator[Event]:
        """The events, one by one, for Python; an event counts as taken when the next one is asked for."""
        done: int = self.log.fact("sink:python", 0)
        while not self._stop.is_set():
            self._poller.look()
            for number, event in self.log.after(done):
                yield event
                done = number
                self.log.commit({}, facts={"sink:python": done})
            self._stop.wait(self._every)

    def close(self) -> None:
        """Close what was seen."""
        self.log.close()


def _place(home: Path, store: Store, what: str, asked: Wanted, output: Path | None, command: str | None) -> Path:
    """Where a watcher's memory is: one for each thing that is watched in one way."""
    way: Sequence[Any] = (store.base_url, store.store_id, what, asked.names, asked.folders, asked.source, asked.origin,
                          str(output.absolute()) if output else "", command or "")  # fmt: skip
    name = hashlib.sha256(json.dumps(way).encode()).hexdigest()[:12]
    return home / "watch" / f"{what}-{name}.sqlite"


