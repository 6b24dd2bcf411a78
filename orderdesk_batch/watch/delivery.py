"""This file holds Delivery: a watcher's memory and its sinks, and how events get from the one to the others."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError
from .events import Event, Wanted
from .log import Log
from .sinks import Command, Printed, Sink, SinkError, deliver, sink_for
from .turns import STORE, Turns

if TYPE_CHECKING:
    from ..store import Store

PYTHON: Final = "sink:python"  # how far the iterator has come


class Delivery:
    """The memory of one watcher, and where its events go: stdout, a file, a command, or a Python iterator."""

    def __init__(
        self,
        home: Path,
        store: Store,
        what: str,
        asked: Wanted,
        *,
        output: Path | None = None,
        command: str | None = None,
        say: Callable[[str], Any] | None = None,
        name: str = "",
        turns: Turns | None = None,
    ) -> None:
        """Open the memory and the sinks.

        Args:
            name: what the store is called here, if it has a name; `{store}` in the output stands for it.
            turns: the file, the command and stdout are shared with the watchers of other stores.

        Raises:
            UsageError: a file or a command that makes no sense.
            RunError: another process watches the same in the same way, or writes to the file.
        """
        output = None if output is None else named(output, name)
        way = [os.path.realpath(output)] if output else [] if command or say else ["python"]
        self.log = Log(_place(home, store, what, asked, [*way, command or ""]), name)
        self._sinks: list[Sink] = []
        try:
            if output is not None:
                self._sinks.append(turns.file(output) if turns and turns.shares(output) else sink_for(output, self.log))
            if command is not None:
                self._sinks.append(turns.command(command) if turns else Command(command))
        except BaseException:
            self.close()
            raise
        if not self._sinks and say is not None:
            self._sinks.append(Printed(say))

    def deliver(self) -> int:
        """Give each sink what it has not had; how many events that was.

        Raises:
            SinkError: one of them can't take events now; the others got theirs.
        """
        count = 0
        failure: SinkError | None = None
        for sink in self._sinks:
            try:
                count += deliver(self.log, sink)
            except SinkError as error:
                failure = failure or error
        if count and not any(sink.keeps for sink in self._sinks):
            self.log.prune(min(self.log.fact(f"sink:{sink.name}", 0) for sink in self._sinks))
        if failure is not None:
            raise failure
        return count

    def waiting(self) -> int:
        """How many events a sink has not had yet."""
        last = self.log.last()
        return max((last - self.log.fact(f"sink:{sink.name}", 0) for sink in self._sinks), default=0)

    def events(self) -> Iterator[Event]:
        """The events that Python has not had; one counts as had when the next one is asked for."""
        for number, event in self.log.after(self.log.fact(PYTHON, 0)):
            yield event
            self.log.commit({}, facts={PYTHON: number})
        if not self._sinks:
            self.log.prune(self.log.fact(PYTHON, 0))

    def close(self) -> None:
        """Close the sinks and the memory."""
        for sink in self._sinks:
            sink.close()
        self.log.close()


def named(output: Path, name: str) -> Path:
    """The file of one store, where its name tells it from those of others.

    Raises:
        UsageError: the store has no name here.
    """
    if STORE not in output.name:
        return output
    if not name:
        raise UsageError(f"{output}: {STORE} stands for the store's name, and this one has none. `orderdesk-batch login NAME` gives it one.")
    return output.with_name(output.name.replace(STORE, name))


def _place(home: Path, store: Store, what: str, asked: Wanted, way: list[str]) -> Path:
    """Where a watcher's memory is: one for each thing that is watched in one way."""
    told = (store.base_url, store.store_id, what, asked.names, asked.folders, asked.source, asked.origin, way)
    name = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]
    return home / "watch" / f"{what}-{name}.sqlite"
