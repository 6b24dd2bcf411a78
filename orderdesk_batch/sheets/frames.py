"""This file holds how a DataFrame becomes a Sheet, as if it had been written to a sheet below a row of headings."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from .grid import TRIM
from .locate import heading
from .sheet import BadCell, Cell, Sheet
from .values import number, too_long

if TYPE_CHECKING:
    import pandas as pd


def from_frame(frame: pd.DataFrame) -> Sheet:
    """The frame's columns as cells; its index is ignored, its rows count from 2."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        from ..errors import UsageError

        raise UsageError(f"a sheet is a path, bytes or a DataFrame, not {type(frame).__name__}")
    headings = [heading(None if name is None else str(name)) for name in frame.columns]
    columns = [[_cell(value) for value in frame.iloc[:, index].tolist()] for index in range(frame.shape[1])]
    rows = list(range(2, frame.shape[0] + 2))
    return Sheet("DataFrame", "", headings, list(range(len(headings))), rows, columns, format="frame")


def _cell(value: Any) -> Cell:
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str):
        return value if value.strip(TRIM) else None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**15 else too_long(str(value))
    if isinstance(value, float):
        return None if math.isnan(value) else number(value)
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    if isinstance(value, dt.date | dt.time | BadCell):
        return value
    item = getattr(value, "item", None)
    if item is not None and getattr(value, "shape", None) == ():
        return _cell(item())
    return str(value)
