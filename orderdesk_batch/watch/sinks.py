"""This file holds the sinks: where events go. Files get each event exactly once, the others at least once.

A file says itself what it has had: each line carries its event's id. So a watcher that was killed between
writing and noting goes on where the file ends, and a line that was torn is taken away first.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from ..errors import OrderDeskBatchError, UsageError
from ..lock import Lock
from ..sheets.write import cannot_write, safe_text, write_xlsx
from ..store.wire import dumps
from .events import Event
from .log import Log

COLUMNS: Final = ("at", "event", "id", "key", "field", "old", "new", "event_id")
OF_STORES: Final = ("store", *COLUMNS)  # where the store has a name


class Sink(Protocol):
    """Takes events, in order."""

    name: str  # what its progress is kept under
    batch: int  # how many events it takes at a time; its progress is noted after each batch
    keeps: bool  # whether it needs the events that it has had

    def take(self, events: Sequence[Event]) -> None:
        """Take some events; when it comes back they are safe.

        Raises:
            SinkError: it can't take them now; they are kept and offered again.
        """

    def close(self) -> None:
        """Let go of what it holds."""


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
    keeps = False

    def __init__(self, say: Callable[[str], Any]) -> None:
        self._say = say

    def close(self) -> None:
        """Nothing is held."""

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            self._say(dumps(event.as_json()))


class Command:
    """A command for each event, with the event on its standard input; `{}` is the record's id."""

    batch = 1
    keeps = False

    def __init__(self, command: str) -> None:
        """Prepare to run it.

        Raises:
            UsageError: it can't be read.
        """
        try:
            # Not through a shell: nothing that a record holds is ever run.
            self._words = shlex.split(command, posix=os.name != "nt")
        except ValueError as error:
            raise UsageError(f'--exec "{command}" can\'t be read ({error}).') from None
        if os.name == "nt":
            self._words = [word.strip('"') for word in self._words]
        if not self._words:
            raise UsageError("--exec needs a command.")
        self.name = f"exec:{command}"

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            record = re.sub(r"[^\w.-]", "_", event.id)
            words = [word.replace("{}", record) for word in self._words]
            try:
                done = subprocess.run(words, input=dumps(event.as_json()) + "\n", text=True, encoding="utf-8", check=False)
            except OSError as error:
                raise SinkError(f"{words[0]} can't be run ({error.strerror}). The event is kept.") from None
            if done.returncode:
                raise SinkError(f"{words[0]} ended with {done.returncode}. The event is kept, and given to it again.")

    def close(self) -> None:
        """Nothing is held."""


class Lines:
    """A .jsonl or .csv file that grows line by line; one event is one line."""

    batch = 500
    keeps = False

    def __init__(self, path: Path, columns: Sequence[str] = COLUMNS, *, several: bool = False) -> None:
        """Look at what the file has, and take a torn last line away.

        Args:
            columns: of a new .csv file; one that is there keeps its own.
            several: whether its events are of several stores.

        Raises:
            UsageError: it is no file of events, does not tell stores apart, or can't be written.
        """
        self.path = path
        self._columns = columns
        self._several = several
        self.name = f"file:{path}"
        self._csv = path.suffix.lower() == ".csv"
        self._has: set[str] | None = None
        if path.exists():
            try:
                self._has = self._mended()
            except OSError as error:
                raise cannot_write(path, error) from None

    def take(self, events: Sequence[Event]) -> None:
        try:
            has = self._mended() if self._has is None else self._has
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "ab") as file:
                self._has = None  # until all is on disk, only the file knows what it has
                if file.seek(0, os.SEEK_END) == 0:
                    has = set()
                    file.write(_head(self._columns) if self._csv else b"")
                for event in events:
                    if event.event_id not in has:
                        file.write(_csv_line(_row(event, self._columns)) if self._csv else dumps(event.as_json()).encode() + b"\n")
                        has.add(event.event_id)
                file.flush()
                os.fsync(file.fileno())
            self._has = has
        except OSError as error:
            raise SinkError(f"{self.path} can't be written ({error.strerror}). The events are kept.") from None

    def close(self) -> None:
        """Nothing is held."""

    def _mended(self) -> set[str]:
        """The ids of the events in the file, once its last line is whole or gone.

        Raises:
            UsageError: it is no file of events: nothing of it is touched.
        """
        if not self.path.exists():
            return set()
        data = self.path.read_bytes()
        # By bytes: a text may hold characters that Python, unlike the reader of a file, takes for the end of a line.
        lines = data.split(b"\n")
        if self._csv:
            self._know_columns(data, lines)
        elif len(lines) > 1 and lines[0].strip() and not _id_in_json(lines[0]):
            raise UsageError(f"{self.path} is there and is no file of events. Name another file.")
        id_in = _id_in_csv if self._csv else _id_in_json
        ids = {one for one in map(id_in, lines) if one}
        last = lines[-1]
        if last and not id_in(last):
            if len(lines) == 1 and not self._csv and not b'{"event": "'.startswith(last[:11]):
                raise UsageError(f"{self.path} is there and is no file of events. Name another file.")
            with self.path.open("r+b") as file:
                file.truncate(len(data) - len(last))
        elif last:  # whole but for its end
            with self.path.open("ab") as file:
                file.write(b"\r\n" if self._csv and not last.endswith(b"\r") else b"\n")
        return ids

    def _know_columns(self, data: bytes, lines: Sequence[bytes]) -> None:
        """The columns that the file has; torn ones are written anew.

        Raises:
            UsageError: it is no file of events, or has no room for the store.
        """
        heads = {columns: _head(columns).rstrip(b"\r\n") for columns in (COLUMNS, OF_STORES)}
        first = lines[0].removeprefix(b"\xef\xbb\xbf")
        there = next((columns for columns, head in heads.items() if first.startswith(head[3:])), None)
        if there is not None:
            self._columns = there
        elif len(lines) > 1 or not any(head.startswith(data) for head in heads.values()):
            raise UsageError(f"{self.path} is there and is no file of events. Name another file.")
        if self._several and there == COLUMNS:
            raise UsageError(f"{self.path} is there, and has no column that tells the store. Name another file.")


