"""This file holds how one column of cells becomes values; each distinct cell is read once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..fields import Field
from ..kinds import BLANKS, CLEAR, CLEAR_WORD, FOLDER, NUMBERS, ORDER, TEXT, TRACKING, CellRefused, How, Value
from ..kinds.dates import order_of
from ..kinds.numbers import currencies, settle, signs
from ..kinds.texts import stand_as_they_are
from ..sheets.sheet import BadCell

# Types of which equal cells read alike. Not so True, which equals 1, and Literal("(clear)").
_PLAIN: Final = {str, type(None), int, float, dt.date, dt.datetime, dt.time, BadCell}


_MONTH: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATED: Final = re.compile(rf"\d{{1,2}}-(?:{_MONTH})(?:-\d{{2,4}})?|(?:{_MONTH})-\d{{2,4}}", re.IGNORECASE | re.ASCII)
_MAY_BE_DATED: Final = re.compile(rf"[0-9]-(?:{_MONTH})|[bcglnprtvyBCGLNPRTVY]-[0-9]", re.IGNORECASE)  # the months' last letters
_SPACED: Final = ("text", "order", "folder", "tracking", "choice")  # kinds whose spaces would be a part of the value
_TEXTS: Final = {str, type(None)}
_AS_THEY_ARE: Final = (TEXT, ORDER, FOLDER, TRACKING)


@dataclass(slots=True)
class Read:
    """A column as values, its refused cells, and what has to be said about the column."""

    values: list[Value]
    refused: dict[int, CellRefused] = field(default_factory=dict)  # index of the row → why
    said: dict[str, str] = field(default_factory=dict)  # code → half a sentence
    spaces: bool = False  # whether plain spaces were taken off the ends of texts
    clears: bool = False  # whether a cell says `(clear)`


def how_of(one: Field, cells: Iterable[Any], how: How) -> How:
    """How a column is to be read: of numbers, with the decimal sign that its other cells show."""
    if one.kind.name in NUMBERS and how.decimal is None:
        return replace(how, decimal=settle({cell for cell in cells if isinstance(cell, str)}))
    return how


def read_column(one: Field, cells: Sequence[Any], how: How, finish: Callable[[Value], Value] | None = None) -> Read:
    """The values of a column; `finish` (a unit, say) is applied to what was read."""
    types = set(map(type, cells))
    if types <= _TEXTS and one.kind in _AS_THEY_ARE:
        texts = [cell for cell in cells if cell is not None]
        if stand_as_they_are(texts, one.kind is TRACKING) and not _are_dated(one, texts):
            return Read(list(cells))
    keys: Sequence[Hashable] = cells if types <= _PLAIN else list(map(_key, cells))
    distinct: dict[Hashable, Any] = dict(zip(keys, cells, strict=True))
    how = how_of(one, distinct.values(), how)
    parse = one.parse

    def read(cell: Any) -> Value | CellRefused:
        try:
            if type(cell) is not str:
                refuse_spoiled(cell)
            value = parse(cell, how)
            return finish(value) if finish and value is not None and value is not CLEAR else value
        except CellRefused as refused:
            return refused.with_traceback(None)  # which would keep the frames, cell by cell

    found = {key: read(cell) for key, cell in distinct.items()}
    if one.kind.name == "money":
        _refuse_mixed_currency(distinct, found)
    result = Read(list(map(found.__getitem__, keys)))
    result.clears = any(value is CLEAR for value in found.values())
    if any(isinstance(value, CellRefused) for value in found.values()):
        for index, value in enumerate(result.values):
            if isinstance(value, CellRefused):
                result.refused[index] = value
                result.values[index] = None
    result.spaces = one.kind.name in _SPACED and any(type(cell) is str and cell.strip() != cell for cell in distinct.values())
    result.said = _said(one, keys, distinct, found, how)
    return result


def _is_code(one: Field) -> bool:
    return one.name.rpartition(".")[2] in ("code", "order", "source_id", "manufacturer_sku")


def _are_dated(one: Field, texts: Sequence[str]) -> bool:
    if not _is_code(one) or not _MAY_BE_DATED.search("|".join(texts)):
        return False
    return any("-" in text and _DATED.fullmatch(text) for text in set(texts))


def _key(cell: Any) -> Hashable:
    """A key that keeps apart what Python takes for equal: 1 and True, a text and a `Literal`."""
    try:
        hash(cell)
    except TypeError:
        return (type(cell), id(cell))
    return (type(cell), cell)


def refuse_spoiled(cell: Any) -> None:
    """Refuse a cell that the reader of the file, or a join of columns, has refused already.

    Raises:
        CellRefused: with their reason.
    """
    if isinstance(cell, CellRefused):
        raise cell
    if isinstance(cell, BadCell):
        raise CellRefused(cell.reason, cell.hint or "Type the value anew.", cell.code or "bad-cell")


def _refuse_mixed_currency(distinct: dict[Hashable, Any], found: dict[Hashable, Value]) -> None:
    """Amounts of several currencies in one column are none of them sure to be the store's."""
    texts = {cell: key for key, cell in distinct.items() if isinstance(cell, str)}
    by_currency = currencies(texts)
    if len(by_currency) < 2:
        return
    named = " and ".join(sorted(by_currency))
    for text in (text for marked in by_currency.values() for text in marked):
        value = found[texts[text]]
        found[texts[text]] = CellRefused(
            f"stands in a column of several currencies ({named})",
            "Write all amounts in the store's currency, without signs.",
            "currencies",
            value.readings if isinstance(value, CellRefused) else (value,),
        )


