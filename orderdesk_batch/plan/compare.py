"""This file holds the comparison of a row's values with a document."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import compress
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..fields import READ_ONLY, RESOURCES, Document, Field, Resource, Steps, get, in_open_map, read
from ..kinds import CLEAR, PLAIN, TEXT, CellRefused, Kind, Value, trim
from ..packing import Held, opened
from .lean import NewPairs, shared

if TYPE_CHECKING:
    from ..checks import Bad

NUMBERS = (int, Decimal)
CARD = "cc_number"
OF_ITEM = "item."  # what the columns of an order's items begin with
NOTES_LIMIT = 2000  # characters of all the notes of an order, dates and names included [doc]


@functools.lru_cache(maxsize=65536)
def field_of(resource: str, name: str) -> Field | None:
    """The field of that name; asked for once a cell, so it is remembered."""
    return RESOURCES[resource].find(name)


def same(kind: Kind, one: Value, other: Value) -> bool:
    """Whether two values of a kind are equal; blank is equal to "" and, among numbers, to 0."""
    if type(one) is type(other):
        if one == other:
            return True
        if type(one) is str and one and other:
            return False
    one, other = _folded(kind, one), _folded(kind, other)
    if type(one) is type(other) or (isinstance(one, NUMBERS) and isinstance(other, NUMBERS)):
        return bool(one == other)
    return kind.show(one) == kind.show(other)


def _folded(kind: Kind, value: Value) -> Value:
    if type(value) in NUMBERS:  # a Decimal takes long to see that it is no text
        return value
    if value is CLEAR or value is None or value == "":
        return Decimal(0) if kind.empty == 0 else None
    if value == [] or value == {}:
        return None
    if kind.name == "time" and isinstance(value, dt.datetime):
        return value.replace(microsecond=0)
    return value


def stored(one: Field, document: Mapping[str, Any]) -> Value:
    """What a document holds for a field; the last four digits for a card's number."""
    if one.name == CARD:
        return last_four(document)
    return read(one, document)


def last_four(document: Mapping[str, Any]) -> str | None:
    """The last four digits of the card, from the number or from the masked one."""
    text = str(document.get("cc_number") or document.get("cc_number_masked") or "")
    digits = re.sub(r"\D", "", text)
    return digits[-4:] or None


def differences(
    of: Resource,
    names: tuple[str, ...],
    cells: Iterable[Value],
    document: Mapping[str, Any],
    *,
    leave: tuple[str, ...] = (),
) -> dict[str, list[Value]]:
    """The fields that a row would set to something else than the document holds: name → [old, new].

    Args:
        names: the fields of the row, and parallel to them
        cells: their values; None for a blank cell, which says nothing.
        leave: fields that are the row's key, and are not set.
    """
    changed: dict[str, list[Value]] = {}
    for slot, value in zip(_slots(of.name, names, leave), cells, strict=True):
        if slot is None or value is None:
            continue
        name, key, inner, known = slot
        held = document.get(key)
        if inner is not None:  # most are one or two keys deep
            held = held.get(inner) if type(held) is dict else get(document, known[1]) if held else None
        if type(held) is type(value):
            if held == value:
                continue  # nine cells of ten are equal and need no reading
            if type(value) in NUMBERS:
                changed[name] = [held, value]
                continue
        if pair := _compared(value, held, document, *known):
            changed[name] = pair
    return changed


def new_fields(of: Resource, names: tuple[str, ...], cells: Iterable[Value], *, leave: tuple[str, ...] = ()) -> NewPairs:
    """All that a row sets on a record that it creates: name → [None, new]; the arguments are those of `differences`."""
    sets, kept = _settable(of.name, names, leave)
    new = tuple(compress(cells, sets))
    said = [value is not None and value is not CLEAR for value in new]
    if not all(said):
        kept, new = shared(tuple(compress(kept, said))), tuple(compress(new, said))
    if CARD in kept:
        new = tuple(_last_digits(value) if name == CARD else value for name, value in zip(kept, new, strict=True))
    return NewPairs(kept, new)


@functools.lru_cache(maxsize=1024)
def _settable(resource: str, names: tuple[str, ...], leave: tuple[str, ...]) -> tuple[list[bool], tuple[str, ...]]:
    """Which columns can be set, and their names."""
    sets = [slot is not None for slot in _slots(resource, names, leave)]
    return sets, tuple(compress(names, sets))


def _compared(
    value: Value, held: Any, document: Mapping[str, Any], one: Field, place: Steps, kind: Kind, in_map: bool
) -> list[Value] | None:
    """What a document holds and what a row says, by what they mean; None where that is the same."""
    if one.name == CARD:
        value, old = _last_digits(value), last_four(document)
    else:
        if len(place) > 2:
            held = get(document, place)
        if kind is TEXT and type(held) is type(value):
            return [old or None, value] if (old := trim(held)) != value else None
        old = stored(one, document) if one.choices else _value(kind, held)
    if value is CLEAR and in_map:  # it removes the key
        return None if held is None else [old, value]
    return None if same(kind, old, value) else [old, value]


