"""This file holds what a cell's number format means: a date, a currency, or a number shown as something else."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from .sheet import BadCell, Cell
from .values import duration, moment_of_day, number

# The formats that files name by number alone. 27-36 and 50-58 are dates wherever Excel runs in Chinese or Japanese.
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0', 6: '"$"#,##0', 7: '"$"#,##0.00', 8: '"$"#,##0.00',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yyyy h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: '"$"#,##0', 43: "#,##0.00",
    44: '"$"#,##0.00', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy/m/d"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
}  # fmt: skip
_CODES = "USD|EUR|GBP|CAD|AUD|NZD|JPY|CNY|RMB|CHF|SEK|NOK|DKK|PLN|CZK|HUF|MXN|BRL|INR|KRW|TRY|ZAR|ILS|SGD|HKD|THB"
_CURRENCY = re.compile(
    rf"[$€£¥₹₩₽₺₴₪₫฿]|(?<![A-Za-z])(?:{_CODES}|R\$|Kč|zł|kr\.?|Ft|Fr\.?|lei|\u0440\u0443\u0431\.?)(?![A-Za-z])",
    re.IGNORECASE,
)
_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|\[([^\]]*)\]|_.|\*.|([0#?])|(General)|(AM/PM|A/P)|(.)', re.IGNORECASE | re.DOTALL)
_LAST_DAY = 2958466  # the day after 9999-12-31
_DATE_HINT = "Type the date anew, or format the cell as a number if it is one."


@dataclass(frozen=True, slots=True)
class Format:
    """What matters of a number format."""

    sort: str  # "date", "time", "duration", "number", or "mask" where the format shows more than the number
    currency: str = ""  # "$", "EUR"
    before: str = ""  # mask: text before the number
    after: str = ""  # mask: text after it
    digits: tuple[str, ...] = ()  # mask of a whole number: its placeholders and the texts between them


@cache
def meaning(code: str) -> Format:
    """What a format code means, by its section for positive numbers.

    >>> meaning("dd/mm/yyyy").sort, meaning("General").sort, meaning("00000").sort, meaning('"$"#,##0.00').currency
    ('date', 'number', 'mask', '$')
    """
    literals: list[str] = []
    parts: list[str] = []  # literals are marked by a NUL in front
    letters, elapsed, currency = "", False, ""
    for quoted, escaped, bracket, digit, general, ampm, other in _TOKEN.findall(code):
        if other == ";":
            break
        if bracket[:1] in ("<", ">", "="):  # a format by size: the number itself is what counts
            return Format("number")
        if quoted or escaped:
            literals.append(quoted or escaped)
            parts.append("\0" + (quoted or escaped))
        elif bracket:
            if bracket.startswith("$"):
                currency = bracket[1:].partition("-")[0] or currency
            elif re.fullmatch(r"h+|m+|s+", bracket, re.IGNORECASE):
                elapsed = True
        elif digit:
            parts.append(digit)
        elif general:
            parts.append("General")
        elif ampm:
            letters += "h"
        elif other:
            parts.append(other)
            letters += other.lower()
    if elapsed:
        return Format("duration")
    letters = re.sub(r"e[+-]", "", letters)
    if re.search(r"[ydmbge]", letters) or re.search(r"[hs]", letters):
        return Format("date" if re.search(r"[ydbge]", letters) or not re.search(r"[hs]", letters) else "time")
    text = "".join(literals)
    found = _CURRENCY.search(text) or re.search(r"[$€£¥]", letters)
    currency = currency or (found.group().upper() if found else "")
    return _mask(parts, currency)


def _mask(parts: list[str], currency: str) -> Format:
    """A format that shows letters around a number, zeros before it, or dashes inside it."""
    places = [index for index, part in enumerate(parts) if part in ("0", "#", "?", "General")]
    if not places:
        return Format("number", currency)
    first, last = places[0], places[-1]
    before = "".join(part.lstrip("\0") for part in parts[:first])
    after = "".join(part.lstrip("\0") for part in parts[last + 1 :])
    inside = parts[first : last + 1]
    if after.startswith(",") or "%" in after:  # shown in thousands, or per cent: the number itself is what counts
        return Format("number", currency)
    told = re.search(r"[^\W\d_]|#|\d", _CURRENCY.sub("", before + " " + after))
    whole = all(part in ("0", "#", "?") or part.startswith("\0") or part in "-() +:" for part in inside)
    zeros = sum(part == "0" for part in inside) > 1
    broken = any(part not in ("0", "#", "?", " ", "\0 ", "\0\xa0") for part in inside)
    if whole and not currency and (zeros or broken or told):
        return Format("mask", "", before, after, tuple(inside))
    return Format("mask" if told else "number", currency, before, after)


def shown(value: float, code: str, epoch_1904: bool = False) -> Cell:
    """The cell that a number and its format make: a date, a number, or the text that the format shows.

    >>> shown(8123, "00000"), shown(5, '0" kg"'), shown(45292, "yyyy-mm-dd"), shown(0.15, "0%"), shown(1.5, "[h]:mm")
    ('08123', '5 kg', datetime.date(2024, 1, 1), 0.15, '36:00:00')
    """
    form = meaning(code)
    if form.sort in ("date", "time"):
        return from_serial(value, epoch_1904, form.sort)
    if form.sort == "duration":
        return duration(dt.timedelta(days=value)) if abs(value) < _LAST_DAY else number(value)
    plain = number(value)
    if form.sort == "number" or isinstance(plain, BadCell) or plain is None:
        return plain
    digits = str(plain)
    if form.digits and isinstance(plain, int) and plain >= 0:
        digits = _fill(form.digits, digits)
    elif form.digits and not re.search(r"[^\W\d_]|#", form.before + form.after):
        return plain  # zeros in front mean nothing to a fraction
    text = f"{form.before}{digits}{form.after}".strip()
    return plain if text == str(plain) else text


def _fill(mask: tuple[str, ...], digits: str) -> str:
    """The digits, from the right, in the mask's placeholders; what is left over stands in front."""
    out: list[str] = []
    left = list(digits)
    spots = sum(part in ("0", "#", "?") for part in mask)
    for part in reversed(mask):
        if part not in ("0", "#", "?"):
            out.append(part.lstrip("\0"))
            continue
        spots -= 1
        if spots == 0 and left:
            out.append("".join(left))
        elif left:
            out.append(left.pop())
        elif part == "0":
            out.append("0")
    return "".join(reversed(out))


