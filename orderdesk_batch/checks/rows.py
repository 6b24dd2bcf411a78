"""This file holds the rules about several rows: the same row twice, one key with two meanings, the rows of an order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..fields import Resource
from ..kinds import Value
from ..kinds.texts import NO_NUMBER

Columns = Mapping[str, Sequence[Value]]
Key = tuple[Any, ...]
NAMED = 6  # rows of one key that a message may have to name


def frozen(value: Any) -> Any:
    """A value that can be a part of a key: JSON as text."""
    return value if not isinstance(value, (dict, list)) else repr(value)


def _column(columns: Columns, name: str, length: int) -> Sequence[Value]:
    return columns.get(name) or [None] * length


def order_words(of: Resource, columns: Columns, length: int) -> list[Key | None]:
    """What each row says about which order it is; None where it says nothing.

    Rows that name the cart's number and Order Desk's number are tied to rows that name one of them.
    """
    prefix = "" if of.name == "orders" else "order."
    ids = _column(columns, f"{prefix}id", length)
    numbers = _column(columns, f"{prefix}source_id", length)
    names = _column(columns, f"{prefix}source_name", length)
    plain = _column(columns, "order", length)
    if not any(name in columns for name in (f"{prefix}id", f"{prefix}source_id")):
        return [None if word is None else ("order", word) for word in plain]
    carts: dict[Value, set[Value]] = {}
    for number, name in zip(numbers, names, strict=True):
        if number is not None and name is not None:
            carts.setdefault(number, set()).add(name)
    keys: list[Key | None] = []
    tied: dict[Key, Key] = {}
    for own, number, name, word in zip(ids, numbers, names, plain, strict=True):
        by_number: Key | None = None
        if number is not None:
            known = carts.get(number, ())
            by_number = ("source_id", number, name) if len(known) > 1 else ("source_id", number)
        by_word: Key | None = None if word is None else ("order", word)
        by_id: Key | None = None if own is None else ("id", own)
        key = by_id or by_number or by_word
        for other in (by_number, by_word):
            if other is not None and key is not None and other != key:
                tied.setdefault(other, key)
        keys.append(key)
    return [tied.get(key, key) if key is not None else None for key in keys] if tied else keys


def record_words(of: Resource, columns: Columns, length: int) -> list[Key | None]:
    """The key of each row's record within its order (or store); None where the row names none."""
    if of.name == "shipments":
        own = _column(columns, "shipment_id", length)
        numbers = _column(columns, "tracking_number", length)
        if "shipment_id" not in columns and NO_NUMBER not in numbers:
            return [None if number is None else (number,) for number in numbers]
        more = [_column(columns, name, length) for name in ("shipment_method", "date_shipped")]
        keys: list[Key | None] = []
        for n, (one, number) in enumerate(zip(own, numbers, strict=True)):
            if one is not None:
                keys.append(("id", one))
            elif number == NO_NUMBER:
                keys.append((number, *(column[n] for column in more)))
            else:
                keys.append(None if number is None else (number,))
        return keys
    prefix = "item." if of.name == "orders" else ""
    own = _column(columns, "id" if of.name == "inventory" else f"{prefix}item_id", length)
    codes = _column(columns, f"{prefix}code", length)
    variations = [] if of.name == "inventory" else [
        column for name, column in columns.items() if name.startswith(f"{prefix}variation_list.")
    ]  # fmt: skip
    names = _column(columns, f"{prefix}name", length) if of.name != "inventory" else [None] * length
    keys = []
    for n, (one, code, name) in enumerate(zip(own, codes, names, strict=True)):
        if one is not None:
            keys.append(("id", one))
        elif code is not None:
            keys.append(("code", code, *(frozen(column[n]) for column in variations)))
        else:
            keys.append(None if name is None else ("name", name))
    return keys


def row_keys(of: Resource, columns: Columns, length: int) -> list[Key | None]:
    """The key of the record that each row is about; None where it is not to be told."""
    records = record_words(of, columns, length)
    if of.name == "inventory":
        return records
    orders = order_words(of, columns, length)
    if of.name == "orders":
        return [None if order is None else (order, record) for order, record in zip(orders, records, strict=True)]
    return [None if order is None or record is None else (order, record) for order, record in zip(orders, records, strict=True)]


def all_differ(of: Resource, columns: Columns, length: int) -> bool:
    """Whether one column alone tells that no two rows have the same key, so that nobody has to compare them.

    It does where it is the only one that names the row's record, or its order, and no value stands in it twice.
    """
    prefix = "" if of.name == "orders" else "order."
    order = () if of.name == "inventory" else (f"{prefix}id", f"{prefix}source_id", "order")
    record = {"shipments": ("shipment_id", "tracking_number"), "inventory": ("id", "code"), "items": ("item_id", "code", "name")}
    for names in (order, record.get(of.name, ())):
        present = [columns[name] for name in names if name in columns]
        if len(present) == 1 and len(set(present[0])) == length:
            return True
    return False


class Alone(Collection[list[int]]):
    """Rows of which each is an order of its own, as `groups` would give them; each list is made when it is gone through."""

    def __init__(self, rows: Collection[int]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[list[int]]:
        return ([row] for row in self._rows)

    def __contains__(self, rows: object) -> bool:
        return any(rows == alone for alone in self)


class Repeats:
    """Rows with the same key: those that repeat another word for word, and those that contradict one."""

    def __init__(self, keys: Sequence[Key | None], names: Iterable[str], columns: Columns, left: Iterable[int] = ()) -> None:
        self.same: dict[int, int] = {}  # row → the earlier row that it repeats
        self.contradicting: dict[int, list[int]] = {}  # row → the first of the other rows of its key
        first: dict[Key, int] = {}
        others: dict[Key, list[int]] = {}
        leave = set(left)
        for n, key in enumerate(keys):
            if key is None or n in leave:
                continue
            if (earlier := first.setdefault(key, n)) != n:
                others.setdefault(key, [earlier]).append(n)
        held = [columns[name] for name in names]
        for rows in others.values():
            seen: dict[Key, int] = {}
            for n in rows:
                values = tuple(frozen(column[n]) for column in held)
                if (earlier := seen.setdefault(values, n)) != n:
                    self.same[n] = earlier
            if len(seen) > 1:
                kept = sorted(seen.values())
                for n in kept:
                    self.contradicting[n] = [other for other in kept[:NAMED] if other != n]


def groups(keys: Sequence[Key | None], left: Iterable[int] = ()) -> list[list[int]]:
    """The rows of each order, in the sheet's order; a row that names none stands alone."""
    found: dict[Any, list[int]] = {}
    leave = set(left)
    for n, key in enumerate(keys):
        if n not in leave:
            found.setdefault(key if key is not None else n, []).append(n)
    return list(found.values())


def contradictions(rows: Sequence[int], names: Iterable[str], columns: Columns) -> dict[str, list[int]]:
    """Within the rows of one order: the fields of the order that have several values → the rows that have one."""
    found = {}
    for name in names:
        column = columns[name]
        having = [n for n in rows if column[n] is not None]
        if len(having) > 1 and len({frozen(column[n]) for n in having}) > 1:
            found[name] = having
    return found
