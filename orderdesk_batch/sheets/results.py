"""This file holds the results file, the sheet as it came with a verdict on each row, and the fix-and-retry workbook."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Final

from ..errors import OrderDeskBatchError, Problem, UsageError
from .sheet import BadCell, Sheet
from .workbook import MISSING, Tab, write_book
from .write import cannot_write, write_csv

RESULT: Final = "result"
MESSAGE: Final = "message"
ORDER_ID: Final = "order id"
SUFFIXES: Final = (".xlsx", ".csv")
_TONES: Final = {
    "failed": "bad", "refused": "bad", "stale": "warn", "unknown": "warn", "begun": "warn", "waiting": "warn",
}  # fmt: skip
_HOW: Final = "Mend the coloured cells; each says in its comment what is wrong. Then upload this file. The good rows are not in it."
_MOST_COMMENTS: Final = 2_000  # a workbook with more of them takes Excel minutes to open


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row."""

    result: str  # done, failed, stale, unknown, waiting, refused, none, skip
    message: str = ""
    order_id: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet of a results file, with the verdicts on its rows."""

    sheet: Sheet
    verdicts: Mapping[int, Verdict]  # by the number Excel shows
    record_heading: str = "shipment id"


def default_results(sheet_path: str | os.PathLike[str], format: str = "") -> Path:
    """Where the results of a sheet go: beside it, as CSV if it was one.

    >>> default_results("in/t.xlsx").name, default_results("t.results.2.csv").name, default_results("a.b.txt").name
    ('t.results.xlsx', 't.results.csv', 'a.b.results.csv')

    Args:
        format: what the file was found to be, where that is known: a CSV may be called .xlsx.
    """
    path = Path(sheet_path)
    if path.name == "-":
        return Path("stdin.results.csv")
    is_text = format == "csv" if format else path.suffix.lower() in (".csv", ".tsv", ".txt", ".tab")
    stem = re.sub(r"\.results(\.\d+)?$", "", path.stem)  # a results file given back
    return path.with_name(f"{stem}.results{'.csv' if is_text else '.xlsx'}")


def reserve(path: str | os.PathLike[str]) -> Path:
    """Make an empty results file before anything is sent; one that exists is kept and the new one gets a number.

    Raises:
        UsageError: the place can't be written to, or the name does not end in .xlsx or .csv.
    """
    wanted = Path(path)
    if wanted.suffix.lower() not in SUFFIXES:
        raise UsageError(f'"{wanted}" is no name for the results. Write one that ends in .xlsx or .csv.')
    for number in count(1):
        place = wanted if number == 1 else wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
        try:
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            # Windows says "denied" of a file that someone holds open, and of a folder.
            if isinstance(error, (FileExistsError, PermissionError)) and place.exists() and not wanted.is_dir():
                continue
            raise cannot_write(wanted, error) from error
        return place
    raise AssertionError("there is always a free number")


def release(path: Path) -> None:
    """Take a reserved file away again, unless something was written to it."""
    try:
        if path.stat().st_size == 0:
            path.unlink()
    except OSError:
        pass  # it is gone already, or held open: an empty file does no harm


def own_columns(headings: Sequence[str]) -> list[int]:
    """The columns that a results file added to the sheet, so that a results file can be given back.

    >>> own_columns(["Order ID", "Tracking #", "result", "message", "order id", "shipment id"])
    [2, 3, 4, 5]
    >>> own_columns(["order id", "message"])
    []
    """
    for start, (first, second) in enumerate(pairwise(headings)):
        if (first, second) == (RESULT, MESSAGE):
            end = start + 2
            # `order id` is a heading that people use too: only right after ours is it ours.
            while end < len(headings) and end < start + 4 and re.fullmatch(r"[a-z ]+ id", headings[end]):
                end += 1
            return list(range(start, end))
    return []


def write_results(
    path: Path,
    sheet: Sheet,
    verdicts: Mapping[int, Verdict],
    *,
    record_heading: str = "shipment id",
    fallback: Path,
) -> Path:
    """Write the sheet as it came, with the verdicts, and give where it was written.

    Args:
        record_heading: the heading over the records' own ids.
        fallback: the folder for it if `path` can't be written after all.

    Raises:
        UsageError: neither place can be written to.
    """
    return write_book_results(path, [Part(sheet, verdicts, record_heading)], fallback=fallback)


def write_book_results(path: Path, parts: Sequence[Part], *, fallback: Path) -> Path:
    """Write the results of several sheets, each in a tab of its own, and give where they were written.

    Raises:
        UsageError: neither place can be written to.
    """
    if path.suffix.lower() == ".csv" and len(parts) > 1:  # a CSV has no tabs
        release(path)
        path = path.with_suffix(".xlsx")
        path = reserve(path) if path.parent.is_dir() else path
    try:
        _write(path, parts)
    except (OrderDeskBatchError, OSError):
        # All has been sent by now: whatever is wrong with the place, the results must not be lost.
        fallback.mkdir(parents=True, exist_ok=True)
        try:
            path = reserve(fallback / path.name)
            _write(path, parts)
        except UsageError:
            if path.suffix.lower() == ".csv" or len(parts) > 1:
                raise
            release(path)
            path = reserve(fallback / f"{path.stem}.csv")  # more rows than a worksheet holds
            _write(path, parts)
    return path


def _write(path: Path, parts: Sequence[Part]) -> None:
    if path.suffix.lower() == ".csv":
        part = parts[0]
        write_csv(path, _columns(part), _rows(part), as_read=True, delimiter=part.sheet.delimiter or ",")
    else:
        write_book(path, [_tab(part) for part in parts])


def _columns(part: Part) -> list[str]:
    kept = _kept(part.sheet)
    return [*(part.sheet.headings[index] for index in kept), *_added(part)]


def _added(part: Part) -> list[str]:
    added = [RESULT, MESSAGE, ORDER_ID, part.record_heading]
    if part.record_heading.startswith("inventory"):
        added.remove(ORDER_ID)  # what is in stock belongs to no order
    return list(dict.fromkeys(added))


def _kept(sheet: Sheet) -> list[int]:
    own = set(own_columns(sheet.headings))
    return [index for index in range(len(sheet.headings)) if index not in own]


def _rows(part: Part) -> Iterator[list[Any]]:
    sheet, verdicts = part.sheet, part.verdicts
    columns = [sheet.columns[index] for index in _kept(sheet)]
    nothing = Verdict("")
    of_orders = part.record_heading == ORDER_ID
    has_order_id = ORDER_ID in _added(part)
    for row, *cells in zip(sheet.rows, *columns, strict=True):
        said = verdicts.get(row, nothing)
        cells += (said.result or None, said.message or None)
        if has_order_id:
            cells.append(said.order_id or (said.record_id if of_orders else "") or None)
        if not of_orders:
            cells.append(said.record_id or None)
        yield cells


class _Rows:
    """The rows of a results file, made one by one; how many there are is known."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def __iter__(self) -> Iterator[list[Any]]:
        return _rows(self._part)

    def __len__(self) -> int:
        return len(self._part.sheet.rows)


