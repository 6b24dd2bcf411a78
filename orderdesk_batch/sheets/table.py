"""This file holds how a grid becomes a Sheet: headings on top, records below, and what is no record left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress

from ..errors import Problem
from .grid import TRIM, Grid, Note, drop_rows
from .locate import Head, Knows, find_head, is_number
from .sheet import Cell, Sheet, Skipped, letters, place, short

_TOTAL = re.compile(
    r"(grand\s+|sub-?\s*|overall\s+|report\s+)?(total|totals|sum|summe|gesamt|gesamtsumme|zwischensumme|somme|totale|totaal"
    r"|suma|soma|total général|total general|subtotal)\s*[:=]?",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"(page|seite|página|pagina)\s*:?\s*\d+(\s*(of|von|de|di|van|/)\s*\d+)?|-\s*\d+\s*-|\d+\s*/\s*\d+\s*(pages)",
    re.IGNORECASE,
)
_INITIALS = set("gsotzp-0123456789")  # of all the words above
_NOTE = re.compile(
    r"(note|notes|source|sources|quelle|hinweis|remark|remarks|disclaimer|generated|printed|exported)\b.*|\*.*",
    re.IGNORECASE | re.DOTALL,
)


def table(grid: Grid, name: str, knows: Knows | None = None, header_row: int | None = None) -> Sheet:
    """The one table of the grid."""
    head = find_head(grid, knows, header_row)
    notes = list(grid.notes)
    above = [grid.rows[index] for index in range(head.top)]
    if above and header_row is None:
        notes.append(Note(
            f"has its headings in {_rows(grid.rows[head.top : head.bottom + 1])}; {_rows(above)} above them "
            f"{'is' if len(above) == 1 else 'are'} not read", code="notes-above"))  # fmt: skip
    titles = {tuple(grid.row(index)) for index in range(min(head.bottom + 1, 60))}
    usual = grid.usual_width
    if usual:  # a text file: the headings' line tells how many cells a record has
        usual = grid.widths.get(grid.rows[head.bottom], usual)
    heading_row = grid.rows[head.bottom]
    named = [index for index, text in enumerate(head.headings) if text]
    body = _body(grid, head)
    skipped = _skips(body, head.headings, titles)
    out = {skip.row for skip in skipped}
    drop_rows(body, [index for index, row in enumerate(body.rows) if row in out])
    if usual:
        notes += _ragged(body, usual, head, named)
    keep = [
        index
        for index, text in enumerate(head.headings)
        if text or any(cell is not None for cell in body.columns[index])
    ]
    sheet = Sheet(
        name=name,
        tab=grid.tab,
        headings=[head.headings[index] for index in keep],
        positions=[body.positions[index] for index in keep],
        rows=body.rows,
        columns=[body.columns[index] for index in keep],
        skipped=skipped,
        heading_row=heading_row,
    )
    notes += _hidden(grid, sheet)
    notes += _nameless(sheet, grid)
    if skipped:
        notes.append(_left_out(skipped))
    if not sheet.rows:
        notes.append(Note("has headings and no rows", "Fill rows in below the headings.", code="no-rows"))
    sheet.problems.extend(problem(sheet, note) for note in notes)
    return sheet


def problem(sheet: Sheet, note: Note) -> Problem:
    """A note about a grid as a problem of the sheet, with heading, value and place."""
    column = value = None
    where = short(sheet.name) if not sheet.tab else f"{short(sheet.name)}, {sheet.tab}"
    if note.position is not None and note.row is not None:
        where = place(sheet.name, sheet.tab, note.row, note.position)
    elif note.row is not None:
        where = f"{where}, row {note.row}"
    if note.position in sheet.positions:
        index = sheet.positions.index(note.position)
        column = sheet.headings[index] or None
        if note.row in sheet.rows:
            cell = sheet.columns[index][sheet.rows.index(note.row)]
            value = None if cell is None else str(cell)
    return Problem(note.reason, note.hint, note.level, note.row, column, value, where, code=note.code)


def _body(grid: Grid, head: Head) -> Grid:
    """The rows below the headings, merged cells filled."""
    first = head.bottom + 1
    body = Grid(
        grid.tab, grid.rows[first:], list(grid.positions), [column[first:] for column in grid.columns]
    )
    body.widths = grid.widths
    body.usual_width = grid.usual_width
    if not grid.merged:
        return body
    index_of = {row: index for index, row in enumerate(body.rows)}
    place_of = {position: index for index, position in enumerate(body.positions)}
    wide = max(3, sum(1 for text in head.headings if text))
    for first_row, left, last_row, right in grid.merged:
        if first_row not in index_of or left not in place_of:
            continue
        value = body.columns[place_of[left]][index_of[first_row]]
        if value is None or right - left + 1 >= wide:
            continue  # an empty one stays empty; one as wide as the table is a line between sections
        for row in range(first_row, min(last_row, body.rows[-1]) + 1):
            if row in index_of:
                for position in range(left, right + 1):
                    if position in place_of:
                        body.columns[place_of[position]][index_of[row]] = value
    return body


def _skips(body: Grid, headings: list[str], titles: set[tuple[Cell, ...]]) -> list[Skipped]:
    """The rows that are no records: headings again, totals, page lines, and notes below the table."""
    found: dict[int, Skipped] = {}
    for index in _again(body, titles):
        found[index] = Skipped(body.rows[index], "the headings again", _first_text(body, index))
    for index, text in _leading(body, len(headings)):
        cells = [cell for cell in body.row(index) if cell is not None]
        if _PAGE.fullmatch(text) and len(cells) == 1:
            found[index] = Skipped(body.rows[index], "a page line", text)
        elif _TOTAL.fullmatch(text) and all(map(is_number, cells[1:])) and _ends(body, index, found):
            found[index] = Skipped(body.rows[index], "a total", text)
    for index in reversed(range(len(body.rows))):
        if index in found:
            continue
        cells = [cell for cell in body.row(index) if cell is not None]
        text = _first_text(body, index)
        blank_before = index > 0 and body.rows[index - 1] < body.rows[index] - 1
        noteworthy = _NOTE.fullmatch(text) or blank_before or len(text.split()) > 5
        if len(cells) != 1 or len(body.columns) < 3 or not isinstance(cells[0], str) or not noteworthy:
            break
        if is_number(cells[0]):
            break
        found[index] = Skipped(body.rows[index], "a note", text)
    return [found[index] for index in sorted(found)]


def _first_text(body: Grid, index: int) -> str:
    return next((str(cell).strip(TRIM) for cell in body.row(index) if cell is not None), "")


def _again(body: Grid, titles: set[tuple[Cell, ...]]) -> Iterator[int]:
    """Rows that repeat the headings, or a title above them."""
    firsts: dict[int, set[Cell]] = {}
    for title in titles:
        at = next((index for index, cell in enumerate(title) if cell is not None), None)
        if at is not None and (len(title) > 1 or isinstance(title[at], str)):
            firsts.setdefault(at, set()).add(title[at])
    for at, cells in firsts.items():
        column = body.columns[at]
        if cells.isdisjoint(column):
            continue
        for index, cell in enumerate(column):
            if cell in cells and tuple(body.row(index)) in titles:
                yield index


def _leading(body: Grid, width: int) -> Iterator[tuple[int, str]]:
    """(index, text) of rows whose first filled cell looks like a total's or a page line's."""
    left: Sequence[int] = range(len(body.rows))
    for column in body.columns[:width]:
        likely = {
            cell for cell in set(column) if type(cell) is str and cell.lstrip(TRIM)[:1].lower() in _INITIALS
        }
        telling = {cell for cell in likely if _TOTAL.match(cell.strip(TRIM)) or _PAGE.match(cell.strip(TRIM))}
        if telling:
            for index in left:
                if column[index] in telling:
                    yield index, str(column[index]).strip(TRIM)
        if None not in column:
            return
        left = [index for index in left if column[index] is None]


def _ends(body: Grid, index: int, found: dict[int, Skipped]) -> bool:
    """Whether a total stands where totals stand: at the end, or under numbers that add up to it."""
    if (
        all(
            other in found
            or sum(cell is not None for cell in body.row(other)) <= 1
            or _TOTAL.fullmatch(_first_text(body, other))
            for other in range(index + 1, min(index + 12, len(body.rows)))
        )
        and len(body.rows) - index < 12
    ):
        return True
    for column in body.columns:
        wanted = _amount(column[index])
        if wanted is None:
            continue
        total = 0.0
        for above in range(index - 1, -1, -1):
            if above in found and found[above].why == "a total":
                break
            total += _amount(column[above]) or 0.0
        if wanted and abs(total - wanted) < 0.005:
            return True
    return False


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


def _ragged(body: Grid, usual: int, head: Head, named: list[int]) -> list[Note]:
    """Rows of a text file that have fewer or more cells than the headings."""
    notes = []
    least = max(named, default=0) + 1
    regular = body.usual_width == usual or (least <= body.usual_width <= usual)
    for index, row in enumerate(body.rows):
        size = body.widths.get(row, body.usual_width) if body.widths or not regular else usual
        if least <= size <= usual:
            continue
        if size < usual:
            notes.append(Note(
                f"has {size} cells where the headings have {usual}",
                "Add the missing cells, or put a text with line breaks in quotes.", "error", row, code="ragged"))  # fmt: skip
        elif any(body.columns[at][index] is not None for at in range(usual, min(size, len(body.columns)))):
            notes.append(Note(
                f"has {size} cells where the headings have {usual}",
                "Put a text that holds the delimiter in quotes.", "error", row, code="ragged"))  # fmt: skip
    return notes


def _hidden(grid: Grid, sheet: Sheet) -> list[Note]:
    """What the spreadsheet hides of this table: it is read, and that is said."""
    notes = []
    rows = [row for row in _expand(grid.hidden_rows, set(sheet.rows))]
    if rows:
        why = "hidden by a filter" if grid.filtered else "hidden"
        notes.append(Note(f"has {len(rows)} of {len(sheet.rows)} rows {why} ({_rows(rows)}); they are read like the others",
                          "Delete them if they are not meant.", code="hidden-rows"))  # fmt: skip
    for index, position in enumerate(sheet.positions):
        if any(first <= position <= last for first, last in grid.hidden_columns):
            named = f' ("{sheet.headings[index]}")' if sheet.headings[index] else ""
            notes.append(Note(f"has the column {letters(position)}{named} hidden; it is read like the others",
                              "Delete it if it is not meant.", code="hidden-column"))  # fmt: skip
    return notes


def _expand(spans: list[tuple[int, int]], wanted: set[int]) -> list[int]:
    found = []
    for first, last in spans:
        if last - first > len(wanted):
            found += [row for row in wanted if first <= row <= last]
        else:
            found += [row for row in range(first, last + 1) if row in wanted]
    return sorted(set(found))


def _nameless(sheet: Sheet, grid: Grid) -> list[Note]:
    """Columns with data and without a heading."""
    notes = []
    wide = grid.widths.get(sheet.heading_row, grid.usual_width) if grid.usual_width else None
    for index, text in enumerate(sheet.headings):
        position = sheet.positions[index]
        if text or (wide is not None and position >= wide):
            continue  # cells past the end of the headings' line are told with their rows
        rows = list(compress(sheet.rows, (cell is not None for cell in sheet.columns[index])))
        notes.append(Note(f"has no heading over column {letters(position)}, which is filled in {_rows(rows)}; it is not used",
                          "Give it a heading if it is needed.", code="nameless"))  # fmt: skip
    return notes


def _left_out(skipped: list[Skipped]) -> Note:
    parts = []
    for why in dict.fromkeys(skip.why for skip in skipped):
        rows = [skip.row for skip in skipped if skip.why == why]
        parts.append(f"{_rows(rows)} ({why})")
    return Note(
        f"{' and '.join(parts)} left out: no record",
        "Give real records a key to have them read.",
        code="left-out",
    )


def _rows(rows: list[int]) -> str:
    """Row numbers for people: "row 7", "rows 3, 5-9".

    >>> _rows([7]), _rows([3, 5, 6, 7])
    ('row 7', 'rows 3, 5-7')
    """
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    if len(texts) > 12:
        texts = [*texts[:10], f"… {len(texts) - 10} more"]
    return ("row " if len(rows) == 1 else "rows ") + ", ".join(texts)
