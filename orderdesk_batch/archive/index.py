"""This file holds Index: what an archive holds of each record, and what an update has read so far, in one SQLite file.

What is held is known by a print of each document, so that a page that was read tells at once which of its records are new or
differ; only these are kept until the update writes them. All of it can be made anew from the archive's files. What was read is
safe page by page, so an update that is interrupted goes on where it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ..errors import RunError
from ..export.asking import Listed
from ..export.jsontext import dumps
from ..fields import RESOURCES, Document
from ..plan.compare import children
from ..store.wire import loads
from .places import MADE_OF, month_of
from .tables import folder_of

VERSION: Final = 1
_SOME: Final = 500  # documents in hand at a time
_SCHEMA: Final = """
create table if not exists fact (name text primary key, value text) without rowid;
create table if not exists held (listed text, id text, month text, folder text, print blob, parts text, primary key (listed, id)) without rowid;
create table if not exists staged (listed text, id text, month text, folder text, print blob, parts text, body blob, primary key (listed, id));
create table if not exists seen (listed text, id text, primary key (listed, id)) without rowid;
create table if not exists gone (listed text, id text, primary key (listed, id)) without rowid;
"""
Counts = dict[str, Counter[str]]  # resource → added, changed, deleted


class Index:
    """The index of one store's part of an archive."""

    def __init__(self, path: Path) -> None:
        """Open or make it, private; one that can't be read is made anew.

        Raises:
            RunError: it can't be written.
        """
        self.path = path
        with self.guarded():
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                for one in (path, path.with_name(f"{path.name}-journal")):
                    one.unlink(missing_ok=True)
                self._open()

    def _open(self) -> None:
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            self._db.execute("pragma auto_vacuum=incremental")  # what a first update has read is much, and is taken out again
            self._db.execute("pragma journal_mode=truncate")  # quicker than a journal that comes and goes
            self._db.executescript(_SCHEMA)
            if self.fact("version") not in (None, VERSION):
                raise sqlite3.DatabaseError("another version")
            if self.fact("version") is None:
                self.put(version=VERSION)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """What the disk refuses, in a sentence."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise RunError(f"{self.path}: can't be written ({error}). The archive is as its last update left it.") from None

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """All that is done inside, or nothing."""
        with self.guarded():
            self._db.execute("begin immediate")
            try:
                yield
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise

    # -- facts ------------------------------------------------------------------------------------

    def fact(self, name: str, default: Any = None) -> Any:
        """Something noted."""
        row = self._db.execute("select value from fact where name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def put(self, **facts: Any) -> None:
        """Note something."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        self._db.executemany("insert or replace into fact values (?, ?)", rows)

    # -- what was read ----------------------------------------------------------------------------

    def take(self, listed: Listed, documents: Iterable[Document], **facts: Any) -> None:
        """Keep those of a page that are new or differ; that they were seen; and how far that is."""
        with self.together():
            for document in documents:
                row = _row(listed, document)
                key = row[:2]
                held = self._db.execute("select month, print from held where listed = ? and id = ?", key).fetchone()
                self._db.execute("insert or ignore into seen values (?, ?)", key)
                self._db.execute("delete from staged where listed = ? and id = ?", key)  # as it was read before
                if held is None or held != (row[2], row[4]):
                    body = zlib.compress(dumps(document).encode(), 1)
                    self._db.execute("insert into staged values (?, ?, ?, ?, ?, ?, ?)", (*row, body))
            self.put(**facts)

    def saw(self, listed: Listed, record: str) -> None:
        """A record is there after all, as it is held."""
        self._db.execute("insert or ignore into seen values (?, ?)", (listed, record))

    def forget_read(self, listed: Listed) -> None:
        """Throw away what was read."""
        with self.together():
            for table in ("seen", "staged", "gone"):
                self._db.execute(f"delete from {table} where listed = ?", (listed,))

    def leave_unseen(self, listed: Listed) -> None:
        """Throw away what was read earlier and is not among all records now."""
        with self.together():
            self._db.execute(f"delete from staged where listed = ? and {_not_seen('staged')}", (listed,))

    def missing(self, listed: Listed) -> Iterator[str]:
        """The ids that are held and were not seen."""
        for (record,) in self._db.execute(f"select id from held where listed = ? and {_not_seen('held')}", (listed,)):
            yield record

    def note_gone(self, listed: Listed) -> None:
        """What is held and was not seen is gone."""
        with self.together():
            self._db.execute("delete from gone where listed = ?", (listed,))
            self._db.execute(f"insert into gone select listed, id from held where listed = ? and {_not_seen('held')}", (listed,))

    # -- counts -----------------------------------------------------------------------------------

    def count(self, table: str, listed: Listed) -> int:
        """The rows of held, staged, seen or gone."""
        return int(self._db.execute(f"select count(*) from {table} where listed = ?", (listed,)).fetchone()[0])

    def expected(self, listed: Listed) -> int:
        """How many records there are by what is held and what was read."""
        new = self._db.execute(
            "select count(*) from staged s where listed = ? and not exists (select 1 from held h where h.listed = s.listed and h.id = s.id)",
            (listed,),
        ).fetchone()[0]
        return self.count("held", listed) + int(new)

    def differences(self, listed: Listed) -> Counts:
        """What the update adds, changes and deletes, of each resource."""
        found: Counts = {resource: Counter() for resource in MADE_OF[listed]}
        old_and_new = self._db.execute(
            "select h.parts, s.parts from staged s left join held h on h.listed = s.listed and h.id = s.id where s.listed = ?", (listed,)
        )
        for old, new in old_and_new:
            found[listed]["added" if old is None else "changed"] += 1
            _compare_parts(found, _parts(old), _parts(new))
        gone = self._db.execute("select h.parts from gone g join held h on h.listed = g.listed and h.id = g.id where g.listed = ?", (listed,))
        for (old,) in gone:
            found[listed]["deleted"] += 1
            _compare_parts(found, _parts(old), {})
        return found

    # -- writing ----------------------------------------------------------------------------------

    def months(self, listed: Listed) -> set[str]:
        """The months whose files have to be written."""
        rows = self._db.execute(
            "select month from staged where listed = ? union select h.month from held h join staged s on h.listed = s.listed and h.id = s.id "
            "where h.listed = ? union select h.month from held h join gone g on h.listed = g.listed and h.id = g.id where h.listed = ?",
            (listed,) * 3,
        )
        return {month for (month,) in rows}

    def months_of_folders(self, folders: Sequence[str]) -> set[str]:
        """The months of the held orders that are in these folders."""
        marks = ", ".join("?" * len(folders))
        rows = self._db.execute(f"select distinct month from held where listed = 'orders' and folder in ({marks})", list(folders))
        return {month for (month,) in rows}

    def leaving(self, listed: Listed, month: str) -> list[str]:
        """The ids of a month whose rows are not as they were: changed, moved or gone."""
        rows = self._db.execute(
            "select h.id from held h join staged s on h.listed = s.listed and h.id = s.id where h.listed = ? and h.month = ? "
            "union select h.id from held h join gone g on h.listed = g.listed and h.id = g.id where h.listed = ? and h.month = ?",
            (listed, month) * 2,
        )
        return [record for (record,) in rows]

    def coming(self, listed: Listed, month: str) -> Iterator[tuple[list[Document], list[str]]]:
        """The documents that were read for a month, and the same as JSON; some at a time, in the order in which they were read."""
        cursor = self._db.execute("select body from staged where listed = ? and month = ? order by rowid", (listed, month))
        while rows := cursor.fetchmany(_SOME):
            texts = [zlib.decompress(body).decode() for (body,) in rows]
            yield [loads(text) for text in texts], texts

    def apply(self, token: str) -> None:
        """What was read is what is held, now that the update is done."""
        with self.together():
            self._db.execute("insert or replace into held select listed, id, month, folder, print, parts from staged")
            self._db.execute("delete from held where exists (select 1 from gone g where g.listed = held.listed and g.id = held.id)")
            self._empty()
            self.put(token=token)
        self._db.executescript("pragma incremental_vacuum")

    def restart(self) -> None:
        """Forget everything, to be made anew from the files."""
        with self.together():
            self._db.execute("delete from held")
            self._empty()
            self.put(token=None)

    def hold(self, listed: Listed, documents: Iterable[Document]) -> None:
        """Documents that the archive's files hold."""
        rows = [_row(listed, document) for document in documents]
        self._db.executemany("insert or replace into held values (?, ?, ?, ?, ?, ?)", rows)

    def lose(self, listed: Listed, month: str) -> None:
        """A month's files are gone: nothing of it is held."""
        with self.together():
            self._db.execute("delete from held where listed = ? and month = ?", (listed, month))
            self.put(token=None)  # should the files come back and this update not be done, all is looked at again

    def _empty(self) -> None:
        for table in ("staged", "seen", "gone"):
            self._db.execute(f"delete from {table}")
        self._db.execute("delete from fact where name not in ('version', 'token')")


