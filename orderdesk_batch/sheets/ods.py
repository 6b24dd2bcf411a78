"""This file holds how .ods is read: its one large XML part, cell by cell, repeats and all."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from .archive import Package, damaged, feed, local, parser
from .cellmap import CellMap
from .exact import NEVER, error, iso
from .grid import Grid, is_wanted
from .refuse import Unreadable
from .sheet import BadCell, Cell
from .values import duration, moment_of_day, number, text, too_long

_ERROR = re.compile(r"#[A-Z/0]+[!?]?|#N/A|Err:\d+")
_LENGTH = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576


def read(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    """All visible tabs (or the wanted one) as grids."""
    package = Package(data, order["unpacked"])
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Unreadable("the file needs a password", "Save it without a password first.", "password")
    reading = _Reading(order)
    feed(
        parser(
            StartElementHandler=reading.start,
            EndElementHandler=reading.end,
            CharacterDataHandler=reading.characters,
        ),
        package.read("content.xml"),
    )
    return {"tabs": reading.tabs, "grids": reading.grids}


class _Reading:
    """Where the parser is, and the tables so far."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self.tabs: list[tuple[str, bool, bool]] = []
        self.grids: list[Grid] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._depth = 0  # of tables inside cells
        self._cells: CellMap | None = None
        self._grid = Grid("", [], [], [])
        self._row = self._position = self._column = 0
        self._repeat_row = 1
        self._row_cells: list[tuple[int, int, Cell, str]] = []
        self._attributes: dict[str, str] = {}
        self._in_cell = False
        self._aside = 0  # inside a note or a drawing
        self._paragraphs: list[list[str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        attributes = {local(key): value for key, value in attributes.items()}
        if name == "style":
            self._style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table":
            self._depth += 1
            if self._depth == 1:
                self._table(attributes)
        elif self._cells is None or self._depth > 1:
            return
        elif name == "table-column":
            count = _count(attributes, "number-columns-repeated")
            if attributes.get("visibility", "visible") != "visible":
                self._grid.hidden_columns.append((self._column, self._column + count - 1))
            self._column += count
        elif name == "table-row":
            self._repeat_row = _count(attributes, "number-rows-repeated")
            self._position, self._row_cells = 0, []
            how = attributes.get("visibility", "visible")
            if how != "visible":
                self._grid.hidden_rows.append((self._row + 1, self._row + self._repeat_row))
                self._grid.filtered = self._grid.filtered or how == "filter"
        elif name in ("table-cell", "covered-table-cell"):
            self._attributes, self._in_cell, self._paragraphs = attributes, True, []
        elif name in ("annotation", "shape", "frame"):
            self._aside += 1
        elif self._in_cell and not self._aside:
            self._inline(name, attributes)

    def _inline(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._paragraphs.append([])
        elif self._paragraphs:
            if name == "s":
                self._paragraphs[-1].append("\0" * min(_count(attributes, "c"), 1000))
            elif name == "tab":
                self._paragraphs[-1].append("\t")
            elif name == "line-break":
                self._paragraphs[-1].append("\n")

    def end(self, name: str) -> None:
        name = local(name)
        if name == "table":
            self._depth -= 1
            if self._depth == 0 and self._cells is not None:
                self._close(self._cells)
        elif self._cells is None or self._depth > 1:
            return
        elif name in ("annotation", "shape", "frame"):
            self._aside -= 1
        elif name in ("table-cell", "covered-table-cell"):
            self._cell()
        elif name == "table-row":
            self._end_row(self._cells)

    def characters(self, data: str) -> None:
        if self._in_cell and not self._aside and self._paragraphs:
            self._paragraphs[-1].append(re.sub(r"[ \t\r\n]+", " ", data))

    def _table(self, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        visible = attributes.get("style-name", "") not in self._hidden_styles
        self.tabs.append((name, visible, True))
        if not self._order.get("only_names") and is_wanted(name, visible, self._order["want"]):
            self._cells = CellMap(self._order["cells"])
            self._grid = Grid(name, [], [], [], visible)
            self._row = self._column = 0

    def _close(self, cells: CellMap) -> None:
        made = cells.grid(self._grid.tab)
        self._grid.rows, self._grid.positions, self._grid.columns = made.rows, made.positions, made.columns
        self.grids.append(self._grid)
        self._cells = None

    def _cell(self) -> None:
        self._in_cell = False
        attributes = self._attributes
        count = _count(attributes, "number-columns-repeated")
        cell = _value(attributes, "\n".join(map(_text, self._paragraphs)))
        if cell is not None:
            currency = attributes.get("currency", "") if attributes.get("value-type") == "currency" else ""
            self._row_cells.append((self._position, count, cell, currency))
        rows, columns = (
            _count(attributes, "number-rows-spanned"),
            _count(attributes, "number-columns-spanned"),
        )
        if rows > 1 or columns > 1:
            row = self._row + 1
            self._grid.merged.append((row, self._position, row + rows - 1, self._position + columns - 1))
        self._position += count

    def _end_row(self, cells: CellMap) -> None:
        if self._row_cells and self._row + self._repeat_row > _MOST_ROWS:
            raise damaged("it has more rows than any sheet")
        cells.make_room(self._repeat_row * sum(count for _, count, _, _ in self._row_cells))
        for _ in range(self._repeat_row if self._row_cells else 0):
            self._row += 1
            for position, count, cell, currency in self._row_cells:
                if position + count > _MOST_COLUMNS:
                    raise damaged("it has more columns than any sheet")
                for at in range(position, position + count):
                    cells.put(self._row, at, cell, currency)
        if not self._row_cells:
            self._row += self._repeat_row


def _text(parts: list[str]) -> str:
    """A paragraph's text: white space in the XML counts once and not at the ends, that which is marked up as such."""
    return re.sub(" +", " ", "".join(parts)).strip(" ").replace("\0", " ")


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return max(int(text), 1) if text.isdigit() and len(text) < 12 else 1


def _value(attributes: dict[str, str], words: str) -> Cell:
    """The cell that the attributes and the shown text make."""
    kind = attributes.get("value-type")
    formula = "formula" in attributes
    if (formula and _ERROR.fullmatch(words)) or (kind != "string" and _ERROR.fullmatch(words)):
        return error(words)
    if kind is None:
        if formula and not words:
            return NEVER
        return text(words)
    if kind == "string":
        return text(words or attributes.get("string-value", ""))
    if kind == "boolean":
        truth = {"true": True, "1": True, "false": False, "0": False}.get(attributes.get("boolean-value", "").lower())
        return (
            BadCell(words, "is marked as yes or no and is neither", "Type the cell anew.", "damaged-cell")
            if truth is None
            else truth
        )
    if kind == "date":
        return iso(attributes.get("date-value", ""))
    if kind == "time":
        return _length(attributes.get("time-value", ""))
    if kind in ("float", "currency", "percentage"):
        return _number(attributes.get("value", ""), kind, words, attributes.get("currency", ""))
    return BadCell(words, f'is of a sort that is not known ("{kind}")', "Type the cell anew.", "damaged-cell")


def _number(value: str, kind: str, words: str, currency: str) -> Cell:
    try:
        amount = float(value)
    except ValueError:
        return BadCell(value or words, "is marked as a number and is none", "Type the cell anew.", "damaged-cell")
    if abs(amount) >= 1e15 and value.lstrip("-").isdigit():
        return too_long(value)
    cell = number(amount)
    words = " ".join(words.split())
    if kind == "float" and words and not isinstance(cell, BadCell):
        # what is shown is in the file: zeros in front, and letters around the number, mean something to people
        digits = re.sub(r"\D", "", words)
        masked = isinstance(cell, int) and re.fullmatch(r"[\d\s()+-]*", words) and digits.startswith("0") and len(digits) > 1
        lettered = re.search(r"[^\W\d_]|#\d", re.sub(r"(?i)\de[+-]?\d", "", words))
        if (masked and int(digits) == cell) or (lettered and digits and not currency):
            return words
    return cell


def _length(value: str) -> Cell:
    """A time of day, or a length of time past 24 hours, from "PT09H30M00S"."""
    found = _LENGTH.fullmatch(value)
    if found is None:
        return BadCell(value, "is marked as a time and is none", "Type the time anew.", "date")
    sign, days, hours, minutes, seconds = found.groups()
    length = dt.timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=round(float(seconds or 0)),
    )
    if sign or length >= dt.timedelta(days=1):
        return duration(-length if sign else length)
    return moment_of_day(length)
