"""This file holds the planning of what lives in an order: items and shipments."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..fields import ITEMS, SHIPMENTS, Document, Resource, read
from ..kinds import CLEAR, TEXT, Value
from ..lookup import OrderKey, other_spelling
from .change import Change, Step
from .compare import Findings, children, differences, order_about, same
from .orders import SKIPPED, match_item, several

if TYPE_CHECKING:
    from ..checks import Row


@dataclass(slots=True)
class Home:
    """The order that a row's item or shipment lives in: in the store, or created by the same plan."""

    document: Document | None = None
    creates: Change | None = None  # the change that makes the order
    gone: bool = False  # the same plan deletes the order

    @property
    def record(self) -> str:
        """The order's id; "" while it is not created."""
        return str(self.document["id"]) if self.document else ""

    @property
    def about(self) -> dict[str, str]:
        """What tells a person which order it is."""
        if self.document:
            return order_about(self.document)
        return self.creates.about if self.creates else {}


def keys_of(values: Mapping[str, Value]) -> list[OrderKey]:
    """The ways to find the order that a row belongs to; where it gives the id, the others are compared with that order."""
    text = {name: value for name, value in values.items() if isinstance(value, str)}
    keys = []
    if record := text.get("order.id"):
        return [OrderKey("id", record)]
    if number := text.get("order.source_id"):
        keys.append(OrderKey("source_id", number, text.get("order.source_name", "")))
    if number := text.get("order"):
        keys.append(OrderKey("order", number, text.get("order.source_name", "")))
    return keys


def home_of(
    row: Row,
    found: Mapping[OrderKey, list[Document]],
    made: Mapping[str, list[Change]],
    says: Findings,
) -> Home | None:
    """The order of a row; None if it is not known which (says has the reason)."""
    keys = keys_of(row.values)
    if not keys:
        return None  # the checks have said so
    homes: list[Document] = []
    for key in keys:
        fits = found.get(key, [])
        about = {"id": "order.id", "source_id": "order.source_id", "order": "order"}[key.by]
        if len(fits) > 1:
            says.say(row.number, f"fits {len(fits)} orders: {several(fits)}", _which_one(fits), about=about, code="several")
            return None
        if not fits:
            creates = made.get(key.value, [])
            if len(creates) == 1 and key.by != "id":
                return Home(creates=creates[0])
            if key.value in made and not creates:
                says.say(row.number, "belongs to an order that is refused", "Mend the order's own rows first.", about=about,
                         code="parent-refused")  # fmt: skip
                return None
            says.say(row.number, "is no order of the store", _hint_for(key, found), about=about, code="not-found")
            return None
        homes.append(fits[0])
    if len({str(doc["id"]) for doc in homes}) > 1:
        says.say(row.number, f"the row names two different orders: {several(homes)}", "Leave the wrong one out.", code="disagree")
        return None
    if keys[0].by == "id" and (name := _other_order(row.values, homes[0])):
        says.say(row.number, f"names another order than order.id does, which is {several(homes)}", "Leave the wrong one out.",
                 about=name, code="disagree")  # fmt: skip
        return None
    return Home(homes[0])


def _other_order(values: Mapping[str, Value], order: Document) -> str:
    """The column of a row that says another order than this one, which its id says; "" if all agree."""
    number, source = (str(TEXT.read(order.get(name)) or "") for name in ("source_id", "source_name"))
    asked = values.get("order.source_id")
    if isinstance(asked, str) and asked != number:
        return "order.source_id"
    asked = values.get("order.source_name")
    if isinstance(asked, str) and asked.casefold() != source.casefold():
        return "order.source_name"
    asked = values.get("order")
    if isinstance(asked, str) and asked not in (number, other_spelling(number), str(order.get("id"))):
        return "order"
    return ""


