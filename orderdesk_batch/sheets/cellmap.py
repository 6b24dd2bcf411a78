"""This file holds how single cells, met in any order, become a grid without its blank stretches."""

from __future__ import annotations

from .grid import Grid
from .refuse import Unreadable
from .sheet import BadCell, Cell


class CellMap:
    """Cells by row and column; only filled ones are kept, and not more than a limit."""

    def __init__(self, most: int) -> None:
        self._rows: dict[int, dict[int, Cell]] = {}
        self._count = 0
        self._most = most
        self._currencies: dict[int, dict[str, list[int]]] = {}

    def put(self, row: int, position: int, cell: Cell, currency: str = "") -> None:
        """Remembers a cell; `row` as Excel counts, `position` from 0; `currency` as its format shows it."""
        if cell is None:
            return
        if currency:
            self._currencies.setdefault(position, {}).setdefault(currency, []).append(row)
        self._count += 1
        if self._count > self._most:
            raise too_many(self._most)
        cells = self._rows.get(row)
        if cells is None:
            cells = self._rows[row] = {}
        cells[position] = cell

    def make_room(self, count: int) -> None:
        """Refuses a table to which so many cells can't be added."""
        if self._count + count > self._most:
            raise too_many(self._most)

    def _refuse_mixed_currencies(self) -> None:
        """Amounts of one column in several currencies are no numbers of one kind."""
        for position, rows_of in self._currencies.items():
            if len(rows_of) > 1:
                names = ", ".join(sorted(rows_of))
                for currency, rows in rows_of.items():
                    for row in rows:
                        self._rows[row][position] = BadCell(
                            f"{self._rows[row][position]} {currency}",
                            f"is one of several currencies in the column ({names})",
                            "Keep one currency in a column.",
                            "currencies",
                        )

    def grid(self, tab: str) -> Grid:
        """The rows and columns that have a filled cell."""
        self._refuse_mixed_currencies()
        rows = sorted(self._rows)
        positions = sorted(set().union(*self._rows.values())) if rows else []
        if len(rows) * len(positions) > max(self._most, 20 * self._count):
            raise too_many(self._most)
        ordered = [self._rows[row] for row in rows]
        return Grid(tab, rows, positions, [[cells.get(position) for cells in ordered] for position in positions])


def too_many(most: int) -> Unreadable:
    """The refusal of a table that is larger than anything an operator has."""
    return Unreadable(f"the table has more than {most:,} cells", "Split it, or delete the blank area.", "too-large")
