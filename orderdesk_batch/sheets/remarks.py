"""This file holds what has to be said about a table: lines that don't fit, what is hidden, what has no heading."""

from __future__ import annotations

from itertools import compress

from .grid import Grid, Note
from .sheet import Sheet, Skipped, letters


def ragged(body: Grid, wide: int, least: int) -> list[Note]:
    """Rows of a text file with fewer or more cells than the headings; blank ones past the end don't count."""
    notes: list[Note] = []
    if not body.widths and least <= body.usual_width <= wide:
        return notes
    for index, row in enumerate(body.rows):
        size = body.widths.get(row, body.usual_width)
        if least <= size <= wide:
            continue
        reason = f"has {size} {'cell' if size == 1 else 'cells'} where the headings have {wide}"
        if size < least:
            hint = "Add the missing cells; a text with line breaks must be in quotes."
            notes.append(Note(reason, hint, "error", row, code="ragged"))
        elif any(body.columns[at][index] is not None for at in _from(body, wide)):
            hint = "Put a text that holds the delimiter in quotes."
            notes.append(Note(reason, hint, "error", row, code="ragged"))
    return notes


def _from(body: Grid, position: int) -> list[int]:
    return [index for index, at in enumerate(body.positions) if at >= position]


def hidden(grid: Grid, sheet: Sheet) -> list[Note]:
    """What the spreadsheet hides of this table: it is read, and that is said."""
    notes = []
    rows = _expand(grid.hidden_rows, set(sheet.rows)) if grid.hidden_rows else []
    if rows:
        why = "hidden by a filter" if grid.filtered else "hidden"
        many = f"{len(rows)} of {len(sheet.rows)} rows" if len(sheet.rows) > 1 else "its row"
        notes.append(Note(f"has {many} {why} ({spans(rows)}); hidden rows are read like the others",
                          "Delete them if they are not meant.", code="hidden-rows"))  # fmt: skip
    for index, position in enumerate(sheet.positions):
        if any(first <= position <= last for first, last in grid.hidden_columns):
            named = f' ("{sheet.headings[index]}")' if sheet.headings[index] else ""
            notes.append(Note(f"has column {letters(position)}{named} hidden; it is read like the others",
                              "Delete it if it is not meant.", code="hidden-column"))  # fmt: skip
    return notes


def _expand(ranges: list[tuple[int, int]], wanted: set[int]) -> list[int]:
    found: set[int] = set()
    for first, last in ranges:
        if last - first > len(wanted):
            found.update(row for row in wanted if first <= row <= last)
        else:
            found.update(row for row in range(first, last + 1) if row in wanted)
    return sorted(found)


def nameless(sheet: Sheet, wide: int | None) -> list[Note]:
    """Columns with data and without a heading; `wide` is where a text file's headings end."""
    notes = []
    for index, text in enumerate(sheet.headings):
        position = sheet.positions[index]
        if text or (wide is not None and position >= wide):
            continue  # cells past the end of the headings' line are told with their rows
        rows = list(compress(sheet.rows, (cell is not None for cell in sheet.columns[index])))
        notes.append(Note(f"has no heading over column {letters(position)}, which is filled in {spans(rows)}; it is not used",
                          "Give it a heading if it is needed.", code="nameless"))  # fmt: skip
    return notes


def left_out(skipped: list[Skipped]) -> Note:
    """The one note about all rows that are no records."""
    parts = []
    for why in dict.fromkeys(skip.why for skip in skipped):
        rows = [skip.row for skip in skipped if skip.why == why]
        parts.append(f"{spans(rows)} ({why})")
    verb = "is" if len(skipped) == 1 else "are"
    return Note(f"{' and '.join(parts)} {verb} left out: no record", code="left-out")


def spans(rows: list[int]) -> str:
    """Row numbers for people.

    >>> spans([7]), spans([3, 5, 6, 7])
    ('row 7', 'rows 3, 5-7')
    """
    ranges: list[list[int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in ranges]
    if len(texts) > 40:
        texts = [*texts[:36], f"… and {len(texts) - 36} more"]
    return ("row " if len(rows) == 1 else "rows ") + ", ".join(texts)
