"""This file holds how cells become dates and times; a date that can be read in two ways is refused."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from .cells import CellRefused, How, check_error, trim, without_hidden

EARLIEST, LATEST = 1990, 2099  # years that a date in a sheet can have; others are slips of a spreadsheet

_NAMES: Final = (
    *(("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june")),
    *(("jul", "july"), ("aug", "august"), ("sep", "sept", "september"), ("oct", "october")),
    *(("nov", "november"), ("dec", "december")),
)
_MONTHS: Final = {name: number for number, names in enumerate(_NAMES, 1) for name in names}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>\d{4}|'?\d{2})"
_FLAGS: Final = re.ASCII | re.IGNORECASE
_FORMS: Final = tuple(
    re.compile(form, _FLAGS)
    for form in (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<one>\d{1,2})([-/.])(?P<two>\d{1,2})\2(?P<year>\d{4}|\d{2})",
        rf"{_MONTH}[ -]{_DAY},?[ -]{_YEAR}",
        rf"{_DAY}[ -]?{_MONTH},?[ -]?{_YEAR}",
        rf"(?P<year>\d{{4}})[ -]{_MONTH}[ -]{_DAY}",
    )
)
_WEEKDAY: Final = re.compile(rf"(?P<weekday>{'|'.join(day + '|' + day[:3] for day in _DAYS)}),?\s+", _FLAGS)
_CLOCK: Final = re.compile(
    r"(?:T|,?\s+|,?\s+at\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[-+]\d{2}:?\d{2}|[-+]\d{2})?",
    _FLAGS,
)
_WRITE: Final = "Write it as 2026-11-23."


def moment(cell: Any, how: How) -> dt.datetime | None:
    """A point in time, UTC: what has no zone is UTC already."""
    found = _read(cell, how)
    if found is None:
        return None
    if found.tzinfo is not None:
        try:
            found = found.astimezone(dt.UTC).replace(tzinfo=None)
        except OverflowError:
            raise _not_a_date(how) from None
    return _rounded(found)


def day(cell: Any, how: How) -> dt.date | None:
    """A date; of a time with a zone the day as it is written, which is the day of whoever wrote it."""
    found = _read(cell, how)
    return None if found is None else _rounded(found.replace(tzinfo=None)).date()


def _rounded(found: dt.datetime) -> dt.datetime:
    """To the second: spreadsheets keep times as fractions of a day, a few microseconds off."""
    if not found.microsecond:
        return found
    try:
        return (found + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        return found.replace(microsecond=0)


def _read(cell: Any, how: How) -> dt.datetime | None:
    if cell is None:
        return None
    if isinstance(cell, dt.datetime):
        return _plausible(cell, how)
    if isinstance(cell, dt.date):
        return _plausible(dt.datetime.combine(cell, dt.time()), how)
    if isinstance(cell, bool):
        raise _not_a_date(how)
    if isinstance(cell, (int, float)):
        if 19_000_000 < cell < 21_000_000 and cell == int(cell):
            return _from_text(str(int(cell)), how)
        raise CellRefused(
            "is a bare number, not a date",
            "Format the column as a date, or write it as 2026-11-23.",
            "not-a-date",
        )
    if not isinstance(cell, str):
        raise _not_a_date(how)
    text = without_hidden(trim(cell))
    if not text or text.startswith("0000-00-00"):
        return None
    return _from_text(text, how)


def _from_text(text: str, how: How) -> dt.datetime | None:
    check_error(text)
    whole = text
    weekday = _WEEKDAY.match(text)
    if weekday:
        text = text[weekday.end() :]
    for form in _FORMS:
        match = form.match(text)
        if not match:
            continue
        clock = _time_of(text[match.end() :], how)
        if clock is None:
            continue
        parts = match.groupdict()
        if len(parts["year"].strip("'")) == 2:
            raise CellRefused("has a year of two digits", "Write the year in full: 2026-11-23.", "two-digit-year")
        date = _of_two_numbers(parts, how) if "one" in parts else _date(parts["year"], parts["month"], parts["day"])
        if date is None:
            raise _not_a_date(how)
        if weekday and _DAYS[date.weekday()][:3] != weekday["weekday"][:3].lower():
            raise CellRefused(f"is not a {weekday['weekday']}", "Write the date as 2026-11-23.", "not-a-date")
        return _plausible(dt.datetime.combine(date, clock), how)
    raise (
        _not_a_date(how)
        if not whole.isdigit()
        else CellRefused(
            "is a bare number, not a date",
            "Format the column as a date, or write it as 2026-11-23.",
            "not-a-date",
        )
    )


def order_of(text: str) -> str:
    """Which comes first in a date such as 13/01/2026: "dmy" or "mdy"; "" where it is not to be told."""
    match = _FORMS[2].match(trim(text))
    if not match or len(match["year"]) == 2:
        return ""
    month_first = _date(match["year"], match["one"], match["two"])
    day_first = _date(match["year"], match["two"], match["one"])
    return "" if bool(month_first) == bool(day_first) else "mdy" if month_first else "dmy"


def _of_two_numbers(parts: dict[str, str], how: How) -> dt.date | None:
    """The date of 11/12/2026: of one reading, or as the option says."""
    month_first = _date(parts["year"], parts["one"], parts["two"])
    day_first = _date(parts["year"], parts["two"], parts["one"])
    if month_first and day_first and month_first != day_first:
        if how.dates is None:
            raise CellRefused(
                f"can be read as {month_first} or as {day_first}",
                "Say which with --dates mdy or --dates dmy, or write it as 2026-11-23.",
                "ambiguous-date",
                (month_first, day_first),
            )
        return month_first if how.dates == "mdy" else day_first
    asked = {"mdy": month_first, "dmy": day_first}.get(how.dates or "")
    only = month_first or day_first
    if only and how.dates and not asked:
        raise CellRefused(
            f"is no date in the order {'month, day, year' if how.dates == 'mdy' else 'day, month, year'}",
            f"Write it as {only}, or look whether the heading and --dates are right.",
            "date-order",
            (only,),
        )
    return only


def _date(year: str, month: str, day: str) -> dt.date | None:
    number = _MONTHS.get(month.lower().rstrip("."))
    try:
        return dt.date(int(year), number or int(month), int(day))
    except ValueError:
        return None


def _time_of(text: str, how: How) -> dt.time | None:
    """The time after a date; None where that is no time."""
    if not text:
        return dt.time()
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    fraction = round(float("0." + match["fraction"][1:]) * 1_000_000) if match["fraction"] else 0
    try:
        return dt.time(
            hour,
            int(match["minute"]),
            int(match["second"] or 0),
            min(fraction, 999_999),
            _zone(match["zone"]),
        )
    except ValueError:
        return None


def _zone(text: str | None) -> dt.timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def _plausible(found: dt.datetime, how: How) -> dt.datetime:
    if not how.api and not EARLIEST <= found.year <= LATEST:
        raise CellRefused(
            f"is the date {found.date()}, which can't be meant",
            "Type the date anew; a number that is shown as a date often is the reason.",
            "implausible-date",
        )
    return found


def _not_a_date(how: How) -> CellRefused:
    return CellRefused("is not a date", _WRITE, "not-a-date")
