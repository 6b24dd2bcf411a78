"""Kinds: how a cell, or a value of the API, is read, sent and shown.

One `parse` serves both sides, so `"4.5"`, `4.5` and `"$4.50"` are one value and a comparison
compares values, never spellings. Values are plain Python: `str`, `int`, `Decimal`, `date`,
`datetime` (naive, UTC), `bool`, or JSON; None is blank and `CLEAR` empties a field.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from . import dates, numbers, texts
from .cells import BLANKS as BLANKS
from .cells import CLEAR as CLEAR
from .cells import CLEAR_WORD as CLEAR_WORD
from .cells import PLAIN as PLAIN
from .cells import CellRefused as CellRefused
from .cells import How as How
from .cells import Value as Value
from .cells import plain_number as plain_number
from .cells import trim as trim


def _json(cell: Any, how: How) -> Any:
    if cell is None or cell == "":
        return None
    if isinstance(cell, (dict, list)):
        return _decimals(cell)
    text = trim(str(cell))
    if not text:
        return None
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, (dict, list)):
        raise CellRefused("is not JSON", 'Write JSON, such as [{"id": "5", "quantity": 1}].', "not-json")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _decimals(value: Any) -> Any:
    """JSON with its fractions as Decimals, so that both sides compare alike."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_decimals(one) for one in value]
    if isinstance(value, dict):
        return {key: _decimals(one) for key, one in value.items()}
    return value


def _change(cell: Any, how: How) -> int | None:
    return numbers.whole(cell, how)


def _whole(cell: Any, how: How) -> int | None:
    if type(cell) is str and "+" in cell and cell.strip()[:1] == "+":
        raise CellRefused(
            "has a plus sign, as a change has",
            "Write the number alone; for a change use stock_change.",
            "plus-sign",
        )
    return numbers.whole(cell, how)


def _as_is(value: Any) -> Any:
    return value


def _number_out(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def _number_in_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


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
        return json.dumps(value, ensure_ascii=False, default=_number_in_json, sort_keys=True)
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


TEXT = Kind("text", "text", texts.text)
WHOLE = Kind("whole", "a whole number", _whole, int, 0, "Int64")
CHANGE = Kind("whole", "a whole number, with + or -", _change, int, 0, "Int64")
NUMBER = Kind("number", "a number", numbers.number, _number_out, 0, "Decimal")
MONEY = Kind("money", "an amount of money", numbers.number, _number_out, 0, "Decimal")
WEIGHT = Kind("weight", "a weight in the store's unit", numbers.number, _number_out, 0, "Decimal")
DATE = Kind("date", "a date", dates.day, _show, "", "date")
TIME = Kind("time", "a date with time, UTC", dates.moment, _show, "", "datetime")
CHOICE = Kind("choice", "one of a few words", texts.text)
FOLDER = Kind("folder", "a folder's name or id", texts.text)
TRACKING = Kind("tracking", "a tracking number, or n/a", texts.tracking)
ORDER = Kind("order", "an order's number", texts.text)
JSON = Kind("json", "JSON", _json, _as_is, [], "object")

KINDS: Final = (TEXT, WHOLE, CHANGE, NUMBER, MONEY, WEIGHT, DATE, TIME, CHOICE, FOLDER, TRACKING, ORDER, JSON)
NUMBERS: Final = ("whole", "number", "money", "weight")  # names of the kinds whose cells are numbers
