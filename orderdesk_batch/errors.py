"""This file holds the error tree, and Problem: a finding about a cell or a row.

A finding about a cell is a value (`Problem`); an error that ends the run is an exception:

    OrderDeskBatchError
    ├── UsageError        exit 2  an option, a field or a file name that makes no sense
    ├── SheetRefused      exit 3  the sheet has bad rows; carries the problems; nothing was sent
    ├── Unsafe            exit 4  a safety limit, a run of another store, or one already applied
    ├── StoreError        exit 5  the store, or the way to it
    │   ├── NotAllowed            the store refused the key (401, 403)
    │   ├── Unreachable           no connection, or a read that is never answered: not carried out
    │   ├── RateLimited           429, and it did not pass: the request was not carried out
    │   ├── Refused               the store answered with an error of its own: not carried out
    │   │   └── NotFound          the record is not there
    │   └── Unclear               sent, but whether it was carried out is not known
    ├── RunError          exit 2  the run file is missing, damaged, in use, or of another version
    └── Stopped           exit 130  Ctrl-C or SIGTERM; `resume` goes on
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

Level = Literal["error", "warning"]
STORE_FAILED: Final = "store-failed"  # the code of the problem that one of several stores failed, and the others went on


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell, a row or a file: place, value, reason, remedy.

    >>> print(Problem("is not a country", "Write US or United States.", row=7, column="Country",
    ...               value="usaa", place="orders.xlsx, Orders!F7"))
    orders.xlsx, Orders!F7 (Country): "usaa" is not a country. Write US or United States.
    """

    reason: str  # half a sentence that goes on from the value: "is not a whole number"
    hint: str = ""  # a whole sentence: what to do
    level: Level = "error"
    row: int | None = None  # the number Excel shows; None: the file as a whole
    column: str | None = None  # the heading as it stands in the file
    value: str | None = None  # the cell as text; None: no single cell
    place: str = ""  # "orders.xlsx, Orders!F7", for people
    field: str | None = None  # our name of the column, where it is known
    code: str = ""  # a stable word for the sort of problem: "ambiguous-number"

    def as_json(self) -> dict[str, Any]:
        """The problem as the command line's `--json` prints it."""
        keys = ("row", "column", "value", "reason", "hint", "level")
        return {key: getattr(self, key) for key in keys}

    def __str__(self) -> str:
        where = self.place or (f"row {self.row}" if self.row is not None else "")
        if self.column is not None:
            where = f"{where} ({self.column})" if where else self.column
        text = f'"{self.value}" {self.reason}' if self.value is not None else self.reason
        sentence = f"{where}: {text}" if where else text
        if sentence and sentence[-1] not in ".!?":
            sentence += "."
        return f"{sentence} {self.hint}".rstrip()


class OrderDeskBatchError(Exception):
    """The root of all errors raised on purpose; `exit_code` is what the command line ends with."""

    exit_code: ClassVar[int] = 1
    plan: Any = None  # the Plan that it ended, as far as it had come


class UsageError(OrderDeskBatchError, ValueError):
    """An option, a field name or a path that makes no sense."""

    exit_code = 2


class SheetRefused(OrderDeskBatchError, ValueError):
    """The sheet has bad rows and nothing was sent."""

    exit_code = 3

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class Unsafe(OrderDeskBatchError):
    """Something that needs a second thought: a safety limit, another store's run, a second apply."""

    exit_code = 4


class StoreError(OrderDeskBatchError):
    """The store, or the way to it, failed."""

    exit_code = 5
    passing: ClassVar[bool] = False  # whether trying again later may help

    def __init__(self, message: str, *, status: int | None = None, body: Any = None) -> None:
        super().__init__(message)
        self.status = status  # the HTTP status, where there was one
        self.body = body  # the answer's JSON, where there was any


class NotAllowed(StoreError):
    """The store refused the key."""


class Unreachable(StoreError):
    """No connection could be made, or none of the tries of a read was answered: nothing was carried out."""

    passing = True


class RateLimited(StoreError):
    """429, longer than we were willing to wait: the request was not carried out."""

    passing = True


class Refused(StoreError):
    """The store answered with an error of its own: the request was not carried out."""


class NotFound(Refused):
    """The record is not there: a 404, or a message that says "not found"."""


class Unclear(StoreError):
    """Sent, but whether it was carried out is not known: a 5xx, a timeout, a cut, garbage."""

    passing = True


class RunError(OrderDeskBatchError):
    """The run file is missing, damaged, in use by another process, or of another version."""

    exit_code = 2


class Stopped(OrderDeskBatchError):
    """Stopped by the person or the system; `resume` goes on."""

    exit_code = 130
