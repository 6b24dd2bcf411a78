"""This file holds Run: one SQLite file with the plan, the journal, and the documents as they were.

The file is written beside its place and renamed once the plan is whole, so a run that can be seen can
be applied. From then on each step's intention is committed before its request leaves, and its
outcome after. A lock file says who is at work on it; the system frees it when that process ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import secrets
import sqlite3
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from ..errors import Problem, RunError, UsageError
from ..lock import Lock
from ..packing import Like, Packed, decode, encode, unpack
from ..plan.change import Change, Plan, Step
from ..plan.lean import lean
from ..shelf import MANY
from .glance import VERSION
from .pack import change_from, change_row, index_of, sheet_rows, step_from, step_row

# What SQLite says where it is not the file's contents that are wrong.
_OF_THE_DISK: Final = (
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM,
)  # fmt: skip

_NO_MORE: Final[tuple[int, Iterable[Any]]] = (sys.maxsize, ())  # after the steps of the last change

_SCHEMA = """
create table meta (name text primary key, value text) without rowid;
create table changes (number integer primary key, resource text, action text, body blob, before blob);
create table steps (change integer, step integer, verb text, state text, message text, begun_at real,
                    tries integer, passing integer, refused integer, answer text,
                    primary key (change, step)) without rowid;
create table problems (number integer primary key, body text);
create table sheets (tab text, part text, number integer, body blob, primary key (tab, part, number)) without rowid;
"""


def _fill(db: sqlite3.Connection, plan: Plan, meta: dict[str, Any], sheets: Iterable[Any]) -> None:
    """Write a whole plan to an empty file."""
    db.executescript(f"begin;{_SCHEMA}")  # one commit for all: each waits for the disk
    facts = {
        **meta, "version": VERSION, "resource": plan.resource, "store_id": plan.store_id,
        "store_name": plan.store_name, "sheet_name": plan.sheet_name, "undoes": plan.undoes,
        "refused": plan.refused, "sets_off": plan.sets_off, "unsafe": plan.unsafe,
        "calls": plan.calls, "seconds": plan.seconds,
        "refused_rows": sorted([tab, row] for tab, row in plan.refused_rows), "stores": plan.stores,
        "left_out": [[tab, row, why] for (tab, row), why in plan.left_out.items()],
    }  # fmt: skip
    db.executemany("insert into meta values (?, ?)", ((k, json.dumps(encode(v))) for k, v in facts.items()))
    db.executemany("insert into changes values (?, ?, ?, ?, ?)", map(change_row, plan.changes))
    steps = (step_row(change.number, n, step) for change in plan.changes for n, step in enumerate(change.steps))
    db.executemany("insert into steps values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", steps)
    problems = ((json.dumps({name: getattr(one, name) for name in Problem.__slots__}),) for one in plan.problems)
    db.executemany("insert into problems (body) values (?)", problems)
    for sheet in sheets:
        db.executemany("insert into sheets values (?, ?, ?, ?)", sheet_rows(sheet))


def _know_ids(changes: Sequence[Change]) -> None:
    """Give records that this run created the ids that their steps learnt, and what belongs to them, too."""
    created: dict[int, str] = {}
    for change in changes:
        if change.action == "create" and not change.id and change.steps:
            change.id = str(change.steps[0].answer.get("id") or "")
        if change.action == "create" and change.resource == "orders":
            created[change.number] = change.id
    for change in changes:
        for number in change.after:
            if record := created.get(number):
                if change.resource == "orders":
                    change.id = change.id or record
                else:
                    change.order_id = change.order_id or record


def check_place(path: Path) -> None:
    """See that a plan may be saved at a place: nothing is there, or an empty file, or a plan that was never sent.

    Raises:
        UsageError: a file that is no run, or a run that was begun: what it holds would be lost.
    """
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return
    try:
        with Run.open(path) as there:
            if not there.meta().get("applied"):
                return
        what = "is a run that was sent: with it `resume` and `undo` would be lost"
    except RunError:
        what = "is there already, and is no plan"
    raise UsageError(f"{path} {what}. Nothing was written. Give another place with -o.")


class Run:
    """A run file. One process at a time holds it to write (`hold`); anyone may read it."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._file = path.stat()  # to know it again: SQLite would go on writing into a file that is gone
        self._guard = threading.Lock()
        busy = f"{path} is being worked on by {{who}}. Wait for it to end, or stop it."
        self._lock = Lock(path.with_name(path.name + ".lock"), busy)

    # -- making and opening ---------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, plan: Plan, meta: dict[str, Any], sheets: Iterable[Any] = ()) -> Run:
        """Write a plan to a new run file, whole or not at all.

        Raises:
            RunError: the file can't be written.
            UsageError: there is something that would be lost.
        """
        check_place(path)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            db = sqlite3.connect(part)
            try:
                with db:
                    _fill(db, plan, meta, sheets)
            finally:
                db.close()
            part.replace(path)
        except (OSError, sqlite3.Error) as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise RunError(f"{path}: the run could not be saved ({error}). Give another place with -o.") from error
        plan.run = str(path)
        run = cls.open(path)
        plan.journal = run.journal()
        return run

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open a run file.

        Raises:
            RunError: it is not there, not a run, damaged, or made by a newer version.
        """
        if not path.is_file():
            raise RunError(f"{path}: there is no such run. `orderdesk-batch runs` lists them.")
        try:
            with path.open("rb") as file:
                if file.read(16) != b"SQLite format 3\0":
                    raise RunError(f"{path} is not a run. `orderdesk-batch runs` lists them.")
            db = sqlite3.connect(path, check_same_thread=False, timeout=5)
        except (OSError, sqlite3.Error) as error:
            raise RunError(f"{path} can't be read ({error}).") from None
        try:
            found = db.execute("select value from meta where name = 'version'").fetchone()
            version = json.loads(found[0]) if found else None
        except (sqlite3.Error, ValueError) as error:
            db.close()
            raise RunError(f"{path} is not a run, or is damaged ({error}).") from None
        if not isinstance(version, int) or not 1 <= version <= VERSION:
            db.close()
            raise RunError(
                f"{path} was made by another version (its format is {version}, this version reads {VERSION}). "
                "Use the version that made it."
            )
        return cls(path, db)

    def close(self) -> None:
        """Close the file and let go of it."""
        self.release()
        with self._guard, contextlib.suppress(sqlite3.Error):
            self._db.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    # -- who is at work -------------------------------------------------------------------------

    def hold(self) -> None:
        """Take the run for this process.

        Raises:
            RunError: another process has it, or it can't be written; the message says which.
        """
        if self._lock.held:
            return
        self._lock.take()
        try:
            with self._guard:
                # One file, whole after each commit (not a log beside it): it may be copied or moved at any time.
                self._db.execute("pragma journal_mode=delete")
                self._db.execute("pragma synchronous=full")
                self._db.execute("begin immediate")  # whether it can be written is asked before anything is sent
                self._db.execute("commit")
        except sqlite3.Error as error:
            self.release()
            raise RunError(f"{self.path}: can't be written ({error}); nothing was sent.") from None

    def release(self) -> None:
        """Let another process have the run."""
        self._lock.release()

    # -- reading --------------------------------------------------------------------------------

    def meta(self) -> dict[str, Any]:
        """What is known of the run as a whole."""
        with self._reading() as db:
            return {name: decode(json.loads(value)) for name, value in db.execute("select name, value from meta")}

    def plan(self) -> Plan:
        """The plan with the states its steps have now."""
        facts = self.meta()
        with self._reading() as db:
            changes = list(self._changes(db))
            problems = [Problem(**json.loads(row[0])) for row in db.execute("select body from problems order by number")]
        _know_ids(changes)
        plan = Plan(
            facts["resource"], changes, problems, facts["refused"], {(t, r) for t, r in facts["refused_rows"]},
            facts["store_id"], facts["store_name"], facts["sheet_name"], facts["undoes"], facts["sets_off"],
            facts["unsafe"], facts["calls"], facts["seconds"], str(self.path),
        )  # fmt: skip
        plan.stores = facts.get("stores", [])
        plan.left_out = {(tab, row): why for tab, row, why in facts.get("left_out", [])}
        plan.journal = self.journal()
        return plan

    def _changes(self, db: sqlite3.Connection) -> Iterator[Change]:
        """The changes with their steps; very many in little room, as planning keeps them."""
        ((many,),) = db.execute("select count(*) > ? from changes", (MANY,))
        like: Like | None = None
        steps = itertools.groupby(db.execute("select * from steps order by change, step"), key=itemgetter(0))
        of, rows = next(steps, _NO_MORE)
        for row in db.execute("select number, resource, action, body, before from changes order by number"):
            while of < row[0]:
                of, rows = next(steps, _NO_MORE)
            change = change_from(row, list(map(step_from, rows)) if of == row[0] else [])
            if many:
                lean(change)
                if change.before is not None:
                    like = like or Like(change.before)
                    change.kept = Packed(change.before, like)
            yield change

    def journal(self) -> str:
        """What tells whether anything was done with the run since: a digest of how far each step has come."""
        digest = hashlib.sha256()
        with self._reading() as db:
            for row in db.execute("select change, step, state, tries, begun_at from steps order by change, step"):
                digest.update(repr(row).encode())
        return digest.hexdigest()

    def results(self) -> dict[str, int]:
        """How many changes are in which state, without reading the documents."""
        plan = Plan("")
        with self._reading() as db:
            for number, states in db.execute("select change, group_concat(state) from steps group by change"):
                plan.changes.append(
                    Change(number, "", "update", [], "", steps=[Step("put", s) for s in states.split(",")])
                )
        return plan.results

    def sheets(self) -> Iterator[dict[str, Any]]:
        """The sheets as they came: facts, headings, rows and columns."""
        with self._reading() as db:
            tabs = [tab for (tab,) in db.execute("select distinct tab from sheets")]
            for tab in tabs:
                (head,) = db.execute("select body from sheets where tab = ? and part = 'head'", (tab,)).fetchone()
                facts = unpack(head)
                facts["columns"] = [[] for _ in facts["headings"]]
                parts = db.execute("select body from sheets where tab = ? and part = 'cells' order by number", (tab,))
                for (body,) in parts:
                    for column, cells in zip(facts["columns"], unpack(body), strict=True):
                        column.extend(cells)
                yield facts

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            try:
                yield self._db
            except (sqlite3.Error, KeyError, ValueError, TypeError, zlib.error) as error:
                code = getattr(error, "sqlite_errorcode", None)
                what = "can't be read" if code is not None and code & 0xFF in _OF_THE_DISK else "is damaged"
                raise RunError(f"{self.path} {what} ({error}).") from None

    # -- the journal ----------------------------------------------------------------------------

    def note_steps(self, steps: Iterable[tuple[Change, Step]]) -> None:
        """Write the present state of some steps, and the ids learnt, to disk before returning.

        Raises:
            RunError: it can't be written: the disk is full, or the file was taken away.
        """
        pairs = list(steps)
        with self._guard:
            try:
                self._is_there()
                with self._db:
                    self._db.executemany(
                        "insert or replace into steps values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        [step_row(change.number, index_of(change, step), step) for change, step in pairs],
                    )
            except (OSError, sqlite3.Error) as error:
                raise RunError(
                    f"{self.path}: the journal can't be written ({error}). Stopped before anything else was sent."
                ) from None

    def _is_there(self) -> None:
        try:
            there = os.path.samestat(self._file, self.path.stat())
        except FileNotFoundError:
            there = False
        if not there:
            raise OSError("the run file was taken away")

    def note(self, **facts: Any) -> None:
        """Write facts about the run as a whole.

        Raises:
            RunError: they can't be written.
        """
        with self._guard:
            try:
                self._is_there()
                with self._db:
                    self._db.executemany(
                        "insert or replace into meta values (?, ?)",
                        [(name, json.dumps(encode(value))) for name, value in facts.items()],
                    )
            except (OSError, sqlite3.Error) as error:
                raise RunError(f"{self.path}: can't be written ({error}). Nothing was sent.") from None
