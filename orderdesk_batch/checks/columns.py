"""This file holds how one column of cells becomes values; each distinct cell is read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..fields import Field
from ..kinds import BLANKS, CLEAR, NUMBERS, TEXT, CellRefused, How, Value
from ..kinds.numbers import currencies, settle
from ..sheets.sheet import BadCell

# Types of which equal cells read alike. Not so True, which equals 1, and Literal("(clear)").
_PLAIN = {str, type(None), int, float, dt.date, dt.datetime, dt.time, BadCell}


@dataclass(slots=True)
class Read:
    """A column as values, its refused cells, and what was done to cells without asking."""

    values: list[Value]
    refused: dict[int, CellRefused] = field(default_factory=dict)  # index of the row → why
    mended: dict[str, int] = field(default_factory=dict)  # what was done → to how many cells


def how_of(one: Field, cells: Sequence[Any], how: How) -> How:
    """How a column is to be read: of numbers, with the decimal sign that its other cells show."""
    if one.kind.name in NUMBERS and how.decimal is None:
        return replace(how, decimal=settle({cell for cell in cells if isinstance(cell, str)}))
    return how


def read_column(
    one: Field, cells: Sequence[Any], how: How, finish: Callable[[Value], Value] | None = None
) -> Read:
    """The values of a column; `finish` (a unit, say) is applied to what was read."""
    how = how_of(one, cells, how)
    found: dict[Any, Value] = {None: None}

    def read(cell: Any) -> Value | CellRefused:
        try:
            refuse_spoiled(cell)
            value = one.parse(cell, how)
            return finish(value) if finish and value is not None and value is not CLEAR else value
        except CellRefused as refused:
            return refused

    types = set(map(type, cells))
    if types <= _PLAIN:
        distinct = set(cells)
        found |= {cell: read(cell) for cell in distinct}
        _refuse_mixed_currency(one, distinct, found)
        values = list(map(found.__getitem__, cells))
    else:
        keys = [(type(cell), cell if hasable(cell) else id(cell)) for cell in cells]
        for key, cell in zip(keys, cells, strict=True):
            if key not in found:
                found[key] = read(cell)
        _refuse_mixed_currency(one, (key for key in found if key is not None), found)
        values = list(map(found.__getitem__, keys))
    result = Read(values)
    if any(isinstance(value, CellRefused) for value in found.values()):
        for index, value in enumerate(values):
            if isinstance(value, CellRefused):
                result.refused[index] = value
                values[index] = None
    result.mended = _mended(one, cells, found, types)
    return result


def hasable(cell: Any) -> bool:
    """Whether a cell can be a key of a dict."""
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def refuse_spoiled(cell: Any) -> None:
    """Refuse a cell that the reader of the file, or a join of columns, has refused already.

    Raises:
        CellRefused: with their reason.
    """
    if isinstance(cell, CellRefused):
        raise cell
    reason = getattr(cell, "reason", None)
    if reason is not None:
        raise CellRefused(reason, cell.hint, getattr(cell, "code", "") or "bad-cell")


def _refuse_mixed_currency(one: Field, keys: Iterable[Any], found: dict[Any, Value]) -> None:
    """Amounts of several currencies in one column are none of them sure to be the store's."""
    if one.kind.name != "money":
        return
    texts = {(key[1] if isinstance(key, tuple) else key): key for key in keys}
    by_currency = currencies(text for text in texts if isinstance(text, str))
    if len(by_currency) < 2:
        return
    named = " and ".join(sorted(by_currency))
    for marked in by_currency.values():
        for text in marked:
            value = found[texts[text]]
            readings = () if isinstance(value, CellRefused) else (value,)
            found[texts[text]] = CellRefused(
                f"stands in a column of several currencies ({named})",
                "Write all amounts in the store's currency, without signs.",
                "currencies",
                readings,
            )


_MENDINGS = {
    "hidden": "had characters that no screen shows at its ends; they were taken off",
    "spaces": "had spaces inside; they were taken out",
    "quoted": 'was written as ="…"; the text inside was read',
    "boolean": "is a yes/no cell; it was read as the text TRUE or FALSE",
    "lost": "holds \ufffd, which stands for a character that was lost before",
}


def mending(word: str, count: int) -> str:
    """What was done to the cells of a column, in half a sentence."""
    text = _MENDINGS[word]
    if count == 1:
        return f"one cell {text}"
    for one, many in (
        ("had ", "had "),
        ("was ", "were "),
        ("is a yes/no cell; it was", "are yes/no cells; they were"),
        ("holds ", "hold "),
    ):
        if text.startswith(one):
            return f"{count} cells {many}{text[len(one) :]}"
    return f"{count} cells {text}"


def _mended(one: Field, cells: Sequence[Any], found: dict[Any, Value], types: set[type]) -> dict[str, int]:
    if one.kind.name in NUMBERS or one.kind.name in ("date", "time", "json"):
        return {}
    sorts: dict[Any, str] = {}
    for key, value in found.items():
        cell = key[1] if isinstance(key, tuple) else key
        if not isinstance(value, str):
            continue
        if isinstance(cell, bool):
            sorts[key] = "boolean"
        elif isinstance(cell, str):
            if value != cell and (sort := _sort(cell, value)):
                sorts[key] = sort
            elif "\ufffd" in value:
                sorts[key] = "lost"
    if not sorts:
        return {}
    counts: dict[str, int] = {}
    keyed = types <= _PLAIN
    for cell in cells:
        key = cell if keyed else (type(cell), cell if hasable(cell) else id(cell))
        if key in sorts:
            counts[sorts[key]] = counts.get(sorts[key], 0) + 1
    return counts


def _sort(cell: str, value: str) -> str:
    plain = cell.strip(" \t\r\n")
    if plain.casefold() == value.casefold() or plain.replace("\r\n", "\n").replace("\r", "\n") == value:
        return ""
    if cell.strip(BLANKS).startswith('="'):
        return "quoted"
    if any(char.isspace() for char in cell.strip(BLANKS)) and not any(char.isspace() for char in value):
        return "spaces"
    return "hidden" if plain.strip(BLANKS) != plain else ""


def cell_text(cell: Any) -> str:
    """A raw cell as a person sees it, for messages."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return str(cell)
    text = getattr(cell, "text", None)
    if text is not None:
        return str(text)
    if isinstance(cell, dt.time):
        return cell.isoformat()
    return TEXT.show(cell)
