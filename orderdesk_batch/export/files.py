"""This file holds `to_file` and `book`: what a search finds, written while pages arrive, whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import Problem, UsageError
from ..fields import Document
from ..kinds import NUMBERS, TEXT, How
from ..kinds.dates import EARLIEST, LATEST
from ..sheets.write import LeftOut, atomic, probe, write_csv
from .columns import Layout, Nested
from .jsontext import dumps
from .reading import with_keys
from .spool import Spool, Table

Pages = Iterable["list[Document] | Document"]
Money = Literal["decimal", "float"]

FORMATS: Final = (".csv", ".xlsx", ".jsonl", ".parquet")
_SPELLED: Final = re.compile("_x005[Ff]_")
_FOLDED: Final = 8  # cells of one column that are named one by one before they are drawn together


@dataclass(frozen=True)
class Written:
    """What was written."""

    path: Path
    rows: int
    documents: int
    columns: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)  # cells that the format can't hold
    notes: list[str] = field(default_factory=list)  # what has no column, and what the search has to say
    tabs: dict[str, int] = field(default_factory=dict)  # of a book: its sheets, with their rows

    def as_json(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {
            "path": str(self.path), "rows": self.rows, "documents": self.documents, "columns": self.columns,
            **({"sheets": self.tabs} if self.tabs else {}),
            "problems": [problem.as_json() for problem in self.problems], "notes": self.notes,
        }  # fmt: skip


def to_file(
    path: str | os.PathLike[str],
    resource: str,
    pages: Pages,
    *,
    with_items: bool = False,
    columns: Sequence[str] | str | None = None,
    nested: Nested = "columns",
    money: Money = "decimal",
    folders: Mapping[str, str] | None = None,
    repeat: bool = False,
    stores: Mapping[str, Mapping[str, str]] | None = None,
) -> Written:
    """Write documents to a .csv, .xlsx, .jsonl or .parquet file, private, and all of it or nothing.

    Args:
        pages: pages of documents, or documents; `documents()` gives them.
        folders: the store's folders, id → name; a folder without a name of its own stays an id.
        repeat: with items, whether each row of an order has the order's own cells.

    Raises:
        UsageError: a format, a column or a place that makes no sense; nothing was read.
    """
    target = Path(path)
    ending = format_of(target)
    layout = Layout(
        resource, with_items=with_items, columns=columns, nested=nested, folders=folders, repeat=repeat, stores=stores
    )
    if ending == ".parquet":
        from . import parquet

        parquet.check(money)
    probe(target)
    if ending == ".jsonl":
        if columns or with_items:
            raise UsageError("A .jsonl file holds the documents as they came: leave the columns and --with-items out.")
        return _jsonl(target, pages)
    with Spool(layout, target.parent) as spool:
        count = 0
        for page in paged(pages):
            count += len(page)
            spool.add(page)
            if ending == ".xlsx":
                _check_rows(target, spool.count)
        table = spool.table()
        if ending == ".csv":
            left = LeftOut(target.name, "A CSV file")
            problems = write_csv(target, table.headings, _for_csv(table, left))
            problems += left.all()
        elif ending == ".xlsx":
            problems = _write_tabs(target, {resource: table})
        else:
            problems = parquet.write(target, table, money)
    return Written(
        target, len(table), count, table.headings, drawn_together(problems), [*layout.notes(), *_said(pages)]
    )


def book(
    path: str | os.PathLike[str],
    orders: Pages | None = None,
    inventory: Pages | None = None,
    *,
    nested: Nested = "columns",
    folders: Mapping[str, str] | None = None,
) -> Written:
    """Write one workbook with a sheet for each resource; an order's items and parcels come from the order itself.

    Raises:
        UsageError: another format than .xlsx, or a place that can't be written to; nothing was read.
    """
    target = Path(path)
    if format_of(target) != ".xlsx":
        raise UsageError(f"{target}: a book has several sheets, so it is an .xlsx file.")
    probe(target)
    with ExitStack() as stack:

        def spool(resource: str) -> Spool:
            return stack.enter_context(Spool(Layout(resource, nested=nested, folders=folders, parts=False), target.parent))

        spools: dict[str, Spool] = {}
        documents = 0
        if orders is not None:
            spools = {name: spool(name) for name in ("orders", "items", "shipments")}
            for page in paged(orders):
                documents += len(page)
                spools["orders"].add(page)
                for name in ("items", "shipments"):
                    spools[name].add(child for order in page for child in with_keys(order, name))
        if inventory is not None:
            spools["inventory"] = spool("inventory")
            for page in paged(inventory):
                documents += len(page)
                spools["inventory"].add(page)
        if not spools:
            raise UsageError("A book needs orders, inventory, or both.")
        tables = {name: one.table() for name, one in spools.items()}
        problems = _write_tabs(target, tables)
        notes = [f"{name}: {note}" for name, one in spools.items() for note in one.layout.notes()]
        notes += [note for pages in (orders, inventory) if pages is not None for note in _said(pages)]
        rows = {name: len(table) for name, table in tables.items()}
    return Written(target, sum(rows.values()), documents, [], drawn_together(problems), notes, rows)


def format_of(path: Path) -> str:
    """The ending that says in which format a file is written.

    Raises:
        UsageError: it is none that we write.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        says = f'"{path.suffix}" is' if path.suffix else "it has"
        raise UsageError(f"{path}: {says} no format of an export. The name ends in {', '.join(FORMATS)}.")
    return ending


