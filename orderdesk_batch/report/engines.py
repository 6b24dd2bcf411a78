"""This file holds the bridge to the engines: pandas, polars, DuckDB, Dask, PySpark. No report knows which one it works on.

narwhals says nearly everything in one way for all of them. What it can't is said here: how a time becomes a number
whatever zone a session is set to, column names with a dot in them, and as what a small answer comes back.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from ..errors import UsageError
from ..extras import need

Clock = Literal["", "time", "day"]  # what a column is to become: as it is, seconds since 1970 (UTC), or days since 1970

NEVER: Final = -(2**40)  # stands for a blank time or day; no engine has to know how another one spells a blank number
STORE: Final = "store"  # the column that tells whose a row is, in tables of several stores
_FROM: Final = dt.datetime(1900, 1, 1)  # so that no difference is negative: engines round those differently
_SHIFT: Final = int((dt.datetime(1970, 1, 1) - _FROM).total_seconds())
_DAY: Final = 86_400
_QUIET: Final = (
    ("Dask support is moving out of Narwhals", FutureWarning),  # the package it is to move to is not out
    ("The inplace keyword in DataFrame.reset_index", DeprecationWarning),  # Dask's way with pandas, not ours
)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what libraries have to tell each other."""
    with warnings.catch_warnings():
        for message, sort in _QUIET:
            warnings.filterwarnings("ignore", message=message, category=sort)
        yield


def opened(frame: Any) -> Any:
    """A frame of any engine as a lazy one of narwhals.

    Raises:
        TypeError: it is none.
    """
    with quiet():
        return need("narwhals").from_native(frame).lazy()


def columns_of(lazy: Any) -> set[str]:
    """The names of a frame's columns."""
    return set(lazy.to_native().columns) if _sql(lazy) else set(lazy.collect_schema().names())


def chosen(lazy: Any, what: str, wanted: Mapping[str, tuple[str, Clock]]) -> Any:
    """The columns that are wanted and no other, under names of ours: name → (column, what it is to become).

    Raises:
        UsageError: a column that should hold times holds something else.
    """
    types = _types(lazy, {source for source, clock in wanted.values() if clock})
    for source, sort in types.items():
        if not sort:
            raise UsageError(f"{source} of the {what} holds no times. desk.export gives them; in a frame of texts, turn them into times first.")
    if lazy.implementation.is_dask():  # so that no other is read
        lazy = lazy.select(*{source: None for source, _ in wanted.values()})
    if lazy.implementation.is_duckdb():
        return _chosen_in_duckdb(lazy, wanted)
    if lazy.implementation.is_spark_like():
        return _chosen_in_spark(lazy, wanted, types)
    return each_row(lazy, functools.partial(_chosen, wanted=dict(wanted), types=types))


def _chosen(lazy: Any, wanted: Mapping[str, tuple[str, Clock]], types: Mapping[str, str]) -> Any:
    nw = need("narwhals")
    made = []
    for name, (source, clock) in wanted.items():
        value = nw.col(source)
        if clock:
            value = _seconds(value, types[source])
            value = (value / _DAY).floor() if clock == "day" else value
            value = value.fill_null(NEVER).cast(nw.Int64)
        made.append(value.alias(name))
    return lazy.select(*made)


def each_row(lazy: Any, change: Callable[[Any], Any]) -> Any:
    """A table with something done to its rows, each by itself: columns made, rows left out.

    Dask does it to a partition at a time, in one go; expression by expression it would read and keep each column many times.

    Args:
        change: from a lazy frame of narwhals to another. It may be sent to another machine.
    """
    if not lazy.implementation.is_dask():
        return change(lazy)
    native = lazy.to_native()

    def of_part(part: Any) -> Any:
        return _worked_out(change(_numbered(part)))

    return opened(native.map_partitions(of_part, meta=of_part(native._meta)))


def brought_together(lazy: Any, key: str, change: Callable[[Any], Any]) -> Any:
    """A table with something done to the rows that have a value in common, such as an order's: grouped, or all but one left out.

    Dask brings them to one of many places and does it there; its own grouping would draw all groups together in one or two.

    Args:
        change: from a lazy frame of narwhals to another. It may be sent to another machine.
    """
    if lazy.implementation.is_dask() and (native := lazy.to_native()).npartitions > 1:
        lazy = opened(native.shuffle(on=key, npartitions=native.npartitions))
    return each_row(lazy, change)


def joined(first: Any, second: Any, key: str, change: Callable[[Any, Any], Any]) -> Any:
    """Two tables with something done to the rows of both that have a value in common: joined, after grouping or filtering.

    Args:
        change: from two lazy frames of narwhals to one. It may be sent to another machine.
    """
    if not first.implementation.is_dask():
        return change(first, second)
    left, right = first.to_native(), second.to_native()
    if left[key].dtype != right[key].dtype:
        right = right.assign(**{key: right[key].astype(left[key].dtype)})
    places = max(left.npartitions, right.npartitions)
    if places > 1:  # a value goes to the same place, whichever table it is from
        left, right = (one.shuffle(on=key, npartitions=places) for one in (left, right))

    def of_parts(one: Any, other: Any) -> Any:
        return _worked_out(change(_numbered(one), _numbered(other)))

    return opened(left.map_partitions(of_parts, right, meta=of_parts(left._meta, right._meta), align_dataframes=False))


