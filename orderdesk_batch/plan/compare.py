"""This file holds the comparison of a row's values with a document, and what is said about the rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..fields import Document, Field, Resource, get, in_open_map, read
from ..kinds import CLEAR, PLAIN, CellRefused, Kind, Value

if TYPE_CHECKING:
    from ..checks import Bad, Checked, Row

NUMBERS = (int, Decimal)
NOTES_LIMIT = 2000  # characters of all the notes of an order, dates and names included [doc]


@dataclass
class World:
    """What a plan needs to know beside the sheet and the documents."""

    now: dt.datetime  # UTC, naive
    folders: Mapping[str, str] = field(default_factory=dict)  # id → name
    mark: str = ""  # what our mark in created records begins with; "" for none
    again: bool = False  # rows that can't be repeated harmlessly may be uploaded a second time
    uploaded: Mapping[str, str] = field(default_factory=dict)  # fingerprint → the run that did it
    dates_kept: bool | None = None  # whether the store keeps `date_shipped` as sent [open]; None: not known

    def knows(self, folder: str) -> bool:
        """Whether there is such a folder, by id or name."""
        return folder in self.folders or any(name.strip().casefold() == folder.casefold() for name in self.folders.values())

    def folder_id(self, text: str) -> str:
        """The id of the folder that is called so, or has that id.

        Raises:
            CellRefused: there is none, or several have that name.
        """
        if text in self.folders:
            return text
        named = [key for key, name in self.folders.items() if name.strip().casefold() == text.casefold()]
        if len(named) == 1:
            return named[0]
        names = ", ".join(sorted(set(self.folders.values())))
        if named:
            raise CellRefused("is the name of several folders", f"Write the id: {' or '.join(named)}.", "folder")
        raise CellRefused("is no folder of the store", f"Write one of: {names}.", "folder")


class Findings:
    """Collects what is wrong with the rows of one sheet, with place, heading and value."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self.problems: list[Problem] = []
        self._columns = {f.name: n for n, f in reversed(list(enumerate(checked.fields))) if f is not None}
        self._rows: dict[int, int] | None = None
        self._settled: set[int] = set()

    def settle(self, of: Resource, rows: Iterable[int], bad: Mapping[str, Bad], document: Mapping[str, Any] | None) -> bool:
        """Decide on the refused cells of some rows; whether none is left."""
        self._settled.update(rows)
        left = settle(of, bad, document)
        self.problems += left
        return not any(problem.level == "error" for problem in left)

    def leave(self, rows: Iterable[int]) -> None:
        """Tell that the refused cells of some rows don't matter: nothing of them is sent."""
        self._settled.update(rows)

    def unsettled(self, rows: Iterable[Row]) -> None:
        """Add the refused cells of the rows that were never compared with a document."""
        for row in rows:
            if row.number not in self._settled and row.action != "skip":
                self.problems += [refused.problem for refused in row.bad.values()]

    def say(
        self, row: int, reason: str, hint: str = "", *, about: str = "", code: str = "", warning: bool = False
    ) -> None:
        """Add a problem of a row; `about` is the field whose cell it is about."""
        sheet = self.checked.sheet
        column = self._columns.get(about)
        value: str | None = None
        heading: str | None = None
        place = f"{sheet.name}, row {row}"
        if column is not None:
            heading = sheet.headings[column]
            place = sheet.place(row, column)
            cell = sheet.columns[column][self._index(row)]
            value = _cell_text(cell)
        elif about:
            heading = about
        level = "warning" if warning else "error"
        problem = Problem(reason, hint, level, row, heading, value, place, about or None, code)  # type: ignore[arg-type]
        if problem not in self.problems:
            self.problems.append(problem)

    def _index(self, row: int) -> int:
        if self._rows is None:
            self._rows = {number: n for n, number in enumerate(self.checked.sheet.rows)}
        return self._rows[row]

    @property
    def bad_rows(self) -> set[int]:
        """The rows that have an error."""
        return {p.row for p in self.problems if p.level == "error" and p.row is not None}


def _cell_text(cell: Any) -> str | None:
    if cell is None:
        return None
    text = getattr(cell, "text", None)
    if text is not None:
        return str(text)
    from ..kinds import TEXT

    return str(cell) if isinstance(cell, str) else TEXT.show(cell)


