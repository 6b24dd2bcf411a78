"""This file holds the planning of shipments: by tracking number within their order, and parcels without one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..fields import SHIPMENTS, Document, read
from ..kinds import CLEAR
from ..kinds.texts import NO_NUMBER
from .change import Change, Step
from .children import Home, Inside, child_key, folded_number
from .compare import children, differences, new_fields, same
from .findings import Findings
from .hand import Hand
from .items import SKIPPED
from .keys import OrderKeys

if TYPE_CHECKING:
    from ..checks import Row

METHOD, DATE, ADDED = (SHIPMENTS.field(name) for name in ("shipment_method", "date_shipped", "date_added"))
FEW: Final = 5  # parcels of an order that are looked at each time
PROBES: Final = 20  # dates that are remembered of a run, to see later whether the store kept them
_OWN = ("tracking_number", "shipment_id")  # what names a shipment for people


class Shipments:
    """Plans the rows of a shipments sheet.

    Args:
        kept: whether the server keeps `date_shipped` as sent [open]; None: not known.
    """

    def __init__(
        self, rows: Sequence[Row], homes: Iterable[Home | None], keys: OrderKeys, says: Findings, kept: bool | None = None, hand: Hand | None = None
    ) -> None:
        self.rows = rows
        self.homes = homes
        self.keys = keys
        self.says = says
        self.kept = kept
        self.hand = hand or Hand(None)
        self._there = Inside(_Parcels)
        self._without_number = self._pair_parcels_without_number()
        self._dates_left = 0  # rows whose date differs and is not sent, since the server would not take it

    def plan(self) -> Iterator[Change]:
        """The changes that the rows ask for."""
        twins = self._may_have_twins()
        planned: dict[tuple[Any, str], Change] = {}
        for row, home in zip(self.rows, self.homes, strict=True):
            if row.action == "skip":
                note = row.skipped or SKIPPED
                yield Change(0, "shipments", "skip", [row.number], child_key(row, home, self.keys, _OWN), note=note)
                continue
            if home is None:
                continue
            number = _number(row)
            if (change := self._plan_row(row, home, number)) is None:
                continue
            if twins and (mark := change.id or (number if number != NO_NUMBER else "")):
                twin = planned.setdefault((home.record or home.unit, mark), change)
                if twin is not change:
                    self._same_parcel(twin, change)
            yield change
        if self._dates_left:
            rows = "1 row differs" if self._dates_left == 1 else f"{self._dates_left:,} rows differ"
            self.says.say_of_file(f"is left alone: {rows}, but this store was seen to set the date itself", about=DATE.name, code="date-set")

    def _may_have_twins(self) -> bool:
        """Whether two rows may be about one parcel: not where each has a number of its own, and names it by nothing else."""
        checked = self.says.checked
        if checked.bads or "shipment_id" in checked.columns:
            return True
        numbers = [folded_number(number) for number in checked.columns.get("tracking_number", ()) if isinstance(number, str)]
        return len(set(numbers)) < len(numbers)

    def _same_parcel(self, twin: Change, change: Change) -> None:
        """Two rows about one parcel, which the checks could not see since they name the order differently."""
        row, first = change.rows[0], twin.rows[0]
        if twin.fields == change.fields and twin.action == change.action:
            if change.steps:
                self.says.say(row, f"is the same parcel as row {first}", "It is sent once.", about="tracking_number",
                              code="duplicate", warning=True)  # fmt: skip
                change.action, change.steps, change.note = "skip", [], f"the same as row {first}"
            return
        for one, other in ((first, row), (row, first)):
            self.says.say(one, f"is in row {other} too, for the same order, with other values", "Keep one of the two rows.",
                          about="tracking_number", code="duplicate")  # fmt: skip

    # -- one row ----------------------------------------------------------------------------------

    def _plan_row(self, row: Row, home: Home, number: str) -> Change | None:
        fitting = self._fitting(row, home, number)
        one = fitting[0] if len(fitting) == 1 else None
        change = Change(0, "shipments", "none", [row.number], child_key(row, home, self.keys, _OWN), order_id=home.record, about=home.about)
        if one is not None:
            change.id, change.kept = str(one.get("id") or ""), self.hand.kept(one)
        if row.action == "delete":
            fine = self.says.leave([row])
        else:
            fine = self.says.settle(SHIPMENTS, [row.number], row.bad, one)
        if len(fitting) > 1:
            self.says.say(row.number, f"fits {len(fitting)} shipments of the order: {', '.join(str(found.get('id')) for found in fitting)}",
                          "Give the shipment's id in shipment_id.", about="tracking_number", code="several")  # fmt: skip
            return None
        if not fine:
            return None
        if row.action == "delete":
            if one is None:
                change.note = "is gone already"
            else:
                change.action, change.steps = "delete", [Step("delete")]
            return change
        return self._new(row, home, change) if one is None else self._held(row, change, one)

    def _held(self, row: Row, change: Change, one: Document) -> Change:
        """A shipment that is on the order already."""
        self.says.read_only(row, one)
        leave = () if row.get("shipment_id") else ("tracking_number",)
        # A date may be the server's own [open]: a creation minds it only where dates are known to be kept.
        if self.kept is False or (row.action == "create" and self.kept is None):
            leave = (*leave, DATE.name)
        fields = differences(SHIPMENTS, row.names, row.cells, one, leave=leave)
        if self.kept is False and (day := row.get(DATE.name)) is not None and not same(DATE.kind, read(DATE, one), day):
            self._dates_left += row.action != "create"
        if row.action == "create":
            change.note = "is on the order already"
            if fields:
                self.says.say(row.number, f"is on the order already, with another {', '.join(fields)}", "Use --action upsert to change it.",
                              about="tracking_number", code="differs", warning=True)  # fmt: skip
        elif fields:
            self.says.refilled(row.number, fields)
            change.action, change.fields, change.steps = "update", fields, [Step("put")]
        return change

    def _new(self, row: Row, home: Home, change: Change) -> Change | None:
        number = row.get("tracking_number")
        if row.get("shipment_id"):
            self.says.say(row.number, "is no shipment of the order", "Check the id, or leave it out to add the shipment.",
                          about="shipment_id", code="not-found")  # fmt: skip
            return None
        if not number or number is CLEAR:
            return None  # the checks have said so
        if row.action == "update":
            self.says.say(row.number, "is no shipment of the order", "Check it, or write create in the action column.",
                          about="tracking_number", code="not-found")  # fmt: skip
            return None
        change.action, change.steps = "create", [Step("batch")]
        if number == NO_NUMBER:
            change.steps[0].answer["had"] = self._there(home).ids
        change.fields = new_fields(SHIPMENTS, row.names, row.cells)
        return change

    # -- which shipment ---------------------------------------------------------------------------

    def _fitting(self, row: Row, home: Home, number: str) -> list[Document]:
        """The shipments of an order that a row means: by id, else by number; `n/a` by method and date."""
        if record := row.get("shipment_id"):
            return self._there(home).with_id(str(record))
        if row.number in self._without_number:
            place = self._without_number[row.number]
            return [] if place is None else [self._there(home).all[place]]
        if not number:
            return []
        if number == NO_NUMBER:
            there = self._there(home)
            return [there.all[place] for place in there.alike(row, True) or there.alike(row, self.kept)]
        return self._there(home).with_number(number)

    def _pair_parcels_without_number(self) -> dict[int, int | None]:
        """Which parcel of its order, by its place, each `n/a` row means that would add one: two such rows are two parcels.

        Rows that fit exactly come first, then those whose date may be the server's own.
        """
        checked = self.says.checked
        if NO_NUMBER not in checked.columns.get("tracking_number", ()) and not any(name == "tracking_number" for _, name in checked.bads):
            return {}
        self.homes = list(self.homes)
        rows = [(row, home) for row, home in zip(self.rows, self.homes, strict=True) if home and row.action in ("create", "upsert")
                and _number(row) == NO_NUMBER and not row.get("shipment_id")]  # fmt: skip
        paired: dict[int, int | None] = {row.number: None for row, _ in rows}
        taken: set[tuple[Any, int]] = set()
        for kept in (True, self.kept):
            left: dict[tuple[Any, ...], Iterator[int]] = {}  # an order, a method, a date → the parcels that may still be free
            for row, home in rows:
                if paired[row.number] is not None or home.document is None:
                    continue
                sort = (home.unit, *_sort(row))
                if sort not in left:
                    left[sort] = iter(self._there(home).alike(row, kept))
                place = next((place for place in left[sort] if (home.unit, place) not in taken), None)
                if place is not None:
                    taken.add((home.unit, place))
                    paired[row.number] = place
        return paired


class _Parcels:
    """The parcels that an order has, found without a look at each."""

    __slots__ = ("_alike", "_by_id", "_by_number", "_ids", "all")

    def __init__(self, order: Document | None) -> None:
        self.all = children(order, "order_shipments") if order else []
        self._by_number: dict[str, list[Document]] | None = None
        self._by_id: dict[str, list[Document]] | None = None
        self._ids: list[str] | None = None
        self._alike: dict[tuple[Any, ...], list[int]] | None = None

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        if self._ids is None:
            self._ids = [str(one.get("id")) for one in self.all]
        return self._ids

    def with_number(self, number: str) -> list[Document]:
        """Those with a tracking number."""
        if len(self.all) < FEW:
            return [one for one in self.all if folded_number(one.get("tracking_number")) == number]
        if self._by_number is None:
            self._by_number = {}
            for one in self.all:
                self._by_number.setdefault(folded_number(one.get("tracking_number")), []).append(one)
        return self._by_number.get(number, [])

    def with_id(self, record: str) -> list[Document]:
        """Those with an id."""
        if self._by_id is None:
            self._by_id = {}
            for one in self.all:
                self._by_id.setdefault(str(one.get("id")), []).append(one)
        return self._by_id.get(record, [])

    def alike(self, row: Row, kept: bool | None) -> list[int]:
        """The places of those without a number that a row means, by method and date; rows that say the same are compared once."""
        sort = (*_sort(row), kept)
        if self._alike is None:
            self._alike = {}
        found = self._alike.get(sort)
        if found is None:
            found = self._alike[sort] = [
                place for place, one in enumerate(self.all)
                if folded_number(one.get("tracking_number")) == NO_NUMBER and _alike(row, one, kept)
            ]  # fmt: skip
        return found


def _sort(row: Row) -> tuple[Any, ...]:
    """What a row says of the parcel that it means, where it has no number."""
    return row.get(METHOD.name), row.get(DATE.name)


def _number(row: Row) -> str:
    """The row's tracking number as it is compared; a refused one as it stands, for the store may hold just that."""
    number = row.get("tracking_number")
    if number is None and (refused := row.bad.get("tracking_number")) and refused.problem.code != "digits-lost":
        number = refused.text
    return "" if number is CLEAR else folded_number(number)


