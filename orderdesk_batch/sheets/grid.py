"""This file holds Grid: the filled cells of one worksheet or text file, before it is known where the table is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress

from orderdesk_batch.errors import Level

from .sheet import Cell

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
SPACE = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B))))
TRIM = SPACE + "\u2028\u2029\u202f\u205f\u3000" + INVISIBLE


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be said about the grid; it becomes a Problem once the headings are known."""

    reason: str
    hint: str = ""
    level: Level = "warning"
    row: int | None = None  # the number Excel shows
    position: int | None = None  # 0-based column in the file
    code: str = ""


def is_wanted(tab: str, visible: bool, want: str | None) -> bool:
    """Whether a tab is to be read: the one asked for, in whatever case, or all visible ones."""
    return visible if want is None else tab.strip().casefold() == want.strip().casefold()


@dataclass
class Grid:
    """Cells column by column; rows and columns without a filled cell are not in it."""

    tab: str
    rows: list[int]  # the number Excel shows, of each row in the grid
    positions: list[int]  # 0-based column in the file, of each column in the grid
    columns: list[list[Cell]]  # parallel to positions; each parallel to rows
    visible: bool = True
    widths: dict[int, int] = field(default_factory=dict)  # text files: row -> cells, where not as most rows
    usual_width: int = 0  # text files: cells of most rows; 0 elsewhere
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first row, column, last row, column
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)  # first and last, as Excel counts
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last, 0-based
    filtered: bool = False  # whether a filter is what hides rows
    notes: list[Note] = field(default_factory=list)

    def row(self, index: int) -> list[Cell]:
        """The cells of the grid's n-th row."""
        return [column[index] for column in self.columns]


def blank_rows(columns: Sequence[list[Cell]], count: int) -> Sequence[int]:
    """The indexes of the rows that have no filled cell, found without a look at each cell."""
    if any(None not in column for column in columns):
        return []
    left: Sequence[int] = range(count)
    for column in sorted(columns, key=lambda column: column.count(None)):
        left = [index for index in left if column[index] is None]
        if not left:
            break
    return left


def _is_filled(column: list[Cell]) -> bool:
    return any(cell is not None for cell in column[:64]) or column.count(None) < len(column)


def squeeze(grid: Grid) -> Grid:
    """Takes rows and columns out that have no filled cell."""
    filled = [index for index, column in enumerate(grid.columns) if _is_filled(column)]
    if len(filled) < len(grid.columns):
        grid.columns = [grid.columns[index] for index in filled]
        grid.positions = [grid.positions[index] for index in filled]
    if not grid.columns:
        grid.rows = []
        return grid
    drop_rows(grid, blank_rows(grid.columns, len(grid.rows)))
    return grid


def drop_rows(grid: Grid, indexes: Sequence[int]) -> None:
    """Takes the rows at these indexes out."""
    if not indexes:
        return
    keep = [True] * len(grid.rows)
    for index in indexes:
        keep[index] = False
    grid.rows = list(compress(grid.rows, keep))
    grid.columns = [list(compress(column, keep)) for column in grid.columns]
