"""This file holds the writing of Excel workbooks: texts stay texts, nothing in them is a formula."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from operator import length_hint
from pathlib import Path
from typing import Any, Final

from ..collector import at_rest
from ..errors import Problem, UsageError
from ..kinds import CLEAR, CLEAR_WORD, plain_number
from .sheet import Literal
from .write import RISKY, LeftOut, atomic, fold, plain

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
MOST_CHARACTERS: Final = 32_767  # of a cell, as UTF-16 counts them
_LONG: Final = MOST_CHARACTERS // 2
_SAMPLE: Final = 200  # rows looked at for the columns' widths and sorts
_MANY: Final = 3_000_000  # cells; some 100 bytes of memory each
_NO_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOK_CLOSER: Final = re.compile("^['=+\\-@\t]|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|\\)$")  # what `_text` is there for
_CLEAR_TEXT: Final = re.compile(r"'*\(clear\)")  # each gets one more `'`, which the reader takes off
_FIRST_DAY: Final = dt.datetime(1900, 3, 1)  # before it Excel counts a day that never was
_NUMBER_FORMATS: Final = {
    "text": "@", "risky": "@", "number": "General", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss", "time": "hh:mm:ss",
    "amount": "0.00####",
}  # fmt: skip


class _Missing:
    """A cell that nobody can take for a value: `#N/A`."""


MISSING: Final = _Missing()

# Fills light enough for black print; the words in the row say the same, for those who see no colour.
TONES: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "good": {"bg_color": "#E6F2FB"},
    "bad": {"bg_color": "#FCE4DE"},
    "warn": {"bg_color": "#FFF3CD"},
    "mark": {"bg_color": "#F4A582", "border": 1, "border_color": "#B2432F"},
    "quiet": {"font_color": "#6B6B6B"},
    "wrap": {"text_wrap": True, "valign": "top", "align": "left"},
    "head": {"bold": True, "bg_color": "#1F3B57", "font_color": "#FFFFFF", "valign": "vcenter"},
    "head-ours": {"bold": True, "bg_color": "#5B6B7A", "font_color": "#FFFFFF", "valign": "vcenter"},
    "head-bad": {
        "bold": True,
        "bg_color": "#F4A582",
        "valign": "vcenter",
        "border": 1,
        "border_color": "#B2432F",
    },
}


@dataclass(slots=True)
class Tab:
    """One worksheet to be written: headings in the first row, then the rows."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Iterable[Any]]
    as_read: bool = False  # the cells are a Sheet's: a plain `(clear)` is the wish to empty, numbers stay numbers
    text_columns: Collection[int] = ()  # columns formatted as text, besides those that hold texts
    amount_columns: Collection[int] = ()  # columns whose numbers show two decimals at least
    tone: Callable[[int], str] | None = None  # index of a row → its look, words of TONES
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)  # (row, column) → comment; row -1: the heading
    widths: Mapping[int, float] = field(default_factory=dict)  # else by what the first rows hold
    ours: int = 0  # so many of the last columns are ours: their headings are set apart
    wrap: bool = False  # break long texts into lines


def write_book(path: str | os.PathLike[str], tabs: Sequence[Tab], *, private: bool = True) -> list[Problem]:
    """Write a workbook with several sheets and give what it can't hold.

    Raises:
        UsageError: the place can't be written to, or a sheet has more rows or columns than a worksheet holds.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError, XlsxFileError

    name = Path(path).name
    problems: list[Problem] = []
    with atomic(path, private=private) as beside, at_rest():
        # Rows go to disk one by one only where they are very many: it costs the texts' shared table, with
        # which some readers get `_x000D_` right, and the file is larger.
        size = sum(length_hint(tab.rows) * len(tab.headings) for tab in tabs)
        settings = {"constant_memory": size > _MANY, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(str(beside), settings)
        try:
            formats = _Formats(book)
            for tab, title in zip(tabs, tab_names(tab.name for tab in tabs), strict=True):
                left = LeftOut(name if len(tabs) == 1 else f"{name}, {title}", "An Excel file")
                _Writer(book.add_worksheet(title), tab, formats, left).write(name)
                problems.extend(left.all())
            book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise cause if isinstance(cause, OSError) else OSError(str(error)) from error
        except XlsxFileError as error:
            raise UsageError(f"{path} can't be written: {error}.") from error
        finally:
            book.fileclosed = True  # else it warns, once it is collected, that it was never closed
    return problems


def tab_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel takes for worksheets: short, without its special characters, all different.

    >>> tab_names(["orders", "Orders", "a/b: c", ""])
    ['orders', 'Orders 2', 'a b  c', 'Sheet4']
    """
    names: list[str] = []
    taken = {"history"}  # Excel keeps that name for itself
    for place, want in enumerate(wanted, 1):
        base = re.sub(r"[\[\]:*?/\\]", " ", _NO_XML.sub(" ", want)).strip().strip("'")[:28] or f"Sheet{place}"
        name, count = base, 1
        while name.casefold() in taken:
            count += 1
            name = f"{base} {count}"
        taken.add(name.casefold())
        names.append(name)
    return names


