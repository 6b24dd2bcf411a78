"""This file holds one check of a sheet, from its headings to its last rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..errors import Problem, UsageError
from ..fields import ACTIONS, READ_ONLY, REQUIRED, Field, Resource
from ..kinds import CLEAR, CellRefused, How, Value
from ..sheets.headings import match
from ..sheets.known import WEIGHT_UNITS, Join, convert, unit_named
from ..sheets.sheet import BadCell, Sheet
from .actions import read_actions, skip_void
from .checked import Bad, Checked, Options
from .columns import cell_text, how_of, read_column, refuse_spoiled
from .records import check_records
from .rules import check_rules
from .tracking import check_tracking


class Checking:
    """One pass over a sheet; `checked` is what comes out."""

    def __init__(self, sheet: Sheet, resource: Resource, options: Options) -> None:
        self.sheet, self.resource, self.options = sheet, resource, options
        self.unit = _unit(options.weight_unit)
        if options.action is not None and options.action not in ACTIONS:
            raise UsageError(f'"{options.action}" is no action. Write one of {", ".join(ACTIONS)}.')
        self.how = How(options.decimal, options.dates)
        matched = match(
            resource,
            sheet.headings,
            mapping=options.mapping,
            place=lambda index: sheet.place(sheet.heading_row, index),
        )
        self.checked = Checked(sheet, resource, options, matched)
        self.checked.problems += sheet.problems
        self.spaced: list[str] = []  # headings of columns with spaces at the ends of cells
        self.cleared: set[str] = set()  # columns in which a cell says `(clear)`
        self._leave_out_weights()
        self.checked.problems += matched.problems
        self.column_of = {one.name: n for n, one in enumerate(matched.fields) if one}
        for index, one in enumerate(matched.fields):
            if one is not None:
                self._read(index, one)
        if self.spaced:
            shown = ", ".join(f'"{heading}"' for heading in self.spaced[:10])
            more = f" and {len(self.spaced) - 10} more" if len(self.spaced) > 10 else ""
            self.say(None, f"spaces at the ends of cells were taken off, in {shown}{more}", code="trimmed", warning=True)
        read_actions(self)
        skip_void(self)
        check_records(self)
        check_rules(self)
        check_tracking(self)

    # -- saying what is wrong --

    def say(
        self,
        n: int | None,
        reason: str,
        hint: str = "",
        code: str = "",
        *,
        about: str | None = None,
        warning: bool = False,
        index: int | None = None,
    ) -> None:
        """Add a problem of row `n` (None: of the file), about a field or a column."""
        index = self.column_of.get(about or "") if index is None else index
        row = None if n is None else self.sheet.rows[n]
        place = self.sheet.name
        value = None
        if index is not None:
            place = self.sheet.place(self.sheet.heading_row if row is None else row, index)
            if n is not None:
                value = self._shown(about, self.sheet.columns[index][n]) or None
        elif row is not None:
            place = self.sheet.place(row, 0)
        heading = None if index is None else self.sheet.headings[index]
        level = "warning" if warning else "error"
        self.checked.problems.append(
            Problem(reason, hint, level, row, heading, value, place, about, code)  # type: ignore[arg-type]
        )

    def refuse(self, n: int, name: str, refused: CellRefused, index: int | None = None) -> None:
        """Refuse a cell: it holds no value, and a problem says why."""
        index = self.column_of[name] if index is None else index
        row = self.sheet.rows[n]
        text = self._shown(name, self.sheet.columns[index][n])
        problem = Problem(
            refused.reason,
            refused.hint,
            "error",
            row,
            self.sheet.headings[index],
            text,
            self.sheet.place(row, index),
            name,
            refused.code,
        )
        self.checked.bads[n, name] = Bad(problem, text, refused.readings)
        self.checked.columns[name][n] = None

    def _shown(self, name: str | None, cell: Any) -> str:
        text = cell_text(cell)
        if name == "cc_number":  # never more than the last four digits, not even in a message
            return re.sub(r"\d(?=(?:\D*\d){4})", "•", text)
        return text

    def without_clears(self) -> dict[str, list[Value]]:
        """The columns with `(clear)` as blank: it is no key."""
        columns = dict(self.checked.columns)
        for name in self.cleared:
            columns[name] = [None if value is CLEAR else value for value in columns[name]]
        return columns

    # -- columns --

    def _leave_out_weights(self) -> None:
        """A weight in a unit can't be used before the store's unit is known."""
        matched = self.checked.matched
        if self.unit is not None:
            return
        named = {index: f"is in {unit}" for index, unit in matched.units.items()}
        named |= {index: "has its unit in another column" for index, (join, _) in matched.joins.items() if join.units}
        for index, why in named.items():
            name = matched.fields[index].name if matched.fields[index] else None  # type: ignore[union-attr]
            matched.fields[index] = None
            matched.joins.pop(index, None)
            self.checked.problems.append(
                Problem(
                    f"is left out: it {why}, and the unit of the store's weights is not known",
                    f"Say --weight-unit {'|'.join(WEIGHT_UNITS)}.",
                    "warning",
                    None,
                    self.sheet.headings[index],
                    None,
                    self.sheet.place(self.sheet.heading_row, index),
                    name,
                    "weight-unit",
                )
            )

    def _read(self, index: int, one: Field) -> None:
        matched = self.checked.matched
        cells: Sequence[Any] = self.sheet.columns[index]
        finish = None
        if index in matched.joins:
            join, parts = matched.joins[index]
            cells = self._joined(join, parts, one)
        if index in matched.quoted:
            cells = [f'="{cell[1:]}"' if type(cell) is str and cell[:1] == "'" else cell for cell in cells]
        unit = matched.units.get(index)
        if unit is not None and self.unit is not None:
            finish = _converter(unit, self.unit)
        how = self.how
        if how.dates is None and index in matched.dates:
            how = replace(how, dates=matched.dates[index])
        read = read_column(one, cells, how, finish)
        if read.spaces:
            self.spaced.append(self.sheet.headings[index])
        self.checked.columns[one.name] = read.values
        for n, refused in read.refused.items():
            self.refuse(n, one.name, refused, index)
        for code, what in read.said.items():
            self.say(None, what, code=code, about=one.name, warning=True, index=index)
        if read.clears:
            self.cleared.add(one.name)
            self._look_at_clears(index, one, read.values)

    def _joined(self, join: Join, parts: tuple[int, ...], one: Field) -> list[Any]:
        columns = [self.sheet.columns[part] for part in parts]
        how = how_of(one, columns[0], self.how)
        found = []
        for cells in zip(*columns, strict=True):
            spoiled = next((cell for cell in cells if isinstance(cell, BadCell)), None)
            try:
                refuse_spoiled(spoiled)
                cell = join.make(cells, how)
                if join.units and cell is not None and self.unit is not None:
                    weight, unit = cell
                    cell = convert(weight, unit, self.unit)
                found.append(cell)
            except CellRefused as refused:
                found.append(refused)
        return found

    def _look_at_clears(self, index: int, one: Field, values: list[Value]) -> None:
        for n, value in enumerate(values):
            if value is not CLEAR:
                continue
            if one.use == REQUIRED:
                why = "can't empty a field that every record needs"
            elif one.use == "key":
                why = "can't stand in a column that finds the record"
            elif one.use == READ_ONLY:
                why = "can't empty what the server sets"
            elif one.place is None:
                why = "can't be used here"
            else:
                continue
            self.refuse(n, one.name, CellRefused(why, "Leave the cell blank, or write a value.", "clear"), index)


def _unit(named: str | None) -> str | None:
    if named is None:
        return None
    unit = unit_named(named)
    if unit is None:
        raise UsageError(f'"{named}" is no unit of weight. Write one of {", ".join(WEIGHT_UNITS)}.')
    return unit


def _converter(unit: str, to: str) -> Any:
    def finish(value: Value) -> Value:
        return convert(value, unit, to) if isinstance(value, Decimal) else value

    return finish
