"""This file holds how a reading library's values become cells: numbers as a spreadsheet shows them, blanks as None."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

from .grid import TRIM
from .sheet import BadCell, Cell, Literal


class _Memo(dict[Any, Cell]):
    """Value -> cell; each distinct value is judged once. One memo per type: 1 and True are equal."""

    def __init__(self, judge: Any) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, value: Any) -> Cell:
        cell: Cell = self._judge(value)
        self[value] = cell
        return cell


def cells(values: Iterable[Any]) -> list[Cell]:
    """One column's values as cells."""
    values = list(values)
    sorts = set(map(type, values))
    if len(sorts) == 1:
        judge = _JUDGES[sorts.pop()]
        return list(map(_Memo(judge).__getitem__, values))
    memos = {sort: _Memo(_JUDGES[sort]) for sort in sorts}
    return [memos[type(value)][value] for value in values]


def number(value: float) -> Cell:
    """A number with the 15 digits that a spreadsheet keeps; whole ones as int.

    >>> number(5.0), number(68.66499999999999), number(4.27335427525861e-07)
    (5, 68.665, 4.27335427525861e-07)
    """
    if not math.isfinite(value):
        return BadCell(str(value), "is not a number", "Type the number anew.", "not-finite")
    if abs(value) >= 1e15:
        return too_long(f"{value:.15g}".upper())
    short = float(f"{value:.15g}")
    return int(short) if short.is_integer() else short


def too_long(shown: str) -> BadCell:
    """A number cell with more digits than a spreadsheet keeps."""
    return BadCell(
        shown,
        "is a number of more than 15 digits, and spreadsheets lose the rest",
        "Format the column as text and enter the full number again, or export it as text.",
        "digits-lost",
    )


def text(value: str) -> Cell:
    """A text cell of a workbook; a leading ' is data there, but for our own mark of a literal (clear)."""
    if not value.strip(TRIM):
        return None
    if "\0" in value:
        return BadCell(value.replace("\0", "\u2400"), "holds a NUL character", "Type the cell anew.", "nul")
    if value[0] == "'" and value.lstrip("'") == "(clear)":
        return Literal(value[1:]) if value == "'(clear)" else value[1:]
    return value


def moment(value: dt.datetime) -> Cell:
    """A date with its time; fractions of a second are what is left of a sum of days, not what anyone typed."""
    if value.microsecond:
        value = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    return value


def duration(value: dt.timedelta) -> Cell:
    """A length of time as a spreadsheet shows it: hours past 24 go on."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _time(value: dt.time) -> Cell:
    whole = moment(dt.datetime.combine(dt.date(2000, 1, 1), value))
    return whole.time() if isinstance(whole, dt.datetime) else value


def _same(value: Any) -> Cell:
    return value  # type: ignore[no-any-return]


_JUDGES: dict[type, Any] = {
    str: text,
    float: number,
    int: lambda value: number(float(value)) if abs(value) < 10**15 else too_long(str(value)),
    bool: _same,
    dt.date: _same,
    dt.datetime: moment,
    dt.time: _time,
    dt.timedelta: duration,
    type(None): _same,
}
