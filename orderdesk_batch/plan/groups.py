"""This file holds Group: the rows of a sheet that are one order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..fields import ORDERS, Document
from ..kinds import Value
from ..shelf import MANY
from .compare import OF_ITEM, differences, new_fields
from .keys import OrderKey, OrderKeys

if TYPE_CHECKING:
    from ..checks import Bad, Checked, Row

_NAME_PARTS: Final = ("return_address.first_name", "return_address.last_name")


class Group:
    """The rows of a sheet that are one order.

    Args:
        key: which one it is; None: a new order without a number.
        cells: the order's own values, from whichever row has them; parallel to the names of the rows.
        bad: its refused cells.
    """

    __slots__ = ("_cells", "_values", "action", "bad", "document", "key", "number", "numbers", "rows")

    def __init__(self, rows: list[Row], key: OrderKey | None, cells: Sequence[Value], bad: Mapping[str, Bad]) -> None:
        first = rows[0]
        self.rows = rows
        self.number = first.number  # the row at which what is about the whole order is said
        self.numbers = [first.number] if len(rows) == 1 else [row.number for row in rows]
        self.action = first.action  # what is to be done; the checks have seen to it that all rows say the same
        self.key = key
        self.bad = bad
        self.document: Document | None = None  # the order that it is about, once that is known
        self._cells = cells
        self._values: dict[str, Value] | None = None

    @property
    def values(self) -> Mapping[str, Value]:
        """The order's own values: field name → value, without the blank cells."""
        if self._values is None:
            names = self.rows[0].names
            self._values = {
                name: value for name, value in zip(names, self._cells, strict=True) if value is not None and not name.startswith(OF_ITEM)
            }
        return self._values

    def get(self, name: str) -> Value:
        """One of its own values; None where the cells are blank, or there is no such column."""
        if self._values is not None:
            return self._values.get(name)
        place = self.rows[0].names.at.get(name)
        return None if place is None else self._cells[place]

    def set(self, name: str, value: Value) -> None:
        """Let the order have that value."""
        self._values = {**self.values, name: value}

    def join_names(self) -> None:
        """Join the two names that the seed's form asks for into the one that the API holds."""
        left = {name: value for name, value in self.values.items() if name not in _NAME_PARTS}
        given = [part for name in _NAME_PARTS if isinstance(part := self.values.get(name), str)]
        if given:
            left.setdefault("return_address.name", " ".join(given))
        self._values = left

    def differences(self, document: Document | None, leave: tuple[str, ...] = ()) -> dict[str, list[Value]]:
        """The fields of the order that its rows would set to something else than the document holds: name → [old, new]."""
        names, cells = (self.rows[0].names, self._cells) if self._values is None else (tuple(self._values), self._values.values())
        if document is None:
            return dict(new_fields(ORDERS, names, cells, leave=leave).items())
        return differences(ORDERS, names, cells, document, leave=leave)

    def about(self) -> str:
        """The column of its key."""
        return self.key.by if self.key else ""


class Groups(Collection[Group]):
    """The rows put together by order, as the checks have done, in the order of their first row.

    Rows that are skipped stand in groups of their own. Each group is made when it is gone through.
    """

    def __init__(self, checked: Checked, rows: Sequence[Row]) -> None:
        self._checked = checked
        self._rows = rows
        self._keys = OrderKeys(checked.names.at)
        self._skipped: dict[Any, list[int]] = {}
        for n in sorted(checked.skipped):
            self._skipped.setdefault(self._keys.surest(rows[n].cells) or rows[n].number, []).append(n)

    def __len__(self) -> int:
        return len(self._checked.groups) + len(self._skipped)

    def __contains__(self, group: object) -> bool:
        return any(group is one for one in self)

    def __iter__(self) -> Iterator[Group]:
        together: Iterable[list[int]] = self._checked.groups
        if self._skipped:
            together = sorted((*together, *self._skipped.values()))
        rows, has_bads = self._rows, bool(self._checked.bads)
        joins = not self._checked.names.at.keys().isdisjoint(_NAME_PARTS)
        for numbers in together:
            of_one = [rows[n] for n in numbers]
            cells = of_one[0].cells if len(of_one) == 1 else _merged(of_one)
            group = Group(of_one, self._keys.surest(cells), cells, _bad(of_one) if has_bads else {})
            if joins:
                group.join_names()
            yield group


def groups_of(checked: Checked, rows: Sequence[Row]) -> Collection[Group]:
    """The rows of each order; very many are made each time they are gone through."""
    groups = Groups(checked, rows)
    return groups if len(rows) > MANY else list(groups)


def _merged(rows: Iterable[Row]) -> list[Value]:
    """Of each column the first value that is there."""
    return [next((value for value in column if value is not None), None) for column in zip(*(row.cells for row in rows), strict=True)]


def _bad(rows: Iterable[Row]) -> dict[str, Bad]:
    found: dict[str, Bad] = {}
    for row in rows:
        for name, refused in row.bad.items():
            if not name.startswith(OF_ITEM):
                found.setdefault(name, refused)
    return found
