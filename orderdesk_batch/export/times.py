"""This file holds how time filters are read: dates of the store's zone, times with a zone, or `7d`.

Whether the server reads the times of a search as UTC or as the store's local time is [open]. So a window is
asked for wider than it is, and each record is then judged by its own UTC time. `doctor` finds out which it
is; then the window is asked for as it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from ..errors import UsageError
from ..kinds import TIME

if TYPE_CHECKING:
    from ..store import Store

# No place is further from UTC than 14 hours, so a window wider by that holds all it should, however it is read.
WIDER: Final[Mapping[str, dt.timedelta]] = {
    "utc": dt.timedelta(0),
    "local": dt.timedelta(hours=3),  # on the days when clocks change, a local time can mean two moments
    "": dt.timedelta(hours=14),
}
_AGO: Final = re.compile(r"(\d{1,6})\s*(s|sec|m|min|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BARE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
_DAYS: Final = {"today": 0, "yesterday": 1}
_LAST: Final = dt.timedelta(microseconds=1)
HINT: Final = "Write 2026-11-23, 2026-11-23T09:30, 2026-11-23T09:30:00Z, 7d, 24h, today or yesterday."


@dataclass(frozen=True)
class Zone:
    """The store's time zone; a name that is not known matters only once it is needed."""

    name: str = "UTC"

    @property
    def info(self) -> dt.tzinfo:
        """The zone's rules.

        Raises:
            UsageError: no such zone is known on this machine.
        """
        try:
            return ZoneInfo(self.name)
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f'The store\'s time zone "{self.name}" is not known here. '
                "Write times with a zone of their own, such as 2026-11-23T00:00:00Z."
            ) from None


def moment(asked: Any, zone: Zone, now: dt.datetime, *, end: bool = False, what: str = "") -> dt.datetime:
    """The moment that a filter means, UTC; as an end, the last one that it still includes.

    A date without a time is the whole day in the store's zone, which is shorter or longer than 24 hours
    where clocks change; a time without a zone is the store's; `7d` and `24h` count back from now.

    Raises:
        UsageError: it is no time.

    >>> now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    >>> moment("2026-11-01", Zone("America/Los_Angeles"), now, end=True).isoformat()
    '2026-11-02T07:59:59.999999+00:00'
    """
    try:
        if isinstance(asked, dt.timedelta):
            return now - abs(asked)
        if isinstance(asked, dt.datetime):
            return _in_utc(asked, zone, end)
        if isinstance(asked, dt.date):
            return _of_day(asked, zone, end)
        text = str(asked).strip()
        if ago := _AGO.fullmatch(text):
            return now - dt.timedelta(seconds=int(ago[1]) * _SECONDS[ago[2][0].lower()])
        if text.lower() in _DAYS:
            return _of_day(now.astimezone(zone.info).date() - dt.timedelta(days=_DAYS[text.lower()]), zone, end)
        if text.lower() == "now":
            return now
        if _BARE.fullmatch(text):
            return _of_day(dt.date.fromisoformat(text), zone, end)
        return _in_utc(dt.datetime.fromisoformat(text), zone, end)
    except (ValueError, OverflowError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f'{what}: "{asked}" is not a time. {HINT}'.removeprefix(": ")) from None


def _of_day(day: dt.date, zone: Zone, end: bool) -> dt.datetime:
    if not end:
        return dt.datetime.combine(day, dt.time(), zone.info).astimezone(dt.UTC)
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone.info)
    return after.astimezone(dt.UTC) - _LAST


def _in_utc(time: dt.datetime, zone: Zone, end: bool) -> dt.datetime:
    if time.tzinfo is None:
        # An hour that the clock shows twice: from the first, up to the second.
        time = time.replace(tzinfo=zone.info, fold=int(end))
    return time.astimezone(dt.UTC)


@dataclass(frozen=True)
class Window:
    """A span of time in which a date of the records lies, both ends included; None: no end on that side."""

    field: str  # date_added, date_updated
    start: dt.datetime | None = None  # UTC
    end: dt.datetime | None = None

    def holds(self, document: Mapping[str, Any]) -> bool:
        """Whether a record's own date lies in it; one without a date is the server's to judge."""
        at = stamp(document.get(self.field))
        if at is None:
            return True
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)

    def asked(self, starts: str, ends: str, zone: Zone, reading: str = "") -> dict[str, str]:
        """The filters to send, wide enough for the way in which the server reads them: "utc", "local", or not known."""
        filters = {}
        wider = WIDER.get(reading, WIDER[""])
        for name, at, by in ((starts, self.start, -wider), (ends, self.end, wider)):
            if at is None or not name:
                continue
            try:
                at = at + by
                if reading == "local":
                    at = at.astimezone(zone.info)
                elif by > dt.timedelta(0) or name == ends:
                    at = at + dt.timedelta(seconds=1) - _LAST  # seconds are cut off below: to the next one
            except OverflowError:
                continue  # beyond all dates that there are: no end on that side
            filters[name] = at.replace(tzinfo=None, microsecond=0).isoformat(" ")
        return filters

    def says(self, zone: Zone) -> str:
        """The window for people, in the store's zone and in UTC."""
        verb = {"date_added": "added", "date_updated": "changed"}.get(self.field, self.field)
        ends = [(word, at) for word, at in (("from", self.start), ("to", self.end)) if at is not None]
        try:
            local = " ".join(f"{word} {_clock(at.astimezone(zone.info))}" for word, at in ends)
        except UsageError:
            local = ""
        utc = " ".join(f"{word} {_clock(at)}" for word, at in ends)
        return f"{verb} {local} ({utc} UTC)" if local and zone.name != "UTC" else f"{verb} {utc} UTC"


def _clock(at: dt.datetime) -> str:
    name = "" if at.tzinfo is dt.UTC else f" {at.tzname()}"
    return f"{at.replace(tzinfo=None).isoformat(' ', 'seconds')}{name}"


def told_by(store: Store) -> dt.datetime | None:
    """The store's own time, UTC, which costs a request; None where it tells none.

    Raises:
        StoreError: the store refused the key, or can't be reached.
    """
    return stamp(store.test().get("current_date_time"))


def stamp(value: Any) -> dt.datetime | None:
    """A date of a record as a moment; None where it holds none."""
    if isinstance(value, str) and len(value) == 19:
        try:
            return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
        except ValueError:
            pass
    found = TIME.read(value)
    return found.replace(tzinfo=dt.UTC) if isinstance(found, dt.datetime) else None
