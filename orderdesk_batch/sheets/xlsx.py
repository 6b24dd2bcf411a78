"""This file holds how .xlsx and .xlsm are read: values by calamine, and a look at the XML for what it leaves out."""

from __future__ import annotations

import io
from typing import Any

from .content import AGAIN
from .grid import Grid, squeeze
from .refuse import Unreadable
from .values import cells


def read(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    """All visible tabs (or the wanted one) as grids."""
    from python_calamine import CalamineError, PasswordError, load_workbook

    try:
        book = load_workbook(io.BytesIO(data))
        tabs = [
            (meta.name, "Visible" in str(meta.visible), "WorkSheet" in str(meta.typ))
            for meta in book.sheets_metadata
        ]
        grids = []
        for name, visible, is_sheet in tabs:
            if is_sheet and (name == order["want"] or (order["want"] is None and visible)):
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                columns = [cells(column) for column in zip(*rows, strict=True)]
                grid = Grid(name, list(range(1, len(rows) + 1)), list(range(len(columns))), columns, visible)
                grids.append(squeeze(grid))
    except PasswordError:
        raise Unreadable(
            "the file needs a password", "Save it without a password first.", "password"
        ) from None
    except (CalamineError, OSError) as error:
        raise Unreadable(f"the file is damaged ({error})", AGAIN, "damaged") from None
    return {"tabs": tabs, "grids": grids}
