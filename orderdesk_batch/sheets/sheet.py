"""This file holds what reading a file gives: Sheet, its cells, and the limits that reading keeps to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from orderdesk_batch.errors import Problem

if TYPE_CHECKING:
    import pandas as pd


_MB = 2**20


class Literal(str):
    """A text that is meant as it stands: `'(clear)` in a file is the text "(clear)", not the wish to empty."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that can't be read for what its author meant; it must not be used as a value."""

    text: str  # what the spreadsheet shows there, as near as we know: "#N/A"
    reason: str  # half a sentence that goes on from the text: "is an error of a formula"
    hint: str = ""  # a whole sentence: what to do
    code: str = ""  # a stable word: "error-cell"

    def __str__(self) -> str:
        return self.text


Cell: TypeAlias = str | int | float | bool | dt.date | dt.datetime | dt.time | BadCell | None  # None: blank; Literal is a str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; past these a file is refused, never read in part. A small file may cost less."""

    file_bytes: int = 512 * _MB
    unpacked_bytes: int = 1536 * _MB  # of one archive, all parts together
    memory_bytes: int = 4096 * _MB  # address space of the child process
    seconds: float = 300.0
    cells: int = 40_000_000  # of one table, blanks included

    def for_size(self, size: int) -> Limits:
        """The limits for a file of so many bytes."""
        return replace(
            self,
            unpacked_bytes=min(self.unpacked_bytes, 128 * _MB + 300 * size),
            memory_bytes=min(self.memory_bytes, 1024 * _MB + 400 * size),
            seconds=min(self.seconds, 20 + 15 * size / _MB),
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was left out because it is no record: a total, a page line, headings once more."""

    row: int
    why: str  # "a total", "the headings again", "a page line", "a note"
    text: str  # its first filled cell


@dataclass(frozen=True)
class Sheet:
    """One table as it stands in the file, column by column, and what has to be said about it."""

    name: str  # the file as the user named it
    tab: str  # the worksheet; "" where there is none
    headings: list[str]  # as in the file, trimmed, line breaks folded; "" for a nameless column with data
    positions: list[int]  # 0-based numbers of the columns in the file
    rows: list[int]  # the number Excel shows, of each data row
    columns: list[list[Cell]]  # parallel to headings; each list parallel to rows
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    heading_row: int = 1  # the (last) row of the headings, as Excel counts
    format: str = "csv"  # csv, xlsx, xlsm, xlsb, xls, ods, frame
    delimiter: str = ""  # of a text file; "" for a single column and for workbooks
    encoding: str = ""  # of a text file

    @property
    def has_tabs(self) -> bool:
        """Whether the file is a workbook."""
        return self.format not in ("csv", "frame")

    def place(self, row: int, column_index: int) -> str:
        """Where a cell is, for people: "orders.xlsx, Orders!F7".

        >>> Sheet("orders.xlsx", "Orders", ["a"], [5], [7], [[None]]).place(7, 0)
        'orders.xlsx, Orders!F7'
        """
        return place(self.name, self.tab, row, self.positions[column_index])

    def frame(self) -> pd.DataFrame:
        """The raw cells as a frame of object columns, indexed by the row number Excel shows."""
        import pandas as pd

        data = dict(enumerate(pd.Series(cells, dtype=object) for cells in self.columns))
        frame = pd.DataFrame(data, dtype=object)
        frame.index = pd.Index(self.rows, dtype="int64", name="row")
        frame.columns = pd.Index(self.headings, dtype=object)
        return frame


def letters(position: int) -> str:
    """The letters of a column.

    >>> letters(0), letters(25), letters(26), letters(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    text, number = "", position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def place(name: str, tab: str, row: int, position: int) -> str:
    """The address of a cell, written as a spreadsheet would."""
    plain = tab.replace("_", "a").replace(".", "a").isalnum()
    where = tab if plain else "'" + tab.replace("'", "''") + "'"
    return f"{short(name)}, {where + '!' if tab else ''}{letters(position)}{row}"


def short(name: str) -> str:
    """A file's name without its folders, for places.

    >>> short("/home/ann/orders.xlsx"), short(r"C:\\Users\\ann\\orders.xlsx"), short("-")
    ('orders.xlsx', 'orders.xlsx', '-')
    """
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2]
