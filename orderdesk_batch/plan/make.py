"""This file holds `make`: all changes that a sheet, or a book of sheets, asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..fields import Document
from ..lookup import OrderKey
from . import children, inventory, orders
from .change import Change, Plan, Step
from .compare import Findings, World

if TYPE_CHECKING:
    from ..checks import Checked, Row

# Parents before children; on delete children first.
IN_ORDER = ("orders", "items", "shipments", "inventory")


@dataclass
class Part:
    """One sheet of what is planned."""

    checked: Checked
    tab: str = ""
    rows: list[Row] = field(default_factory=list)
    groups: list[orders.Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = list(self.checked.rows())
        if self.resource == "orders":
            self.groups = orders.groups_of(self.rows)

    @property
    def resource(self) -> str:
        """Which resource its rows are."""
        return self.checked.resource.name


@dataclass
class Found:
    """The documents that the rows are about."""

    orders: Mapping[OrderKey, list[Document]] = field(default_factory=dict)
    inventory_by_id: Mapping[str, Document] = field(default_factory=dict)
    inventory_by_code: Mapping[str, list[Document]] = field(default_factory=dict)
    read_at: Mapping[tuple[str, str], tuple[float, int]] = field(default_factory=dict)  # (resource, id) → when, page


@dataclass
class Wanted:
    """What has to be looked up before planning."""

    orders: list[OrderKey] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def wanted(parts: Iterable[Part]) -> Wanted:
    """The keys of all rows."""
    asked = Wanted()
    for part in parts:
        if part.resource == "orders":
            for group in part.groups:
                if group.rows[0].action != "skip":
                    asked.orders += orders.keys_of(group)
        elif part.resource == "inventory":
            for row in part.rows:
                if row.action == "skip":
                    continue
                record, code = row.values.get("id"), row.values.get("code")
                if isinstance(record, str):
                    asked.ids.append(record)
                elif isinstance(code, str):
                    asked.codes.append(code)
        else:
            for row in part.rows:
                if row.action != "skip":
                    asked.orders += children.keys_of(row.values)
    return asked


def make(parts: Sequence[Part], found: Found, world: World, *, then_move_to: str = "") -> Plan:
    """The plan for some sheets: changes in the order in which they are sent, and all problems.

    A row with an error takes its document with it, an order all of its rows. What hangs on an order that
    is not created is refused too.
    """
    plan = Plan("book" if len(parts) > 1 else parts[0].resource)
    by_resource = {part.resource: part for part in parts}
    made: dict[str, list[Change]] = {}
    deleting: dict[str, Change] = {}
    homes: dict[tuple[str, int], children.Home] = {}
    for name in IN_ORDER:
        part = by_resource.get(name)
        if part is None:
            continue
        says = Findings(part.checked)
        if name == "orders":
            changes = _orders(part, found, says, world)
        elif name == "inventory":
            changes = inventory.plan_inventory(part.rows, found.inventory_by_id, found.inventory_by_code, says, world)
        else:
            here = {}
            for row in part.rows:
                if row.action != "skip" and (home := children.home_of(row, found.orders, made, says)):
                    here[row.number] = homes[part.tab, row.number] = home
            if name == "items":
                changes = children.plan_items(part.rows, here, says)
            else:
                plan.dates_kept = children.dates_kept(part.rows, here)
                kept = world.dates_kept if plan.dates_kept is None else plan.dates_kept
                changes = children.plan_shipments(part.rows, here, says, kept)
        says.unsettled(part.rows)
        problems = part.checked.problems + says.problems
        bad_rows = {p.row for p in problems if p.level == "error" and p.row is not None}
        changes = [change for change in changes if not bad_rows.intersection(change.rows)]
        for change in changes:
            change.tab = part.tab
            change.number = len(plan.changes) + 1
            plan.changes.append(change)
            _read_when(change, found)
            _hang(change, homes, deleting)
        if name == "orders":
            made = _made(part, changes)
            deleting = {change.id: change for change in changes if change.action == "delete"}
        plan.problems += problems
        _count_refused(plan, part, changes)
    if then_move_to:
        _then_move(plan, homes, world.folder_id(then_move_to))
    if world.mark:
        for change in plan.changes:
            if change.resource == "items" and change.action == "create" or change.resource == "orders":
                change.mark = f"{world.mark}-{change.number}"
    return plan


def _orders(part: Part, found: Found, says: Findings, world: World) -> list[Change]:
    changes = []
    for group in part.groups:
        actions = {row.action for row in group.rows}
        if len(actions) > 1:
            for row in group.rows:
                says.say(row.number, f"the rows of one order say {' and '.join(sorted(actions))}",
                         "Write the same action on all of them.", about="action", code="actions")  # fmt: skip
            continue
        if change := orders.plan_group(group, found.orders, says, world):
            changes.append(change)
    seen: dict[str, Change] = {}
    for change in changes:
        if change.id and (twin := seen.get(change.id)):
            for one, other in ((twin, change), (change, twin)):
                says.say(one.rows[0], f"is the same order as row {other.rows[0]}", "Give all rows of an order the same key.",
                         code="duplicate")  # fmt: skip
        elif change.id:
            seen[change.id] = change
    return changes


def _made(part: Part, changes: Sequence[Change]) -> dict[str, list[Change]]:
    """The orders that are created, by number; an empty list where the number's rows are refused."""
    made: dict[str, list[Change]] = {}
    creates = {change.rows[0]: change for change in changes if change.action == "create"}
    for group in part.groups:
        if group.key is None or group.rows[0].action not in ("create", "upsert"):
            continue
        change = creates.get(group.rows[0].number)
        made.setdefault(group.key.value, []).extend([change] if change else [])
    return made


