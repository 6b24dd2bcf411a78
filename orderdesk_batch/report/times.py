"""This file holds times as whole numbers: seconds and days since 1970, on UTC or on a zone's clock, and back again.

Every engine can add and divide whole numbers, and all get the same; no two know zones in the same way.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..errors import UsageError
from ..extras import need
from . import engines
from .engines import NEVER

HOUR: Final = 3_600
DAY: Final = 86_400
_EPOCH: Final = dt.datetime(1970, 1, 1)
_FIRST: Final = -2_208_988_800  # 1900: zones before it are guesses, and dates before it slips
_LAST: Final = 7_258_118_400  # 2200


def floor(value: Any, by: int) -> Any:
    """Whole numbers divided, rounded down."""
    return (value / by).floor().cast(need("narwhals").Int64)


def known(zone: str) -> ZoneInfo:
    """The zone of this name.

    Raises:
        UsageError: there is no such zone.
    """
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise UsageError(f'"{zone}" is no time zone. Write one such as Europe/London, or desk.settings()["zone"].') from None


def local(table: Any, names: list[str], zone: str) -> Any:
    """The table with these columns of seconds (UTC) as those of a zone's clock; blank ones stay so.

    The zone's changes between the first and the last time are looked up here; the engine only adds.

    Raises:
        UsageError: there is no such zone.
    """
    nw = need("narwhals")
    clock = known(zone)
    if clock.key in ("UTC", "Etc/UTC"):
        return table
    ends = [nw.col(name).max().alias(f"{name}_last") for name in names]
    late = 2**45
    starts = [
        nw.when(nw.col(name) == NEVER).then(nw.lit(late)).otherwise(nw.col(name)).min().alias(f"{name}_first") for name in names
    ]
    span = engines.collected(table.select(*starts, *ends))
    first = [one for name in names for one in span[f"{name}_first"].to_list() if one is not None and one != late]
    last = [one for name in names for one in span[f"{name}_last"].to_list() if one is not None and one != NEVER]
    if not first or not last:
        return table
    base, steps = changes(clock, min(first), max(last))
    return engines.each_row(table, functools.partial(_moved, names=names, base=base, steps=steps))


def _moved(table: Any, names: list[str], base: int, steps: list[tuple[int, int]]) -> Any:
    nw = need("narwhals")
    made = []
    for name in names:
        at = nw.col(name)
        shift = nw.lit(base)
        for since, by in steps:
            shift = shift + (at >= since).cast(nw.Int64) * by
        made.append(nw.when(at == NEVER).then(at).otherwise(at + shift).alias(name))
    return table.with_columns(*made)


def changes(zone: ZoneInfo, first: int, last: int) -> tuple[int, list[tuple[int, int]]]:
    """A zone's seconds ahead of UTC at the first time, and each later change: (since when, by how much).

    >>> changes(ZoneInfo("Europe/London"), 1_767_225_600, 1_798_761_600)
    (0, [(1774746000, 3600), (1792890000, -3600)])
    """
    first, last = max(first, _FIRST), min(last, _LAST)
    at, now = first, _ahead(zone, first)
    found = []
    start = now
    while at < last:
        then = min(at + DAY, last)
        if (ahead := _ahead(zone, then)) != now:
            low, high = at, then
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _ahead(zone, middle) == now else (low, middle)
            found.append((high, ahead - now))
            now = ahead
        at = then
    return start, found


def _ahead(zone: ZoneInfo, seconds: int) -> int:
    moment = (_EPOCH + dt.timedelta(seconds=seconds)).replace(tzinfo=dt.UTC)
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def day(number: int) -> dt.datetime:
    """The midnight that begins a day."""
    return _EPOCH + dt.timedelta(days=number)


def age(name: str, now: dt.datetime | None) -> Any:
    """Whole days since the times in a column of seconds; where they are blank, a number that is far too large."""
    nw = need("narwhals")
    at = moment(now).replace(tzinfo=None) - _EPOCH
    return floor(nw.lit(at.days * DAY + at.seconds) - nw.col(name), DAY)


def moment(now: dt.datetime | None) -> dt.datetime:
    """The time that a report is about, in UTC; a naive one is taken for UTC."""
    if now is None:
        return dt.datetime.now(dt.UTC)
    return now.replace(tzinfo=dt.UTC) if now.tzinfo is None else now.astimezone(dt.UTC)


def back(name: str) -> Any:
    """A column of seconds, in a frame in memory, as times of UTC."""
    nw = need("narwhals")
    moments = (nw.col(name) * 1_000_000).cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    return nw.when(nw.col(name) != NEVER).then(moments).alias(name)
