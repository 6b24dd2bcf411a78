"""This file holds how grids travel from the child process to the parent: plain values only, packed with marshal."""

from __future__ import annotations

import datetime as dt
import marshal
from collections.abc import Callable
from typing import Any

from .grid import Grid, Note
from .sheet import BadCell, Cell, Literal

_PLAIN = {str, int, float, bool, type(None)}
_FROM_ISO: dict[str, Callable[[str], Cell]] = {
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
}
_VERSION = 2  # later versions look for equal objects, which takes longer than sending them twice


def pack(message: dict[str, Any]) -> bytes:
    """A message with its grids, as bytes."""
    message = {**message, "grids": [_flat(grid) for grid in message.get("grids", ())]}
    return marshal.dumps(message, _VERSION)


def unpack(data: bytes) -> dict[str, Any]:
    """The message again."""
    message: dict[str, Any] = marshal.loads(data)
    message["grids"] = [_grid(flat) for flat in message["grids"]]
    return message


def _flat(grid: Grid) -> dict[str, Any]:
    flat = dict(vars(grid))
    flat["columns"] = [_flat_column(column) for column in grid.columns]
    flat["notes"] = [(n.reason, n.hint, n.level, n.row, n.position, n.code) for n in grid.notes]
    return flat


def _grid(flat: dict[str, Any]) -> Grid:
    flat["columns"] = [_column(*packed) for packed in flat["columns"]]
    flat["notes"] = [Note(*note) for note in flat["notes"]]
    return Grid(**flat)


def _flat_column(column: list[Cell]) -> tuple[list[Any], list[tuple[str, list[int], list[Any]]]]:
    """The column with its plain cells, and the others apart: sort, indexes, values."""
    others = set(map(type, column)) - _PLAIN
    if not others:
        return column, []
    apart = []
    cells: list[Any] = list(column)
    for sort in others:
        indexes = [index for index, cell in enumerate(column) if type(cell) is sort]
        values: list[Any] = [column[index] for index in indexes]
        if sort is BadCell:
            values = [(bad.text, bad.reason, bad.hint, bad.code) for bad in values]
        elif sort is Literal:
            values = list(map(str, values))
        else:
            texts = {value: value.isoformat() for value in set(values)}
            values = [texts[value] for value in values]
        for index in indexes:
            cells[index] = None
        apart.append((sort.__name__, indexes, values))
    return cells, apart


def _column(cells: list[Any], apart: list[tuple[str, list[int], list[Any]]]) -> list[Cell]:
    for sort, indexes, values in apart:
        if sort == "BadCell":
            values = [BadCell(*value) for value in values]
        elif sort == "Literal":
            values = list(map(Literal, values))
        else:
            made = {text: _FROM_ISO[sort](text) for text in set(values)}
            values = [made[text] for text in values]
        if len(indexes) == len(cells):
            cells = values
        else:
            for index, value in zip(indexes, values, strict=True):
                cells[index] = value
    return cells
