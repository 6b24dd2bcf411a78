"""This file holds what a check gives: Checked, its rows, and the refused cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Literal, overload

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


@dataclass(slots=True)
class Row:
    """One row as values."""

    number: int  # the number Excel shows
    action: str  # create, update, upsert, delete, skip
    values: dict[str, Value]  # field name → value; blank cells absent
    bad: Mapping[str, Bad]  # field name → refused cell
    skipped: str = ""  # why the row is skipped


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
    groups: list[list[int]] = field(default_factory=list)  # orders: the rows of each order
    problems: list[Problem] = field(default_factory=list)  # all that is not about one refused cell
    bads: dict[tuple[int, str], Bad] = field(default_factory=dict)  # (index of the row, field name) → refused cell

    @property
    def fields(self) -> list[Field | None]:
        """The field of each column, parallel to the headings; None: not used."""
        return self.matched.fields

    def rows(self) -> Iterator[Row]:
        """The rows, each made when it is asked for."""
        names = [name for name in self.columns if name != "action"]
        held = [self.columns[name] for name in names]
        values: Iterator[dict[str, Value]] = map(dict, map(zip, repeat(names), zip(*held, strict=True))) if held else ({} for _ in self.sheet.rows)
        if any(type(None) in set(map(type, column)) for column in held):
            values = ({name: value for name, value in row.items() if value is not None} for row in values)
        if not self.bads and not self.skipped:
            return map(Row, self.sheet.rows, self.actions, values, repeat(_NONE))
        return self._rows_with_bads(values)

    def _rows_with_bads(self, values: Iterator[dict[str, Value]]) -> Iterator[Row]:
        bad: dict[int, dict[str, Bad]] = {}
        for (n, name), one in self.bads.items():
            bad.setdefault(n, {})[name] = one
        for n, (number, action, row) in enumerate(zip(self.sheet.rows, self.actions, values, strict=True)):
            why = self.skipped.get(n, "")
            yield Row(number, "skip" if why else action, row, bad.get(n, _NONE), why)

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

    def values_json(self) -> dict[str, Any]:
        """What was read, for `check --json --values`."""
        keys = self.heading_keys()
        names = [self.matched.name_of(n) for n in range(len(keys))]
        kinds = {name: self.resource.field(name).kind for name in self.columns}
        unused = [(key, self.sheet.columns[n]) for n, key in enumerate(keys) if names[n] is None]
        rows = []
        for n, number in enumerate(self.sheet.rows):
            values: dict[str, str | None] = {}
            for name, column in self.columns.items():
                value = column[n]
                values[name] = None if value is None else CLEAR_WORD if value is CLEAR else kinds[name].show(value)
            for key, cells in unused:
                values.setdefault(key, cell_text(cells[n]) or None)
            rows.append({"row": number, "values": values})
        return {"columns": dict(zip(keys, names, strict=True)), "rows": rows}


class _Rows(Sequence[Row]):
    """The rows of a sheet, made anew each time they are gone through; one by its index takes as long as all."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked

    def __len__(self) -> int:
        return len(self._checked.sheet.rows)

    def __iter__(self) -> Iterator[Row]:
        return self._checked.rows()

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        return list(self)[index]
