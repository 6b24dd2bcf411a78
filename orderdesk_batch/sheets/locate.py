"""This file holds how the headings are found: notes may stand above them, and they may take several lines."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .grid import TRIM, Grid
from .refuse import Unreadable
from .sheet import BadCell, Cell

Knows = Callable[[Sequence[str]], int]

_LOOK = 40  # rows from the top among which the headings are looked for
_LINES = 6  # lines that headings may take
NUMBER = re.compile(r"[-+(]*\s*[$€£¥]?\s*[-+]?\d[\d.,'\s\u00a0]*(e[-+]?\d+)?\s*[%€£$¥]?\)?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d\d.*)?")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the headings are: indexes of the grid's first and last heading row, and the headings."""

    top: int
    bottom: int
    headings: list[str]


def heading(cell: Cell) -> str:
    """A cell as a heading: trimmed, line breaks and runs of spaces folded.

    >>> heading("  Tracking\\n Number "), heading(None), heading(2000)
    ('Tracking Number', '', '2000')
    """
    if cell is None:
        return ""
    return " ".join(str(cell).strip(TRIM).split()).strip(TRIM)


def find_head(grid: Grid, knows: Knows | None, header_row: int | None) -> Head:
    """The headings of the grid, or Unreadable where it has none."""
    if header_row is not None:
        if header_row not in grid.rows:
            raise Unreadable(f"row {header_row} is blank or not there", "Give the row of the headings.", "header-row")
        index = grid.rows.index(header_row)
        return Head(index, index, _join(grid, index, index))
    scores = [knows(_join(grid, index, index)) if knows else 0 for index in range(min(len(grid.rows), _LOOK))]
    best = max(scores)
    index = scores.index(best) if best > 0 else _first_full(grid)
    while best > 0 and index + 1 < len(scores) and _is_second(grid, index + 1, scores, best):
        index += 1  # two rows of headings, for people and for programs: the table begins below the second
    top, bottom = _lines(grid, index, knows, scores)
    return Head(top, bottom, _join(grid, top, bottom))


def _is_second(grid: Grid, index: int, scores: list[int], best: int) -> bool:
    """Whether a row next to the headings is headings too: nearly as telling, nearly as full, and all names."""
    cells = [cell for cell in grid.row(index) if cell is not None]
    full = max(sum(cell is not None for cell in grid.row(other)) for other, score in enumerate(scores) if score == best)
    return scores[index] * 5 >= max(best * 3, 10) and len(cells) * 5 >= full * 3 and all(map(_is_name, cells))


def _join(grid: Grid, top: int, bottom: int) -> list[str]:
    """The headings that rows `top` to `bottom` make together, each line once per column."""
    if top == bottom:
        return [heading(column[top]) for column in grid.columns]
    lines = [[heading(column[index]) for column in grid.columns] for index in range(top, bottom + 1)]
    place = {position: index for index, position in enumerate(grid.positions)}
    number = {row: index for index, row in enumerate(grid.rows[top : bottom + 1])}
    for first_row, first, last_row, last in grid.merged:
        if first_row in number and first in place:
            for position in range(first + 1, last + 1):
                if position in place and not (last_row > first_row and last_row >= grid.rows[bottom]):
                    lines[number[first_row]][place[position]] = lines[number[first_row]][place[first]]
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*lines, strict=True)]


def _lines(grid: Grid, index: int, knows: Knows | None, scores: list[int]) -> tuple[int, int]:
    """The first and last row that belong to the headings around row `index`."""
    top = bottom = index
    rows = grid.rows
    changed = True
    while changed:  # merged cells tell it for sure
        changed = False
        for first_row, _, last_row, _ in grid.merged:
            if last_row > first_row and first_row <= rows[bottom] and last_row >= rows[top]:
                while top > 0 and rows[top - 1] >= first_row and index - top < _LINES:
                    top, changed = top - 1, True
                while bottom + 1 < len(rows) and rows[bottom + 1] <= last_row and bottom - index < _LINES:
                    bottom, changed = bottom + 1, True
    if knows is not None:
        best = knows(_join(grid, top, bottom))
        for low, high in ((top - 1, bottom), (top, bottom + 1)):
            if low < 0 or high >= len(rows) or rows[high] - rows[low] != high - low:
                continue
            other = low if low < top else high
            alone = other < len(scores) and _is_second(grid, other, scores, best)
            several = sum(cell is not None for cell in grid.row(other)) > 1
            if several and not alone and knows(_join(grid, low, high)) > best:
                return low, high
    if top > 0 and _groups(grid, top):
        top -= 1
    return top, bottom


def _groups(grid: Grid, top: int) -> bool:
    """Whether merged cells in the row above name groups of the columns: "Ship to" over name, city, zip."""
    above = grid.rows[top - 1]
    if above != grid.rows[top] - 1:
        return False
    spans = [(first, last) for row, first, last_row, last in grid.merged if row == above == last_row and last > first]
    filled = sum(cell is not None for cell in grid.row(top))
    return bool(spans) and all(last - first + 1 < filled for first, last in spans)


def _first_full(grid: Grid) -> int:
    """The first row that is about as full as the table is wide, where no heading means anything to anyone."""
    filled = [sum(column[index] is not None for column in grid.columns) for index in range(min(len(grid.rows), 200))]
    usual = max(Counter(filled).items(), key=lambda pair: (pair[1] * min(pair[0], 4), pair[0]))[0]
    index = next(index for index, count in enumerate(filled) if count * 2 > usual)
    cells = [cell for cell in grid.row(index) if cell is not None]
    if not any(_is_name(cell) for cell in cells) and not _is_series(cells):
        raise Unreadable("the table has no headings", "Put a row of headings above it.", "no-headings")
    below = index + 1
    if below < len(grid.rows) and not _is_series(cells):
        alike = [_sort(column[index]) for column in grid.columns if column[index] is not None and column[below] is not None]
        beneath = [_sort(column[below]) for column in grid.columns if column[index] is not None and column[below] is not None]
        if alike == beneath and any(sort != "text" for sort in alike):
            raise Unreadable(
                f"the table has no headings: row {grid.rows[index]} looks like the rows below it",
                "Put a row of headings above it, or give its row with --header-row.",
                "no-headings",
            )
    return index


def _sort(cell: Cell) -> str:
    if isinstance(cell, str):
        text = cell.strip(TRIM)
        if NUMBER.fullmatch(text):
            return "number"
        return "date" if _DATE.fullmatch(text) else "text"
    if isinstance(cell, dt.date | dt.time):
        return "date"
    return "number" if isinstance(cell, int | float) else "text"


def _is_name(cell: Cell) -> bool:
    return isinstance(cell, str) and _sort(cell) == "text"


def _is_series(cells: Sequence[Cell]) -> bool:
    """Years or the like, one after the other, are headings though they are numbers."""
    numbers = [str(cell) for cell in cells if _sort(cell) == "number"]
    whole = [int(text) for text in numbers if re.fullmatch(r"(19|20)\d\d", text)]
    return len(numbers) > 1 and len(whole) == len(numbers) and whole == sorted(set(whole))


def is_number(cell: Cell) -> bool:
    """Whether a cell is a number, or a text that looks like one."""
    return not isinstance(cell, BadCell) and _sort(cell) == "number"
