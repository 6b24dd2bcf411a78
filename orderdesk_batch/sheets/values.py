"""This file holds how a reading library's values become cells: numbers as a spreadsheet shows them, blanks as None."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Sequence
from typing import Any

from .grid import INVISIBLE, TRIM
from .sheet import BadCell, Cell, Literal

_ASCII_SPACE = " \t\n\r\v\f\x1c\x1d\x1e\x1f"


def cells(values: Sequence[Any], sorts: set[type] | None = None) -> list[Cell]:
    """One column's values as cells; each distinct value is judged once. `sorts`: their types, where known."""
    sorts = set(map(type, values)) if sorts is None else sorts
    if sorts == {str} and all_plain(values):
        return list(values)
    if bool in sorts and len(sorts) > 1:  # True and 1 are equal, and would be taken for one another
        return [_JUDGES[type(value)](value) for value in values]
    distinct = set(values)
    if sorts == {float}:
        if len(distinct) * 2 > len(values):
            return _numbers(values)
        table = dict(zip(distinct, _numbers(list(distinct)), strict=True))
    else:
        table = {value: _JUDGES[type(value)](value) for value in distinct}
    return list(map(table.__getitem__, values))


def _numbers(values: Sequence[float]) -> list[Cell]:
    """What `number` makes of each, for many at once."""
    usual = math.isfinite(sum(values)) and min(values) > -1e15 and max(values) < 1e15
    if usual and max(map(len, map(repr, values))) < 17:  # none has more digits than a spreadsheet shows
        return [int(value) if value.is_integer() else value for value in values]
    return list(map(number, values))


def all_plain(texts: Collection[str]) -> bool:
    """Whether none of the texts is blank or needs a second look, found without a look at each."""
    joined = "\0" + "\0".join(texts) + "\0"
    if joined.count("\0") != len(texts) + 1 or "\0\0" in joined or "\0'" in joined or "\0=" in joined:
        return False
    if joined.isascii() and not any("\0" + space in joined for space in _ASCII_SPACE):
        return True
    if any(sign in joined for sign in INVISIBLE):
        return False
    return "" not in set(map(str.strip, texts))


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
    """A date with its time; fractions of a second are left over from sums of days, and no time at all is midnight."""
    if value.microsecond:
        value = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    return value.date() if value.time() == dt.time() and value.tzinfo is None else value


def duration(value: dt.timedelta) -> Cell:
    """A length of time as a spreadsheet shows it: hours past 24 go on."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment_of_day(since_midnight: dt.timedelta) -> dt.time:
    """The time of day so long after midnight."""
    seconds = round(since_midnight.total_seconds()) % 86400
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _time(value: dt.time) -> Cell:
    return moment_of_day(
        dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    )


def _same(value: Cell) -> Cell:
    return value


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