def _hang(change: Change, homes: Mapping[tuple[str, int], children.Home], deleting: Mapping[str, Change]) -> None:
    """Make what belongs to an order of the same plan wait for it, or a deleted order wait for it."""
    home = homes.get((change.tab, change.rows[0]))
    if home is None or not change.steps:
        return
    if home.creates is not None:
        change.after = [home.creates.number]
    elif parent := deleting.get(home.record):
        parent.after.append(change.number)


def _read_when(change: Change, found: Found) -> None:
    if change.resource == "inventory":
        where = ("inventory", change.id)
    else:
        where = ("orders", change.order_id or change.id)
    change.read_at, change.page = found.read_at.get(where, (0.0, -1))


def _count_refused(plan: Plan, part: Part, changes: Sequence[Change]) -> None:
    planned = {row for change in changes for row in change.rows}
    units = [group.numbers for group in part.groups] if part.groups else [[row.number] for row in part.rows]
    for unit in units:
        if planned.isdisjoint(unit):
            plan.refused += 1
            plan.refused_rows.update((part.tab, row) for row in unit)


def _then_move(plan: Plan, homes: Mapping[tuple[str, int], children.Home], folder: str) -> None:
    """Move the orders whose rows are all done, one change an order."""
    orders_of: dict[str | int, list[tuple[str, int]]] = defaultdict(list)
    documents: dict[str | int, Document | None] = {}
    for place, home in homes.items():
        key = home.record or (home.creates.number if home.creates else 0)
        orders_of[key].append(place)
        documents[key] = home.document
    waits: dict[str | int, list[Change]] = defaultdict(list)
    for change in plan.changes:
        if change.resource == "orders" and change.action in ("create", "update", "none"):
            key = change.id or change.number
            documents.setdefault(key, change.before)
            orders_of[key] += [(change.tab, row) for row in change.rows]
            waits[key].append(change)
        elif change.resource in ("items", "shipments") and (home := homes.get((change.tab, change.rows[0]))):
            waits[home.record or (home.creates.number if home.creates else 0)].append(change)
    for key, places in orders_of.items():
        if not waits[key] or plan.refused_rows.intersection(places):
            continue
        document = documents.get(key)
        old = str(document.get("folder_id") or "") if document else None
        if old == folder:
            continue
        first = waits[key][0]
        number = first.about.get("number") or (first.key.split(",")[0].removeprefix("order "))
        plan.changes.append(
            Change(
                len(plan.changes) + 1, "orders", "update", sorted({row for _, row in places}), f"order {number}",
                str(document["id"]) if document else "", fields={"folder": [old, folder]}, before=document,
                about=first.about, after=[change.number for change in waits[key] if change.steps],
                steps=[Step("move")], tab=places[0][0], read_at=first.read_at, page=first.page,
                note="moved once its rows are done",
            )  # fmt: skip
        )
