"""This file holds Run: one SQLite file with the plan, the journal, and the documents as they were.

The file is written beside its place and renamed once the plan is whole, so a run that can be seen can
be applied. From then on each step's intention is committed before its request leaves, and its
outcome after. A lock file says who is at work on it; the system frees it when that process ends.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
import secrets
import socket
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from .errors import Problem, RunError, UsageError
from .kinds import CLEAR, Value
from .plan.change import Change, ItemChange, Plan, Step
from .sheets.sheet import BadCell, Literal

VERSION: Final = 1  # of the file; raised when an older version of the product could not go on with it
SUFFIX: Final = ".run"

_SCHEMA = """
create table meta (name text primary key, value text) without rowid;
create table changes (number integer primary key, resource text, action text, body blob, before blob);
create table steps (change integer, step integer, verb text, state text, message text, begun_at real,
                    tries integer, passing integer, refused integer, answer text,
                    primary key (change, step)) without rowid;
create table problems (number integer primary key, body text);
create table sheets (tab text, part text, number integer, body blob, primary key (tab, part, number)) without rowid;
"""


def encode(value: Value) -> Any:
    """A value as JSON that `decode` turns back into the same value."""
    if value is CLEAR:
        return {"$": "clear"}
    if isinstance(value, Decimal):
        return {"$": "decimal", "v": str(value)}
    if isinstance(value, dt.datetime):
        return {"$": "datetime", "v": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$": "date", "v": value.isoformat()}
    if isinstance(value, dt.time):
        return {"$": "time", "v": value.isoformat()}
    if isinstance(value, BadCell):
        return {"$": "bad", "v": [value.text, value.reason, value.hint, value.code]}
    if isinstance(value, Literal):
        return {"$": "literal", "v": str(value)}
    if isinstance(value, dict):
        inner = {key: encode(held) for key, held in value.items()}
        return {"$": "map", "v": inner} if "$" in value else inner
    if isinstance(value, (list, tuple)):
        return [encode(held) for held in value]
    return value


def decode(value: Any) -> Value:
    """The value that `encode` wrote."""
    if isinstance(value, list):
        return [decode(held) for held in value]
    if not isinstance(value, dict):
        return value
    match value.get("$"):
        case "clear":
            return CLEAR
        case "decimal":
            return Decimal(value["v"])
        case "datetime":
            return dt.datetime.fromisoformat(value["v"])
        case "date":
            return dt.date.fromisoformat(value["v"])
        case "time":
            return dt.time.fromisoformat(value["v"])
        case "bad":
            return BadCell(*value["v"])
        case "literal":
            return Literal(value["v"])
        case "map":
            return {key: decode(held) for key, held in value["v"].items()}
        case _:
            return {key: decode(held) for key, held in value.items()}


def _pack(value: Any) -> bytes:
    return zlib.compress(json.dumps(encode(value), ensure_ascii=False, separators=(",", ":")).encode(), 1)


def _unpack(blob: bytes) -> Any:
    return decode(json.loads(zlib.decompress(blob)))


_BODY = ("rows", "key", "id", "order_id", "fields", "read_at", "page", "about", "after", "note", "relative", "mark",
         "undoes", "tab", "restore")  # fmt: skip


def _change_row(change: Change) -> tuple[Any, ...]:
    body = {name: getattr(change, name) for name in _BODY}
    body["items"] = [
        {name: getattr(item, name) for name in ("action", "id", "code", "rows", "fields", "before", "restore")}
        for item in change.items
    ]
    before = None if change.before is None else _pack(change.before)
    return (change.number, change.resource, change.action, _pack(body), before)


def _change_from(row: tuple[Any, ...], steps: list[Step]) -> Change:
    number, resource, action, body, before = row
    held = _unpack(body)
    items = [ItemChange(**item) for item in held.pop("items")]
    return Change(
        number, resource, action, **held, items=items, steps=steps,
        before=None if before is None else _unpack(before),
    )  # fmt: skip


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


class Run:
    """A run file. One process at a time holds it to write (`hold`); anyone may read it."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._file = path.stat()  # to know it again: SQLite would go on writing into a file that is gone
        self._guard = threading.Lock()
        self._held: IO[str] | None = None

    # -- making and opening ---------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, plan: Plan, meta: dict[str, Any], sheets: Iterable[Any] = ()) -> Run:
        """Write a plan to a new run file, whole or not at all.

        Raises:
            RunError: the file can't be written.
        """
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            db = sqlite3.connect(part)
            try:
                with db:
                    db.executescript(_SCHEMA)
                    facts = {
                        **meta, "version": VERSION, "resource": plan.resource, "store_id": plan.store_id,
                        "store_name": plan.store_name, "sheet_name": plan.sheet_name, "undoes": plan.undoes,
                        "refused": plan.refused, "sets_off": plan.sets_off, "unsafe": plan.unsafe,
                        "calls": plan.calls, "seconds": plan.seconds,
                        "refused_rows": sorted([tab, row] for tab, row in plan.refused_rows),
                    }  # fmt: skip
                    db.executemany("insert into meta values (?, ?)", ((k, json.dumps(encode(v))) for k, v in facts.items()))
                    db.executemany("insert into changes values (?, ?, ?, ?, ?)", map(_change_row, plan.changes))
                    db.executemany(
                        "insert into steps values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            _step_row(change.number, n, step)
                            for change in plan.changes
                            for n, step in enumerate(change.steps)
                        ),
                    )
                    db.executemany(
                        "insert into problems (body) values (?)",
                        ((json.dumps({k: getattr(p, k) for k in Problem.__slots__}),) for p in plan.problems),
                    )
                    for sheet in sheets:
                        db.executemany("insert into sheets values (?, ?, ?, ?)", _sheet_rows(sheet))
            finally:
                db.close()
            os.replace(part, path)
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
            RunError: another process has it; the message says which.
        """
        if self._held is not None:
            return
        lock = self.path.with_name(self.path.name + ".lock")
        while True:
            try:
                file = os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "r+")
            except OSError as error:
                raise RunError(f"{lock}: can't be written ({error.strerror}); nothing was sent.") from None
            if not _lock(file):
                who = file.read(200).strip() or "another process"
                file.close()
                raise RunError(f"{self.path} is being worked on by {who}. Wait for it to end, or stop it.")
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                    break
            file.close()  # whoever had it took the file away between our opening and our locking it
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} on {socket.gethostname()}, since {dt.datetime.now():%Y-%m-%d %H:%M:%S}")
        file.flush()
        self._held = file
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
        if self._held is not None:
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + ".lock").unlink()
            self._held.close()
            self._held = None

    # -- reading --------------------------------------------------------------------------------

    def meta(self) -> dict[str, Any]:
        """What is known of the run as a whole."""
        with self._reading() as db:
            return {name: decode(json.loads(value)) for name, value in db.execute("select name, value from meta")}

    def plan(self) -> Plan:
        """The plan with the states its steps have now."""
        facts = self.meta()
        steps: dict[int, list[Step]] = {}
        with self._reading() as db:
            for row in db.execute("select * from steps order by change, step"):
                change, _, verb, state, message, begun_at, tries, passing, refused, answer = row
                steps.setdefault(change, []).append(
                    Step(verb, state, message, begun_at, tries, bool(passing), bool(refused), decode(json.loads(answer)))
                )
            changes = [
                _change_from(row, steps.get(row[0], []))
                for row in db.execute("select number, resource, action, body, before from changes order by number")
            ]
            problems = [Problem(**json.loads(row[0])) for row in db.execute("select body from problems order by number")]
        _know_ids(changes)
        plan = Plan(
            facts["resource"], changes, problems, facts["refused"], {(t, r) for t, r in facts["refused_rows"]},
            facts["store_id"], facts["store_name"], facts["sheet_name"], facts["undoes"], facts["sets_off"],
            facts["unsafe"], facts["calls"], facts["seconds"], str(self.path),
        )  # fmt: skip
        plan.journal = self.journal()
        return plan

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
                facts = _unpack(head)
                facts["columns"] = [[] for _ in facts["headings"]]
                parts = db.execute("select body from sheets where tab = ? and part = 'cells' order by number", (tab,))
                for (body,) in parts:
                    for column, cells in zip(facts["columns"], _unpack(body), strict=True):
                        column.extend(cells)
                yield facts

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            try:
                yield self._db
            except (sqlite3.Error, KeyError, ValueError, zlib.error) as error:
                raise RunError(f"{self.path} is damaged ({error}).") from None

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
                        [_step_row(change.number, _index(change, step), step) for change, step in pairs],
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


def _index(change: Change, step: Step) -> int:
    return next(n for n, held in enumerate(change.steps) if held is step)


def _step_row(change: int, number: int, step: Step) -> tuple[Any, ...]:
    answer = json.dumps(encode(step.answer))
    return (change, number, step.verb, step.state, step.message, step.begun_at, step.tries,
            int(step.passing), int(step.refused), answer)  # fmt: skip


_ROWS_A_PART: Final = 2000


def _sheet_rows(sheet: dict[str, Any]) -> Iterator[tuple[str, str, int, bytes]]:
    head = {name: held for name, held in sheet.items() if name != "columns"}
    yield (sheet["tab"], "head", 0, _pack(head))
    for start in range(0, len(sheet["rows"]), _ROWS_A_PART):
        part: list[Sequence[Any]] = [column[start : start + _ROWS_A_PART] for column in sheet["columns"]]
        yield (sheet["tab"], "cells", start, _pack(part))


if os.name == "nt":  # pragma: no cover - the other system

    def _lock(file: IO[str]) -> bool:
        import msvcrt

        try:
            file.seek(4096)  # beyond the text, so that others can read who holds it
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            file.seek(0)
        except OSError:
            file.seek(0)
            return False
        return True

else:

    def _lock(file: IO[str]) -> bool:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def new_name(resource: str, at: float | None = None) -> str:
    """A run's file name: when, what, and four letters so that two never meet."""
    moment = dt.datetime.fromtimestamp(time.time() if at is None else at)
    return f"{moment:%Y%m%d-%H%M%S}-{resource}-{secrets.token_hex(2)}{SUFFIX}"