def _tab(part: Part) -> Tab:
    sheet = part.sheet
    tones = [_TONES.get(part.verdicts[row].result, "") if row in part.verdicts else "" for row in sheet.rows]
    headings, added = _columns(part), _added(part)
    return Tab(
        sheet.tab or "Results",
        headings,
        _Rows(part),
        as_read=True,
        tone=tones.__getitem__,
        widths={len(headings) - len(added) + added.index(MESSAGE): 60},
        ours=len(added),
    )


# The fix-and-retry workbook --------------------------------------------------------------------------------


def write_problems(path: Path, sheet: Sheet, problems: Iterable[Problem], *, rows: Collection[int] | None = None) -> Path:
    """Write the bad rows alone, to be mended and given back to `upload`; and give where they were written.

    Its first sheet has the sheet's own headings, and the bad cells are coloured and say in a comment
    what is wrong. A second sheet, "About", lists all problems. Where the file as a whole is bad (a
    heading is missing), all rows are in it.

    Args:
        rows: further rows to take along: those that stay out because another row of their order is bad.

    Raises:
        UsageError: the place can't be written to.
    """
    return write_book_problems(path, [(sheet, list(problems), rows)])


def write_book_problems(path: Path, parts: Sequence[tuple[Sheet, Sequence[Problem], Collection[int] | None]]) -> Path:
    """Write the bad rows of several sheets to one fix-and-retry workbook, and give where they were written.

    Raises:
        UsageError: the place can't be written to.
    """
    tabs = [_bad_rows(*part) for part in parts]
    found = [(sheet, problem) for sheet, problems, _ in parts for problem in problems]
    found.sort(key=lambda pair: pair[1].level != "error")
    several = len(parts) > 1
    headings = ["worksheet"] * several + ["in row", "under heading", "what it says", "what is wrong", "what to do", "level"]
    listed: list[list[Any]] = [
        [
            *([sheet.tab] * several),
            problem.row,
            problem.column,
            problem.value,
            problem.reason,
            problem.hint or None,
            problem.level,
        ]
        for sheet, problem in found
    ]
    widths = dict(enumerate([14.0] * several + [8.0, 24.0, 28.0, 48.0, 60.0, 10.0]))
    tones = ["warn" if problem.level == "warning" else "" for _, problem in found] + ["quiet"]
    listed.append([None] * (3 + several) + [_HOW])
    tabs.append(Tab("About", headings, listed, widths=widths, wrap=True, tone=tones.__getitem__))
    write_book(path, tabs)
    return path