def paged(pages: Pages) -> Iterator[list[Document]]:
    """Pages of documents, whether pages came or single documents."""
    for page in pages:
        yield [page] if isinstance(page, dict) else page


def _said(pages: Any) -> list[str]:
    """What a search has to say when it is through: its windows of time, and what was not found."""
    return [*(f"Searched: {window}." for window in getattr(pages, "windows", ())), *getattr(pages, "notes", ())]


def _jsonl(target: Path, pages: Pages) -> Written:
    count = 0
    with atomic(target) as beside, beside.open("w", encoding="utf-8", newline="\n") as stream:
        for page in paged(pages):
            stream.writelines(f"{dumps(document)}\n" for document in page)
            count += len(page)
    return Written(target, count, count, notes=_said(pages))


class _Cells:
    """The rows of a table, without the texts that a reader of sheets would take for others."""

    def __init__(self, table: Table, left: LeftOut, *, xml: bool = False) -> None:
        self.table = table
        self.left = left
        self.xml = xml

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[list[Any]]:
        for number, row in enumerate(self.table, 2):
            for n, cell in enumerate(row):
                if type(cell) is not str:
                    if isinstance(cell, dt.date) and not EARLIEST <= cell.year <= LATEST:
                        row[n] = TEXT.show(cell)  # as a date it would be taken for a slip; as text it equals the stored one
                    continue
                if cell[:2] == '="' and TEXT.parse(cell, How()) != cell:
                    why = "is how exports write a text, so it would be read without its signs"
                elif self.xml and _SPELLED.search(cell):
                    why = "spells a character out, so it would be read as that character"
                else:
                    continue
                self.left.add(why, cell, number, self.table.columns[n].name)
                row[n] = None
            yield row


def _for_csv(table: Table, left: LeftOut) -> Iterator[list[Any]]:
    """The rows for a CSV file, in which 1.234 could be read as thousands; 1.2340 can't."""
    numbers = [n for n, column in enumerate(table.columns) if column.kind in NUMBERS]
    for row in _Cells(table, left):
        for n in numbers:
            cell = row[n]
            if type(cell) is Decimal and 1 <= cell < 1000:
                text = str(cell.normalize())
                if text[-4:-3] == ".":
                    row[n] = f"{text}0"
        yield row


def _check_rows(target: Path, rows: int) -> None:
    from ..sheets.workbook import MOST_ROWS

    if rows >= MOST_ROWS:
        raise UsageError(f"{target}: a worksheet holds {MOST_ROWS - 1:,} rows, and there are more. Write .csv or .parquet.")


def _write_tabs(target: Path, tables: Mapping[str, Table]) -> list[Problem]:
    from ..sheets.workbook import MOST_COLUMNS, Tab, write_book

    tabs, left = [], []
    for name, table in tables.items():
        left.append(LeftOut(target.name if len(tables) == 1 else f"{target.name}, {name}", "An Excel file"))
        _check_rows(target, len(table))
        if len(table.columns) > MOST_COLUMNS:
            raise UsageError(
                f"{target}: a worksheet holds {MOST_COLUMNS:,} columns, these are {len(table.columns):,}. "
                "Choose some with --columns, or draw maps together with --nested json."
            )
        texts = [n for n, column in enumerate(table.columns) if column.kind not in (*NUMBERS, "date", "time")]
        amounts = [n for n, column in enumerate(table.columns) if column.kind == "money"]
        cells = _Cells(table, left[-1], xml=True)
        tabs.append(Tab(name, table.headings, cells, text_columns=frozenset(texts), amount_columns=frozenset(amounts)))
    return write_book(target, tabs) + [problem for one in left for problem in one.all()]


def drawn_together(problems: Sequence[Problem]) -> list[Problem]:
    """Cells that were left out for one reason in one column, as one problem where they are many."""
    groups: dict[tuple[str | None, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.column, problem.reason), []).append(problem)
    found: list[Problem] = []
    for (column, reason), group in groups.items():
        if len(group) <= _FOLDED or column is None:
            found += group
        else:
            first = group[0]
            place = first.place.partition(", row ")[0]
            says = f"{len(group)} cells were left blank, the first in row {first.row}: each {reason}"
            found.append(Problem(says, first.hint, "warning", None, column, None, place, code=first.code))
    return found
