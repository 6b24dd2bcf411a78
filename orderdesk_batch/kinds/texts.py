"""This file holds how cells become texts and tracking numbers."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from .cells import CLEAR_WORD, CellRefused, How, check_digits, check_error, plain_number, trim, was_a_date, without_hidden

# What a spreadsheet makes of a long number: 9.40011E+21, 1E+12. Not 1E5, which is a SKU; a spreadsheet
# writes exponents only from twelve digits on.
_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:[.,]\d+[eE]\+?|[eE]\+)(\d{2,3})")
_QUOTED: Final = re.compile(r'="([^"]*)"')  # ="00123": how exports keep a spreadsheet from touching a text
_SUSPICIOUS: Final = frozenset("0123456789+-#=")


_EXPONENT: Final = re.compile(r"[.,]\d+[eE]\d")
_ALL_ZEROS: Final = re.compile(r"\|0+(?:\||$)")
_NO_DIGIT: Final = re.compile(r"\|[A-Za-z]+(?:\||$)")


def stand_as_they_are(texts: Sequence[str], tracking_numbers: bool = False) -> bool:
    """Whether `text` (or `tracking`) gives each of these texts back unchanged, judged for all in one go.

    It says no where it is not sure; columns of a hundred thousand sound texts are the common case.
    """
    joined = "|" + "|".join(texts)
    if not joined.isascii() or not joined.isprintable():
        return False
    if any(mark in joined for mark in ("#", "=", "E+", "e+", "| ", " |", "||")) or joined[-1] in "| ":
        return False
    if "(" in joined and CLEAR_WORD in joined.lower():
        return False
    if tracking_numbers:
        bare = joined.replace("|", "")
        if not bare.isalnum() or ("|0" in joined and _ALL_ZEROS.search(joined)):
            return False
        return bare.isdigit() or not _NO_DIGIT.search(joined)
    return not _EXPONENT.search(joined)


def text(cell: Any, how: How) -> str | None:
    """A text as it stands, without outer blanks."""
    if type(cell) is str:
        if how.api:
            return trim(cell) or None
        value = cell.strip()
        if value and value.isascii() and value.isprintable() and (value[0] not in _SUSPICIOUS or value.isdigit()):
            return value  # nine cells of ten: nothing below can apply
    if cell is None:
        return None
    if isinstance(cell, str):
        value = trim(cell)
        if type(cell) is str and not how.api:
            value = _mended(value)
        return value or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float, Decimal)):
        if not how.api:
            _check_number(cell)
        return plain_number(cell) if math.isfinite(cell) else str(cell)
    if isinstance(cell, (dt.date, dt.time)):
        raise was_a_date(cell)
    if isinstance(cell, (dict, list)):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return trim(str(cell)) or None


def _check_number(cell: float | Decimal) -> None:
    if not math.isfinite(cell):
        raise CellRefused("is not a value", "Type the value as text, or leave the cell blank.", "not-a-number")
    check_digits(cell)


def _mended(value: str) -> str:
    """The text that is meant by a trimmed cell; refuses what a spreadsheet has spoiled."""
    if "\0" in value:
        raise CellRefused("holds a NUL character", "Type the cell anew and save the file again.", "nul")
    if value[:1] == "#":
        check_error(value)
    elif value[:2] == '="':
        quoted = _QUOTED.fullmatch(value)
        return trim(quoted.group(1)) if quoted else value
    elif (match := _SCIENTIFIC.fullmatch(value)) and int(match.group(1)) >= 11:
        raise CellRefused(
            "is what a spreadsheet shows of a long number, whose digits are lost",
            "Export it anew with the column formatted as text; the number can't be told from this.",
            "digits-lost",
        )
    return value


NO_NUMBER: Final = "n/a"  # what the API takes where there is no tracking number
_USE_NA: Final = "Write the tracking number, or n/a where there is none."
_BLOCK: Final = 8  # a block of that many characters is a number of its own
_APART: Final = re.compile(r"[,;|/\n\t ]+")
_FRACTION: Final = re.compile(r"\d+[.,]\d+")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


def tracking(cell: Any, how: How) -> str | None:
    """A tracking number without inner spaces, or `n/a`."""
    value = text(cell, how)
    if value is None or (value.isalnum() and value.isascii() and any(map(str.isdigit, value)) and value.strip("0")):
        return value
    if value.casefold() == NO_NUMBER:
        return NO_NUMBER
    if how.api:
        return "".join(without_hidden(value).split()) or None
    value = without_hidden(value)
    if value[:1] == "'" and type(cell) is str:  # a spreadsheet's mark of a text
        value = value[1:]
    if not re.search(r"\d", value):
        raise CellRefused("is no tracking number: it has no digit", _USE_NA, "no-tracking-number")
    if not value.strip("0"):
        raise CellRefused("is no tracking number", _USE_NA, "no-tracking-number")
    if "://" in value:
        raise CellRefused(
            "is a link, not a tracking number",
            "Write the number alone; the link belongs to tracking_url.",
            "link",
        )
    if not value.isascii() and re.search(r"[^\x00-\x7f]", "".join(value.split())):
        raise CellRefused(
            "has characters that no tracking number has",
            "Copy the number anew, in plain letters and digits.",
            "no-tracking-number",
        )
    if _FRACTION.fullmatch(value):
        raise CellRefused(
            "is written as a number with decimals",
            "Export it anew with the column formatted as text.",
            "decimals",
        )
    blocks = [block for block in _APART.split(value) if block]
    if sum(len(block) >= _BLOCK and bool(re.search(r"\d", block)) for block in blocks) > 1:
        raise CellRefused(
            "holds more than one tracking number",
            "Give each parcel a row of its own; write a single number without spaces.",
            "several-numbers",
        )
    if value[:1] == "=":
        raise CellRefused("is a formula that was not calculated", "Copy the column and paste it as values.", "formula")
    spaced = value.split()
    if len(spaced) > 1 and any(_WORD.fullmatch(block.strip(":#.-")) for block in spaced):
        raise CellRefused(
            "holds words beside the number",
            "Write the tracking number alone; the carrier has its own column.",
            "no-tracking-number",
        )
    return "".join(spaced)
