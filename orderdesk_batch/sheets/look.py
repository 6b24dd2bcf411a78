"""This file holds the quick look at a worksheet's XML: what is hidden or merged, and whether calamine may read it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .archive import damaged, refuse_entities
from .exact import address
from .ooxml import Workbook

Spans = list[tuple[int, int]]
Around = tuple[list[tuple[int, int, int, int]], Spans, Spans, bool]
_ROOT = re.compile(rb"\s*(?:<\?[^>]*>\s*)*<worksheet[\s>]")
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding=[\"']([^\"']*)")
_DATES = {dt.date, dt.datetime, dt.time}
_FORMULAS = (b"<f>", b"<f ", b"<f/")
ESCAPED = re.compile(rb"_x[0-9A-Fa-f]{4}_")
_ZEROS = re.compile(rb"<v>[-+]?0[0-9]")
_NO_VALUE = re.compile(  # a formula without a value; an empty text (t="str", <v></v>) is a value
    rb'<c r="[A-Z]+[0-9]+"(?![^>]* t="str")[^>]*>\s*<f(?:/>|[ >][^>]*?(?:/>|>?[^<]*</f>))\s*(?!\s*<v[^>]*>[^<])'
    rb"|</f>\s*</c>|<f [^>]*/>\s*</c>"
)
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\bhidden="(?:1|true)"[^>]*>')
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([^"]*)"')


def refuse_definitions(data: bytes) -> None:
    """Entities are refused wherever the data comes from; the parser that reads on might not."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data[:4096]:
        refuse_entities()


def is_utf8(data: bytes) -> bool:
    """Whether an XML part is UTF-8, as far as it says; others are for the parser that knows encodings."""
    said = _ENCODING.match(data[:256])
    return said is None or said.group(1).lower() in (b"utf-8", b"utf8", b"us-ascii")


@dataclass
class Facts:
    """What calamine's cells tell about themselves."""

    filled: int = 0
    blank: int = 0
    least: float = 0.0  # of all numbers
    most: float = 0.0
    early: bool = False  # whether a date may be before the first one (calamine makes 0:00 of it)

    def add(self, values: Sequence[Any], sorts: set[type]) -> None:
        """Takes some cells of one column into account; `sorts` are their types."""
        blank = values.count("") if str in sorts else 0
        self.blank += blank
        self.filled += len(values) - blank
        if float in sorts:
            numbers = values if len(sorts) == 1 else [value for value in values if type(value) is float]
            self.least, self.most = min(self.least, min(numbers)), max(self.most, max(numbers))
        if sorts & _DATES:
            dates = set(values)
            self.early |= dt.time() in dates or any(value.year < 1901 for value in dates if isinstance(value, dt.date))


class Look:
    """What the XML alone tells about whether calamine reads all of it; told before calamine is done."""

    def __init__(self, data: bytes, book: Workbook) -> None:
        self._data, self._book = data, book
        self._dates: list[bytes] = []
        self._odd = (
            not _ROOT.match(data[:4096].removeprefix(b"\xef\xbb\xbf"))
            or not is_utf8(data)
            or (b"!" in data and b"<!" in data)  # a single byte is found much faster
            or b't="d"' in data
            or _ZEROS.search(data) is not None
            or ESCAPED.search(data) is not None
            or self._shows_more()
            or bool(book.uncalculated and _has_formulas(data))
        )

    def is_plain(self, facts: Facts) -> bool:
        """Whether calamine's cells are all that there is: nothing lost, nothing taken for something else."""
        if self._odd or facts.most >= 1e15 or facts.early:
            return False  # digits that are lost, or a day before the calendar of spreadsheets begins
        if facts.blank and self._data.count(b'<c r="') != facts.filled and not _blanks_are_blank(self._data):
            return False  # a rectangle without a gap hides nothing
        if self._dates and (facts.least < 0 or facts.most >= 2_958_465):
            return not self._has_impossible_date()
        return True

    def _shows_more(self) -> bool:
        """Whether a format shows something else than the number; notes the styles of dates on the way."""
        currencies: set[str] = set()
        for style in range(len(self._book.codes)):
            form = self._book.format(style)
            if (form.sort == "number" and not form.currency) or b' s="%d"' % style not in self._data:
                continue
            number = self._book.built_in[style]
            currencies.add(form.currency)
            if form.sort == "mask" or len(currencies - {""}) > 1 or 27 <= number <= 36 or 50 <= number <= 58:
                return True
            if form.sort != "number":
                self._dates.append(b"%d" % style)
        return False

    def _has_impossible_date(self) -> bool:
        styles = b"|".join(self._dates)
        beyond = rb'<c r="[A-Z]+[0-9]+"(?=[^>]* s="(?:' + styles + rb')")[^>]*><v>(?:-|[0-9]{7}|[0-9.]+E)'
        return re.search(beyond, self._data) is not None


def _has_formulas(data: bytes) -> bool:
    return b"<f" in data and any(mark in data for mark in _FORMULAS)


def _blanks_are_blank(data: bytes) -> bool:
    """Whether no error, no formula without a value and no cell without an address hides behind a blank."""
    if b't="e"' in data or data.count(b"<c ") != data.count(b'<c r="') or b"<c>" in data:
        return False
    return not (_has_formulas(data) and _NO_VALUE.search(data))


def is_sparse(data: bytes) -> bool:
    """Whether the cells may lie so far apart that a full rectangle of them would not fit."""
    last = data.rfind(b'<c r="')
    if last < 0:
        return False
    found = re.match(rb"([A-Z]+)([0-9]+)", data[last + 6 : last + 20])
    if found is None:
        return True
    rows = int(found.group(2))
    if rows * 16_384 <= 4_000_000:
        return False
    wide = set(re.findall(rb'<c r="([A-Z]{2,3})[0-9]', data))
    columns = max((address(letters.decode() + "1")[1] for letters in wide), default=25) + 1
    return rows * columns > 4_000_000 and rows * columns > 8 * data.count(b"<c ")


def surroundings(data: bytes) -> Around:
    """What lies around the cells: merged ranges, hidden rows and columns, and whether a filter is set."""
    begin, end = data.find(b"sheetData"), data.rfind(b"sheetData")
    head, tail = data[: max(begin, 0)], data[max(end, 0) :]
    rows: list[tuple[int, int]] = []
    if b" hidden=" in data:
        for tag in _ROW.findall(data):
            number = _ROW_NUMBER.search(tag)
            if number:
                row = int(number.group(1))
                if rows and rows[-1][1] == row - 1:
                    rows[-1] = (rows[-1][0], row)
                else:
                    rows.append((row, row))
    return (
        [_range(ref) for ref in _MERGE.findall(tail)],
        rows,
        list(_hidden_columns(head)),
        b"filterColumn" in tail,
    )


def _hidden_columns(head: bytes) -> Iterator[tuple[int, int]]:
    for attributes in _COLUMN.findall(head):
        hidden = re.search(rb'\bhidden="(?:1|true)"|\bwidth="0(?:\.0+)?"', attributes)
        first, last = re.search(rb'\bmin="(\d+)"', attributes), re.search(rb'\bmax="(\d+)"', attributes)
        if hidden and first and last:
            yield int(first.group(1)) - 1, int(last.group(1)) - 1


def _range(ref: bytes) -> tuple[int, int, int, int]:
    first, _, last = ref.decode("ascii", "replace").partition(":")
    begin, end = address(first), address(last or first)
    if begin > end:
        raise damaged(f'"{ref[:20]!r}" is no range')
    return (*begin, *end)
