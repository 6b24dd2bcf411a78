"""This file holds how .xlsb is read: the records of its binary parts, one by one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from .archive import Package, damaged
from .cellmap import CellMap
from .exact import error
from .formats import BUILT_IN, meaning, shown
from .grid import Grid, is_wanted
from .ooxml import Tab
from .sheet import Cell
from .values import text

_ERRORS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
    43: "#GETTING_DATA",
}
_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = range(8)
_F_STRING, _F_REAL, _F_BOOL, _F_ERROR = 8, 9, 10, 11
_RICH, _SHORT_BLANK, _SHORT_SHARED = 62, 12, 18
_FORMAT, _STYLE, _SHARED_ITEM, _COLUMN = 44, 47, 19, 60
_TAB, _PROPERTIES, _MERGED, _FILTER = 156, 153, 176, 163
_STYLES_BEGIN, _STYLES_END, _DATA_BEGIN, _DATA_END = 617, 618, 145, 146


def read(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    """All visible tabs (or the wanted one) as grids."""
    package = Package(data, order["unpacked"])
    try:
        return _read(package, order)
    except (struct.error, IndexError, UnicodeDecodeError) as no:
        raise damaged() from no


def _read(package: Package, order: dict[str, Any]) -> dict[str, Any]:
    roots = package.targets("").values()
    part = next((path for sort, path in roots if sort == "officeDocument" and path in package), "xl/workbook.bin")
    targets = package.targets(part)
    tabs, epoch = [], False
    for record, body in _records(package.read(part)):
        if record == _PROPERTIES:
            epoch = bool(body[0] & 1)
        elif record == _TAB:
            relation, at = _wide(body, 8)
            name, _ = _wide(body, at)
            sort, path = targets.get(relation, ("", ""))
            tabs.append(Tab(name, struct.unpack_from("<I", body)[0] == 0, sort in ("worksheet", ""), path))
    names = [(tab.name, tab.visible, tab.is_sheet) for tab in tabs]
    if order.get("only_names"):
        return {"tabs": names}
    by_sort = {sort: path for sort, path in targets.values() if path in package}
    codes = _codes(package.read(by_sort["styles"])) if "styles" in by_sort else []
    shared = _texts(package.read(by_sort["sharedStrings"])) if "sharedStrings" in by_sort else []
    grids = []
    for tab in tabs:
        if tab.is_sheet and is_wanted(tab.name, tab.visible, order["want"]):
            grid = _grid(package.read(tab.part), tab.name, _Values(codes, shared, epoch), order["cells"])
            grid.visible = tab.visible
            grids.append(grid)
    return {"tabs": names, "grids": grids}


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, body) of each record; both number and length come in bytes of seven bits."""
    at, end = 0, len(data)
    while at < end:
        record = data[at]
        at += 1
        if record & 0x80:
            record = (record & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        length = shift = 0
        while True:
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        if at + length > end:
            raise damaged()
        yield record, data[at : at + length]
        at += length


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A text of two-byte characters, and where it ends."""
    count = struct.unpack_from("<I", body, at)[0]
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(body):
        raise damaged()
    return body[at + 4 : end].decode("utf-16-le", "surrogatepass"), end


def _codes(data: bytes) -> list[str]:
    """The format code of each cell style."""
    custom: dict[int, str] = {}
    codes: list[str] = []
    inside = False
    for record, body in _records(data):
        if record == _FORMAT:
            custom[struct.unpack_from("<H", body)[0]] = _wide(body, 2)[0]
        elif record in (_STYLES_BEGIN, _STYLES_END):
            inside = record == _STYLES_BEGIN
        elif record == _STYLE and inside:
            number = struct.unpack_from("<H", body, 2)[0]
            codes.append(custom.get(number, BUILT_IN.get(number, "General")))
    return codes


def _texts(data: bytes) -> list[str]:
    return [_wide(body, 1)[0] for record, body in _records(data) if record == _SHARED_ITEM]


class _Values:
    """How the bytes of a cell become a cell."""

    def __init__(self, codes: list[str], shared: list[str], epoch: bool) -> None:
        self._codes, self._shared, self._epoch = codes, shared, epoch

    def cell(self, record: int, body: bytes, at: int, style: int) -> tuple[Cell, str]:
        """The cell whose value begins at byte `at`, and its currency."""
        if record in (_RK, _REAL, _F_REAL):
            packed = struct.unpack_from("<I" if record == _RK else "<d", body, at)[0]
            code = self._codes[style] if style < len(self._codes) else "General"
            return shown(_rk(packed) if record == _RK else packed, code, self._epoch), meaning(code).currency
        return self._other(record, body, at), ""

    def _other(self, record: int, body: bytes, at: int) -> Cell:
        if record == _SHARED:
            index = struct.unpack_from("<I", body, at)[0]
            if index >= len(self._shared):
                raise damaged("a text is missing")
            return text(self._shared[index])
        if record in (_STRING, _F_STRING):
            return text(_wide(body, at)[0])
        if record == _RICH:
            return text(_wide(body, at + 1)[0])
        if record in (_BOOL, _F_BOOL):
            return bool(body[at])
        if record in (_ERROR, _F_ERROR):
            return error(_ERRORS.get(body[at], f"error {body[at]}"))
        return None


def _rk(packed: int) -> float:
    """A number packed into 30 bits: whole or the upper half of a float, perhaps times 100."""
    if packed & 2:
        value = float(struct.unpack("<i", struct.pack("<I", packed))[0] >> 2)
    else:
        value = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value


def _grid(data: bytes, name: str, values: _Values, most: int) -> Grid:
    cells = CellMap(most)
    merged, hidden_rows, hidden_columns = [], [], []
    filtered = inside = False
    row = position = 0
    for record, body in _records(data):
        if inside and (_BLANK <= record <= _F_ERROR or record == _RICH):
            position, style = struct.unpack_from("<II", body)
            cells.put(row, position, *values.cell(record, body, 8, style & 0xFFFFFF))
        elif inside and _SHORT_BLANK <= record <= _SHORT_SHARED:  # next to the cell before it
            position += 1
            style = struct.unpack_from("<I", body)[0]
            cells.put(row, position, *values.cell(record - _SHORT_BLANK + _BLANK, body, 4, style & 0xFFFFFF))
        elif inside and record == _ROW:
            row, position = struct.unpack_from("<I", body)[0] + 1, -1
            if len(body) > 11 and body[11] & 0x10:
                hidden_rows.append((row, row))
        elif record in (_DATA_BEGIN, _DATA_END):
            inside = record == _DATA_BEGIN
        elif record == _MERGED:
            first, last, left, right = struct.unpack_from("<4I", body)
            merged.append((first + 1, left, last + 1, right))
        elif record == _COLUMN:
            first, last, width, _, flags = struct.unpack_from("<4IH", body)
            if flags & 1 or not width:
                hidden_columns.append((first, last))
        elif record == _FILTER:
            filtered = True
    grid = cells.grid(name)
    grid.merged, grid.hidden_rows, grid.hidden_columns = merged, hidden_rows, hidden_columns
    grid.filtered = filtered
    return grid
