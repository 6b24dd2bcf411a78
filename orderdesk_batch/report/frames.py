"""This file holds what all reports share: frames in, their columns as numbers and local times, small frames out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..errors import UsageError
from ..extras import need

# Kinds of frames are told apart by narwhals alone, so to the type checker a frame is anything.
Frame = Any

# Columns of the answers that are counts; engines differ in the type that a sum of them has.
_WHOLE: Final = frozenset({
    "orders", "quantity", "customers", "items", "units", "without_cost", "parcels", "tracked", "stock", "sold", "to_order",
    "days", "oldest_days", "band", "weekday", "hour",
})  # fmt: skip
NOBODY: Final = "(none)"  # stands where a carrier, a folder or a source is blank


def narwhals() -> Any:
    """The library, imported when the first report is asked for."""
    return need("narwhals")


def scan(frame: Frame, what: str, *needed: str) -> Any:
    """A frame as a lazy one of narwhals, with the columns that are needed.

    Args:
        what: which export it should be: "orders", "items"; for the error.

    Raises:
        UsageError: it is no frame, or a column is not there.
    """
    nw = narwhals()
    try:
        lazy = nw.from_native(frame).lazy()
    except TypeError:
        raise UsageError(f"The {what} are a {type(frame).__name__}, not a frame. desk.export gives one.") from None
    there = set(lazy.collect_schema().names())
    if missing := [name for name in needed if name not in there]:
        verb = "is" if len(missing) == 1 else "are"
        raise UsageError(
            f'The {what} have no column {", ".join(missing)}, which {verb} needed. desk.export("{what}") gives all of them.'
        )
    return lazy


def amount(name: str) -> Any:
    """A column of decimals, or of numbers of any sort, as floats; blank is 0."""
    nw = narwhals()
    return nw.col(name).cast(nw.Float64).fill_null(0.0)


def word(name: str) -> Any:
    """A column of words; blank ones say so."""
    nw = narwhals()
    text = nw.col(name).cast(nw.String)
    return nw.when(text.is_null() | (text == "")).then(nw.lit(NOBODY)).otherwise(text)


def local(name: str, zone: str) -> Any:
    """A column of UTC times as the wall clock's times in a zone."""
    return narwhals().col(name).dt.convert_time_zone(known(zone)).dt.replace_time_zone(None)


def day(name: str, zone: str) -> Any:
    """A column of UTC times as the days (midnight) in a zone."""
    return local(name, zone).dt.truncate("1d")


def days_between(earlier: Any, later: Any) -> Any:
    """Whole days from one to the other, rounded down; both expressions are of the same sort of time."""
    nw = narwhals()
    return ((later - earlier).dt.total_minutes() / 1440).floor().cast(nw.Int64)


def age(name: str, now: dt.datetime | None) -> Any:
    """Whole days since the times in a column (UTC)."""
    nw = narwhals()
    return days_between(nw.col(name), nw.lit(moment(now)).cast(nw.Datetime("us", "UTC")))


def moment(now: dt.datetime | None) -> dt.datetime:
    """The time that a report is about, in UTC; a naive one is taken for UTC."""
    if now is None:
        return dt.datetime.now(dt.UTC)
    return now.replace(tzinfo=dt.UTC) if now.tzinfo is None else now.astimezone(dt.UTC)


def known(zone: str) -> str:
    """The zone's name.

    Raises:
        UsageError: there is no such zone.
    """
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):
        raise UsageError(f'"{zone}" is no time zone. Write one such as Europe/London, or desk.settings()["zone"].') from None


def collected(lazy: Any) -> Any:
    """The answer, worked out: a small frame of narwhals."""
    return lazy.collect()


def answer(frame: Any, order: Sequence[str] | None = None) -> Frame:
    """The answer as the caller's own kind of frame, with its columns in this order."""
    nw = narwhals()
    if order is not None:
        frame = frame.select(*order)
    whole = [nw.col(name).cast(nw.Int64) for name in frame.columns if name in _WHOLE]
    native = nw.maybe_reset_index(frame.with_columns(*whole) if whole else frame).to_native()
    if hasattr(native.columns, "name"):
        native.columns.name = None  # pandas is left with an empty one after grouping
    return native


def made(like: Any, columns: Mapping[str, Sequence[Any]]) -> Any:
    """A small frame of the same kind as another."""
    return narwhals().from_dict(dict(columns), backend=like.implementation)


def cents(*names: str) -> list[Any]:
    """Columns rounded to cents."""
    return [rounded(name, 2) for name in names]


def rounded(name: str, digits: int) -> Any:
    """A column rounded, halves up: engines differ in that, and in the last bit of a sum, so it is spelled out."""
    scale = 10**digits
    return (narwhals().col(name) * scale + (0.5 + 1e-7)).floor() / scale


def share(name: str, of: str, whole: str) -> Any:
    """One column divided by another, under a name of its own; 0 where there is nothing to share."""
    nw = narwhals()
    count = nw.col(whole).cast(nw.Float64)
    return nw.when(count == 0).then(nw.lit(0.0)).otherwise(nw.col(of).cast(nw.Float64) / count).alias(name)