# What was done to cells without asking: code → said of one cell, said of several.
_MENDED: Final = {
    "hidden": (
        "one cell had characters at its ends that no screen shows; they were taken off",
        "{} cells had characters at their ends that no screen shows; they were taken off",
    ),
    "spaces": ("one cell had spaces inside; they were taken out", "{} cells had spaces inside; they were taken out"),
    "quoted": (
        "one cell was marked as text for a spreadsheet; the text itself was read",
        "{} cells were marked as text for a spreadsheet; the text itself was read",
    ),
    "boolean": (
        "one cell is TRUE or FALSE, not a text; the word was read",
        "{} cells are TRUE or FALSE, not texts; the words were read",
    ),
    "dated": (
        "one cell looks like what a spreadsheet makes of a code such as 3-4 or MAR4; look whether it is right",
        "{} cells look like what a spreadsheet makes of codes such as 3-4 or MAR4; look whether they are right",
    ),
    "clear-word": (
        "one cell was read as a text, since (clear) empties a field only in small letters",
        "{} cells were read as texts, since (clear) empties a field only in small letters",
    ),
    "lost": (
        "one cell holds \ufffd, which stands for a character that was lost before",
        "{} cells hold \ufffd, which stands for a character that was lost before",
    ),
}  # fmt: skip


def _said(
    one: Field,
    keys: Sequence[Hashable],
    distinct: dict[Hashable, Any],
    found: dict[Hashable, Value],
    how: How,
) -> dict[str, str]:
    texts = [cell for cell in distinct.values() if isinstance(cell, str)]
    if one.kind.name in NUMBERS:
        if how.decimal is None and len(signs(texts)) > 1:
            return {"signs": "some numbers have a decimal point and some a decimal comma; each was read by its own"}
        return {}
    if one.kind.name in ("date", "time"):
        if len({order_of(text) for text in texts} - {""}) > 1:
            return {"dates": "some dates begin with the day and some with the month; each was read as it must be"}
        return {}
    if one.kind.name == "json":
        return {}
    sorts: dict[Hashable, str] = {}
    named = _is_code(one)
    for key, value in found.items():
        if isinstance(value, str):
            if sort := _mended(distinct[key], value):
                sorts[key] = sort
            elif named and _DATED.fullmatch(value):
                sorts[key] = "dated"
    counts: dict[str, int] = {}
    for key in keys if sorts else ():
        if key in sorts:
            counts[sorts[key]] = counts.get(sorts[key], 0) + 1
    return {word: _MENDED[word][count > 1].format(count) for word, count in counts.items()}


def _mended(cell: Any, value: str) -> str:
    """What was done to a cell, beyond taking off plain spaces."""
    if isinstance(cell, bool):
        return "boolean"
    if not isinstance(cell, str):
        return ""
    if value.lower() == CLEAR_WORD and type(cell) is str and value != CLEAR_WORD:  # not a `Literal`
        return "clear-word"
    if value == cell:
        return "lost" if "\ufffd" in value and not value.isascii() else ""
    plain = cell.strip(" \t\r\n").replace("\r\n", "\n").replace("\r", "\n")
    if plain.casefold() == value.casefold():
        return ""
    trimmed = plain.strip(BLANKS)
    if trimmed[:1] in ("=", "'"):
        return "quoted"
    if any(map(str.isspace, trimmed)) and not any(map(str.isspace, value)):
        return "spaces"
    return "hidden" if len(value) < len(plain) else ""


def cell_text(cell: Any) -> str:
    """A raw cell as a person sees it, for messages."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, BadCell):
        return cell.text
    if isinstance(cell, dt.time):
        return cell.isoformat()
    return TEXT.show(cell)