Slot = tuple[str, Any, Any, tuple[Field, Steps, Kind, bool]]


@functools.lru_cache(maxsize=1024)
def _slots(resource: str, names: tuple[str, ...], leave: tuple[str, ...]) -> list[Slot | None]:
    """Where columns that can be set lie in a document; None for the others.

    The name, the place's first key, its second where there are two, neither where there are more; field, place, kind, whether it is a key of an open map.
    """
    left = {name for name in names if name in leave or (resource == "orders" and name.startswith(OF_ITEM))}
    return [None if name in left else _slot(field_of(resource, name)) for name in names]


def _slot(one: Field | None) -> Slot | None:
    if one is None or not one.writable or (place := one.place) is None:
        return None
    first, second = (place[0], place[1]) if len(place) == 2 else (place[0], None) if len(place) == 1 else (None, None)
    return (one.name, first, second, (one, place, one.kind, in_open_map(one)))


def _last_digits(value: Value) -> Value:
    return re.sub(r"\D", "", value)[-4:] if isinstance(value, str) else value


def _value(kind: Kind, held: Any) -> Value:
    """What the API's value means; numbers recur, so each is read once."""
    return _number(kind, held) if kind.empty == 0 and type(held) in (str, int) else kind.read(held)


@functools.lru_cache(maxsize=65536, typed=True)
def _number(kind: Kind, held: str | int) -> Value:
    return kind.read(held)


def settle(of: Resource, bad: Mapping[str, Bad], document: Mapping[str, Any] | None) -> list[Problem]:
    """The refused cells of a row that stay refused: those equal to what the store holds are fine.

    A column that is read-only is only warned of: nothing of it is sent.
    """
    left = []
    for name, refused in bad.items():
        one = field_of(of.name, name)
        if one is not None and one.place is not None and document is not None and _holds(one, document, refused):
            continue
        if one is not None and one.use == READ_ONLY and not any(name in group for group in of.keys):
            left.append(replace(refused.problem, level="warning", hint="It is left alone: the store sets this column."))
        else:
            left.append(refused.problem)
    return left


def _holds(one: Field, document: Mapping[str, Any], refused: Bad) -> bool:
    held = stored(one, document)
    if held is None:
        return False
    text = trim(refused.text)
    if text in (trim(one.kind.show(held)), trim(str(get(document, one.place or ())))):
        return True
    return any(same(one.kind, held, reading) for reading in refused.readings)


def notes_length(notes: Any) -> int:
    """How many characters all the notes of an order take, dates and names included."""
    parts = ("content", "username", "date_added")
    return sum(len(str(note.get(part) or "")) for note in children({"notes": notes}, "notes") for part in parts)


def order_about(document: Mapping[str, Any]) -> dict[str, str]:
    """What tells a person which order it is: number, cart, name, city."""
    get = document.get
    for group in ("shipping", "customer"):
        address = get(group)
        if isinstance(address, dict):
            held = address.get
            name = f"{held('first_name') or ''} {held('last_name') or ''}".strip() or str(held("company") or "")
            if name:
                city = str(held("city") or "")
                break
    else:
        name = city = ""
    return {
        "number": order_number(document),
        "source": str(get("source_name") or ""),
        "name": name,
        "city": city,
    }


def order_number(document: Mapping[str, Any]) -> str:
    """What people call an order: its number in the cart, else its id."""
    return str(document.get("source_id") or document.get("id") or "")


class About(Mapping[str, str]):
    """What `order_about` tells of an order, found out when somebody asks."""

    __slots__ = ("_held",)

    def __init__(self, held: Held) -> None:
        self._held = held

    def __getitem__(self, name: str) -> str:
        return order_about(opened(self._held))[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("number", "source", "name", "city"))

    def __len__(self) -> int:
        return 4

    def items(self) -> ItemsView[str, str]:
        """All of it, from one look at the order."""
        return order_about(opened(self._held)).items()

    def __repr__(self) -> str:
        return repr(dict(self))


def read_cell(kind: Kind, text: str) -> Value:
    """A text as the API would give it, as a value; for undo and exports."""
    try:
        return kind.parse(text, PLAIN)
    except CellRefused:
        return text


def children(document: Mapping[str, Any], inside: str) -> list[Document]:
    """The items, shipments, notes or discounts that an order's document carries."""
    held = document.get(inside)
    if type(held) is list and (not held or (len(held) == 1 and type(held[0]) is dict)):
        return held  # most have none or one
    if isinstance(held, dict):  # PHP makes a map of a list with gaps
        held = list(held.values())
    return [child for child in held if isinstance(child, dict)] if isinstance(held, list) else []
