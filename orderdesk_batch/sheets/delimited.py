"""This file holds how a text file becomes a grid: delimiter, records, and the lines that don't add up."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from .. import collector
from .content import AGAIN, SAVE_AS
from .grid import TRIM, Grid, Note, squeeze
from .refuse import Unreadable
from .sheet import BadCell, Cell, Limits, Literal
from .text import Text
from .values import all_plain

if TYPE_CHECKING:
    from _csv import Reader

Knows = Callable[[Sequence[str]], int]

_SAMPLE = 1 << 18  # characters that are looked at for the delimiter
_CHUNK = 4096  # records that are turned into columns at a time
_LONGEST = 16_000_000  # characters of a line
_MOST_COLUMNS = 65_536
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SEP = re.compile('\ufeff?"?sep=(.)"?[\t,; ]*(\r\n|\r|\n|$)', re.IGNORECASE)
_KEPT = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"=\s*[-+]?[A-Za-z0-9$(.\"@']")
_GARBAGE = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a line are told apart."""

    delimiter: str  # "" where there is a single column
    spaces: bool = False  # whether spaces stand between delimiter and quote

    def reader(self, lines: Iterable[str], *, strict: bool) -> Reader:
        """The records of these lines."""
        return csv.reader(
            lines,
            delimiter=self.delimiter or ",",
            skipinitialspace=self.spaces,
            strict=strict,
            doublequote=True,
        )


class _Cells(dict[str, Cell]):
    """Text as it stands in the file -> cell; each distinct text is judged once."""

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = cell_of_text(text)
        return cell


def cell_of_text(text: str) -> Cell:
    """The cell that a CSV text stands for: blank, a text, or one with its guard against formulas taken off.

    >>> cell_of_text(" "), cell_of_text("'=1+1"), cell_of_text("'tis"), cell_of_text("007")
    (None, '=1+1', "'tis", '007')
    """
    if not text.strip(TRIM):
        return None
    if "\0" in text:
        return BadCell(
            text.replace("\0", "\u2400"),
            "holds a NUL character",
            "Type the cell anew and save the file again.",
            "nul",
        )
    if text[0] == "'" and len(text) > 1:
        rest = text[1:]
        if rest == "(clear)":
            return Literal(rest)
        if rest[0] in "'=+-@\t\r":
            return rest
    return _formula(text) if text[0] == "=" else text


def _formula(text: str) -> Cell:
    """What stands behind an equals sign: ="00123" is how exports keep zeros; other formulas have no result here."""
    kept = _KEPT.fullmatch(text)
    if kept:
        return kept.group(1) if kept.group(1).strip(TRIM) else None
    if not _FORMULA.match(text):
        return text
    hint = "Open the file in a spreadsheet program and save it as .xlsx; or put a ' in front if it is a text."
    return BadCell(text, "is a formula, and a text file holds no results", hint, "not-calculated")


def read_text(text: Text, knows: Knows | None, limits: Limits) -> tuple[Grid, str]:
    """The grid of a text file, and its delimiter."""
    head = text.data[: _SAMPLE * 4].decode(text.encoding, "ignore")[:_SAMPLE]
    if not head.strip(TRIM):
        raise Unreadable("the file holds nothing but blank lines", AGAIN, "empty")
    odd = len(_GARBAGE.findall(head))
    if odd > 64 and odd * 10 > len(head):
        raise Unreadable("the file is no sheet: it holds binary data", SAVE_AS, "not-a-sheet")
    told = _SEP.match(head)
    skip = told.end() if told else 0
    whole = len(text.data) < _SAMPLE
    dialect = Dialect(told.group(1)) if told else _dialect(head[skip:], whole, knows)
    with collector.at_rest():
        grid = _records(text, dialect, skip, limits)
    if not grid.columns:
        raise Unreadable("the file holds nothing but blank cells", AGAIN, "empty")
    return grid, dialect.delimiter


def _open(text: Text, skip: int) -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO(text.data), text.encoding, newline="")
    if skip:
        stream.readline()
    return stream


def _lines(text: Text, skip: int) -> Iterator[str]:
    """The lines after the first that says how cells are divided; none so long that no sheet would have it."""
    stream = _open(text, skip)
    for number, line in enumerate(stream, 2 if skip else 1):
        if len(line) > _LONGEST:
            raise Unreadable(f"line {number} has more than {_LONGEST:,} characters", AGAIN, "too-large")
        yield line


class _Column:
    """A column as it grows; each distinct text is judged once, unless there is hardly a text twice."""

    def __init__(self, blanks: int) -> None:
        self.cells: list[Cell] = [None] * blanks
        self._memo = _Cells()
        self._varied = False

    def extend(self, texts: tuple[str, ...]) -> None:
        """Adds the texts as cells."""
        if not self._varied:
            self.cells.extend(map(self._memo.__getitem__, texts))
            self._varied = len(self._memo) > 2 * _CHUNK and len(self._memo) * 4 > len(self.cells)
            if self._varied:
                self._memo.clear()
        elif all_plain(texts):
            self.cells.extend(texts)
        else:
            self.cells.extend(map(cell_of_text, texts))


