"""This file holds what all reports share: tables in, as texts and whole numbers; small frames out.

At the door each column becomes a text or a whole number: an amount of money millionths of it, a time seconds. The
engine counts and adds those, so that the order in which it adds does not matter and all engines get the same; what
comes of it is small, and divided, rounded and sorted here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from ..errors import UsageError
from ..extras import need
from . import engines
from .engines import STORE, Clock
from .engines import brought_together as brought_together
from .engines import collected as collected
from .engines import each_row as each_row
from .engines import grouped as grouped
from .engines import joined as joined

# Kinds of frames are told apart by narwhals alone, so to the type checker a frame is anything.
Frame = Any

NOBODY: Final = "(none)"  # stands where a carrier, a folder or a source is blank
UNIT: Final = 1_000_000  # of money: six decimals are kept, and nine thousand thousand million can be added up

# The types of the answers' columns; all others are fractions.
_WHOLE: Final = frozenset({
    "orders", "quantity", "customers", "items", "units", "without_cost", "parcels", "tracked", "stock", "sold", "to_order",
    "days", "oldest_days", "band", "weekday", "hour",
})  # fmt: skip
_DAYS: Final = frozenset({"day", "week", "month"})
_TEXTS: Final = frozenset({"code", "name", "carrier", "folder", "age", "bought", "email", "id", "source_id", "source_name"})


class Column(NamedTuple):
    """A column that a report needs, and what becomes of it."""

    source: str
    sort: str  # text, order, word, money, whole, time, day


def text(source: str) -> Column:
    """A column as text; blank ones stay blank."""
    return Column(source, "text")


def order(source: str) -> Column:
    """A column with the ids of orders; in tables of several stores, which may count alike, as STORE/ID."""
    return Column(source, "order")


def word(source: str) -> Column:
    """A column of words; blank ones say so."""
    return Column(source, "word")


def money(source: str) -> Column:
    """A column of amounts as millionths; blank is 0."""
    return Column(source, "money")


def whole(source: str) -> Column:
    """A column of whole numbers; blank is 0."""
    return Column(source, "whole")


def time(source: str) -> Column:
    """A column of times as seconds since 1970, UTC; `engines.NEVER` where it is blank."""
    return Column(source, "time")


def day(source: str) -> Column:
    """A column of dates as days since 1970; `engines.NEVER` where it is blank."""
    return Column(source, "day")


def narwhals() -> Any:
    """The library, imported when the first report is asked for."""
    return need("narwhals")


def scan(frame: Frame, what: str, **wanted: Column) -> Any:
    """A frame as a lazy one of narwhals with these columns alone, each of the sort that is said.

    Args:
        what: which export it should be: "orders", "items"; for the error.

    Raises:
        UsageError: it is no frame, or a column is not there, or holds no times.
    """
    try:
        lazy = engines.opened(frame)
    except TypeError:
        raise UsageError(f"The {what} are a {type(frame).__name__}, not a frame. desk.export gives one.") from None
    there = engines.columns_of(lazy)
    needed = dict.fromkeys(column.source for column in wanted.values())
    if missing := [name for name in needed if name not in there]:
        verb = "is" if len(missing) == 1 else "are"
        raise UsageError(
            f'The {what} have no column {", ".join(missing)}, which {verb} needed. desk.export("{what}") gives all of them.'
        )
    clocks: dict[str, Clock] = {"time": "time", "day": "day"}
    chosen = {name: (column.source, clocks.get(column.sort, "")) for name, column in wanted.items()}
    if STORE in there and any(column.sort == "order" for column in wanted.values()):
        chosen["_store"] = (STORE, "")
    table = engines.chosen(lazy, what, chosen)
    return engines.each_row(table, functools.partial(_plain_columns, sorts={name: column.sort for name, column in wanted.items()}))


def _plain_columns(table: Any, sorts: Mapping[str, str]) -> Any:
    """The columns as texts and whole numbers."""
    nw = narwhals()
    has_store = "_store" in table.collect_schema().names()
    made = []
    for name, sort in sorts.items():
        value = nw.col(name)
        if sort in ("text", "word", "order"):
            value = value.cast(nw.String)
        if sort == "order" and has_store:
            value = nw.concat_str([nw.col("_store").cast(nw.String), value], separator="/")
        if sort == "word":
            value = nw.when(value.is_null() | (value == "")).then(nw.lit(NOBODY)).otherwise(value)
        if sort in ("money", "whole"):
            value = value.cast(nw.Float64).fill_null(0.0) * (UNIT if sort == "money" else 1)
            value = (value + 0.5).floor().cast(nw.Int64)
        made.append(value.alias(name))
    return table.select(*made)


def together(**tables: Frame) -> None:
    """Whether tables, by what they are called, can be joined by the ids of orders.

    Raises:
        UsageError: they are of two engines, or only some tell the store.
    """
    held = {}
    for name, frame in tables.items():
        try:
            lazy = engines.opened(frame)
        except TypeError:
            return  # `scan` says so
        held[name] = (lazy.implementation.value, STORE in engines.columns_of(lazy))
    (first, (engine, has_store)), *others = held.items()
    for name, (other, other_has) in others:
        if other != engine:
            raise UsageError(f"The {first} are a frame of {engine}, the {name} of {other}. Give both of one kind.")
        if other_has != has_store:
            one, none = (first, name) if has_store else (name, first)
            raise UsageError(f"The {one} have a column {STORE}, the {none} have none. Keep it in both, or in neither.")


def rows(frame: Any, *names: str) -> Iterable[tuple[Any, ...]]:
    """These columns of a small frame, row by row, as plain values, in their own order."""
    return sorted(zip(*(frame[name].to_list() for name in names), strict=True))


def made(like: Any, columns: Sequence[str], found: Iterable[Sequence[Any]], texts: Iterable[str] = ()) -> Frame:
    """An answer of rows, as a frame of the same kind as another.

    Args:
        texts: columns of texts whose names only the caller knows.
    """
    nw = narwhals()
    types: Mapping[frozenset[str], Any] = {
        _WHOLE: nw.Int64, _DAYS - frozenset(texts): nw.Datetime("us"), _TEXTS | frozenset(texts): nw.String,
    }  # fmt: skip
    schema = {name: next((sort for names, sort in types.items() if name in names), nw.Float64) for name in columns}
    held = list(found)
    cells = {name: [row[n] for row in held] for n, name in enumerate(columns)}
    for name, sort in schema.items():
        if sort == nw.Float64:
            cells[name] = [None if cell is None else float(cell) for cell in cells[name]]
    return answer(nw.from_dict(cells, schema=schema, backend=like.implementation))


def answer(frame: Any, order: Sequence[str] | None = None) -> Frame:
    """The answer as the caller's own kind of frame, with its columns in this order."""
    return engines.plain((frame if order is None else frame.select(*order)).to_native())


