"""This file holds `make`: all changes that a sheet, or a book of sheets, asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import collector
from ..errors import Problem
from ..fields import Document
from ..kinds.texts import NO_NUMBER
from ..shelf import MANY
from . import children, items, shipments
from .change import Change, Plan
from .children import Home, Made
from .findings import Findings
from .groups import Group, groups_of
from .hand import Hand
from .inventory import Inventory
from .keys import OrderKey, OrderKeys
from .lean import lean
from .move import then_move
from .orders import Orders, keys_of
from .world import World

if TYPE_CHECKING:
    from ..checks import Checked, Row
    from ..shelf import Listed, Shelf

# Parents before children; on delete children first.
IN_ORDER = ("orders", "items", "shipments", "inventory")
Unit = tuple[Any, ...]  # what is refused together: a row, or, in a book, an order with all that belongs to it


@dataclass
class Part:
    """One sheet of what is planned."""

    checked: Checked
    tab: str = ""
    rows: Sequence[Row] = ()  # very many are made each time they are asked for
    groups: Collection[Group] = ()
    keys: OrderKeys = field(init=False)
    problems: list[Problem] = field(default_factory=list)  # all that was found about it, once planned
    _asked: list[OrderKey | None] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.keys = OrderKeys(self.checked.names.at, "" if self.resource == "orders" else "order.")
        with collector.at_rest():
            few = len(self.checked.sheet.rows) <= MANY
            self.rows = list(self.checked.rows()) if few else self.checked.rows_later()
            if self.resource == "orders":
                self.groups = groups_of(self.checked, self.rows)
            elif self.resource != "inventory" and few:
                self._asked = list(self._read_keys())

    @property
    def resource(self) -> str:
        """Which resource its rows are."""
        return self.checked.resource.name

    def asked(self) -> Iterable[OrderKey | None]:
        """Items and shipments: the order of each row, by its surest key; None for a row that is skipped.

        Those of very many rows are read anew each time.
        """
        return self._asked or self._read_keys()

    def _read_keys(self) -> Iterator[OrderKey | None]:
        keys = map(self.keys.surest, self.checked.cells())
        skipped = self.checked.skipped
        return (None if n in skipped else key for n, key in enumerate(keys)) if skipped else keys


@dataclass
class Found:
    """The documents that the rows are about: what finds them by a key."""

    orders: Callable[[OrderKey], list[Document]]
    inventory_by_id: Callable[[str], list[Document]]
    inventory_by_code: Callable[[str], list[Document]]
    shelves: Mapping[Listed, Shelf]  # all that was read, whatever for


@dataclass
class Wanted:
    """What has to be looked up before planning."""

    orders: list[OrderKey] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    added: dict[str, dt.datetime] = field(default_factory=dict)  # when orders were added, by id, as their rows say


@collector.at_rest()
def wanted(parts: Iterable[Part]) -> Wanted:
    """The keys of all rows, of each row the surest; bad cells elsewhere in a row don't stop its look-up."""
    asked = Wanted()
    for part in parts:
        if part.resource == "orders":
            for group in part.groups:
                if group.action != "skip":
                    asked.orders += keys_of(group)
                    if group.key and group.key.by == "id" and isinstance(at := group.get("date_added"), dt.datetime):
                        asked.added[group.key.value] = at
            continue
        if part.resource != "inventory":
            asked.orders += filter(None, part.asked())
            continue
        has_ids = "id" in part.checked.columns
        for row in part.rows:
            if row.action == "skip":
                continue
            if has_ids and isinstance(record := row.get("id"), str):
                asked.ids.append(record)
            elif isinstance(code := row.get("code"), str):
                asked.codes.append(code)
    return asked


def make(parts: Sequence[Part], found: Found, world: World, *, then_move_to: str = "") -> Plan:
    """The plan for some sheets: changes in the order in which they are sent, and all problems.

    A row with an error takes its document with it, an order all of its rows, in a book those of the other
    sheets too.
    """
    making = _Making(sorted(parts, key=lambda part: IN_ORDER.index(part.resource)), found, world, then_move_to)
    with collector.at_rest():
        return making.plan()


@dataclass
class _Planned:
    """A part with what came of it."""

    part: Part
    says: Findings
    changes: list[Change] = field(default_factory=list)
    units: dict[int, Unit] = field(default_factory=dict)  # row → what it is refused with
    homes: list[Home | None] = field(default_factory=list)  # items and shipments: the order of each row, where it matters later


