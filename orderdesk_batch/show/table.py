"""This file holds the one table that every picture of a plan is drawn from: a line for each changed field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..kinds import Value
from ..plan.change import Change, Plan
from .words import clean, shown, spans

ORDER: Final = ("delete", "update", "create")  # of the sections: what can't be taken back first
_TELLING: Final = (
    "tracking_number", "carrier_code", "shipment_method", "source_name", "source_id", "code", "name", "quantity", "stock", "email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One changed field of a change, or a change without any."""

    change: Change
    first: bool  # the first line of its change
    field: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change is about, in words."""

    number: str  # the order's number, the item's code
    who: str  # "Ada Lovelace, London"; "Blue mug"
    part: str  # which item or shipment of the order; "" for whole records
    store: str = ""  # in a plan about several stores


@dataclass(frozen=True, slots=True)
class Section:
    """The changes of one resource and one action."""

    resource: str
    action: str
    changes: list[Change]


def lines(changes: Iterable[Change]) -> Iterator[Line]:
    """The table: for each change its fields, the most telling first."""
    for change in changes:
        fields = fields_of(change)
        if not fields:
            yield Line(change, True)
        for index, (name, old, new) in enumerate(fields):
            yield Line(change, index == 0, name, old, new)


def fields_of(change: Change) -> list[tuple[str, str, str]]:
    """Name, old and new of a change's fields, then those of its items, as people see them."""
    return [(name, shown(old), shown(new)) for name, old, new in values_of(change)]


def values_of(change: Change) -> list[tuple[str, Value, Value]]:
    """The same with the values as they are; what a new record is known by comes first."""
    own = [(clean(name), change.shown(name, old), change.shown(name, new)) for name, (old, new) in change.fields.items()]
    if change.action == "create":
        own.sort(key=lambda field: _TELLING.index(field[0]) if field[0] in _TELLING else len(_TELLING))
    for item in change.items:
        who = f"item.{clean(item.code or item.id)}"
        if item.action == "delete":
            own.append((who, "there", "taken off"))
        own += [(f"{who}.{clean(name)}", old, new) for name, (old, new) in item.fields.items()]
    return own


def subject(change: Change) -> Subject:
    """What a change is about: number, name and city, and which part of an order."""
    about = change.about
    number = clean(about.get("number", ""))
    who = ", ".join(clean(about[key]) for key in ("name", "city") if about.get(key))
    key = clean(change.key)
    if change.resource not in ("items", "shipments"):
        return Subject(number or key.removeprefix("order "), who, "", clean(change.store))
    head, _, part = key.partition(", ")
    return Subject(number or head.removeprefix("order "), who, part, clean(change.store))


def rows_of(change: Change) -> str:
    """The rows a change comes from; all of one resource are on one sheet."""
    return spans(change.rows, 3)


def sections(plan: Plan) -> list[Section]:
    """The changes for which something is sent, by resource and action, deletes first."""
    found: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in plan.writing():
        found[change.resource, change.action].append(change)
    in_order = sorted(found, key=lambda key: ORDER.index(key[1]))
    return [Section(resource, action, found[resource, action]) for resource, action in in_order]


def shares(sizes: Sequence[int], limit: int) -> list[int]:
    """How many of each section to draw so that all together are `limit`, and none goes without.

    >>> shares([100], 20), shares([2, 100], 20), shares([50, 3, 50], 20)
    ([20], [2, 18], [9, 3, 8])
    """
    if sum(sizes) <= limit:
        return list(sizes)
    given = [0] * len(sizes)
    left = limit
    while left > 0:
        for place, size in enumerate(sizes):
            if left > 0 and given[place] < size:
                given[place] += 1
                left -= 1
    return given


def same_in_all(changes: Sequence[Change]) -> dict[str, str]:
    """The fields that all these changes set to one and the same value; none where they are few."""
    if len(changes) < 3:
        return {}
    same = {name: new for name, (_, new) in changes[0].fields.items()}
    for change in changes:
        if differing := [name for name, new in same.items() if name not in change.fields or change.fields[name][1] != new]:
            for name in differing:
                del same[name]
            if not same:
                break
    return {clean(name): shown(new) for name, new in same.items()}


def names_in(changes: Iterable[Change]) -> set[str]:
    """The names of all fields of these changes, those of items apart."""
    return {clean(name) for name in {name for change in changes for name in change.fields}}


def left_alone(plan: Plan) -> dict[tuple[str, str], list[Change]]:
    """The changes for which nothing is sent, by action and reason."""
    groups: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in plan.changes:
        if not change.writes:
            groups[change.action, clean(change.note)].append(change)
    return groups