def _which_one(fits: Sequence[Document]) -> str:
    sources = {str(doc.get("source_name") or "") for doc in fits}
    if len(sources) == len(fits):
        return f"Add a column order.source_name ({' or '.join(sorted(sources))}), or order.id with Order Desk's own number."
    return "Add a column order.id with Order Desk's own number of the order."


def _hint_for(key: OrderKey, found: Mapping[OrderKey, list[Document]]) -> str:
    if key.by == "id":
        return "Check Order Desk's own number of the order."
    return "Check the number; leading zeros and the cart's prefix count."


def plan_items(rows: Sequence[Row], homes: Mapping[int, Home], says: Findings) -> list[Change]:
    """The changes that the rows of an items sheet ask for."""
    changes = []
    for row in rows:
        home = homes.get(row.number)
        if row.action == "skip":
            changes.append(Change(0, "items", "skip", [row.number], _key("item", row, home), note=row.skipped or SKIPPED))
        elif home is not None:
            changes += _plan_item(row, home, says)
    _one_put_an_order(changes)
    return changes


def _plan_item(row: Row, home: Home, says: Findings) -> list[Change]:
    there = children(home.document, "order_items") if home.document else []
    item, trouble = match_item(row.values, there)
    if trouble:
        says.say(row.number, trouble, "Give the item's id in item_id, or its variation.", about="code", code="several")
        return []
    action = row.action
    if action == "upsert":
        action = "update" if item else "create"
    blank = Change(0, "items", "none", [row.number], _key("item", row, home), order_id=home.record, about=home.about)
    if action == "delete":
        says.leave([row.number])
        if item is None:
            blank.note = "is gone already"
            return [blank]
        blank.action, blank.id, blank.before, blank.steps = "delete", str(item["id"]), item, [Step("delete")]
        return [blank]
    if action == "update" and item is None:
        says.say(row.number, "is no item of the order", _items_there(there),
                 about="item_id" if row.values.get("item_id") else "code", code="not-found")  # fmt: skip
        return []
    if action == "create" and item is not None:
        says.say(row.number, f"is on the order already (item {item['id']})",
                 "Write update or upsert in the action column, or take the row out.", about="code", code="exists")  # fmt: skip
        return []
    if not says.settle(ITEMS, [row.number], row.bad, item):
        return []
    leave = ("item_id",) if item is None or row.values.get("item_id") else ("item_id", "code")
    fields = differences(ITEMS, row.values, item, leave=leave)
    blank.fields = fields
    if item is None:
        if not row.values.get("name") or row.values["name"] is CLEAR:
            says.say(row.number, "a new item needs a name", "Fill in the name.", about="name", code="required")
            return []
        blank.action, blank.steps = "create", [Step("post", answer={"had": [str(one.get("id")) for one in there]})]
        if home.creates is not None:
            blank.after = [home.creates.number]
        return [blank]
    blank.id, blank.before = str(item["id"]), item
    if fields:
        blank.action, blank.steps = "update", [Step("put")]
    return [blank]


def _one_put_an_order(changes: list[Change]) -> None:
    """Where several items of an order are added or changed, its own PUT takes one call instead of many."""
    by_order: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.order_id and change.action in ("create", "update") and change.steps:
            by_order[change.order_id].append(change)
    for together in by_order.values():
        if len(together) > 1:
            for change in together:
                change.steps = [Step("order-put")]
                change.note = f"with the order's own PUT: {len(together)} items, one call"


def _items_there(there: Sequence[Document]) -> str:
    codes = [str(item.get("code") or item.get("id")) for item in there]
    if not codes:
        return "The order has no items; write create in the action column to add it."
    return f"The order has {', '.join(codes[:8])}{' …' if len(codes) > 8 else ''}. Write create in the action column to add it."


# -- shipments --------------------------------------------------------------------------------------


def folded_number(number: Any) -> str:
    """A tracking number as it is compared: without spaces, in one case."""
    return "".join(str(number or "").split()).casefold()


