"""This file holds how grids travel from the child process to the parent: plain values only, packed with marshal."""

from __future__ import annotations

import datetime as dt
import marshal
from array import array
from collections.abc import Callable
from typing import Any

from .grid import Grid, Note
from .sheet import BadCell, Cell, Literal

_PLAIN = {str, int, float, bool, type(None)}
_CONFUSED = {bool, Literal}  # equal to a number or a text, and not the same
_MADE: dict[str, Callable[[str], Cell]] = {
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "Literal": Literal,
}
_VERSION = 2  # later versions look for equal objects, which takes longer than sending them twice


def pack(message: dict[str, Any]) -> bytes:
    """A message with its grids, as bytes."""
    message = {**message, "grids": [_flat(grid) for grid in message.get("grids", ())]}
    return marshal.dumps(message, _VERSION)


def unpack(data: bytes) -> dict[str, Any]:
    """The message again."""
    message: dict[str, Any] = marshal.loads(data)  # noqa: S302 - from our own child process
    message["grids"] = [_grid(flat) for flat in message["grids"]]
    return message


def _flat(grid: Grid) -> dict[str, Any]:
    flat = dict(vars(grid))
    flat["columns"] = [_flat_column(column) for column in grid.columns]
    flat["notes"] = [(n.reason, n.hint, n.level, n.row, n.position, n.code) for n in grid.notes]
    return flat


def _grid(flat: dict[str, Any]) -> Grid:
    flat["columns"] = [_column(*marshal.loads(packed)) for packed in flat["columns"]]  # noqa: S302 - from our own child process
    flat["notes"] = [Note(*note) for note in flat["notes"]]
    return Grid(**flat)


def _flat_column(column: list[Cell]) -> bytes:
    """A column as bytes: repeated cells once, with an index; others as they come."""
    sample = column[:4000]
    if len(column) > 64 and len(set(sample)) * 2 < len(sample):
        sorts = set(map(type, column))
        distinct = set(column) if not sorts & _CONFUSED else ()
        if 0 < len(distinct) * 3 < len(column):
            cells = list(distinct)
            index = {cell: code for code, cell in enumerate(cells)}
            sort = "B" if len(cells) < 1 << 8 else "H" if len(cells) < 1 << 16 else "L"
            codes = array(sort, map(index.__getitem__, column))
            return marshal.dumps((*_apart(cells), sort, codes.tobytes()), _VERSION)
    try:
        return marshal.dumps((column, []), _VERSION)
    except ValueError:  # dates and bad cells among them
        return marshal.dumps(_apart(column), _VERSION)


def _apart(column: list[Cell]) -> tuple[list[Any], list[tuple[str, list[int], list[Any]]]]:
    """The cells that marshal knows, and the others apart: sort, indexes, values."""
    others = set(map(type, column)) - _PLAIN
    if not others:
        return column, []
    cells: list[Any] = list(column)
    apart = []
    for sort in others:
        indexes = [index for index, cell in enumerate(column) if type(cell) is sort]
        values: list[Any] = [column[index] for index in indexes]
        if sort is BadCell:
            values = [(bad.text, bad.reason, bad.hint, bad.code) for bad in values]
        elif sort is Literal:
            values = list(map(str, values))
        else:
            values = [value.isoformat() for value in values]
        for index in indexes:
            cells[index] = None
        apart.append((sort.__name__, indexes, values))
    return cells, apart


def _column(cells: list[Any], apart: list[tuple[str, list[int], list[Any]]], sort: str = "", codes: bytes = b"") -> list[Cell]:
    for name, indexes, values in apart:
        if name == "BadCell":
            made: list[Any] = [BadCell(*value) for value in values]
        else:
            made = list(map(_MADE[name], values))
        for index, value in zip(indexes, made, strict=True):
            cells[index] = value
    if sort:
        return list(map(cells.__getitem__, array(sort, codes)))
    return cells
