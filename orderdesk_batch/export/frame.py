"""This file holds `to_frame`: documents as a DataFrame whose columns have proper types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError
from ..kinds import NUMBERS, Value
from .columns import Layout, Nested, Row
from .files import Money, Pages, paged

if TYPE_CHECKING:
    import pandas as pd

_LARGEST: Final = 2**63 - 1


def to_frame(
    resource: str,
    documents: Pages,
    *,
    with_items: bool = False,
    columns: Sequence[str] | str | None = None,
    nested: Nested = "columns",
    money: Money = "decimal",
    folders: Mapping[str, str] | None = None,
    repeat: bool = False,
    stores: Mapping[str, Mapping[str, str]] | None = None,
) -> pd.DataFrame:
    """The documents as a frame: text as text, whole numbers as Int64, times as UTC timestamps.

    Stored values that don't fit their column's type are blank in it; `frame.attrs["left_out"]` names them.

    Args:
        documents: pages of documents, or documents; `documents()` gives them.
        money: whether amounts and weights are exact decimals, or floats.

    Raises:
        UsageError: a column, or a word, that there is not.
    """
    import pandas as pd

    check_money(money)
    layout = Layout(resource, with_items=with_items, columns=columns, nested=nested, folders=folders, repeat=repeat, stores=stores)
    rows: list[Row] = [row for page in paged(documents) for document in page for row in layout.rows(document)]
    left: list[str] = []
    made: dict[str, Any] = {}
    for column in layout.columns():
        said: list[str] = []
        made[column.name] = _series([row.get(column.slot) for row in rows], column.kind, money, said.append)
        left += [f"{column.name}: {bad}" for bad in said]
    frame = pd.DataFrame(made)
    frame.attrs["resource"] = resource
    frame.attrs["left_out"] = [*layout.notes(), *_counted(left), *getattr(documents, "notes", ())]
    return frame


def check_money(money: str) -> None:
    """Whether it is one of the two ways in which amounts can be held.

    Raises:
        UsageError: it is not.
    """
    if money not in ("decimal", "float"):
        raise UsageError(f'money is "decimal" or "float", not "{money}".')


def typed(cells: Iterable[Value], kind: str, say: Callable[[str], object]) -> list[Any]:
    """The cells of a column, all of the type of its kind; others are told and blank."""
    wanted: tuple[type, ...] = (str,)
    if kind == "whole":
        wanted = (int,)
    elif kind in NUMBERS:
        wanted = (Decimal, int)
    elif kind == "time":
        wanted = (dt.datetime,)
    elif kind == "date":
        wanted = (dt.date,)
    found: list[Any] = []
    for cell in cells:
        if cell is None or (type(cell) in wanted and not (kind == "whole" and abs(cell) > _LARGEST)):
            found.append(cell)
        elif wanted == (str,):
            found.append(str(cell))
        else:
            say(f'"{cell}" is no {kind}')
            found.append(None)
    return found


def _series(cells: Sequence[Value], kind: str, money: str, say: Callable[[str], object]) -> pd.Series[Any]:
    import pandas as pd

    values = typed(cells, kind, say)
    if kind == "whole":
        return pd.Series(values, dtype="Int64")
    if kind in NUMBERS:
        if money == "float":
            return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
        return pd.Series([None if value is None else Decimal(value) for value in values], dtype=object)
    if kind == "time":
        times: pd.Series[Any] = pd.Series(pd.array(values, dtype="datetime64[us]")).dt.tz_localize("UTC")
        return times
    if kind == "date":
        return pd.Series(pd.array([None if day is None else dt.datetime.combine(day, dt.time()) for day in values], dtype="datetime64[us]"))
    return pd.Series(values, dtype="string")


def _counted(said: Sequence[str]) -> list[str]:
    """The first few of many sentences, and how many more there are."""
    return [*said[:20], f"and {len(said) - 20:,} more cells"] if len(said) > 20 else list(said)