def from_serial(value: float, epoch_1904: bool = False, sort: str = "date") -> Cell:
    """The date, time or date with time of a spreadsheet's day number.

    >>> from_serial(45292.5), from_serial(0.25), from_serial(1), from_serial(60).reason
    (datetime.datetime(2024, 1, 1, 12, 0), datetime.time(6, 0), datetime.date(1900, 1, 1), 'is a day that never was')
    """
    if not 0 <= value < _LAST_DAY - (1462 if epoch_1904 else 0):
        return BadCell(
            f"{value:.15g}",
            "is formatted as a date, and is no date that a spreadsheet can show",
            _DATE_HINT,
            "date",
        )
    seconds = round(value % 1 * 86400)
    days = int(value) + seconds // 86400
    clock = dt.timedelta(seconds=seconds % 86400)
    if value < 1 and not (epoch_1904 and value == 0 and sort == "date"):
        return moment_of_day(clock)
    if not epoch_1904 and days == 60:
        return BadCell("1900-02-29", "is a day that never was", _DATE_HINT, "date")
    start = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 31 if days < 60 else 30)
    try:
        day = start + dt.timedelta(days=days)
    except OverflowError:
        return BadCell(
            f"{value:.15g}",
            "is formatted as a date, and is no date that a spreadsheet can show",
            _DATE_HINT,
            "date",
        )
    return dt.datetime.combine(day, moment_of_day(clock)) if clock else day
