"""This file holds Log: what was last seen of each record, and the events that came of it, in one SQLite file.

What was seen and the events it led to are committed together, so a watcher that is killed at any point
neither loses an event nor makes one twice. Sinks read the log by number and say how far they have come.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import RunError
from ..fields import Document
from ..lock import Lock
from ..store.wire import dumps, loads
from .events import Event, event_from

VERSION: Final = 1

_SCHEMA = """
create table if not exists meta (name text primary key, value text) without rowid;
create table if not exists seen (id text primary key, reading integer, body blob) without rowid;
create table if not exists posts (hash text primary key, at real, times integer) without rowid;
create table if not exists log (number integer primary key, event_id text unique, body blob);
"""


class Log:
    """The memory of one watcher; one process at a time has it."""

    def __init__(self, path: Path, store: str = "") -> None:
        """Open or make the file, private.

        Args:
            store: what the store is called here: its events say so. It is not kept, for it may get another name.

        Raises:
            RunError: it can't be opened, is of another version, or another process has it.
        """
        self.path = path
        self.store = store
        self._guard = threading.RLock()
        self._hold = Lock(path.with_name(f"{path.name}.lock"), "The same is being watched already, in the same way. It is {who}.").take()
        try:
            self._open(path)
        except BaseException:
            self._hold.release()
            raise

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, check_same_thread=False, timeout=10)
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=full")
            with self._db:
                self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise RunError(f"{path}: what was seen can't be kept there ({error}).") from None
        version = self.fact("version")
        if version not in (None, VERSION):
            raise RunError(f"{path} was made by another version (format {version}). Move it away to begin anew.")
        if version is None:
            # The mark makes the ids of events differ from those of a memory that was thrown away.
            self.commit({}, facts={"version": VERSION, "mark": secrets.token_hex(8)})
        self.mark: str = self.fact("mark")

    def close(self) -> None:
        """Close the file, and let another process have it."""
        with self._guard:
            self._db.close()
            self._hold.release()

    def fact(self, name: str, default: Any = None) -> Any:
        """Something noted about the watcher itself."""
        with self._guard:
            row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def seen(self, record: str) -> tuple[Document | None, int]:
        """The document of a record as it was last seen, and how many different readings of it there were."""
        with self._guard:
            row = self._db.execute("select body, reading from seen where id = ?", (record,)).fetchone()
        if row is None:
            return None, 0
        return (None if row[0] is None else _unpack(row[0])), row[1]

    def records(self) -> set[str]:
        """The ids of all records that were there when last seen."""
        with self._guard:
            return {record for (record,) in self._db.execute("select id from seen where body is not null")}

    def post(self, digest: str, after: float) -> tuple[bool, int]:
        """Whether a post with this digest came after a moment, and how many times it counted as new before."""
        with self._guard:
            row = self._db.execute("select at, times from posts where hash = ?", (digest,)).fetchone()
        return (False, 0) if row is None else (row[0] > after, row[1])

    def commit(
        self,
        seen: Mapping[str, Document | None],
        events: Iterable[Event] = (),
        *,
        post: tuple[str, float] | None = None,
        facts: Mapping[str, Any] = {},
    ) -> list[Event]:
        """Note what was seen, what came of it, and facts, on disk, all or nothing; the events that are new.

        Args:
            seen: id → the document as it is now, or None where it is gone.
            post: the digest of the post that told it, and when it came.

        Raises:
            RunError: it can't be written.
        """
        fresh = []
        with self._guard:
            try:
                with self._db:
                    self._db.executemany(
                        "insert into seen values (?, 1, ?) on conflict (id) do update set reading = reading + 1, body = excluded.body",
                        ((record, None if document is None else _pack(document)) for record, document in seen.items()),
                    )
                    if post is not None:
                        self._db.execute(
                            "insert into posts values (?, ?, 1) on conflict (hash) do update set at = excluded.at, times = times + 1",
                            post,
                        )
                    for event in events:
                        row = (event.event_id, _pack(event.as_json()))
                        if self._db.execute("insert or ignore into log (event_id, body) values (?, ?)", row).rowcount:
                            fresh.append(event)
                    self._db.executemany(
                        "insert or replace into meta values (?, ?)", [(name, json.dumps(fact)) for name, fact in facts.items()]
                    )
            except sqlite3.Error as error:
                raise RunError(f"{self.path}: what was seen can't be written ({error}).") from None
        return fresh

    def prune(self, number: int) -> None:
        """Forget the contents of events up to a number, which every sink has had; their ids stay."""
        with self._guard:
            pruned = self.fact("pruned", 0)
            try:
                with self._db:
                    self._db.execute("update log set body = null where number > ? and number <= ?", (pruned, number))
                    self._db.execute("insert or replace into meta values ('pruned', ?)", (str(number),))
            except sqlite3.Error:
                pass  # they only take room

    def after(self, number: int) -> Iterator[tuple[int, Event]]:
        """The events with a higher number, in order; new ones too, while it is read."""
        while True:
            with self._guard:
                rows = self._db.execute("select number, body from log where number > ? and body is not null order by number limit 200", (number,)).fetchall()
            if not rows:
                return
            for number, body in rows:
                yield number, event_from(_unpack(body), self.store)

    def last(self) -> int:
        """The number of the newest event; 0 for none."""
        with self._guard:
            return int(self._db.execute("select coalesce(max(number), 0) from log").fetchone()[0])


def _pack(value: Any) -> bytes:
    return zlib.compress(dumps(value).encode(), 1)


def _unpack(blob: bytes) -> Any:
    return loads(zlib.decompress(blob).decode())