def _id_in_json(line: bytes) -> str:
    try:
        return str(json.loads(line).get("event_id") or "")
    except (ValueError, AttributeError):
        return ""


def _id_in_csv(line: bytes) -> str:
    try:
        row = next(csv.reader([line.decode("utf-8", "replace").rstrip("\r\n")]), [])
    except csv.Error:
        return ""
    return row[-1] if len(row) in (len(COLUMNS), len(OF_STORES)) and re.fullmatch(r"[0-9a-f]{20}", row[-1]) else ""


def _row(event: Event, columns: Sequence[str]) -> list[str]:
    """An event as one row; several fields share it, since one event is one line, so that a torn one can be told."""
    fields = event.fields
    if len(fields) == 1:
        ((name, (old, new)),) = fields.items()
    else:
        name = ", ".join(fields)
        old, new = ({one: pair[at] for one, pair in fields.items()} if fields else "" for at in (0, 1))
    row = [event.at, event.event, event.id, event.key, name, _text(old), _text(new), event.event_id]
    return [event.store, *row] if columns == OF_STORES else row


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else dumps(value)
    return re.sub(r"[\r\n\0]", " ", text)


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_text(_text(cell)) for cell in cells])
    return line.getvalue().encode("utf-8", "replace")


def _head(columns: Sequence[str]) -> bytes:
    return b"\xef\xbb\xbf" + _csv_line(columns)


class Workbook:
    """An .xlsx file, written anew with all events whenever there are more."""

    batch = 100_000
    keeps = True

    def __init__(self, path: Path, log: Log) -> None:
        """Take the place of the file.

        Raises:
            UsageError: there is a file that we did not write.
        """
        self.path = path
        self.name = f"file:{path}"
        self._log = log
        if path.exists() and not log.fact(f"wrote:{path}"):
            raise UsageError(f"{path} is there already, and this watcher did not write it. Name another file.")

    def close(self) -> None:
        """Nothing is held."""

    def take(self, events: Sequence[Event]) -> None:
        columns = columns_of(self._log)
        rows = [_row(event, columns) for _, event in self._log.after(0)]
        self._log.commit({}, facts={f"wrote:{self.path}": True})
        try:
            write_xlsx(self.path, list(columns), rows)
        except (OSError, OrderDeskBatchError) as error:
            raise SinkError(f"{error} The events are kept.") from None


class Held:
    """A file's sink that no other watcher may write to meanwhile."""

    def __init__(self, sink: Callable[[], Sink], path: Path) -> None:
        self._hold = Lock(path.with_name(f".{path.name}.lock"), f"Another watcher writes to {path}. It is {{who}}.").take()
        try:
            self._sink = sink()
        except BaseException:
            self._hold.release()
            raise
        self.name, self.batch, self.keeps = self._sink.name, self._sink.batch, self._sink.keeps

    def take(self, events: Sequence[Event]) -> None:
        self._sink.take(events)

    def close(self) -> None:
        """Let another watcher have the file."""
        self._sink.close()
        self._hold.release()


def sink_for(path: Path, log: Log) -> Sink:
    """The sink for a file, by its ending.

    Raises:
        UsageError: an ending that says nothing, a file that is none of ours, or a place that can't be written to.
        RunError: another watcher writes to it.
    """
    path = file_of_events(path)
    return Held((lambda: Workbook(path, log)) if path.suffix.lower() == ".xlsx" else (lambda: Lines(path, columns_of(log))), path)


def columns_of(log: Log) -> Sequence[str]:
    """The columns of a file with the events of one store."""
    return OF_STORES if log.store else COLUMNS


def file_of_events(path: Path) -> Path:
    """Where a file for events really is.

    Raises:
        UsageError: an ending that says nothing, or a folder that is not there.
    """
    path = Path(os.path.realpath(path))
    if path.suffix.lower() not in (".xlsx", ".jsonl", ".csv"):
        raise UsageError(f"{path}: events go to a .jsonl, .csv or .xlsx file.")
    if not path.parent.is_dir():
        raise cannot_write(path, FileNotFoundError())
    return path