def listing(folder: Path) -> list[dict[str, Any]]:
    """The runs of a folder, newest first; a file that can't be read is left out."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            with Run.open(path) as run:
                facts = run.meta()
                found.append(
                    {
                        "run": str(path), "resource": facts["resource"], "at": facts.get("at", 0.0),
                        "store": {"id": facts["store_id"], "name": facts["store_name"]},
                        "sheet": facts["sheet_name"], "applied": bool(facts.get("applied")),
                        "undoes": facts["undoes"] or None, "results": run.results(),
                    }  # fmt: skip
                )
        except RunError:
            continue
    return sorted(found, key=lambda one: (one["at"], one["run"]), reverse=True)


def prune_runs(folder: Path, age: str) -> int:
    """Delete the runs that are older than an age such as `90d`; how many there were.

    Raises:
        UsageError: the age makes no sense.
    """
    match = re.fullmatch(r"(\d+)\s*d", age.strip())
    if match is None:
        raise UsageError(f'"{age}" is no age. Write days, such as 90d.')
    limit = time.time() - int(match[1]) * 24 * 3600
    deleted = 0
    for one in listing(folder):
        if one["at"] < limit:
            for path in (Path(one["run"]), Path(one["run"] + ".lock")):
                path.unlink(missing_ok=True)
            deleted += 1
    return deleted
