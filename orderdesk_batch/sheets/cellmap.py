"""This file holds how single cells, met in any order, become a grid without its blank stretches."""

from __future__ import annotations

from .grid import Grid
from .refuse import Unreadable
from .sheet import Cell


class CellMap:
    """Cells by row and column; only filled ones are kept, and not more than a limit."""

    def __init__(self, most: int) -> None:
        self._rows: dict[int, dict[int, Cell]] = {}
        self._count = 0
        self._most = most

    def put(self, row: int, position: int, cell: Cell) -> None:
        """Remembers a cell; `row` as Excel counts, `position` from 0."""
        if cell is None:
            return
        self._count += 1
        if self._count > self._most:
            raise too_many(self._most)
        cells = self._rows.get(row)
        if cells is None:
            cells = self._rows[row] = {}
        cells[position] = cell

    def get(self, row: int, position: int) -> Cell:
        """The cell there."""
        return self._rows.get(row, {}).get(position)

    def grid(self, tab: str) -> Grid:
        """The rows and columns that have a filled cell."""
        rows = sorted(self._rows)
        positions = sorted(set().union(*self._rows.values())) if rows else []
        if len(rows) * len(positions) > max(self._most, 20 * self._count):
            raise too_many(self._most)
        ordered = [self._rows[row] for row in rows]
        return Grid(
            tab, rows, positions, [[cells.get(position) for cells in ordered] for position in positions]
        )


def too_many(most: int) -> Unreadable:
    """The refusal of a table that is larger than anything an operator has."""
    return Unreadable(
        f"the table has more than {most:,} cells", "Split it, or delete the blank area.", "too-large"
    )