def matching(values: Mapping[str, Value], there: Sequence[Document], kept: bool | None = None) -> list[Document]:
    """The shipments of an order that a row means: by id, else by number; `n/a` by method and date."""
    if record := values.get("shipment_id"):
        return [one for one in there if str(one.get("id")) == str(record)]
    number = folded_number(values.get("tracking_number"))
    fits = [one for one in there if folded_number(one.get("tracking_number")) == number]
    if number == "n/a":
        fits = [one for one in fits if _alike(values, one, kept)]
    return fits


def _alike(values: Mapping[str, Value], one: Document, kept: bool | None) -> bool:
    """Whether a parcel without a number is the one that a row means, by method and date.

    The server may set the date itself, to the day the shipment was added [open]: unless it is known that it
    keeps dates as sent, such a date fits any.
    """
    method, date = SHIPMENTS.field("shipment_method"), SHIPMENTS.field("date_shipped")
    if method.name in values and not same(method.kind, values[method.name], read(method, one)):
        return False
    if date.name not in values or kept is False:
        return True
    held = read(date, one)
    return same(date.kind, values[date.name], held) or (kept is not True and held == _day_added(one))


def _day_added(one: Document) -> Any:
    added = read(SHIPMENTS.field("date_added"), one)
    return added.date() if isinstance(added, dt.datetime) else None


def dates_kept(rows: Sequence[Row], homes: Mapping[int, Home]) -> bool | None:
    """What rows that are on their orders already teach: whether the server keeps `date_shipped` as sent [open]."""
    date = SHIPMENTS.field("date_shipped")
    for row in rows:
        home = homes.get(row.number)
        given = row.values.get("date_shipped")
        if home is None or home.document is None or given is None or given is CLEAR:
            continue
        number = folded_number(row.values.get("tracking_number"))
        for one in children(home.document, "order_shipments"):
            if number and number != "n/a" and folded_number(one.get("tracking_number")) == number:
                held, day = read(date, one), _day_added(one)
                if held != day:
                    return True
                if held is not None and not same(date.kind, held, given):
                    return False
    return None


def plan_shipments(
    rows: Sequence[Row], homes: Mapping[int, Home], says: Findings, kept: bool | None = None
) -> list[Change]:
    """The changes that the rows of a shipments sheet ask for.

    Args:
        kept: whether the server keeps `date_shipped` as sent [open]; None: not known.
    """
    changes: list[Change] = []
    planned: dict[tuple[str, str], Change] = {}
    used: Counter[tuple[str, str]] = Counter()
    for row in rows:
        home = homes.get(row.number)
        if row.action == "skip":
            note = row.skipped or SKIPPED
            changes.append(Change(0, "shipments", "skip", [row.number], _key("shipment", row, home), note=note))
            continue
        if home is None:
            continue
        change = _plan_shipment(row, home, says, used, kept)
        if change is None:
            continue
        number = folded_number(row.values.get("tracking_number"))
        where = (home.record or f"new {home.creates.number if home.creates else ''}", number)
        twin = planned.get(where)
        if twin is not None and number and number != "n/a" and change.steps and twin.steps:
            if twin.fields == change.fields and twin.action == change.action:
                says.say(row.number, f"is the same parcel as row {twin.rows[0]}", "It is sent once.",
                         about="tracking_number", code="duplicate", warning=True)  # fmt: skip
                change.action, change.steps, change.note = "skip", [], f"the same as row {twin.rows[0]}"
            else:
                for one in (twin.rows[0], row.number):
                    other = row.number if one == twin.rows[0] else twin.rows[0]
                    says.say(one, f"is in row {other} too, for the same order, with other values",
                             "Keep one of the two rows.", about="tracking_number", code="duplicate")  # fmt: skip
                continue
        planned.setdefault(where, change)
        changes.append(change)
    bad = says.bad_rows
    return [change for change in changes if not bad.intersection(change.rows)]


