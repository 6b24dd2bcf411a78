"""This file holds what all kinds share: `(clear)`, the refusal of a cell, how a column is read, trimming."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
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

    def __init__(self, reason: str, hint: str = "", code: str = "", readings: tuple[Value, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.code = code
        self.readings = readings  # what it could mean: "1,234" is 1234 or 1.234


@dataclass(frozen=True, slots=True)
class How:
    """How the cells of one column are to be read."""

    decimal: Literal[".", ","] | None = None  # None: not known, so "1,234" is ambiguous
    dates: Literal["mdy", "dmy"] | None = None  # None: not known, so "11/12/2026" is ambiguous
    api: bool = False  # a value of the store, which no spreadsheet can have spoiled


PLAIN: Final = How(decimal=".", api=True)  # how values of the API are read

# Spaces of every width, zero-width characters and the byte order mark: trimmed from both ends.
BLANKS: Final = (
    " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
DIGITS: Final = 10**15  # a spreadsheet keeps 15 digits of a number: from here on some may be lost
_ERRORS: Final = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
    }
    | {"#GETTING_DATA", "#CONNECT!", "#UNKNOWN!"}
)
_HIDDEN: Final = re.compile("[\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff]")  # shown as nothing at all


def trim(text: str) -> str:
    """The text without outer blanks, its line ends folded to `\\n`."""
    text = text.strip(BLANKS)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def without_hidden(text: str) -> str:
    """The text without characters that no screen shows; for numbers, dates and tracking numbers."""
    return text if text.isascii() else _HIDDEN.sub("", text)


def plain_number(number: float | Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros, `-0` as `0`.

    >>> plain_number(Decimal("4.50")), plain_number(1e3), plain_number(68.66499999999999)
    ('4.5', '1000', '68.665')
    """
    text = format(as_decimal(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def as_decimal(number: float | Decimal) -> Decimal:
    """A number as a spreadsheet shows it: a float's 15 digits, without the noise after them."""
    if isinstance(number, float):
        return Decimal(format(number, ".15g"))
    return Decimal(number)


def check_digits(number: float | Decimal) -> None:
    """Refuse a number cell that a spreadsheet can't have kept whole.

    Raises:
        CellRefused: it has more than 15 digits.
    """
    if not -DIGITS < number < DIGITS:
        raise CellRefused(
            "has more digits than a spreadsheet keeps in a number, so the last ones are lost",
            "Export it anew with the column formatted as text, or type the digits into a text cell.",
            "digits-lost",
        )


def check_error(text: str) -> None:
    """Refuse what a spreadsheet shows where a formula failed or a column is too narrow.

    Raises:
        CellRefused: the text is such a mark.
    """
    if text in _ERRORS:
        raise CellRefused(
            "is an error of the spreadsheet, not a value",
            "Mend the formula, or type the value; a blank cell leaves the stored value alone.",
            "error-cell",
        )
    if len(text) > 3 and not text.strip("#"):
        raise CellRefused(
            "is what a spreadsheet shows in a column that is too narrow",
            "Widen the column and copy the cells again.",
            "error-cell",
        )


def was_a_date(cell: dt.date | dt.time) -> CellRefused:
    """The refusal of a date where a text or a number belongs."""
    return CellRefused(
        "was turned into a date by the spreadsheet",
        "Format the column as text, then type or paste the value again.",
        "date-in-text",
    )