class _Formats:
    """The workbook's cell formats, each made when first asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}

    def get(self, tone: str, sort: str) -> Any:
        """The format for a colour and a sort of cell ("text", "risky", "number", "date", "moment", "time")."""
        made = self._made.get((tone, sort))
        if made is None:
            look = {"num_format": _NUMBER_FORMATS[sort]}
            if sort in ("date", "moment"):
                look["align"] = "left"  # at the right it would touch a text in the next column
            for part in tone.split():
                look |= TONES[part]
            made = self._book.add_format(look)
            if sort == "risky":
                made.set_quote_prefix()  # else Excel runs the text as soon as someone edits the cell
            self._made[tone, sort] = made
        return made


class _Writer:
    """Writes one worksheet, row by row."""

    def __init__(self, sheet: Any, tab: Tab, formats: _Formats, left: LeftOut) -> None:
        self.sheet = sheet
        self.tab = tab
        self.formats = formats
        self.left = left

    def write(self, name: str) -> None:
        """Write headings and rows."""
        sheet, tab = self.sheet, self.tab
        headings = list(tab.headings)
        if len(headings) > MOST_COLUMNS:
            raise UsageError(f"{name}: a worksheet holds {MOST_COLUMNS:,} columns, these are {len(headings):,}.")
        rows = iter(tab.rows)
        sample = [list(row) for row in islice(rows, _SAMPLE)]
        self._columns(headings, sample)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)  # print: as wide as one page
        sheet.repeat_rows(0)
        sheet.set_row(0, 20)
        for column, heading in enumerate(headings):
            ours = column >= len(headings) - tab.ours
            self._text(
                0,
                column,
                heading,
                "head-bad" if (-1, column) in tab.marks else "head-ours" if ours else "head",
            )
        last = 0
        for index, row in enumerate(chain(sample, rows)):
            last = index + 1
            if last >= MOST_ROWS:
                raise UsageError(f"{name}: a worksheet holds {MOST_ROWS - 1:,} rows. Write a .csv file instead.")
            self._row(last, row, tab.tone(index) if tab.tone else "")
        if headings:
            sheet.autofilter(0, 0, last, len(headings) - 1)
            # Tracking numbers and SKUs are texts that look like numbers: no green corner on each of them.
            sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
        for (index, column), comment in tab.marks.items():
            if comment:
                lines = sum(1 + len(line) // 42 for line in comment.split("\n"))
                size = {"x_scale": 2.2, "y_scale": max(0.6, lines * 0.24), "font_size": 10, "author": ""}
                sheet.write_comment(index + 1, column, comment, size)

    def _columns(self, headings: Sequence[str], sample: Sequence[Sequence[Any]]) -> None:
        tab = self.tab
        for column, heading in enumerate(headings):
            cells = [row[column] for row in sample if column < len(row) and row[column] is not None]
            widest = max(map(_width, cells), default=0)
            width = tab.widths.get(column) or min(max(widest, len(heading) + 3, 8) + 2, 48)
            is_text = column in tab.text_columns or any(isinstance(cell, str) for cell in cells)
            sort = "text" if is_text else "amount" if column in tab.amount_columns else ""
            self.sheet.set_column(column, column, width, self.formats.get("", sort) if sort else None)

    def _row(self, at: int, row: Iterable[Any], tone: str) -> None:
        sheet, formats, as_read, marks = self.sheet, self.formats, self.tab.as_read, self.tab.marks
        row_tone = f"{tone} wrap".strip() if self.tab.wrap else tone
        number = formats.get(row_tone, "number") if row_tone else None
        plain_text = formats.get(row_tone, "text")
        closer = _LOOK_CLOSER.search
        for column, cell in enumerate(row):
            tone = "mark" if marks and (at - 1, column) in marks else row_tone
            kind = type(cell)
            if kind is str and cell and tone is row_tone and len(cell) < _LONG and not closer(cell):
                sheet.write_string(at, column, cell, plain_text)
            elif kind is str or kind is Literal:
                self._text(at, column, cell, tone, wish=as_read and kind is str)
            elif cell is None:
                if tone:
                    sheet.write_blank(at, column, None, formats.get(tone, "text"))
            elif kind is int or kind is float:
                # As it came, even where it lost digits: written as a text it would pass for a whole value.
                if _exact(cell) or (as_read and math.isfinite(cell)):
                    sheet.write_number(at, column, cell, number if tone is row_tone else formats.get(tone, "number"))
                elif math.isfinite(cell):
                    self._text(at, column, plain_number(cell), tone)
            else:
                self._other(at, column, cell, tone)

    def _other(self, at: int, column: int, cell: Any, tone: str) -> None:
        """Write what is not a text, a blank, or an ordinary number."""
        sheet, formats = self.sheet, self.formats
        if cell is CLEAR:
            sheet.write_string(at, column, CLEAR_WORD, formats.get(tone, "text"))
        elif cell is MISSING:  # the one formula that we write, and it is ours
            sheet.write_formula(at, column, "=NA()", formats.get(tone, "text"), "#N/A")
        elif isinstance(cell, bool):
            sheet.write_boolean(at, column, cell, formats.get(tone, "number"))
        elif isinstance(cell, Decimal):
            if _exact(cell):
                sheet.write_number(at, column, cell, formats.get(tone, "number") if tone else None)
            elif cell.is_finite():
                self._text(at, column, plain_number(cell), tone)
        elif isinstance(cell, (dt.date, dt.time)):
            if type(cell).__name__ != "NaTType":  # pandas' blank date
                self._moment(at, column, cell, tone)
        else:
            made = plain(cell)
            if isinstance(made, str):
                self._text(at, column, made, tone)
            elif made is not None:
                self._row(at, [*[None] * column, made], "")

    def _text(self, at: int, column: int, text: str, tone: str, *, wish: bool = False) -> None:
        if not text:
            return
        text = fold(text)
        if _NO_XML.search(text):
            self._leave(at, column, text, "holds a control character")
            return
        if len(text) > _LONG and len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
            self._leave(at, column, text, f"is longer than {MOST_CHARACTERS:,} characters")
            return
        if text[-1] == ")" and not (wish and text == CLEAR_WORD) and _CLEAR_TEXT.fullmatch(text):
            text = f"'{text}"
        self.sheet.write_string(at, column, text, self.formats.get(tone, "risky" if text[0] in RISKY else "text"))

    def _leave(self, at: int, column: int, text: str, why: str) -> None:
        headings = self.tab.headings
        self.left.add(why, text, at + 1, headings[column] if column < len(headings) else "")

    def _moment(self, at: int, column: int, moment: dt.date | dt.time, tone: str) -> None:
        if isinstance(moment, dt.datetime):
            if moment.tzinfo:
                moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
            if moment < _FIRST_DAY or moment.microsecond:
                self._text(at, column, moment.isoformat(" "), tone)
            else:
                self.sheet.write_datetime(at, column, moment, self.formats.get(tone, "moment"))
        elif isinstance(moment, dt.time):
            self.sheet.write_datetime(at, column, moment.replace(tzinfo=None), self.formats.get(tone, "time"))
        elif moment < _FIRST_DAY.date():
            self._text(at, column, moment.isoformat(), tone)
        else:
            self.sheet.write_datetime(at, column, moment, self.formats.get(tone, "date"))


def _exact(number: float | Decimal) -> bool:
    """Whether Excel keeps the number as it is: it keeps 15 digits."""
    if isinstance(number, Decimal):
        return number.is_finite() and len(number.normalize().as_tuple().digits) <= 15 and abs(number.adjusted()) < 15
    return -1e15 < number < 1e15


def _width(cell: Any) -> int:
    if isinstance(cell, str):
        line = cell[:60].split("\n", 1)[0]
        return len(line) + sum(c > "\u2e7f" for c in line)  # CJK takes two places
    if isinstance(cell, dt.datetime):
        return 18
    return 10 if isinstance(cell, dt.date) else len(str(cell))
