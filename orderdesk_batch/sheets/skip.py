"""This file holds which rows below the headings are no records: headings again, totals, page lines, notes."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence

from .grid import TRIM, Grid
from .locate import is_number
from .sheet import Cell, Skipped

_TOTAL = re.compile(
    r"(grand\s+|sub-?\s*|overall\s+|report\s+)?(total|totals|sum|summe|gesamt|gesamtsumme|zwischensumme|somme|totale|totaal"
    r"|suma|soma|total général|total general|subtotal)\s*[:=]?",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"(page|seite|página|pagina)\s*:?\s*\d+(\s*(of|von|de|di|van|/)\s*\d+)?|-\s*\d+\s*-|\d+\s*/\s*\d+\s*(pages)",
    re.IGNORECASE,
)
_OWN_TOTAL = re.compile(r".{1,80}\S\s+totals?\s*:?|totals?\s+(for|of|pour|für)\s.{1,80}", re.IGNORECASE | re.DOTALL)
_PRINTED = re.compile(r"(printed|generated|exported|created|report|run|date)\b.*", re.IGNORECASE | re.DOTALL)
_WORDS = ("tota", "sum", "som", "gesamt", "page", "seite", "pagina", "printed", "generated", "exported", "created", "report", "run", "date")
_ENDS = ("total", "Total", "TOTAL", "totals", "Totals", "TOTALS", "total:", "Total:", "TOTAL:")
_STARTS = tuple("gsotzrpecdGSOTZRPECD-0123456789" + TRIM)  # of all the words above
_NOTE = re.compile(
    r"(notes?|sources?|quelle|hinweis|remarks?|disclaimer|generated|printed|exported|end of (report|file))\b.*|\*.*"
    r"|(grand\s+)?totals?\b.*\d.*|\d+ (rows?|records?|orders?|items?|shipments?)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = 12  # rows at the end in which a total may be followed by notes and further totals
_TOTALS = "a total"


def skips(body: Grid, titles: set[tuple[Cell, ...]], heading: tuple[Cell, ...]) -> list[Skipped]:
    """The rows that are no records; `titles` are the rows above the headings, and the headings' own."""
    found: dict[int, Skipped] = {}
    for index in _again(body, titles, heading):
        why = "the headings again" if tuple(body.row(index)) == heading else "a line above the headings again"
        found[index] = Skipped(body.rows[index], why, first_text(body, index))
    leading = list(_leading(body))
    sums = _Sums(body, [index for index, _ in leading])
    for index, text in leading:
        others = [cell for cell in body.row(index) if cell is not None][1:]
        if _is_page_line(text, others):
            found[index] = Skipped(body.rows[index], "a page line", text)
        elif all(map(is_number, others)) and _is_total(body, index, text, found, sums):
            found[index] = Skipped(body.rows[index], _TOTALS, text)
            sums.totals_at(index)
    _notes(body, found)
    _sum_without_name(body, found)
    return [found[index] for index in sorted(found)]


def first_text(body: Grid, index: int) -> str:
    """The first filled cell of a row, as text."""
    return next((str(cell).strip(TRIM) for cell in body.row(index) if cell is not None), "")


def _again(body: Grid, titles: set[tuple[Cell, ...]], heading: tuple[Cell, ...]) -> Iterator[int]:
    """Rows that repeat the headings, or a line above them."""
    firsts: dict[int, set[Cell]] = {}
    for title in titles | {heading}:
        at = next((index for index, cell in enumerate(title) if cell is not None), None)
        if at is not None and (len(title) > 1 or title == heading):
            firsts.setdefault(at, set()).add(title[at])
    for at, cells in firsts.items():
        column = body.columns[at]
        if cells.isdisjoint(column):
            continue
        for index, cell in enumerate(column):
            if cell in cells:
                row = tuple(body.row(index))
                if row == heading or row in titles:
                    yield index


def _leading(body: Grid) -> Iterator[tuple[int, str]]:
    """(index, text) of rows whose first filled cell looks like a total's or a page line's."""
    left: Sequence[int] = range(len(body.rows))
    for column in body.columns:
        likely = [cell for cell in _likely(column) if cell.startswith(_STARTS) or cell.endswith(_ENDS)]
        telling = {cell for cell in likely if any(sort.match(cell.strip(TRIM)) for sort in (_TOTAL, _PAGE, _OWN_TOTAL, _PRINTED))}
        if telling:
            for index in left:
                if column[index] in telling:
                    yield index, str(column[index]).strip(TRIM)
        if None not in column:
            return
        left = [index for index in left if column[index] is None]


def _likely(column: Sequence[Cell]) -> Iterable[str]:
    """The distinct texts of a column that may hold a word of the patterns above, or begin with a dash."""
    texts = [cell for cell in column if type(cell) is str]
    joined = "\0".join(texts)
    if not joined.isascii():  # the patterns know letters that look alike
        return set(texts)
    joined = joined.lower()
    if any(word in joined for word in _WORDS):
        return {text for text in set(texts) if any(word in text.lower() for word in _WORDS) or text.lstrip(TRIM)[:1] == "-"}
    if "-" in joined:
        return {text for text in set(texts) if text.lstrip(TRIM)[:1] == "-"}
    return ()


