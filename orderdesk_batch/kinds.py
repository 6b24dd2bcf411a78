"""This file holds the kinds: how a cell, or a value of the API, is read, sent and shown.

One `parse` serves both sides, so `"4.5"`, `4.5` and `"$4.50"` are one value and a comparison
compares values, never spellings. Values are plain Python: `str`, `int`, `Decimal`, `date`,
`datetime` (naive, UTC), `bool`, or JSON; None is blank and `CLEAR` empties a field.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

Value = Any  # str | int | Decimal | date | datetime | bool | dict | list | CLEAR | None


class _Clear:
    """The value of a cell that says `(clear)`: empty the field."""

    def __repr__(self) -> str:
        return "(clear)"

    def __reduce__(self) -> str:
        return "CLEAR"


CLEAR: Final = _Clear()
CLEAR_WORD: Final = "(clear)"


class CellRefused(ValueError):
    """A cell that can't be read: half a sentence that goes on from the value, and a remedy."""

    def __init__(self, reason: str, hint: str = "", code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.code = code


@dataclass(frozen=True, slots=True)
class How:
    """How the cells of one column are to be read."""

    decimal: Literal[".", ","] | None = None  # None: not known, so "1,234" is ambiguous
    dates: Literal["mdy", "dmy"] | None = None  # None: not known, so "11/12/2026" is ambiguous


PLAIN: Final = How(decimal=".")  # how values of the API are read

# Spaces of every width, zero-width characters and the byte order mark: trimmed from both ends.
BLANKS: Final = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"


def trim(text: str) -> str:
    """The text without outer blanks, its line ends folded to `\\n`."""
    text = text.strip(BLANKS)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _text(cell: Any, how: How) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, str):
        return trim(cell) or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float, Decimal)):
        return plain_number(cell)
    if isinstance(cell, (dt.date, dt.time)):
        raise CellRefused(
            "was turned into a date by the spreadsheet",
            "Format the column as text, then type or paste the value again.",
            "date-in-text",
        )
    if isinstance(cell, (dict, list)):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return trim(str(cell)) or None


def plain_number(number: float | Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros, `-0` as `0`."""
    if isinstance(number, float):
        number = Decimal(repr(number))
    text = format(Decimal(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def _number(cell: Any, how: How) -> Decimal | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise CellRefused("is not a number", "Write a number, such as 4.50.", "not-a-number")
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, Decimal):
        return cell
    if isinstance(cell, float):
        return Decimal(repr(cell))
    text = trim(cell) if isinstance(cell, str) else str(cell)
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            pass
    raise CellRefused("is not a number", "Write a number, such as 4.50.", "not-a-number")


def _whole(cell: Any, how: How) -> int | None:
    number = _number(cell, how)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise CellRefused("is not a whole number", "Write a whole number, such as 12.", "not-whole")
    return int(number)


def _date(cell: Any, how: How) -> dt.date | None:
    moment = _time(cell, how)
    return None if moment is None else moment.date()


def _time(cell: Any, how: How) -> dt.datetime | None:
    if cell is None:
        return None
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).replace(tzinfo=None) if cell.tzinfo else cell
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time())
    text = trim(cell) if isinstance(cell, str) else str(cell)
    if not text or text.startswith("0000-00-00"):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CellRefused("is not a date", "Write it as 2026-11-23.", "not-a-date") from None
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _json(cell: Any, how: How) -> Any:
    if cell is None or isinstance(cell, (dict, list)):
        return cell
    text = trim(str(cell))
    if not text:
        return None
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        raise CellRefused("is not JSON", 'Write JSON, such as [{"id": "5", "quantity": 1}].', "not-json") from None


def _as_is(value: Any) -> Any:
    return value


def _number_out(value: Decimal) -> int | float | Decimal:
    return int(value) if value == value.to_integral_value() else value


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float, Decimal)):
        return plain_number(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)
    return str(value)


@dataclass(frozen=True)
class Kind:
    """A sort of value: how it is read, sent and shown."""

    name: str  # one word, for the docs: "whole"
    says: str  # what a person may write: "a whole number"
    parse: Callable[[Any, How], Value]  # a cell or an API value → a value; raises CellRefused
    send: Callable[[Any], Any] = _as_is  # a value → what the API takes
    empty: Any = ""  # what `(clear)` sends
    dtype: str = "str"  # the column's type in a dataframe

    def read(self, value: Any) -> Value:
        """A value of the API as a value; text where it does not parse (it is compared as text)."""
        if value is None or value == "":
            return None
        try:
            return self.parse(value, PLAIN)
        except CellRefused:
            return str(value)

    def show(self, value: Value) -> str:
        """The value as people and JSON see it; blank for None."""
        return _show(value)

    def __repr__(self) -> str:
        return self.name.upper()


TEXT = Kind("text", "text", _text)
WHOLE = Kind("whole", "a whole number", _whole, int, 0, "Int64")
NUMBER = Kind("number", "a number", _number, _number_out, 0, "Decimal")
MONEY = Kind("money", "an amount of money", _number, _number_out, 0, "Decimal")
WEIGHT = Kind("weight", "a weight in the store's unit", _number, _number_out, 0, "Decimal")
DATE = Kind("date", "a date", _date, _show, "", "date")
TIME = Kind("time", "a date with time, UTC", _time, _show, "", "datetime")
CHOICE = Kind("choice", "one of a few words", _text)
FOLDER = Kind("folder", "a folder's name or id", _text)
TRACKING = Kind("tracking", "a tracking number, or n/a", _text)
ORDER = Kind("order", "an order's number", _text)
JSON = Kind("json", "JSON", _json, _as_is, [], "object")

KINDS: Final = (TEXT, WHOLE, NUMBER, MONEY, WEIGHT, DATE, TIME, CHOICE, FOLDER, TRACKING, ORDER, JSON)
