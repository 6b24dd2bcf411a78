"""This file holds Turns: what the watchers of several stores share, one at a time.

A file of lines says itself which events it has, and each watcher notes in its own memory how far it has come.
So one file can take the events of several stores, each exactly once, as long as one of them writes at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from ..errors import UsageError
from .events import Event
from .sinks import OF_STORES, Command, Held, Lines, Sink, file_of_events

STORE: Final = "{store}"  # in the name of a file: the store's name


class Turns:
    """One file, one command, one stdout for several watchers. Close it after all of them."""

    def __init__(self, output: Path | None = None, say: Callable[[str], Any] | None = None) -> None:
        """Open the file, if there is to be one for all; with `{store}` in its name, each store has its own.

        Raises:
            UsageError: a workbook, a file that is none of ours or does not tell stores apart, or a place that can't be written to.
            RunError: another watcher writes to it.
        """
        self._guard = threading.Lock()
        self._say = say
        self._file: Sink | None = None
        self._command: Sink | None = None
        if output is not None and STORE not in output.name:
            path = file_of_events(output)
            if path.suffix.lower() == ".xlsx":
                raise UsageError(
                    f"{output}: a workbook is of one store. Write {output.stem}-{STORE}.xlsx for one each, or name a .csv or .jsonl file."
                )
            self._file = Held(lambda: Lines(path, OF_STORES, several=True), path)

    def shares(self, output: Path) -> bool:
        """Whether a file is the one for all."""
        return self._file is not None and STORE not in output.name

    def file(self, output: Path) -> Sink:
        """The file for all."""
        assert self._file is not None
        return Turn(self._file, self._guard)

    def command(self, command: str) -> Sink:
        """The command for all: it runs for one event at a time."""
        self._command = self._command or Command(command)
        return Turn(self._command, self._guard)

    def say(self, text: str) -> None:
        """Print a line, whole."""
        with self._guard:
            if self._say is not None:
                self._say(text)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


class Turn:
    """One store's part in a sink for all."""

    def __init__(self, sink: Sink, guard: threading.Lock) -> None:
        self._sink = sink
        self._guard = guard
        self.name, self.batch, self.keeps = sink.name, sink.batch, sink.keeps

    def take(self, events: Sequence[Event]) -> None:
        with self._guard:
            self._sink.take(events)

    def close(self) -> None:
        """The others may need it still."""
