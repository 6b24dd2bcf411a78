"""This file holds the reader's face: any file an operator has becomes a Sheet, or one clear sentence why not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from orderdesk_batch.errors import Problem, SheetRefused, UsageError

from .content import SAVE_AS, recognise
from .grid import Grid, Note, is_wanted
from .locate import Knows
from .refuse import Unreadable
from .sheet import Limits, Sheet
from .table import problem, table

if TYPE_CHECKING:
    import pandas as pd

Source: TypeAlias = "str | Path | bytes | pd.DataFrame"


def read(
    source: Source,
    *,
    tab: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
    knows: Knows | None = None,
    limits: Limits | None = None,
) -> Sheet:
    """The one table that the source holds.

    `knows` tells of a row of headings how many mean something to who asks: it finds the headings' row and chooses
    among tabs. A file that can't be read for sure raises SheetRefused; a finding about a row is in `problems`.
    """
    limits = limits or Limits()
    name, path, tab = _named(source, tab)
    if path is None and not isinstance(source, str | bytes | Path):
        from .frames import from_frame

        return from_frame(source)
    try:
        data = _bytes(source, path, limits)
        form = recognise(data)
        if form == "csv":
            if tab is not None:
                raise Unreadable(f'the file is text and has no tab "{tab}"', "Leave the # and what follows out.", "tab")
            return _read_text(data, name, header_row, encoding, knows, limits)
        grids, others = _grids(data, form, tab, limits)
        return _with(_choose(grids, others, name, knows, header_row, tab), format=form)
    except Unreadable as no:
        raise no.refused(name) from no.__cause__


def read_book(
    source: Source,
    *,
    wanted: Callable[[str], bool] | None = None,
    knows: Callable[[str], Knows | None] | None = None,
    limits: Limits | None = None,
) -> dict[str, Sheet]:
    """The tables of a workbook's visible tabs, by the tab's name.

    `wanted(tab)` limits it to some tabs; `knows(tab)` gives the judge of headings for one tab.
    """
    limits = limits or Limits()
    name, path, tab = _named(source, None)
    try:
        data = _bytes(source, path, limits)
        form = recognise(data)
        if form == "csv":
            raise Unreadable("the file is text and has no tabs", "Give a workbook (.xlsx).", "tab")
        grids, _ = _grids(data, form, tab, limits)
        sheets = {}
        for grid in grids:
            if grid.columns and (wanted is None or wanted(grid.tab)):
                judge = knows(grid.tab) if knows else None
                sheets[grid.tab] = _with(table(grid, name, judge), format=form)
        return sheets
    except Unreadable as no:
        raise no.refused(name) from no.__cause__


def tabs(source: Source, *, limits: Limits | None = None) -> list[tuple[str, bool]]:
    """Name and visibility of each worksheet; none for a text file."""
    limits = limits or Limits()
    name, path, _ = _named(source, None)
    try:
        data = _bytes(source, path, limits)
        form = recognise(data)
        if form == "csv":
            return []
        from .book import read_workbook

        message = read_workbook(data, form, limits, only_names=True)
        return [(tab, visible) for tab, visible, is_sheet in message["tabs"] if is_sheet]
    except Unreadable as no:
        raise no.refused(name) from no.__cause__


def _named(source: Source, tab: str | None) -> tuple[str, Path | None, str | None]:
    """The source's name for people, its path, and the tab that the name asks for."""
    if isinstance(source, bytes):
        return "data", None, tab
    if isinstance(source, Path):
        return str(source), source, tab
    if not isinstance(source, str):
        return "DataFrame", None, tab
    if source == "-":
        return "standard input", None, tab
    path = Path(source)
    if "#" in source and tab is None and not path.exists():
        spots = [at for at, sign in enumerate(source) if sign == "#" and 0 < at < len(source) - 1]
        at = next((at for at in spots if Path(source[:at]).exists()), spots[-1] if spots else 0)
        if at:
            return source[:at], Path(source[:at]), source[at + 1 :]
    return source, path, tab


