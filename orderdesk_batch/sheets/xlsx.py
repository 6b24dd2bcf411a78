"""This file holds how .xlsx and .xlsm are read: fast by calamine where the sheet is plain, else cell by cell."""

from __future__ import annotations

import io
import threading
from typing import Any

from .archive import Package
from .exact import read_exactly
from .grid import Grid, is_wanted, squeeze
from .look import ESCAPED, Facts, Look, is_sparse, is_utf8, refuse_definitions, surroundings
from .ooxml import Tab, Workbook, strings, workbook
from .sheet import Cell
from .values import cells

_NEAR = 2000  # rows


def read(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    """All visible tabs (or the wanted one) as grids."""
    package = Package(data, order["unpacked"])
    book = workbook(package)
    names = [(tab.name, tab.visible, tab.is_sheet) for tab in book.tabs]
    if order.get("only_names"):
        return {"tabs": names}
    reading = _Reading(data, package, book, order)
    grids = []
    for index, tab in enumerate(book.tabs):
        if tab.is_sheet and is_wanted(tab.name, tab.visible, order["want"]):
            grid = reading.grid(index, tab)
            grid.visible = tab.visible
            grids.append(grid)
    return {"tabs": names, "grids": grids}


class _Reading:
    """A workbook being read; what takes long is done when it is first needed."""

    def __init__(self, data: bytes, package: Package, book: Workbook, order: dict[str, Any]) -> None:
        self._data, self._package, self._book, self._most = data, package, book, order["cells"]
        self._slow, self._limited = order.get("slow", False), order.get("limited", False)
        self._texts: bytes | None = None
        self._strings: list[str] | None = None

    def grid(self, index: int, tab: Tab) -> Grid:
        """One worksheet; calamine reads in a thread of its own while the look goes over the XML."""
        if self._slow:
            return self._read(tab, None)
        fast = _Fast(self._data, self._book, index, tab)
        try:
            return self._read(tab, fast)
        finally:
            fast.leave()

    def _read(self, tab: Tab, fast: _Fast | None) -> Grid:
        if fast is not None and self._limited:  # too much memory ends this process, and the parent asks once more
            fast.go()
        xml = self._package.read(tab.part)
        refuse_definitions(xml)
        if fast is not None and not self._limited and not is_sparse(xml):
            fast.go()
        texts_are_plain = self._texts_are_plain()
        look = Look(xml, self._book)
        around = surroundings(xml)
        rows = fast.rows() if fast is not None and texts_are_plain else None
        columns, facts = _columns(rows or [])
        if rows is not None and look.is_plain(facts):
            grid = squeeze(Grid(tab.name, list(range(1, len(rows) + 1)), list(range(len(columns))), columns))
        else:
            if self._strings is None:
                self._strings = strings(self._shared()) if self._book.strings else []
            grid = read_exactly(xml, tab.name, self._book, self._strings, self._most)
        grid.merged, grid.hidden_rows, grid.hidden_columns, grid.filtered = around
        if grid.hidden_rows and not grid.filtered:
            grid.filtered = self._has_filtered_table(tab.part)
        return grid

    def _has_filtered_table(self, part: str) -> bool:
        tables = [path for sort, path in self._package.targets(part).values() if sort == "table"]
        return any(path in self._package and b"filterColumn" in self._package.read(path) for path in tables)

    def _shared(self) -> bytes:
        if self._texts is None:
            self._texts = self._package.read(self._book.strings) if self._book.strings else b""
        return self._texts

    def _texts_are_plain(self) -> bool:
        texts = self._shared()
        refuse_definitions(texts)
        return (
            is_utf8(texts)
            and b"<rPh" not in texts
            and b"<![CDATA[" not in texts
            and b"<!--" not in texts
            and not ESCAPED.search(texts)
        )


class _Fast:
    """calamine at work on one worksheet, in a thread: it needs no hand of ours meanwhile."""

    def __init__(self, data: bytes, book: Workbook, index: int, tab: Tab) -> None:
        self._data, self._names, self._index, self._tab = data, [tab.name for tab in book.tabs], index, tab
        self._go, self._fits = threading.Event(), False
        self._rows: list[list[Any]] | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def go(self) -> None:
        """The cells lie close enough together to be read."""
        self._fits = True
        self._go.set()

    def _work(self) -> None:
        try:
            from python_calamine import load_workbook

            book = load_workbook(io.BytesIO(self._data))
            self._go.wait()
            if self._fits and book.sheet_names == self._names:
                self._rows = book.get_sheet_by_index(self._index).to_python(skip_empty_area=False)
        except BaseException:  # a panic of the library is no Exception; the slow reader says what is wrong
            self._rows = None

    def leave(self) -> None:
        """What calamine reads is not wanted."""
        self._go.set()

    def rows(self) -> list[list[Any]] | None:
        """The worksheet's rows; None where calamine can't read it."""
        self._go.set()
        self._thread.join()
        return self._rows


def _columns(rows: list[list[Any]]) -> tuple[list[list[Cell]], Facts]:
    """The rows as columns of cells, some at a time: cells that are still near are looked at much faster."""
    columns: list[list[Cell]] = [[] for _ in rows[0]] if rows else []
    facts = Facts()
    for start in range(0, len(rows), _NEAR):
        for column, values in zip(columns, zip(*rows[start : start + _NEAR], strict=True), strict=True):
            sorts = set(map(type, values))
            facts.add(values, sorts)
            column += cells(values, sorts)
    return columns, facts