def _records(text: Text, dialect: Dialect, skip: int, limits: Limits) -> Grid:
    """All records as columns; their widths are kept where they differ."""
    growing: list[_Column] = []
    widths: list[int] = []
    reader = dialect.reader(_lines(text, skip), strict=True)
    try:
        while chunk := list(islice(reader, _CHUNK)):
            sizes = list(map(len, chunk))
            most = max(sizes)
            if most > _MOST_COLUMNS or (len(widths) + len(chunk)) * max(most, len(growing)) > limits.cells:
                raise Unreadable(f"the file has more than {limits.cells:,} cells", "Split it.", "too-large")
            if min(sizes) < most:
                chunk = [record + [""] * (most - len(record)) for record in chunk]
            growing += [_Column(len(widths)) for _ in range(len(growing), most)]
            for column, texts in zip(growing, zip(*chunk, strict=True), strict=False):
                column.extend(texts)
            for column in growing[most:]:
                column.cells.extend([None] * len(chunk))
            widths.extend(sizes)
    except csv.Error:
        raise _broken(text, dialect, skip) from None
    usual = Counter(size for size in widths if size > 1).most_common(1)
    columns = [column.cells for column in growing]
    grid = Grid("", list(range(1, len(widths) + 1)), list(range(len(columns))), columns)
    grid.usual_width = usual[0][0] if usual else 1
    if min(widths, default=0) < grid.usual_width or max(widths, default=0) > grid.usual_width:
        grid.widths = {row: size for row, size in enumerate(widths, 1) if size != grid.usual_width}
    if reader.line_num > len(widths):
        _swallowed(grid, dialect)
    return squeeze(grid)


def _broken(text: Text, dialect: Dialect, skip: int) -> Unreadable:
    """Which line the quotes go wrong in: a second, slower pass up to there."""
    reader = csv.reader(_open(text, skip), delimiter=dialect.delimiter or ",", skipinitialspace=dialect.spaces, strict=True)
    shift = 1 if skip else 0
    begin = row = 0
    try:
        while True:
            begin, row = reader.line_num, row + 1
            next(reader)
    except StopIteration:  # pragma: no cover - only if the two passes differ
        return Unreadable("the file's quotes don't add up", AGAIN, "quotes")
    except csv.Error as error:
        line, last = begin + 1 + shift, max(reader.line_num, begin + 1) + shift
        if "end of data" in str(error) or "limit" in str(error):
            reason = f"line {line}: a quote opens a cell there and is never closed"
        elif last > line:
            reason = f"lines {line} to {last}: a quote opens a cell in line {line} and is not closed where the cell ends"
        else:
            reason = f"line {line}: text follows a closing quote"
        return Unreadable(reason, 'Write a quote inside a cell twice ("") and put the whole cell in quotes.', "quotes", row)


def _swallowed(grid: Grid, dialect: Dialect) -> None:
    """Finds quoted cells that hold whole lines: a quote opened by mistake, closed by the next one."""
    each = grid.usual_width - 1
    if each < 5 or not dialect.delimiter:
        return
    for position, column in enumerate(grid.columns):
        for text in {cell for cell in column if isinstance(cell, str) and "\n" in cell}:
            breaks = text.count("\n")
            if text.count(dialect.delimiter) == each * breaks:
                row = grid.rows[column.index(text)]
                reason = "holds what look like whole lines of the file: a quote opens there and closes lines later"
                hint = 'Write a quote inside a cell twice ("").'
                grid.notes.append(Note(reason, hint, "error", row, position, "quotes"))


def _dialect(head: str, whole: bool, knows: Knows | None) -> Dialect:
    """Which delimiter makes the lines equally wide, from the headings on."""
    ranked: list[tuple[int, int, float, int, bool, str]] = []
    for delimiter in _NAMES:
        if delimiter not in head:
            continue
        for spaces in (False, True) if f'{delimiter} "' in head else (False,):
            records = _sample(head, Dialect(delimiter, spaces), whole)
            sizes = [len(record) for record in records]
            usual = Counter(size for size in sizes if size > 1).most_common(1)
            if not usual:
                continue
            size, count = usual[0]
            score = max((knows(record) for record in records[:12]), default=0) if knows else 0
            if count * 2 >= len(sizes) or score:
                ranked.append((score, -sizes.index(size), round(count / len(sizes), 1), size, not spaces, delimiter))
    if not ranked:
        return Dialect("")
    best = max(ranked)
    rivals = {rank[5] for rank in ranked if rank[:4] == best[:4]}
    if len(rivals) > 1:
        names = " or ".join(_NAMES[name] for name in sorted(rivals))
        hint = "Write sep=; (or sep=,) as the first line."
        raise Unreadable(f"the columns may be divided by {names}", hint, "delimiter")
    return Dialect(best[5], not best[4])


def _sample(head: str, dialect: Dialect, whole: bool) -> list[list[str]]:
    """The first records that aren't blank, read leniently."""
    records: list[list[str]] = []
    reader = dialect.reader(io.StringIO(head, newline=""), strict=False)
    with suppress(csv.Error):
        records.extend(islice(reader, 1000))
    if not whole and len(records) > 1:
        records.pop()  # the sample may end in the middle of it
    return [record for record in records if any(cell.strip(TRIM) for cell in record)]