def _plan_shipment(
    row: Row, home: Home, says: Findings, used: Counter[tuple[str, str]], kept: bool | None
) -> Change | None:
    there = children(home.document, "order_shipments") if home.document else []
    fits = matching(row.values, there, kept)
    action = row.action
    number = folded_number(row.values.get("tracking_number"))
    if number == "n/a" and action in ("create", "upsert"):
        # Two parcels without a number are two: the n-th such row means the n-th such shipment.
        where = (home.record, repr([row.values.get(name) for name in ("shipment_method", "date_shipped")]))
        fits = fits[used[where] : used[where] + 1]
        used[where] += 1
    if len(fits) > 1:
        says.say(row.number, f"fits {len(fits)} shipments of the order: {', '.join(str(one.get('id')) for one in fits)}",
                 "Give the shipment's id in shipment_id.", about="tracking_number", code="several")  # fmt: skip
        return None
    one = fits[0] if fits else None
    change = Change(0, "shipments", "none", [row.number], _key("shipment", row, home), order_id=home.record, about=home.about)
    if one is not None:
        change.id, change.before = str(one.get("id") or ""), one
    if action == "delete":
        says.leave([row.number])
        if one is None:
            change.note = "is gone already"
        else:
            change.action, change.steps = "delete", [Step("delete")]
        return change
    if not says.settle(SHIPMENTS, [row.number], row.bad, one):
        return None
    if action == "upsert":
        action = "update" if one else "create"
    elif action == "create" and one is not None:
        changed = _changed(row, one)
        change.note = "is on the order already"
        if changed:
            says.say(row.number, f"is on the order already, with another {', '.join(changed)}", "Use --action upsert to change it.",
                     about="tracking_number", code="differs", warning=True)  # fmt: skip
        return change
    if action == "update" and one is None:
        says.say(row.number, "is no shipment of the order", "Check it, or write create in the action column.",
                 about="shipment_id" if row.values.get("shipment_id") else "tracking_number", code="not-found")  # fmt: skip
        return None
    if one is None:
        number_given = row.values.get("tracking_number")
        if not number_given or number_given is CLEAR:
            says.say(row.number, "has no tracking number", "Fill it in, or write n/a where there is none.",
                     about="tracking_number", code="required")  # fmt: skip
            return None
        change.action, change.steps = "create", [Step("batch")]
        if number == "n/a":
            change.steps[0].answer["had"] = [str(one.get("id")) for one in there]
        change.fields = differences(SHIPMENTS, row.values, None)
        change.fields["tracking_number"] = [None, number_given]
        if home.creates is not None:
            change.after = [home.creates.number]
        return change
    leave = set() if row.values.get("shipment_id") else {"tracking_number"}
    if kept is False:
        leave.add("date_shipped")  # the server would not take it
    change.fields = differences(SHIPMENTS, row.values, one, leave=leave)
    if change.fields:
        change.action, change.steps = "update", [Step("put")]
    return change


def _changed(row: Row, one: Document) -> list[str]:
    # `date_shipped` may be set by the server [open]: it is compared only by update and upsert.
    return [name for name in differences(SHIPMENTS, row.values, one, leave=("tracking_number", "date_shipped"))]


def _key(what: str, row: Row, home: Home | None) -> str:
    own = ("tracking_number", "shipment_id") if what == "shipment" else ("code", "item_id", "name")
    said = next((str(row.values[name]) for name in own if row.values.get(name)), "")
    number = home.about.get("number") if home else ""
    number = number or next((key.value for key in keys_of(row.values)), "")
    return f"order {number}, {said}".rstrip(", ")


def of_children(name: str) -> Resource:
    """The resource of that name, items or shipments."""
    return {"items": ITEMS, "shipments": SHIPMENTS}[name]


def spellings(number: str) -> tuple[str, str]:
    """An order number with and without `#`."""
    return number, other_spelling(number)