def _bytes(source: Any, path: Path | None, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        return source
    if path is None:
        data = sys.stdin.buffer.read(limits.file_bytes + 1)
    else:
        try:
            if path.is_dir():
                raise UsageError(f"{path}: is a folder, not a sheet. Give the path of a file.")
            size = path.stat().st_size
            if size > limits.file_bytes:
                raise Unreadable(f"the file has {size / 2**20:,.0f} MB; {limits.file_bytes / 2**20:,.0f} MB are read at most",
                                 "Split it.", "too-large")  # fmt: skip
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise UsageError(f"{path}: there is no such file. Check the path.") from None
        except PermissionError:
            raise UsageError(f"{path}: may not be read. Close it in Excel, or see to its permissions.") from None
        except OSError as error:
            raise UsageError(f"{path}: can't be read ({error.strerror or error}). Check the path.") from None
    if len(data) > limits.file_bytes:
        raise Unreadable(f"there are more than {limits.file_bytes / 2**20:,.0f} MB", "Split it.", "too-large")
    return data


def _with(sheet: Sheet, **more: Any) -> Sheet:
    from dataclasses import replace

    return replace(sheet, **more)


def _read_text(
    data: bytes, name: str, header_row: int | None, encoding: str | None, knows: Knows | None, limits: Limits
) -> Sheet:
    from .delimited import read_text
    from .text import settle, spoken

    text = settle(data, encoding)
    grid, delimiter = read_text(text, knows, limits)
    if text.guessed:
        grid.notes.append(Note(
            f'is not UTF-8; it was read as {spoken(text.encoding)}, which makes "{text.guessed}" of the first such word',
            "If that is wrong, give the right one with --encoding.", code="encoding-guessed"))  # fmt: skip
    sheet = table(grid, name, knows, header_row)
    if not sheet.rows and len(sheet.headings) == 1 and not (knows and knows(sheet.headings)):
        workbook = name.lower().endswith((".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"))
        if workbook or len(sheet.headings[0].split()) > 3:
            raise Unreadable("the file is a line of text, not a sheet", SAVE_AS, "not-a-sheet")
    return _with(sheet, delimiter=delimiter, encoding=text.encoding)


def _grids(data: bytes, form: str, tab: str | None, limits: Limits) -> tuple[list[Grid], list[str]]:
    """The grids of the tabs that may be meant, and the names of hidden ones left aside."""
    from .book import read_workbook

    message = read_workbook(data, form, limits, want=tab)
    names = [name for name, _, is_sheet in message["tabs"] if is_sheet]
    if not names:
        raise Unreadable("the workbook has no sheets", SAVE_AS, "no-sheets")
    if tab is not None and not any(is_wanted(name, True, tab) for name in names):
        known = ", ".join(f'"{name}"' for name in names)
        raise Unreadable(f'there is no tab "{tab}"', f"It has {known}.", "tab")
    hidden = [
        name
        for name, visible, is_sheet in message["tabs"]
        if is_sheet and not visible and not (tab and is_wanted(name, True, tab))
    ]
    return message["grids"], hidden


def _choose(
    grids: list[Grid],
    hidden: list[str],
    name: str,
    knows: Knows | None,
    header_row: int | None,
    tab: str | None,
) -> Sheet:
    """The table that is meant: the wanted tab, the only one with data, or the only one whose headings fit."""
    filled = [grid for grid in grids if grid.columns]
    if not filled:
        if tab is not None:
            raise Unreadable(f'the tab "{tab}" is empty', "Choose another.", "empty")
        more = f"Only hidden tabs may hold data: {_quoted(hidden)}." if hidden else "Fill it in first."
        raise Unreadable("the workbook has no filled cell", more, "empty")
    said: list[Note] = []
    if tab is None and hidden:
        said.append(Note(f"has hidden tabs that are not read: {_quoted(hidden)}",
                         f"To read one, give {name}#NAME.", code="hidden-tabs"))  # fmt: skip
    grid = filled[0]
    if len(filled) > 1:
        grid = _fitting(filled, name, knows)
        others = _quoted([other.tab for other in filled if other is not grid])
        said.append(Note(f'the tab "{grid.tab}" is read, since its headings fit; not {others}',
                         f"To read another, give {name}#NAME.", code="tab-chosen"))  # fmt: skip
    if not grid.visible:
        said.append(Note(f'the tab "{grid.tab}" is hidden; it is read as asked', code="hidden-tab"))
    sheet = table(grid, name, knows, header_row)
    sheet.problems[:0] = [problem(sheet, note) for note in said]
    return sheet


def _fitting(grids: list[Grid], name: str, knows: Knows | None) -> Grid:
    """The one grid whose headings mean something; more than one, or none, is asked for."""
    from .locate import find_head

    scores: dict[str, int] = {}
    for grid in grids:
        try:
            scores[grid.tab] = knows(find_head(grid, knows, None).headings) if knows else 0
        except Unreadable:
            scores[grid.tab] = 0
    best = max(scores.values())
    fit = [grid for grid in grids if best > 0 and scores[grid.tab] * 2 >= best]
    if len(fit) == 1:
        return fit[0]
    which = _quoted([grid.tab for grid in fit or grids])
    reason = f"several tabs could be meant: {which}" if fit else f"no tab's headings tell which is meant: {which}"
    raise Unreadable(reason, f"Say which: {name}#{(fit or grids)[0].tab}", "which-tab")


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


__all__ = ["Knows", "Problem", "SheetRefused", "Source", "read", "read_book", "tabs"]