def _not_seen(table: str) -> str:
    return f"not exists (select 1 from seen where seen.listed = {table}.listed and seen.id = {table}.id)"


def _row(listed: Listed, document: Document) -> tuple[str, str, str, str, bytes, str]:
    """listed, id, month, folder, print, parts"""
    parts = {
        resource: {str(child.get("id") or f"#{n}"): _print(child).hex()[:12] for n, child in enumerate(children(document, RESOURCES[resource].inside))}
        for resource in MADE_OF[listed][1:]
    }  # fmt: skip
    return listed, str(document["id"]), month_of(document), folder_of(document), _print(document), json.dumps(parts)


def _print(document: Document) -> bytes:
    """A document in few bytes; the order of its keys makes no difference."""
    text = json.dumps(document, sort_keys=True, default=lambda number: f"\0{number}")  # no text of a document is like that
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _parts(text: str | None) -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = {} if text is None else json.loads(text)
    return held


def _compare_parts(found: Counts, old: dict[str, dict[str, str]], new: dict[str, dict[str, str]]) -> None:
    for resource in old.keys() | new.keys():
        before, after = old.get(resource, {}), new.get(resource, {})
        found[resource]["added"] += len(after.keys() - before.keys())
        found[resource]["deleted"] += len(before.keys() - after.keys())
        found[resource]["changed"] += sum(before[key] != after[key] for key in before.keys() & after.keys())
