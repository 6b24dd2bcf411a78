"""This file holds how a grid becomes a Sheet: headings on top, records below, and what is no record left out."""

from __future__ import annotations

from orderdesk_batch.errors import Problem

from .grid import Grid, Note, drop_rows
from .locate import Head, Knows, find_head
from .remarks import hidden, left_out, nameless, ragged, spans
from .sheet import Sheet, Skipped, place, short
from .skip import first_text, skips


def table(grid: Grid, name: str, knows: Knows | None = None, header_row: int | None = None) -> Sheet:
    """The one table of the grid."""
    head = find_head(grid, knows, header_row)
    notes = list(grid.notes)
    above = grid.rows[: head.top]
    if above and header_row is None:
        verb = "is" if len(above) == 1 else "are"
        where = spans(grid.rows[head.top : head.bottom + 1])
        notes.append(Note(f"has its headings in {where}; {spans(above)} above {verb} not read", code="notes-above"))
    body, sections = _body(grid, head)
    heading = tuple(grid.row(head.bottom))
    titles = {tuple(grid.row(index)) for index in range(min(head.bottom, 60))}
    skipped = sorted([*skips(body, titles, heading), *sections], key=lambda skip: skip.row)
    out = {skip.row for skip in skipped}
    if out:
        drop_rows(body, [index for index, row in enumerate(body.rows) if row in out])
    wide = None
    if grid.usual_width:  # a text file: the headings' line tells how many cells a record has
        wide = grid.widths.get(grid.rows[head.bottom], grid.usual_width)
        named = [body.positions[index] for index, text in enumerate(head.headings) if text]
        notes += ragged(body, wide, max(named, default=0) + 1)
    keep = [index for index, text in enumerate(head.headings) if text or any(cell is not None for cell in body.columns[index])]
    sheet = Sheet(
        name=name,
        tab=grid.tab,
        headings=[head.headings[index] for index in keep],
        positions=[body.positions[index] for index in keep],
        rows=body.rows,
        columns=[body.columns[index] for index in keep],
        skipped=skipped,
        heading_row=grid.rows[head.bottom],
    )
    notes += hidden(grid, sheet) + nameless(sheet, wide)
    if skipped:
        notes.append(left_out(skipped))
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


def _body(grid: Grid, head: Head) -> tuple[Grid, list[Skipped]]:
    """The rows below the headings, merged cells filled, and the lines that are merged across the whole table."""
    first = head.bottom + 1
    body = Grid(grid.tab, grid.rows[first:], list(grid.positions), [column[first:] for column in grid.columns])
    body.widths, body.usual_width = grid.widths, grid.usual_width
    sections: list[Skipped] = []
    if not grid.merged or not body.rows:
        return body, sections
    index_of = {row: index for index, row in enumerate(body.rows)}
    place_of = {position: index for index, position in enumerate(body.positions)}
    filled = sum(1 for text in head.headings if text)
    for first_row, left, last_row, right in grid.merged:
        if first_row not in index_of or left not in place_of:
            continue
        index = index_of[first_row]
        value = body.columns[place_of[left]][index]
        if value is None:
            continue  # an empty one stays empty
        covered = sum(left <= position <= right for position in body.positions)
        if covered >= max(3, filled) and sum(cell is not None for cell in body.row(index)) == 1:
            sections.append(Skipped(first_row, "a line across the table", first_text(body, index)))
            continue
        for row in range(first_row, min(last_row, body.rows[-1]) + 1):
            if row in index_of:
                for position in range(left, right + 1):
                    if position in place_of:
                        body.columns[place_of[position]][index_of[row]] = value
    return body, sections
