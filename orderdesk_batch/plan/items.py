"""This file holds the planning of items: those of an orders sheet's `item.*` columns, and those of an items sheet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ..fields import ITEMS, Document
from ..kinds import CLEAR, TEXT, Value
from .change import Change, ItemChange, Step
from .children import Home, Inside, child_key
from .compare import children, differences, new_fields
from .findings import Findings
from .hand import Hand
from .keys import OrderKeys

if TYPE_CHECKING:
    from ..checks import Checked, Row

SKIPPED = "skipped, as the sheet says"
FEW: Final = 5  # items of an order that are looked at each time
VARIATION = "variation_list."
_OWN = ("code", "item_id", "name")  # what names an item for people


class There:
    """The items that an order has, found without a look at each: an order may have thousands, and as many rows."""

    __slots__ = ("_found", "_ids", "items")

    def __init__(self, order: Mapping[str, Any] | None) -> None:
        self.items = children(order, "order_items") if order else []
        self._ids: list[str] | None = None
        self._found: dict[str, dict[Any, list[Document]]] | None = None  # id, code or name → its value → items

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        if self._ids is None:
            self._ids = [str(item.get("id")) for item in self.items]
        return self._ids

    def fitting(self, by: str, wanted: str) -> list[Document]:
        """The items whose id, code or name is that."""
        if len(self.items) < FEW:
            return [item for item in self.items if item.get(by) == wanted or _named(item, by) == wanted]
        if self._found is None:
            self._found = {}
        if by not in self._found:
            found = self._found[by] = defaultdict(list)
            for item in self.items:
                found[_named(item, by)].append(item)
        return self._found[by].get(wanted, [])


def _named(item: Document, by: str) -> Value:
    return str(item.get("id")) if by == "id" else TEXT.read(item.get(by))


def match_item(values: Row | Mapping[str, Value], there: There, *, narrow: bool = False) -> tuple[Document | None, str]:
    """The item of an order that a row means, and what is unclear about it.

    By id, else by code, the variation only where the code fits several items, or stands in several rows of
    the order (`narrow`). A row without either means the item of its name: else a repeat would add it twice.
    """
    if record := values.get("item_id"):
        return next(iter(there.fitting("id", str(record))), None), ""
    by, wanted = "code", values.get("code")
    if not isinstance(wanted, str):
        by, wanted = "name", values.get("name")
    if not isinstance(wanted, str):
        return None, ""
    found = there.fitting(by, wanted)
    if len(found) > 1 or narrow:
        held = values if isinstance(values, Mapping) else values.values
        if variation := {name: value for name, value in held.items() if name.startswith(VARIATION)}:
            found = [item for item in found if not differences(ITEMS, tuple(variation), variation.values(), item)]
    if len(found) > 1:
        return None, f"fits {len(found)} items of the order: {', '.join(str(item.get('id')) for item in found)}"
    return (found[0] if found else None), ""


# -- in an orders sheet -----------------------------------------------------------------------------------


def items_of(rows: Sequence[Row], document: Document | None, says: Findings) -> list[ItemChange]:
    """What happens to the items of one order: a change for each `item.*` row that differs from what it has."""
    if not says.has_items:
        return []
    there = There(document)
    held = [(row, {name[5:]: value for name, value in row.values.items() if name.startswith("item.")}) for row in rows]
    codes = Counter(values["code"] for _, values in held if isinstance(values.get("code"), str))
    seen: dict[str, int] = {}
    changes: list[ItemChange] = []
    for row, values in held:
        bad = {name[5:]: refused for name, refused in row.bad.items() if name.startswith("item.")}
        if not values and not bad:
            continue
        item, trouble = match_item(values, there, narrow=codes[values.get("code")] > 1)
        fine = says.settle(ITEMS, [], bad, item)
        if trouble:
            says.say(row.number, trouble, "Give the item's id in item.item_id, or its variation.", about="item.code", code="several")
            continue
        if item is not None:
            earlier = seen.setdefault(str(item.get("id")), row.number)
            if earlier != row.number:
                says.same_item(earlier, row.number, "item.code")
                continue
        if fine and (change := _in_order(row, values, item, document, says)):
            changes.append(change)
    return changes


def _in_order(
    row: Row, values: dict[str, Value], item: Document | None, document: Document | None, says: Findings
) -> ItemChange | None:
    action = str(values.pop("action", "update"))
    if action == "skip" or (not values and action != "delete"):
        return None
    code = str(values.get("code") or (item or {}).get("code") or values.get("name") or "")
    if action == "delete":
        if not any(values.get(name) for name in _OWN):
            says.say(row.number, "does not say which item to delete", "Fill in item.code or item.item_id.", about="item.action", code="no-key")
        return None if item is None else ItemChange("delete", str(item["id"]), code, [row.number], {}, item)
    if action == "create" and item is not None:
        says.say(row.number, f"is on the order already (item {item.get('id')})", "Write update in item.action, or give another code.",
                 about="item.code", code="exists")  # fmt: skip
        return None
    if item is None and values.get("item_id"):
        says.say(row.number, "is no item of the order" if document else "is a new order's item, whose id is given by Order Desk",
                 "Check the id, or leave it out to add the item.", about="item.item_id", code="not-found")  # fmt: skip
        return None
    if item is None and not values.get("name"):
        if not isinstance(values.get("code"), str):
            says.say(row.number, "does not say which item it is about", "Fill in item.code, or item.name for a new one.", code="no-key")
            return None
        values["name"] = values["code"]  # the API asks for a name; the code is the only one there is
    # What found the item is not set: its code, or, where there is none, its name.
    leave = ("item_id",) if values.get("item_id") or item is None else ("code",) if values.get("code") else ("name",)
    if item is None:
        return ItemChange("create", "", code, [row.number], new_fields(ITEMS, tuple(values), values.values(), leave=leave))
    fields = differences(ITEMS, tuple(values), values.values(), item, leave=leave)
    return ItemChange("update", str(item["id"]), code, [row.number], fields, item) if fields else None


# -- in an items sheet ------------------------------------------------------------------------------------


def plan_items(rows: Iterable[Row], homes: Iterable[Home | None], keys: OrderKeys, says: Findings, hand: Hand) -> Iterator[Change]:
    """The changes that the rows of an items sheet ask for.

    Args:
        homes: the order of each row.
    """
    twins = _may_have_twins(says.checked, keys)
    seen: dict[Any, Change] = {}
    inside = Inside(There)
    codes: Counter[Any] = Counter()  # how many rows of an order have a code, where something else tells them apart
    if any(name.startswith(VARIATION) for name in says.checked.columns):
        homes = list(homes)
        codes.update((home.unit, code) for row, home in zip(rows, homes, strict=True) if home and isinstance(code := row.get("code"), str))
    for row, home in zip(rows, homes, strict=True):
        if row.action == "skip":
            yield Change(0, "items", "skip", [row.number], child_key(row, home, keys, _OWN), note=row.skipped or SKIPPED)
            continue
        if home is None:
            continue
        blank = Change(0, "items", "none", [row.number], child_key(row, home, keys, _OWN), order_id=home.record, about=home.about)
        change = _plan_item(row, home, blank, inside(home), says, hand, narrow=bool(codes) and codes[home.unit, row.get("code")] > 1)
        if change is None:
            continue
        # A store could number the items of each order for itself.
        if twins and change.id and (twin := seen.setdefault((change.order_id, change.id), change)) is not change:
            says.same_item(twin.rows[0], row.number, "code")
        yield change


def _may_have_twins(checked: Checked, keys: OrderKeys) -> bool:
    """Whether two rows may mean one item unseen by the checks: not where each names it by its code alone."""
    if checked.bads or not keys.exact or any(name == "item_id" or name.startswith(VARIATION) for name in checked.columns):
        return True
    return not all(isinstance(code, str) for code in checked.columns.get("code", (None,)))


def _plan_item(row: Row, home: Home, change: Change, there: There, says: Findings, hand: Hand, *, narrow: bool) -> Change | None:
    item, trouble = match_item(row, there, narrow=narrow)
    if item is not None:
        change.id, change.kept = str(item.get("id")), hand.kept(item)
    fine = says.leave([row]) if row.action == "delete" else says.settle(ITEMS, [row.number], row.bad, item)
    if trouble:
        says.say(row.number, trouble, "Give the item's id in item_id, or its variation.", about="code", code="several")
        return None
    if not fine:
        return None
    if row.action == "delete":
        if item is None:
            change.note = "is gone already"
        else:
            change.action, change.steps = "delete", [Step("delete")]
        return change
    if item is None:
        return _new_item(row, home, change, there, says)
    if row.action == "create":
        says.say(row.number, f"is on the order already (item {item.get('id')})",
                 "Write update or upsert in the action column, or take the row out.", about=_about(row), code="exists")  # fmt: skip
        return None
    says.read_only(row, item)
    change.fields = differences(ITEMS, row.names, row.cells, item, leave=() if row.get("item_id") else ("code",))
    if change.fields:
        change.action, change.steps = "update", [Step("put")]
    return change


def _new_item(row: Row, home: Home, change: Change, there: There, says: Findings) -> Change | None:
    if row.get("item_id"):
        says.say(row.number, "is no item of the order", "Check the id, or leave it out to add the item.", about="item_id", code="not-found")
        return None
    if row.action == "update":
        says.say(row.number, "is no item of the order", _items_there(there), about=_about(row), code="not-found")
        return None
    if row.get("name") in (None, CLEAR):
        if row.action != "create":  # else the checks have said so
            says.say(row.number, "a new item needs a name", "Fill in the name.", about="name", code="required")
        return None
    change.action, change.fields = "create", new_fields(ITEMS, row.names, row.cells)
    if home.creates is None:
        change.steps = [Step("post", learnt={"had": there.ids})]
    else:  # a new order goes up with its items, in one call
        change.steps = [Step("with-order")]
        change.note = "with its new order, in one call"
        code = str(row.get("code") or row.values["name"])
        home.creates.items = [*home.creates.items, ItemChange("create", "", code, [row.number], change.fields)]
    return change


def one_put_an_order(changes: Sequence[Change]) -> None:
    """Where several items of an order are added or changed, its own PUT takes one call instead of many."""
    putting = [change for change in changes if change.order_id and change.action in ("create", "update") and change.steps]
    ids = [change.order_id for change in putting]
    if len(set(ids)) == len(ids):
        return
    ids.sort()  # a count of each, of very many, would take ten times the room
    further = Counter(one for one, after in pairwise(ids) if one == after)
    for change in putting:
        if change.order_id in further:
            change.steps = [Step("order-put", learnt=dict(change.steps[0].answer))]
            said = f"with the order's own PUT: {1 + further[change.order_id]} items, one call"
            change.note = f"{change.note}; {said}" if change.note else said


def _about(row: Row) -> str:
    return next((name for name in ("item_id", "code", "name") if row.get(name)), "code")


def _items_there(there: There) -> str:
    codes = [str(item.get("code") or item.get("id")) for item in there.items[:9]]
    if not codes:
        return "The order has no items; write create in the action column to add it."
    return f"The order has {', '.join(codes[:8])}{' …' if len(codes) > 8 else ''}. Write create in the action column to add it."