def same(kind: Kind, one: Value, other: Value) -> bool:
    """Whether two values of a kind are equal; blank is equal to "" and, among numbers, to 0."""
    one, other = _folded(kind, one), _folded(kind, other)
    if type(one) is type(other) or (isinstance(one, NUMBERS) and isinstance(other, NUMBERS)):
        return bool(one == other)
    return kind.show(one) == kind.show(other)


def _folded(kind: Kind, value: Value) -> Value:
    if value is CLEAR or value is None or value == "":
        return Decimal(0) if kind.empty == 0 else None
    if value == [] or value == {}:
        return None
    if kind.name == "time" and isinstance(value, dt.datetime):
        return value.replace(microsecond=0)
    return value


def stored(one: Field, document: Mapping[str, Any]) -> Value:
    """What a document holds for a field; the last four digits for a card's number."""
    if one.name == "cc_number":
        return last_four(document)
    return read(one, document)


def last_four(document: Mapping[str, Any]) -> str | None:
    """The last four digits of the card, from the number or from the masked one."""
    text = str(document.get("cc_number") or document.get("cc_number_masked") or "")
    digits = re.sub(r"\D", "", text)
    return digits[-4:] or None


def differences(
    of: Resource,
    values: Mapping[str, Value],
    document: Mapping[str, Any] | None,
    *,
    leave: Iterable[str] = (),
) -> dict[str, list[Value]]:
    """The fields that a row would set to something else than the document holds: name → [old, new].

    With no document (a creation), all that the row sets. `leave` names fields that are the row's key.
    """
    changed: dict[str, list[Value]] = {}
    left = set(leave)
    for name, value in values.items():
        if name in left:
            continue
        one = of.find(name)
        if one is None or not one.writable or one.place is None:
            continue
        old = None if document is None else stored(one, document)
        new = value
        if one.name == "cc_number" and isinstance(value, str):
            new = re.sub(r"\D", "", value)[-4:]
        if document is None and new is CLEAR:
            continue
        if new is CLEAR and document is not None and in_open_map(one):  # `(clear)` removes the key
            if get(document, one.place) is None:
                continue
        elif same(one.kind, old, new):
            continue
        changed[name] = [old, new]
    return changed


def settle(of: Resource, bad: Mapping[str, Bad], document: Mapping[str, Any] | None) -> list[Problem]:
    """The refused cells of a row that stay refused: those equal to what the store holds are fine."""
    left = []
    for name, refused in bad.items():
        one = of.find(name)
        if one is not None and one.place is not None and document is not None:
            held = stored(one, document)
            if held is not None and (
                one.kind.show(held).strip() == refused.text.strip()
                or str(get(document, one.place)).strip() == refused.text.strip()
                or any(same(one.kind, held, reading) for reading in refused.readings)
            ):
                continue
        left.append(refused.problem)
    return left


def notes_length(notes: Any) -> int:
    """How many characters all the notes of an order take, dates and names included."""
    if not isinstance(notes, list):
        return 0
    parts = ("content", "username", "date_added")
    return sum(len(str(note.get(part) or "")) for note in notes if isinstance(note, Mapping) for part in parts)


def order_about(document: Mapping[str, Any]) -> dict[str, str]:
    """What tells a person which order it is: number, cart, name, city."""
    for group in ("shipping", "customer"):
        address = document.get(group)
        if isinstance(address, Mapping):
            name = " ".join(str(address.get(part) or "") for part in ("first_name", "last_name")).strip()
            name = name or str(address.get("company") or "")
            if name:
                city = str(address.get("city") or "")
                break
    else:
        name = city = ""
    return {
        "number": str(document.get("source_id") or document.get("id") or ""),
        "source": str(document.get("source_name") or ""),
        "name": name,
        "city": city,
    }


def read_cell(kind: Kind, text: str) -> Value:
    """A text as the API would give it, as a value; for undo and exports."""
    try:
        return kind.parse(text, PLAIN)
    except CellRefused:
        return text


def children(document: Document, inside: str) -> list[Document]:
    """The items or shipments that an order's document carries."""
    held = document.get(inside)
    if isinstance(held, dict):  # PHP makes a map of a list with gaps
        held = list(held.values())
    return [child for child in held if isinstance(child, dict)] if isinstance(held, list) else []
