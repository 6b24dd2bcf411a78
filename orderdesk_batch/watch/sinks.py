"""This file holds the sinks: where events go. Files get each event exactly once, the others at least once.

A file says itself how far it has come: its last whole line carries the event's id. So a watcher that was
killed between writing and noting goes on where the file ends, and a torn last line is taken away first.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from ..errors import OrderDeskBatchError, UsageError
from ..sheets.write import safe_text, write_xlsx
from ..store.wire import dumps
from .events import Event
from .log import Log

COLUMNS: Final = ("at", "event", "id", "key", "field", "old", "new", "event_id")


class Sink(Protocol):
    """Takes events, in order."""

    name: str  # what its progress is kept under
    batch: int  # how many events it takes at a time; its progress is noted after each batch

    def take(self, events: Sequence[Event]) -> None:
        """Take some events; when it comes back they are safe.

        Raises:
            SinkError: it can't take them now; they are kept and offered again.
        """


class SinkError(OrderDeskBatchError):
    """A sink can't take events now; they are kept, and offered again at the next look."""


def deliver(log: Log, sink: Sink) -> int:
    """Give a sink what it has not had; how many events that was."""
    done: int = log.fact(f"sink:{sink.name}", 0)
    count = 0
    while True:
        batch = list(itertools.islice(log.after(done), sink.batch))
        if not batch:
            return count
        sink.take([event for _, event in batch])
        done = batch[-1][0]
        log.commit({}, facts={f"sink:{sink.name}": done})
        count += len(batch)


class Printed:
    """Each event a line of JSON, through a function that prints."""

    name = "stdout"
    batch = 1

    def __init__(self, say: Callable[[str], Any]) -> None:
        self._say = say

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            self._say(dumps(event.as_json()))


class Command:
    """A command for each event, with the event on its standard input; `{}` is the record's id."""

    batch = 1

    def __init__(self, command: str) -> None:
        """Prepare to run it.

        Raises:
            UsageError: there is no such command.
        """
        try:
            self._words = shlex.split(command, posix=os.name != "nt")
        except ValueError as error:
            raise UsageError(f'--exec "{command}" can\'t be read ({error}).') from None
        if not self._words:
            raise UsageError("--exec needs a command.")
        self.name = f"exec:{command}"

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            words = [word.replace("{}", event.id) for word in self._words]
            body = dumps(event.as_json())
            try:
                done = subprocess.run(words, input=body + "\n", text=True, encoding="utf-8", stdout=sys.stderr, check=False)
            except OSError as error:
                raise SinkError(f"{words[0]} can't be run ({error.strerror}). The event is kept.") from None
            if done.returncode:
                raise SinkError(f"{words[0]} ended with {done.returncode}. The event is kept, and given to it again.")


class Lines:
    """A .jsonl or .csv file that grows line by line."""

    batch = 500

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = f"file:{path}"
        self._csv = path.suffix.lower() == ".csv"
        self._has: set[str] | None = None

    def take(self, events: Sequence[Event]) -> None:
        try:
            has = self._mended()
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "ab") as file:
                if self._csv and file.tell() == 0:
                    file.write(b"\xef\xbb\xbf" + _csv_line(COLUMNS))
                for event in events:
                    if event.event_id not in has:
                        file.write(b"".join(map(_csv_line, _rows(event))) if self._csv else dumps(event.as_json()).encode() + b"\n")
                        has.add(event.event_id)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self._has = None
            raise SinkError(f"{self.path} can't be written ({error.strerror}). The events are kept.") from None

    def _mended(self) -> set[str]:
        """The ids of the events in the file; the first time, a torn last event is taken away."""
        if self._has is None:
            self._has = set()
            if self.path.exists():
                self._read()
        return self._has

    def _read(self) -> None:
        assert self._has is not None
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.decode("utf-8-sig", "replace").splitlines()
        if self._csv:
            ids = [row[-1] for row in csv.reader(lines) if len(row) == len(COLUMNS)][1:]
        else:
            ids = [_id_of(line) for line in lines]
        self._has.update(filter(None, ids))
        if len(whole) < len(data):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))


def _id_of(line: str) -> str:
    try:
        return str(json.loads(line).get("event_id") or "")
    except (ValueError, AttributeError):
        return ""


def _rows(event: Event) -> list[list[str]]:
    """An event as one line a changed field; one line where no field is named."""
    lead = [event.at, event.event, event.id, event.key]
    changed: list[tuple[str, Any, Any]] = [(name, pair[0], pair[1]) for name, pair in event.fields.items()]
    # One event is one line in the file, so that a torn one can be told: several fields share a cell.
    if len(changed) > 1:
        old = {name: before for name, before, _ in changed}
        new = {name: after for name, _, after in changed}
        changed = [(", ".join(name for name, _, _ in changed), dumps(old), dumps(new))]
    name, before, after = changed[0] if changed else ("", "", "")
    return [[*lead, name, _text(before), _text(after), event.event_id]]


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else dumps(value)
    return text.replace("\r", " ").replace("\n", " ")


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_text(_text(cell)) for cell in cells])
    return line.getvalue().encode()


class Workbook:
    """An .xlsx file, written anew with all events whenever there are more."""

    batch = 100_000

    def __init__(self, path: Path, log: Log) -> None:
        self.path = path
        self.name = f"file:{path}"
        self._log = log

    def take(self, events: Sequence[Event]) -> None:
        rows = [_rows(event)[0] for _, event in self._log.after(0)]
        try:
            write_xlsx(self.path, list(COLUMNS), rows)
        except (OSError, OrderDeskBatchError) as error:
            raise SinkError(f"{error} The events are kept.") from None


def sink_for(path: Path, log: Log) -> Sink:
    """The sink for a file, by its ending.

    Raises:
        UsageError: an ending that says nothing.
    """
    ending = path.suffix.lower()
    if ending == ".xlsx":
        return Workbook(path, log)
    if ending in (".jsonl", ".csv"):
        return Lines(path)
    raise UsageError(f"{path}: events go to a .jsonl, .csv or .xlsx file.")