def _alike(row: Row, one: Document, kept: bool | None) -> bool:
    """Whether a parcel without a number is the one that a row means, by method and date.

    The server may set the date itself, to the day the shipment was added [open]: unless it is known that it
    keeps dates as sent, such a date fits any.
    """
    method, day = row.get(METHOD.name), row.get(DATE.name)
    if method is not None and not same(METHOD.kind, method, read(METHOD, one)):
        return False
    if day is None or kept is False:
        return True
    held = read(DATE, one)
    return same(DATE.kind, day, held) or (kept is not True and held == _day_added(one))


def _day_added(one: Document) -> dt.date | None:
    added = read(ADDED, one)
    return added.date() if isinstance(added, dt.datetime) else None


# -- does the store keep the date? ------------------------------------------------------------------------


def dates_sent(changes: Iterable[Change]) -> dict[str, str]:
    """Of what was sent: a few dates of shipments, to see at the next plan whether the store kept them."""
    sent: dict[str, str] = {}
    for change in changes:
        if change.resource != "shipments" or change.action not in ("create", "update") or change.state != "done":
            continue
        day = change.fields.get(DATE.name, [None, None])[1]
        number = change.fields.get("tracking_number", [None, (change.before or {}).get("tracking_number")])[1]
        if isinstance(day, dt.date) and (folded := folded_number(number)) not in ("", NO_NUMBER) and change.order_id:
            sent[f"{change.order_id} {folded}"] = DATE.kind.show(day)
            if len(sent) >= PROBES:
                break
    return sent


def dates_kept(homes: Iterable[Home | None], sent: Mapping[str, str]) -> bool | None:
    """Whether dates that we sent before were kept, as far as the orders in hand tell.

    A date that is ours was kept; one that is the day on which the shipment was added is the server's own.
    """
    by_order: dict[str, list[str]] = defaultdict(list)
    for mark in sent:
        by_order[mark.partition(" ")[0]].append(mark)
    seen: set[str] = set()
    for home in homes if sent else ():
        if home is None or home.record not in by_order or home.record in seen or home.document is None:
            continue
        seen.add(home.record)
        for one in children(home.document, "order_shipments"):
            mark = f"{home.record} {folded_number(one.get('tracking_number'))}"
            held, added = read(DATE, one), _day_added(one)
            if mark not in sent or not isinstance(held, dt.date) or added is None:
                continue
            is_ours, is_theirs = DATE.kind.show(held) == sent[mark], abs((held - added).days) <= 1
            if is_ours != is_theirs:
                return is_ours
    return None
