"""This file holds Log: what was last seen of each record, and the events that came of it, in one SQLite file.

What was seen and the events it led to are committed together, so a watcher that is killed at any point
neither loses an event nor makes one twice. Sinks read the log by number and say how far they have come.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import RunError
from ..fields import Document
from ..store.wire import dumps, loads
from .events import Event, event_from

VERSION: Final = 1

_SCHEMA = """
create table if not exists meta (name text primary key, value text) without rowid;
create table if not exists seen (id text primary key, reading integer, body blob) without rowid;
create table if not exists posts (hash text primary key) without rowid;
create table if not exists log (number integer primary key, event_id text unique, body blob);
"""


class Log:
    """The memory of one watcher."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, private.

        Raises:
            RunError: it can't be opened, or is of another version.
        """
        self.path = path
        self._guard = threading.RLock()
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
            self.commit({}, facts={"version": VERSION})

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._db.close()

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

    def new_post(self, digest: str) -> bool:
        """Whether a post was not seen before; `commit` notes it."""
        with self._guard:
            return self._db.execute("select 1 from posts where hash = ?", (digest,)).fetchone() is None

    def commit(
        self, seen: Mapping[str, Document | None], events: Iterable[Event] = (), *, post: str = "", facts: Mapping[str, Any] = {}
    ) -> list[Event]:
        """Note what was seen, what came of it, and facts, all or nothing; the events that are new.

        Args:
            seen: id → the document as it is now, or None where it is gone.
            post: the hash of the post that told it.
        """
        fresh = []
        with self._guard:
            try:
                with self._db:
                    self._db.executemany(
                        "insert into seen values (?, 1, ?) on conflict (id) do update set reading = reading + 1, body = excluded.body",
                        ((record, None if document is None else _pack(document)) for record, document in seen.items()),
                    )
                    if post:
                        self._db.execute("insert or ignore into posts values (?)", (post,))
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

    def after(self, number: int) -> Iterator[tuple[int, Event]]:
        """The events with a higher number, in order."""
        while True:
            with self._guard:
                rows = self._db.execute("select number, body from log where number > ? order by number limit 200", (number,)).fetchall()
            if not rows:
                return
            for number, body in rows:
                yield number, event_from(_unpack(body))

    def last(self) -> int:
        """The number of the newest event; 0 for none."""
        with self._guard:
            return int(self._db.execute("select coalesce(max(number), 0) from log").fetchone()[0])


def _pack(value: Any) -> bytes:
    return zlib.compress(dumps(value).encode(), 1)


def _unpack(blob: bytes) -> Any:
    return loads(zlib.decompress(blob).decode())