def cents(units: int | Fraction) -> float:
    """Millionths as an amount in cents, halves up.

    >>> cents(12_345_000), cents(-12_345_000), cents(Fraction(10_000_000, 3))
    (12.35, -12.34, 3.33)
    """
    return rounded(Fraction(units) / UNIT, 2)


def rounded(number: Fraction | float, digits: int) -> float:
    """A number rounded, halves up."""
    scale: int = 10**digits
    return (Fraction(number) * scale + Fraction(1, 2)).__floor__() / scale


def ratio(part: int, of: int) -> float:
    """A share; 0 where there is nothing to share."""
    return part / of if of else 0.0


def with_amount(frame: Any, name: str) -> Any:
    """A frame in memory with a column of millionths as amounts in cents; for answers with a row for each order."""
    nw = narwhals()
    amounts = [(units + 5_000) // 10_000 / 100 for units in frame[name].to_list()]  # polars divides less exactly
    return frame.with_columns(nw.new_series(name, amounts, nw.Float64, backend=frame.implementation))


def quantile(counted: Sequence[tuple[int, int]], tenths: int) -> float:
    """A percentile of values that were counted: exact, between two values on the line from one to the other.

    Args:
        counted: (value, how many), the lowest value first; at least one.
        tenths: 5 is the median, 9 what nine of ten do not exceed.

    >>> quantile([(1, 1), (5, 1)], 9), quantile([(1, 3), (2, 1)], 5)
    (4.6, 1.0)
    """
    last = sum(count for _, count in counted) - 1
    place, rest = divmod(tenths * last, 10)
    low, high = _at(counted, place), _at(counted, min(place + 1, last))
    return (low * 10 + (high - low) * rest) / 10


def _at(counted: Sequence[tuple[int, int]], place: int) -> int:
    for value, count in counted:
        if place < count:
            return value
        place -= count
    raise IndexError(place)