def _is_page_line(text: str, others: Sequence[Cell]) -> bool:
    """Whether a row is what a report prints on top or at the foot of each page."""
    if _PAGE.fullmatch(text):
        return len(others) < 2 and not any(map(is_number, others))
    pages = [cell for cell in others if isinstance(cell, str) and _PAGE.fullmatch(cell.strip(TRIM))]
    return bool(pages) and len(others) < 3 and _PRINTED.fullmatch(text) is not None


def _is_total(body: Grid, index: int, text: str, found: dict[int, Skipped], sums: _Sums) -> bool:
    """Whether a total stands where totals stand: at the end, or under numbers that add up to it."""
    if any(sums.adds_up(column, index) for column in range(len(body.columns))):
        return bool(_TOTAL.fullmatch(text) or _OWN_TOTAL.fullmatch(text))
    word = _TOTAL.fullmatch(text)
    if word is None:
        return False
    after = range(index + 1, len(body.rows))
    return bool(word.group(1)) or (
        len(after) < _TAIL
        and all(
            other in found or sum(cell is not None for cell in body.row(other)) <= 1 or _TOTAL.fullmatch(first_text(body, other))
            for other in after
        )
    )


class _Sums:
    """Tells whether cells are the sums of those above them; each column is added up once, however many there are.

    Args:
        asked: the indices of the rows that will be asked about.
    """

    def __init__(self, body: Grid, asked: Iterable[int]) -> None:
        self._body = body
        self._asked = sorted(set(asked))
        self._totals: list[int] = []
        self._above: dict[int, dict[int, tuple[int, int]]] = {}  # column → row asked about → sum and number of the amounts above it

    def totals_at(self, index: int) -> None:
        """Note that a row is a total: the next sum begins below it."""
        insort(self._totals, index)

    def adds_up(self, column: int, index: int) -> bool:
        """Whether the cell is the sum of those above it, down from the total before."""
        cells = self._body.columns[column]
        wanted = _amount(cells[index])
        if not wanted:
            return False
        above = self._above.get(column)
        if above is None:
            above = self._above[column] = self._add_up(cells)
        total, count = above[index]
        before = bisect_left(self._totals, index)
        if before:
            start = self._totals[before - 1]
            own = _amount(cells[start])
            total -= above[start][0] + (0 if own is None else _exactly(own))
            count -= above[start][1] + (own is not None)
        return count > 1 and abs(total - _exactly(wanted)) < 0.005 * _UNIT

    def _add_up(self, cells: Sequence[Cell]) -> dict[int, tuple[int, int]]:
        above, total, count, start = {}, 0, 0, 0
        for index in self._asked:
            for cell in cells[start:index]:
                amount = _amount(cell)
                if amount is not None:
                    total, count = total + _exactly(amount), count + 1
            above[index], start = (total, count), index
        return above


_UNIT = 10**9  # amounts are added up as whole numbers: a difference of large sums of floats would be inexact


def _exactly(amount: float) -> int:
    return round(amount * _UNIT) if abs(amount) < 1e100 else 10**200


def _amount(cell: Cell) -> float | None:
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, str) and is_number(cell):
        try:
            return float(re.sub(r"[^\d.-]", "", cell))
        except ValueError:
            return None
    return None


def _notes(body: Grid, found: dict[int, Skipped]) -> None:
    """Lines of text below the table: one cell filled where records fill several."""
    if len(body.columns) < 3:
        return
    for index in reversed(range(len(body.rows))):
        if index in found:
            continue
        cells = [cell for cell in body.row(index) if cell is not None]
        text = first_text(body, index)
        apart = index > 0 and body.rows[index - 1] < body.rows[index] - 1
        if len(cells) != 1 or type(cells[0]) is not str or is_number(cells[0]):
            return
        if not (_NOTE.fullmatch(text) or (apart and " " in text) or len(text.split()) > 5):
            return
        found[index] = Skipped(body.rows[index], "a note", text)


def _sum_without_name(body: Grid, found: dict[int, Skipped]) -> None:
    """A last row that holds nothing but the sums of its columns."""
    last = next((index for index in reversed(range(len(body.rows))) if index not in found), None)
    if last is None or last < 2 or len(body.columns) < 2 or body.columns[0][last] is not None:
        return
    filled = [n for n, column in enumerate(body.columns) if column[last] is not None]
    if any(_amount(body.columns[n][last]) is None for n in filled):
        return
    totals = [index for index, skipped in found.items() if skipped.why == _TOTALS]
    sums = _Sums(body, [last, *totals])
    for index in totals:
        sums.totals_at(index)
    if all(sums.adds_up(n, last) for n in filled):
        found[last] = Skipped(body.rows[last], _TOTALS, first_text(body, last))
