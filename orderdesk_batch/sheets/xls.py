"""This file holds how the old .xls is read, all its versions: by xlrd, which also tells formats, errors, hidden rows."""

from __future__ import annotations

import io
from typing import Any

import xlrd
from xlrd.biffh import XLRDError, error_text_from_code
from xlrd.sheet import Sheet as XlrdSheet

from .archive import damaged
from .cellmap import CellMap
from .exact import error
from .formats import meaning, shown
from .grid import Grid, is_wanted
from .ole import is_sound
from .refuse import Unreadable
from .sheet import Cell
from .values import text

_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5


def read(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    """All visible tabs (or the wanted one) as grids."""
    if not is_sound(data):
        raise damaged("its sectors run in a circle")
    try:
        book = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            formatting_info=_has_formats(data),
            ragged_rows=True,
            on_demand=False,
        )
    except XLRDError as no:
        words = str(no).lower()
        if "encrypt" in words or "password" in words:
            raise Unreadable("the file needs a password", "Save it without a password first.", "password") from None
        raise damaged() from no
    except UnicodeDecodeError as no:
        hint = "Open it in a spreadsheet program and save it as .xlsx."
        raise Unreadable("the file's texts are in an encoding that it doesn't name", hint, "encoding") from no
    except MemoryError:
        raise
    except Exception as no:  # xlrd raises whatever a damaged file leads to
        raise damaged() from no
    names = [(sheet.name, sheet.visibility == 0, True) for sheet in book.sheets()]
    if order.get("only_names"):
        return {"tabs": names}
    chosen = [sheet for sheet in book.sheets() if is_wanted(sheet.name, sheet.visibility == 0, order["want"])]
    grids = [_grid(book, sheet, order["cells"]) for sheet in chosen]
    return {"tabs": names, "grids": grids}


def _has_formats(data: bytes) -> bool:
    """xlrd knows the formats of all versions but the oldest, Excel 2."""
    return not data.startswith(b"\x09\x00")


def _grid(book: xlrd.Book, sheet: XlrdSheet, most: int) -> Grid:
    cells = CellMap(most)
    for row in range(sheet.nrows):
        for position in range(sheet.row_len(row)):
            kind = sheet.cell_type(row, position)
            if kind in (_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR):
                currency = meaning(_code(book, sheet, row, position)).currency if kind == _NUMBER else ""
                cells.put(row + 1, position, _cell(book, sheet, row, position, kind), currency)
    grid = cells.grid(sheet.name)
    grid.visible = sheet.visibility == 0
    grid.merged = [(first + 1, left, last, right - 1) for first, last, left, right in sheet.merged_cells]
    grid.hidden_rows = [(row + 1, row + 1) for row, info in sorted(sheet.rowinfo_map.items()) if info.hidden]
    grid.hidden_columns = [(at, at) for at, info in sorted(sheet.colinfo_map.items()) if info.hidden]
    return grid


def _cell(book: xlrd.Book, sheet: XlrdSheet, row: int, position: int, kind: int) -> Cell:
    value = sheet.cell_value(row, position)
    if kind == _TEXT:
        return text(str(value))
    if kind == _BOOLEAN:
        return bool(value)
    if kind == _ERROR:
        return error(error_text_from_code.get(int(value), f"error {value}"))
    return shown(float(value), _code(book, sheet, row, position), book.datemode == 1)


def _code(book: xlrd.Book, sheet: XlrdSheet, row: int, position: int) -> str:
    """The code of the cell's number format."""
    style = sheet.cell_xf_index(row, position) if book.formatting_info else None
    if style is None or style >= len(book.xf_list):
        return "General"
    known = book.format_map.get(book.xf_list[style].format_key)
    return known.format_str if known is not None else "General"
