"""This file holds how a DataFrame becomes a Sheet, as if it had been written to a sheet below a row of headings."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from orderdesk_batch.errors import UsageError

from .grid import TRIM
from .locate import heading
from .sheet import BadCell, Cell, Literal, Sheet
from .values import duration, number

if TYPE_CHECKING:
    import pandas as pd


def from_frame(frame: pd.DataFrame) -> Sheet:
    """The frame's columns as cells; its index is ignored, its rows count from 2."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f"a sheet is a path, bytes or a DataFrame, not {type(frame).__name__}")
    headings = [_name(name) for name in frame.columns]
    columns = [_cells(frame.iloc[:, index].tolist(), pd.NA) for index in range(frame.shape[1])]
    rows = list(range(2, frame.shape[0] + 2))
    return Sheet("DataFrame", "", headings, list(range(len(headings))), rows, columns, format="frame")


def _name(name: Any) -> str:
    if isinstance(name, tuple):  # a heading of several levels
        return heading(" ".join(str(part) for part in name))
    return heading(None if name is None else str(name))


def _cells(values: list[Any], missing: Any) -> list[Cell]:
    memo: dict[tuple[type, Any], Cell] = {}
    cells: list[Cell] = []
    for value in values:
        if value is None or value is missing:
            cells.append(None)
            continue
        try:
            key = (type(value), value)
            if key not in memo:
                memo[key] = _cell(value)
            cells.append(memo[key])
        except TypeError:  # a list or a dict in a cell
            cells.append(_cell(value))
    return cells


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        if "\0" not in value:
            text = value if type(value) is Literal else str(value)
            return text if value.strip(TRIM) else None
        return BadCell(value.replace("\0", "\u2400"), "holds a NUL character", "Take it out.", "nul")
    if isinstance(value, bool | BadCell):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**15 else str(value)  # exact in a frame; as a number a sheet could not hold it
    if isinstance(value, float):
        return None if math.isnan(value) else number(value)
    if isinstance(value, dt.datetime):
        if value != value:  # NaT
            return None
        return value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
    if isinstance(value, dt.date | dt.time):
        return value
    if isinstance(value, dt.timedelta):
        return duration(value)
    item = getattr(value, "item", None)
    if item is not None and getattr(value, "shape", None) == ():
        return _cell(item())
    return None if str(value) in ("NaT", "<NA>") else str(value)