class _Making:
    """One planning."""

    def __init__(self, parts: Sequence[Part], found: Found, world: World, then_move_to: str) -> None:
        self.found = found
        self.world = world
        self.then_move_to = then_move_to
        self.in_book = len(parts) > 1
        self.planned = [_Planned(part, Findings(part.checked)) for part in parts]
        self.made = Made({})
        self.deleting: dict[str, Change] = {}  # orders, by id
        self.writing: dict[str, Change] = {}  # orders of a book that are changed otherwise, by id
        self.hand = Hand(found.shelves.get("orders"))
        self.result = Plan("book" if self.in_book else parts[0].resource)

    def plan(self) -> Plan:
        """The whole plan."""
        plan = self.result
        for one in self.planned:
            if one.part.resource == "orders":
                self._take(one, self._orders(one))
            elif one.part.resource == "inventory":
                hand = Hand(self.found.shelves.get("inventory"))
                by_id, by_code = self.found.inventory_by_id, self.found.inventory_by_code
                self._take(one, Inventory(by_id, by_code, one.says, self.world, hand).plan(one.part.rows))
            elif one.part.resource == "items":
                self._take(one, items.plan_items(one.part.rows, self._homes_of(one), one.part.keys, one.says, self.hand))
                self._need_items()
            else:
                self._take(one, self._shipments(one))
        for one in self.planned:
            one.says.unsettled(one.part.rows)
        self._drop_refused()
        for one in self.planned:
            for number, change in enumerate(one.changes, len(plan.changes) + 1):
                change.number = number
            plan.changes += one.changes
            one.part.problems = sorted(one.part.checked.problems + one.says.problems, key=lambda problem: problem.row or 0)
            plan.problems += one.part.problems
            self._count_refused(one)
        if self.in_book:
            for change in plan.changes:
                self._hang(change)
        items.one_put_an_order([change for one in self.planned if one.part.resource == "items" for change in one.changes])
        if self.then_move_to:
            then_move(plan, self._homes, self.deleting, self.world.folder_id(self.then_move_to))
        if self.world.mark:
            for change in plan.changes:
                if (change.resource == "items" and change.action == "create") or change.resource == "orders":
                    change.mark = f"{self.world.mark}-{change.number}"
        return plan

    # -- the parts --------------------------------------------------------------------------------

    def _take(self, one: _Planned, changes: Iterable[Change]) -> None:
        """Keep the changes of a part as they come, with when their documents were read, and on which page."""
        listed: Listed = "inventory" if one.part.resource == "inventory" else "orders"
        shelf = self.found.shelves.get(listed)
        many = len(one.part.rows) > MANY
        for change in changes:
            change.tab = one.part.tab
            if shelf and (seen := shelf.by_id.get(change.order_id or change.id)):
                change.read_at, change.page, change.among = seen.at, seen.page, shelf.among
            if many:
                lean(change)
            one.changes.append(change)

    def _orders(self, one: _Planned) -> Iterator[Change]:
        new_items = any(other.part.resource == "items" for other in self.planned)
        orders = Orders(self.found.orders, one.says, self.world, self.hand, in_book=new_items)
        seen: dict[Any, tuple[int, str]] = {}  # the first row of each order, and the column of its key
        for group in one.part.groups:
            change = orders.plan(group)
            live = group.action != "skip"
            mark: Any = str(group.document["id"]) if group.document else (change and id(change)) or object()
            if live and self.in_book:
                one.units |= dict.fromkeys(group.numbers, ("id" if group.document else "new", mark))
            if group.document is None and live and group.action in ("create", "upsert") and group.key and group.key.by != "id":
                cart = group.key.source_name
                self.made.by_number.setdefault(group.key.value, []).append((cart, change))
                mark = ("new", group.key.value.removeprefix("#"), (cart or children.DEFAULT_SOURCE).casefold())
            if live and not (group.document and one.part.keys.exact):
                here = (group.number, group.about())
                if (twin := seen.setdefault(mark, here)) is not here:
                    for (row, about), (other, _) in ((twin, here), (here, twin)):
                        one.says.say(row, f"is the same order as row {other}", "Give all rows of an order the same key.", about=about, code="duplicate")
            if change is not None:
                yield change
                if change.action == "delete":
                    self.deleting[change.id] = change
                elif self.in_book and change.action == "update" and change.steps:
                    self.writing[change.id] = change

    def _shipments(self, one: _Planned) -> Iterator[Change]:
        homes: Iterable[Home | None] = self._homes_of(one)
        kept = None
        if self.world.dates_sent:
            homes = list(homes)
            kept = self.result.dates_kept = shipments.dates_kept(homes, self.world.dates_sent)
        dates_kept = self.world.dates_kept if kept is None else kept
        return shipments.Shipments(one.part.rows, homes, one.part.keys, one.says, dates_kept, self.hand).plan()

    def _homes_of(self, one: _Planned) -> Iterator[Home | None]:
        """The order of each row; where it matters later, those that went before are kept in `one.homes`."""
        part, says = one.part, one.says
        homes = children.Homes(part.keys, self.found.orders, self.made, says, self.hand)
        kept = self.in_book or bool(self.then_move_to)
        for row, key in zip(part.rows, part.asked(), strict=True):
            home = None if key is None else homes.of(row, key)  # no key: it is skipped, or the checks have said so
            if home and home.record in self.deleting and row.action != "delete":
                says.say(row.number, "belongs to an order that this book deletes", "Take the row out, or keep the order.", code="parent-deleted")
                home = None
            if kept:
                one.homes.append(home)
            if home and self.in_book:
                one.units[row.number] = home.unit
            yield home

    @cached_property
    def _homes(self) -> dict[str, dict[int, Home]]:
        """Tab → row → its order."""
        return {
            one.part.tab: {row: home for row, home in zip(one.part.checked.sheet.rows, one.homes, strict=True) if home}
            for one in self.planned if one.homes
        }  # fmt: skip

    def _need_items(self) -> None:
        """A new order needs an item, from its own rows or from the sheet of items; one that is refused there is told already."""
        sheets = [one for one in self.planned if one.part.resource == "items" and one.homes]
        homes = [(one.says.bad_rows, row, home) for one in sheets for row, home in zip(one.part.checked.sheet.rows, one.homes, strict=True)]
        refused = {id(home.creates) for bad, row, home in homes if home and home.creates and row in bad}
        for one in self.planned:
            if one.part.resource == "orders":
                by_row = {change.rows[0]: change for change in one.changes if change.action == "create"}
                orders = Orders(self.found.orders, one.says, self.world, self.hand, in_book=True)
                for group in one.part.groups:
                    change = by_row.get(group.number)
                    if change is not None and not change.items and id(change) not in refused:
                        orders.without_items(group)

    # -- what is refused --------------------------------------------------------------------------

    def _drop_refused(self) -> None:
        """Take out what belongs to a row with an error: its document, its order, in a book all of the order."""
        if not any(one.says.bad_rows for one in self.planned):
            return
        refused: set[Unit] = set()
        for one in self.planned:
            refused.update(unit for row, unit in one.units.items() if row in one.says.bad_rows)
        for one in self.planned:
            bad = one.says.bad_rows | {row for row, unit in one.units.items() if unit in refused}
            if bad:
                one.changes = [change for change in one.changes if bad.isdisjoint(change.rows)]

    def _count_refused(self, one: _Planned) -> None:
        """Count the documents whose rows have no change."""
        part = one.part
        if sum(len(change.rows) for change in one.changes) == len(part.rows):
            return
        planned = {row for change in one.changes for row in change.rows}
        if part.resource == "orders":
            left = [group.numbers for group in part.groups if planned.isdisjoint(group.numbers)]
            self.result.refused += len(left)
            self.result.refused_rows.update((part.tab, row) for numbers in left for row in numbers)
            return
        rows = [row for row in part.rows if row.number not in planned]
        self.result.refused += len({self._document_of(part, row) for row in rows})
        self.result.refused_rows.update((part.tab, row.number) for row in rows)

    def _document_of(self, part: Part, row: Row) -> Unit:
        """What tells which document a refused row is about, so that two rows about one count as one."""
        own = {"items": ("item_id", "code"), "shipments": ("shipment_id", "tracking_number"), "inventory": ("id", "code")}[part.resource]
        named = next(((name, row.values[name]) for name in own if isinstance(row.values.get(name), str)), None)
        if named is None or named[1] == NO_NUMBER:
            return ("row", row.number)
        if part.resource == "inventory":
            return named
        variation = [(name, str(value)) for name, value in sorted(row.values.items()) if name.startswith("variation_list.")]
        return (self._order_of(part, row), *named, *variation)

    def _order_of(self, part: Part, row: Row) -> Unit:
        """What tells which order a refused row belongs to."""
        if home := self._homes.get(part.tab, {}).get(row.number):
            return home.unit
        key = part.keys.surest(row.cells)
        fitting = self.found.orders(key) if key else []
        return ("id", str(fitting[0]["id"])) if len(fitting) == 1 else tuple(part.keys.all(row.cells))

    # -- what waits for what ----------------------------------------------------------------------

    def _hang(self, change: Change) -> None:
        """Make what belongs to an order of the same plan wait for it, or a deleted order wait for it."""
        home = self._homes.get(change.tab, {}).get(change.rows[0]) if change.resource in ("items", "shipments") else None
        if home is None or not change.steps:
            return
        if home.creates is not None:
            change.after = [home.creates.number]
        elif parent := self.deleting.get(home.record):
            parent.after = [*parent.after, change.number]
        elif parent := self.writing.get(home.record):
            change.after = [parent.number]