def _bad_rows(sheet: Sheet, problems: Sequence[Problem], rows: Collection[int] | None) -> Tab:
    errors = [problem for problem in problems if problem.level == "error"]
    bad = {problem.row for problem in errors if problem.row is not None} | set(rows or ())
    if any(problem.row is None for problem in errors):
        bad = set(sheet.rows)
    kept = _kept(sheet)
    indexes = [index for index, row in enumerate(sheet.rows) if row in bad]
    at = {sheet.rows[index]: place for place, index in enumerate(indexes)}
    columns = {sheet.headings[index]: place for place, index in reversed(list(enumerate(kept)))}
    marks: dict[tuple[int, int], str] = {}
    comments = 0
    for problem in errors:
        column = columns.get(problem.column or "")
        row = -1 if problem.row is None else at.get(problem.row)
        if row is None or (column is None and row == -1):
            continue
        cell = (row, column or 0)
        said = _comment(problem, whole_row=column is None)
        comments += cell not in marks
        if comments > _MOST_COMMENTS:
            marks.setdefault(cell, "")
        else:
            marks[cell] = f"{marks[cell]}\n\n{said}" if marks.get(cell) else said
    return Tab(
        sheet.tab or "Rows to mend",
        [sheet.headings[index] for index in kept],
        [[_still_bad(sheet.columns[column][index]) for column in kept] for index in indexes],
        as_read=True,
        marks=marks,
    )


def _comment(problem: Problem, *, whole_row: bool) -> str:
    reason = problem.reason[:1].upper() + problem.reason[1:] if whole_row or problem.value is None else problem.reason
    value = problem.value if problem.value is None or len(problem.value) <= 60 else problem.value[:60] + "…"
    text = reason if value is None or whole_row else f'"{value}" {reason}'
    text = text if text.endswith((".", "!", "?")) else f"{text}."
    return f"{text}\n{problem.hint}" if problem.hint else text


def _still_bad(cell: Any) -> Any:
    """A bad cell as one that is refused again unless it is mended; as a text it could pass for a value."""
    if not isinstance(cell, BadCell):
        return cell
    try:
        number = float(cell.text) if cell.code == "digits-lost" else math.nan
    except ValueError:
        number = math.nan
    return number if math.isfinite(number) else MISSING
