"""This file holds the one table that every picture of a plan is drawn from: a line for each changed field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..plan.change import Change, Plan
from .words import clean, shown, spans

WRITES: Final = ("delete", "create", "update")


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


def lines(changes: Iterable[Change]) -> Iterator[Line]:
    """The table: for each change its fields, the most telling first."""
    for change in changes:
        fields = fields_of(change)
        if not fields:
            yield Line(change, True)
        for index, (name, (old, new)) in enumerate(fields):
            yield Line(change, index == 0, clean(name), shown(old), shown(new))


def fields_of(change: Change) -> list[tuple[str, Sequence[object]]]:
    """A change's fields and those of its items; what a new record is known by comes first."""
    fields = change.all_fields()
    first = {"shipments": ("tracking_number",), "orders": ("source_name", "source_id")}.get(change.resource, ("code", "name"))
    return sorted(fields.items(), key=lambda pair: first.index(pair[0]) if pair[0] in first else len(first))


def subject(change: Change) -> Subject:
    """What a change is about: number, name and city, and which part of an order."""
    about = change.about
    number = clean(about.get("number", ""))
    who = ", ".join(clean(about[key]) for key in ("name", "city") if about.get(key))
    key = clean(change.key)
    if change.resource not in ("items", "shipments"):
        number = number or key.removeprefix("order ")
        return Subject(number, who, "")
    head, _, part = key.partition(", ")
    return Subject(number or head.removeprefix("order "), who, part)


def rows_of(change: Change) -> str:
    """The rows a change comes from, with the worksheet where there are several."""
    said = spans(change.rows, 3)
    return f"{change.tab} {said}" if change.tab and said else said


def some(changes: Sequence[Change], limit: int) -> list[Change]:
    """As many changes as `limit`, in the plan's order; deletes before all others, and some of each action."""
    if len(changes) <= limit:
        return list(changes)
    by_action: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_action[change.action].append(change)
    chosen: list[Change] = []
    groups = [by_action[action] for action in WRITES if by_action[action]]
    for place, group in enumerate(groups):
        left = limit - len(chosen)
        later = sum(min(len(other), 3) for other in groups[place + 1 :])
        chosen += group[: max(left - later, min(left, 1))]
    places = {id(change) for change in chosen}
    return [change for change in changes if id(change) in places][:limit]


def left_alone(plan: Plan) -> dict[tuple[str, str], list[Change]]:
    """The changes for which nothing is sent, by action and reason."""
    groups: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in plan.changes:
        if not change.writes:
            groups[change.action, clean(change.note)].append(change)
    return groups
