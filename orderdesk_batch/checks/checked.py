"""This file holds what a check gives: Checked, its rows, and the refused cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Literal, Self, overload

from ..errors import Problem
from ..fields import Field, Resource
from ..kinds import CLEAR, CLEAR_WORD, Value
from .columns import cell_text

if TYPE_CHECKING:
    from ..sheets.headings import Matched
    from ..sheets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Options:
    """How a sheet is to be read, as far as the user says."""

    action: str | None = None
    decimal: Literal[".", ","] | None = None
    dates: Literal["mdy", "dmy"] | None = None
    weight_unit: str | None = None  # the store's: oz, lb, g or kg
    mapping: Mapping[str, str] = field(default_factory=dict)  # heading → field; "" for a column not to be used
    guess_carrier: bool = False


@dataclass(slots=True)
class Bad:
    """A refused cell."""

    problem: Problem
    text: str  # the cell as it stands
    readings: tuple[Value, ...] = ()  # what it could mean: "1,234" is 1234 or 1.234


class Names(tuple[str, ...]):
    """The fields of a sheet in the order of its columns: one for all of its rows."""

    at: dict[str, int]

    def __new__(cls, names: Iterable[str]) -> Self:
        """The names, with the place of each."""
        made = super().__new__(cls, names)
        made.at = {name: place for place, name in enumerate(made)}
        return made


class Row:
    """One row as values.

    Args:
        number: the number Excel shows.
        action: create, update, upsert, delete, skip.
        names: the fields of the sheet.
        cells: their values, parallel to the names; None for a blank cell.
        bad: field name → refused cell.
        skipped: why the row is skipped.
    """

    __slots__ = ("_values", "action", "bad", "cells", "names", "number", "skipped")

    def __init__(
        self, number: int, action: str, names: Names, cells: tuple[Value, ...], bad: Mapping[str, Bad], skipped: str = ""
    ) -> None:
        self.number = number
        self.action = action
        self.names = names
        self.cells = cells
        self.bad = bad
        self.skipped = skipped
        self._values: dict[str, Value] | None = None

    def get(self, name: str) -> Value:
        """The value of a field; None where the cell is blank, or there is no such column."""
        place = self.names.at.get(name)
        return None if place is None else self.cells[place]

    @property
    def values(self) -> Mapping[str, Value]:
        """Field name → value, without the blank cells; made when first asked for."""
        if self._values is None:
            self._values = {name: value for name, value in zip(self.names, self.cells, strict=True) if value is not None}
        return self._values


_NONE: Final[Mapping[str, Bad]] = {}


@dataclass
class Checked:
    """A sheet as typed columns, with all that is wrong with it."""

    sheet: Sheet
    resource: Resource
    options: Options
    matched: Matched
    columns: dict[str, list[Value]] = field(default_factory=dict)  # field name → values, parallel to sheet.rows
    actions: list[str] = field(default_factory=list)  # parallel to sheet.rows
    skipped: dict[int, str] = field(default_factory=dict)  # index of a row → why it is skipped
    groups: Collection[list[int]] = ()  # orders: the rows of each order
    problems: list[Problem] = field(default_factory=list)  # all that is not about one refused cell
    bads: dict[tuple[int, str], Bad] = field(default_factory=dict)  # (index of the row, field name) → refused cell

    @property
    def fields(self) -> list[Field | None]:
        """The field of each column, parallel to the headings; None: not used."""
        return self.matched.fields

    @property
    def names(self) -> Names:
        """The fields that its rows have."""
        return Names(name for name in self.columns if name != "action")

    def cells(self) -> Iterator[tuple[Value, ...]]:
        """The values of each row, parallel to the names."""
        held = [column for name, column in self.columns.items() if name != "action"]
        return zip(*held, strict=True) if held else repeat((), len(self.sheet.rows))

    def rows(self) -> Iterator[Row]:
        """The rows, each made when it is asked for."""
        names, cells = self.names, self.cells()
        if not self.bads and not self.skipped:
            return map(Row, self.sheet.rows, self.actions, repeat(names), cells, repeat(_NONE))
        return self._rows_with_bads(names, cells)

    def _rows_with_bads(self, names: Names, cells: Iterable[tuple[Value, ...]]) -> Iterator[Row]:
        bad = self.bad_by_row()
        for n, (number, action, held) in enumerate(zip(self.sheet.rows, self.actions, cells, strict=True)):
            why = self.skipped.get(n, "")
            yield Row(number, "skip" if why else action, names, held, bad.get(n, _NONE), why)

    def bad_by_row(self) -> dict[int, dict[str, Bad]]:
        """The refused cells by the index of their row and their field."""
        bad: dict[int, dict[str, Bad]] = {}
        for (n, name), one in self.bads.items():
            bad.setdefault(n, {})[name] = one
        return bad

    def rows_later(self) -> Sequence[Row]:
        """The rows as a sequence that keeps none of them: for sheets with very many."""
        return _Rows(self)

    def all_problems(self) -> list[Problem]:
        """Everything that is wrong, by row; what is about the whole file comes first."""
        found = [*self.problems]
        found += [one.problem for (n, _), one in self.bads.items() if n not in self.skipped]
        return sorted(found, key=lambda problem: problem.row or 0)

    def heading_keys(self) -> list[str]:
        """The headings, told apart where they are blank or stand twice."""
        from ..sheets.sheet import letters

        seen: dict[str, int] = {}
        keys = []
        for heading, position in zip(self.sheet.headings, self.sheet.positions, strict=True):
            key = heading or f"column {letters(position)}"
            seen[key] = seen.get(key, 0) + 1
            keys.append(key if seen[key] == 1 else f"{key} ({seen[key]})")
        return keys

    def values_json(self, lists: Callable[[Iterator[Any]], Any] = list) -> dict[str, Any]:
        """What was read, for `check --json --values`.

        Args:
            lists: what becomes of the list of rows: `list`, or `iter` where they are to be made one by one.
        """
        keys = self.heading_keys()
        names = [self.matched.name_of(n) for n in range(len(keys))]
        return {"columns": dict(zip(keys, names, strict=True)), "rows": lists(self._rows_json(keys, names))}

    def _rows_json(self, keys: Sequence[str], names: Sequence[str | None]) -> Iterator[dict[str, Any]]:
        kinds = {name: self.resource.field(name).kind for name in self.columns}
        unused = [(key, self.sheet.columns[n]) for n, key in enumerate(keys) if names[n] is None]
        for n, number in enumerate(self.sheet.rows):
            values: dict[str, str | None] = {}
            for name, column in self.columns.items():
                value = column[n]
                values[name] = None if value is None else CLEAR_WORD if value is CLEAR else kinds[name].show(value)
            for key, cells in unused:
                values.setdefault(key, cell_text(cells[n]) or None)
            yield {"row": number, "values": values}


class _Rows(Sequence[Row]):
    """The rows of a sheet, each made anew whenever it is asked for."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._names = checked.names
        self._held = [checked.columns[name] for name in self._names]
        self._bad = checked.bad_by_row()

    def __len__(self) -> int:
        return len(self._checked.sheet.rows)

    def __iter__(self) -> Iterator[Row]:
        return self._checked.rows()

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        checked = self._checked
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        why = checked.skipped.get(index, "")
        cells = tuple([column[index] for column in self._held])
        return Row(checked.sheet.rows[index], "skip" if why else checked.actions[index], self._names, cells, self._bad.get(index, _NONE), why)
