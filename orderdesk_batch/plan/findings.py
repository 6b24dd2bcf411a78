"""This file holds Findings: what is wrong with the rows of one sheet, with place, heading and value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..fields import READ_ONLY, Field, Resource
from ..kinds import CLEAR, TEXT, Value
from .compare import field_of, same, settle, stored

if TYPE_CHECKING:
    from ..checks import Bad, Checked, Row
    from .groups import Group

# What the checks may have said of a row already, by our code: a fact is told once.
_ALIKE: Mapping[str, frozenset[str]] = {
    "duplicate": frozenset({"same-key", "contradiction"}),
    "no-key": frozenset({"no-key"}),
}


class Findings:
    """Collects what is wrong with the rows of one sheet."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self.of = checked.resource
        self.has_bads = bool(checked.bads)
        self.has_items = any(name.startswith("item.") for name in checked.columns)
        self.bad_rows: set[int] = {p.row for p in checked.problems if p.level == "error" and p.row is not None}
        self._found: dict[Problem, None] = {}  # an ordered set
        self._columns = {f.name: n for n, f in reversed(list(enumerate(checked.fields))) if f is not None}
        self._index: dict[int, int] = {}
        self._settled: set[int] = set()
        self._said = {(p.row, p.code) for p in checked.problems if p.level == "error"}
        self._filled_in = [
            name for name in checked.columns
            if name == "tracking_url" or (name.startswith("order_notes.") and name.endswith(".date_added"))
        ]  # fmt: skip
        self._read_only = [
            (name, one) for name in checked.columns
            if (one := self.of.find(name)) and one.use == READ_ONLY and one.place is not None and not is_key(self.of, name)
        ]  # fmt: skip

    @property
    def problems(self) -> list[Problem]:
        """All that was found, in the order of its finding."""
        return list(self._found)

    def add(self, problems: Iterable[Problem]) -> bool:
        """Add problems as they are; whether there is no error among them."""
        fine = True
        for problem in problems:
            self._found[problem] = None
            if problem.level == "error":
                fine = False
                if problem.row is not None:
                    self.bad_rows.add(problem.row)
        return fine

    # -- refused cells ----------------------------------------------------------------------------

    def settle(self, of: Resource, rows: Iterable[int], bad: Mapping[str, Bad], document: Mapping[str, Any] | None) -> bool:
        """Decide on the refused cells of some rows; whether none is left."""
        if not self.has_bads:
            return True
        self._settled.update(rows)
        return self.add(settle(of, bad, document)) if bad else True

    def leave(self, rows: Iterable[Row]) -> bool:
        """Let refused cells be where nothing of them is sent, but for those that say what to do, and to which record."""
        fine = True
        for row in rows:
            self._settled.add(row.number)
            if row.bad:
                fine = self.add(refused.problem for name, refused in row.bad.items() if decides(self.of, name)) and fine
        return fine

    def unsettled(self, rows: Iterable[Row]) -> None:
        """Add the refused cells of the rows that were never compared with a document."""
        for row in rows if self.has_bads else ():
            if row.bad and row.number not in self._settled and row.action != "skip":
                self.add(refused.problem for refused in row.bad.values())

    # -- saying -----------------------------------------------------------------------------------

    def say(
        self, row: int, reason: str, hint: str = "", *, about: str = "", code: str = "", warning: bool = False
    ) -> None:
        """Add a problem of a row; `about` is the field whose cell it is about."""
        if any((row, alike) in self._said for alike in _ALIKE.get(code, ())):
            return
        sheet = self.checked.sheet
        column = self._columns.get(about)
        value: str | None = None
        heading: str | None = None
        place = sheet.place(row, 0)
        if column is not None:
            heading = sheet.headings[column]
            place = sheet.place(row, column)
            value = _cell_text(sheet.columns[column][self._row(row)])
        level = "warning" if warning else "error"
        self.add([Problem(reason, hint, level, row, heading, value, place, about or None, code)])  # type: ignore[arg-type]

    def same_item(self, one: int, other: int, about: str) -> None:
        """Say of two rows that they are about one item; `about` is the field that names it."""
        for row, twin in ((one, other), (other, one)):
            self.say(row, f"is the same item as row {twin}", "Keep one of the two rows.", about=about, code="duplicate")

    def say_of_file(self, reason: str, hint: str = "", *, about: str = "", code: str = "") -> None:
        """Add a warning about the file as a whole."""
        column = self._columns.get(about)
        heading = None if column is None else self.checked.sheet.headings[column]
        self.add([Problem(reason, hint, "warning", None, heading, None, self.checked.sheet.name, about or None, code)])

    def _row(self, row: int) -> int:
        if not self._index:
            self._index = {number: n for n, number in enumerate(self.checked.sheet.rows)}
        return self._index[row]

    def refilled(self, row: int, fields: Mapping[str, list[Value]]) -> None:
        """Refuse to clear what the server fills in anew: it would be cleared again with every repeat."""
        for name in self._filled_in:
            if name in fields and fields[name][1] is CLEAR:
                self.say(row, "can't be cleared: the store fills it in by itself", "Leave the cell blank, or write a value.",
                         about=name, code="clear")  # fmt: skip

    def read_only(self, row: Row | Group, document: Mapping[str, Any] | None) -> None:
        """Warn of columns that the server sets and that differ from the document."""
        if document is None or not self._read_only:
            return
        for name, one in self._read_only:
            value = row.get(name)
            if value is None or value is CLEAR:
                continue
            held = stored(one, document)
            if not same(one.kind, held, value):
                self.say(row.number, f"differs from the store's {_shown(one, held)}, and can't be set", "It is left alone.",
                         about=name, code="read-only", warning=True)  # fmt: skip


def is_key(of: Resource, name: str) -> bool:
    """Whether a column can find the record."""
    return any(name in group for group in of.keys)


def decides(of: Resource, name: str) -> bool:
    """Whether a column says what is to be done, or to which record."""
    one = field_of(of.name, name)
    return one is None or one.place is None or one.use == "key" or is_key(of, name)


def _shown(one: Field, held: Value) -> str:
    text = one.kind.show(held)
    return "blank" if not text else text if len(text) <= 60 else f"{text[:59]}…"


def _cell_text(cell: Any) -> str | None:
    if cell is None:
        return None
    text = getattr(cell, "text", None)
    if text is not None:
        return str(text)
    return str(cell) if isinstance(cell, str) else TEXT.show(cell)
