"""This file holds the writing of Parquet files, by pyarrow, which is an extra of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path
from typing import Any, Final

from ..errors import Problem, UsageError
from ..kinds import NUMBERS, Value
from ..sheets.write import MOST_NAMED, atomic
from .columns import Column
from .frame import check_money, typed
from .spool import Table

DIGITS, PLACES = 38, 10  # of exact decimals
_STEP: Final = Decimal(1).scaleb(-PLACES)
_LARGEST: Final = Decimal(10) ** (DIGITS - PLACES)


def check(money: str) -> None:
    """Find out, before anything is read, whether a Parquet file can be written.

    Raises:
        UsageError: pyarrow is not installed, or `money` is no word of ours.
    """
    check_money(money)
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise UsageError(
            "Writing .parquet needs pyarrow, which is not installed. Install it with: "
            'pip install "orderdesk-batch[archive]" (or: pipx inject orderdesk-batch pyarrow).'
        ) from None


def write(path: Path, table: Table, money: str) -> list[Problem]:
    """Write a table, some rows at a time, and give the cells that the types can't hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(types(table.columns, money))
    problems: list[Problem] = []
    with atomic(path) as beside, pq.ParquetWriter(str(beside), schema, compression="zstd") as writer:
        for rows in table.chunks():
            arrays = []
            for column, wanted in zip(table.columns, schema, strict=True):

                def say(bad: str, name: str = column.name) -> None:
                    if len(problems) < MOST_NAMED:
                        problems.append(Problem(f"{bad}, so the cell was left blank", "A .jsonl file holds it.", "warning",
                                                None, name, None, path.name, code="not-held"))  # fmt: skip

                arrays.append(array([row.get(column.slot) for row in rows], column.kind, money, wanted.type, say))
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return problems


def types(columns: Sequence[Column], money: str) -> list[tuple[str, Any]]:
    """The columns' names, with the Arrow type that each has."""
    import pyarrow as pa

    by_kind = {"whole": pa.int64(), "time": pa.timestamp("us", tz="UTC"), "date": pa.date32()}
    number = pa.float64() if money == "float" else pa.decimal128(DIGITS, PLACES)
    by_kind |= dict.fromkeys([kind for kind in NUMBERS if kind != "whole"], number)
    return [(column.name, by_kind.get(column.kind, pa.string())) for column in columns]


def array(cells: Sequence[Value], kind: str, money: str, of: Any, say: Callable[[str], object]) -> Any:
    """The cells of a column as an Arrow array; what its type can't hold is told and blank."""
    import pyarrow as pa

    return pa.array(_fitting(typed(cells, kind, say), kind, money, say), type=of)


def _fitting(cells: Sequence[Any], kind: str, money: str, say: Any) -> Sequence[Any]:
    if kind in NUMBERS and kind != "whole":
        if money == "float":
            return [None if cell is None else float(cell) for cell in cells]
        return [None if cell is None else _exact(Decimal(cell), say) for cell in cells]
    if kind == "time":
        import datetime as dt

        return [None if cell is None else cell.replace(tzinfo=dt.UTC) for cell in cells]
    if kind in ("whole", "date"):
        return cells
    return [cell if cell is None or cell.isascii() else _sayable(cell, say) for cell in cells]


def _exact(number: Decimal, say: Any) -> Decimal | None:
    with localcontext(prec=DIGITS * 2):
        if abs(number) < _LARGEST and (held := number.quantize(_STEP, ROUND_HALF_EVEN)) == number:
            return held
    say(f"{number} has more digits than are kept")
    return None


def _sayable(text: str, say: Any) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        say("a text holds half a character")
        return None
    return text