def grouped(lazy: Any, keys: Sequence[str], *sums: Any) -> Any:
    """A table grouped by some columns, of which few values are different, and added up."""
    found = lazy.group_by(*keys).agg(*sums)
    # Dask takes columns away from under a grouping that still looks for them; it can't through what it does not know.
    return each_row(found, _as_it_is) if lazy.implementation.is_dask() else found


def _numbered(part: Any) -> Any:
    """A partition with rows numbered anew: after they were moved, numbers come twice."""
    return opened(part.reset_index(drop=True))


def _worked_out(lazy: Any) -> Any:
    return lazy.collect().to_native().reset_index(drop=True)


def _as_it_is(lazy: Any) -> Any:
    return lazy


def _sql(lazy: Any) -> bool:
    return bool(lazy.implementation.is_duckdb() or lazy.implementation.is_spark_like())


def _types(lazy: Any, names: set[str]) -> dict[str, str]:
    """What sort of time each column holds: zoned, naive, date; blank for none."""
    if not names:
        return {}
    nw = need("narwhals")
    found = {}
    schema = lazy.collect_schema()
    for name in names:
        held = schema[name]
        if isinstance(held, nw.Datetime):
            found[name] = "zoned" if held.time_zone else "naive"
        else:  # pandas holds dates as objects
            found[name] = "date" if held in (nw.Date, nw.Object, nw.Unknown) else ""
    return found


def _seconds(value: Any, sort: str) -> Any:
    """Times as seconds since 1970."""
    nw = need("narwhals")
    if sort == "zoned":
        value = value.dt.convert_time_zone("UTC")
        start = nw.lit(_FROM.replace(tzinfo=dt.UTC))
    else:
        value = value.cast(nw.Datetime("us")) if sort == "date" else value
        start = nw.lit(_FROM)
    return (value - start).dt.total_seconds() - _SHIFT


def _chosen_in_duckdb(lazy: Any, wanted: Mapping[str, tuple[str, Clock]]) -> Any:
    parts = []
    for name, (source, clock) in wanted.items():
        value = '"{}"'.format(source.replace('"', '""'))
        if clock == "time":  # a difference of two times would depend on the session's zone
            value = f"coalesce(cast(floor(epoch_us({value}) / 1000000) as bigint), {NEVER})"
        elif clock == "day":
            value = f"coalesce(cast(floor(epoch_us(cast({value} as timestamp)) / {_DAY * 1_000_000}) as bigint), {NEVER})"
        parts.append(f'{value} as "{name}"')
    return opened(lazy.to_native().project(", ".join(parts)))


def _chosen_in_spark(lazy: Any, wanted: Mapping[str, tuple[str, Clock]], types: Mapping[str, str]) -> Any:
    parts = []
    for name, (source, clock) in wanted.items():
        value = "`{}`".format(source.replace("`", "``"))
        if clock and types[source] == "zoned":
            seconds = f"floor(unix_micros({value}) / 1000000)"
            value = f"coalesce(floor({seconds} / {_DAY}), {NEVER})" if clock == "day" else f"coalesce({seconds}, {NEVER})"
        elif clock:
            days = f"unix_date(cast({value} as date))"
            of_day = f"hour({value}) * 3600 + minute({value}) * 60 + second({value})" if types[source] == "naive" else "0"
            value = f"coalesce({days}, {NEVER})" if clock == "day" else f"coalesce({days} * {_DAY}L + {of_day}, {NEVER})"
        parts.append(f"cast({value} as bigint) as `{name}`" if clock else f"{value} as `{name}`")
    return opened(lazy.to_native().selectExpr(*parts))


def collected(lazy: Any) -> Any:
    """What was found, worked out by the engine: a frame in memory, of pandas where the engine has none of its own."""
    with quiet():
        ready = each_row(lazy, _whole_numbers)
        if lazy.implementation.is_polars() or lazy.implementation.is_pandas_like() or lazy.implementation.is_pyarrow():
            return ready.collect()
        return ready.collect(backend="pandas")


def _whole_numbers(lazy: Any) -> Any:
    """Counts and sums as numbers of 64 bits; DuckDB's sums are wider."""
    nw = need("narwhals")
    whole = [nw.col(name).cast(nw.Int64) for name, sort in lazy.collect_schema().items() if sort.is_numeric()]
    return lazy.with_columns(*whole) if whole else lazy


def plain(native: Any) -> Any:
    """An answer with the plainest types of its kind: a pandas frame's texts are `string`, its numbers int64 and float64."""
    if not hasattr(native, "dtypes") or not hasattr(native, "reset_index"):
        return native
    types = {}
    for name, held in native.dtypes.items():
        if held.kind in "OT" or str(held).startswith("str"):
            types[name] = "string"
        elif held.kind == "i":
            types[name] = "int64"
        elif held.kind == "f":
            types[name] = "float64"
        elif held.kind == "M":
            types[name] = "datetime64[us, UTC]" if "UTC" in str(held) else "datetime64[us]"
    made = native.astype(types).reset_index(drop=True)
    made.columns.name = None  # grouping leaves an empty one
    return made
