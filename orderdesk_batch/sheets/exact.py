"""This file holds the slow reader of a worksheet's XML: cell by cell, with everything that a cell may be."""

from __future__ import annotations

import datetime as dt
import re

from .archive import damaged, feed, local, parser
from .cellmap import CellMap
from .formats import meaning, shown
from .grid import Grid, Note
from .ooxml import Workbook, unescape
from .sheet import BadCell, Cell
from .values import moment, number, text, too_long

NEVER = BadCell(
    "",
    "holds a formula that was never calculated",
    "Open the file in a spreadsheet program, save it, and use that.",
    "not-calculated",
)
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576


def read_exactly(data: bytes, tab: str, book: Workbook, strings: list[str], most: int) -> Grid:
    """One worksheet."""
    reading = _Reading(book, strings, most)
    feed(
        parser(
            StartElementHandler=reading.start,
            EndElementHandler=reading.end,
            CharacterDataHandler=reading.characters,
        ),
        data,
    )
    grid = reading.cells.grid(tab)
    if reading.zeros:
        rows = sorted(reading.zeros)[:5]
        grid.notes.append(Note(
            f"has {len(reading.zeros)} formulas whose value is 0 (rows {', '.join(map(str, rows))}…), in a file that a "
            "program may have written which can't calculate", "Open it in a spreadsheet program and save it, to be sure.",
            code="formula-zeros"))  # fmt: skip
    return grid


class _Reading:
    """Where the parser is, and the cells so far."""

    def __init__(self, book: Workbook, strings: list[str], most: int) -> None:
        self.book, self.strings = book, strings
        self.cells = CellMap(most)
        self.zeros: list[int] = []
        self.row = self.position = 0
        self.kind = self.style = self.currency = ""
        self.formula = self.taking = self.in_data = False
        self.phonetic = 0
        self.parts: list[str] = []
        self.value: str | None = None
        self.arrays: list[tuple[int, int, int, int]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "sheetData":
            self.in_data = True
        elif not self.in_data:
            return
        elif name == "c":
            self._place(attributes.get("r"))
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.formula, self.value, self.parts = False, None, []
        elif name == "row":
            at = attributes.get("r", "")
            self.row = int(at) if at.isdigit() else self.row + 1
            self.position = -1
        elif name == "f":
            self.formula = True
            if attributes.get("t") == "array" and ":" in attributes.get("ref", ""):
                ends = [address(end) for end in attributes["ref"].split(":")]
                if len(self.arrays) < 1000:
                    self.arrays.append((ends[0][0], ends[0][1], ends[1][0], ends[1][1]))
        elif name == "rPh":
            self.phonetic += 1
        elif (name == "v" or name == "t") and not self.phonetic:
            self.taking = True

    def end(self, name: str) -> None:
        name = local(name)
        if name == "c" and self.in_data:
            if not (0 < self.row <= _MOST_ROWS and 0 <= self.position < _MOST_COLUMNS):
                raise damaged("a cell lies outside any sheet")
            self.currency = ""
            cell = self.cell()
            self.cells.put(self.row, self.position, cell, self.currency)
        elif name in ("v", "t") and self.taking:
            self.taking = False
            self.value = (self.value or "") + "".join(self.parts)
            self.parts = []
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "sheetData":
            self.in_data = False

    def characters(self, data: str) -> None:
        if self.taking:
            self.parts.append(data)

    def _place(self, ref: str | None) -> None:
        if ref is None:
            self.position += 1
        else:
            row, self.position = address(ref)
            self.row = row

    def cell(self) -> Cell:
        """The cell that has just ended."""
        kind, value = self.kind, self.value
        if kind == "s":
            return self._shared(value)
        if kind == "inlineStr":
            return text(unescape(value or ""))
        if kind == "str":
            return NEVER if value is None and self.formula else text(unescape(value or ""))
        if value is None or not value.strip():
            return NEVER if self.formula else None
        value = value.strip()
        if kind == "b":
            answer = {"1": True, "true": True, "0": False, "false": False}.get(value.lower())
            return _strange(value) if answer is None else answer
        if kind == "e":
            return error(value)
        if kind == "d":
            return iso(value)
        return self._number(value)

    def _shared(self, value: str | None) -> Cell:
        if value is None or not value.strip():
            return NEVER if self.formula else None
        index = int(value) if value.strip().isdigit() else -1
        if not 0 <= index < len(self.strings):
            return _strange(value)
        return text(self.strings[index])

    def _number(self, value: str) -> Cell:
        try:
            amount = float(value) if "_" not in value else None
        except ValueError:
            amount = None
        if amount is None:
            return _strange(value)
        if self.book.uncalculated and amount == 0 and (self.formula or self._in_array()):
            if self.book.uncalculated == "sure":
                return BadCell("0", NEVER.reason, NEVER.hint, NEVER.code)
            self.zeros.append(self.row)
        if re.match(r"[-+]?0\d", value):
            return BadCell(
                value,
                f"is a number that the file writes with zeros in front; a spreadsheet shows {number(amount)}",
                "Format the column as text and enter the value again.",
                "zeros",
            )
        if abs(amount) >= 1e15 and value.lstrip("+-").isdigit():
            return too_long(value)
        style = int(self.style) if self.style.isdigit() else 0
        code = self.book.codes[style] if style < len(self.book.codes) else "General"
        self.currency = meaning(code).currency
        return shown(amount, code, self.book.epoch_1904)

    def _in_array(self) -> bool:
        return any(
            first_row <= self.row <= last_row and first <= self.position <= last
            for first_row, first, last_row, last in self.arrays
        )


def address(ref: str) -> tuple[int, int]:
    """Row, as Excel counts, and column from 0 of an address."""
    found = _REF.fullmatch(ref.replace("$", ""))
    if found is None:
        raise damaged(f'"{ref[:20]}" is no cell')
    position = 0
    for letter in found.group(1):
        position = position * 26 + ord(letter) - 64
    return int(found.group(2)), position - 1


def error(code: str) -> BadCell:
    """An error cell."""
    return BadCell(code, "is an error of a formula", "Mend the formula, or type the value.", "error-cell")


def iso(value: str) -> Cell:
    """A date or time that is written out; the zone, if any, stays with it.

    >>> iso("2021-01-01"), iso("2021-01-01T10:10:10"), iso("10:10:10")
    (datetime.date(2021, 1, 1), datetime.datetime(2021, 1, 1, 10, 10, 10), datetime.time(10, 10, 10))
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return dt.date.fromisoformat(value)
        if re.fullmatch(r"T?\d\d:\d\d(:\d\d(\.\d+)?)?", value):
            return dt.time.fromisoformat(value.lstrip("T"))
        return moment(dt.datetime.fromisoformat(value))
    except ValueError:
        return BadCell(value, "is marked as a date and is none", "Type the date anew.", "date")


def _strange(value: str) -> BadCell:
    return BadCell(value, "can't be what the file says it is", "Type the cell anew.", "damaged-cell")
