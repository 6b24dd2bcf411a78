"""This file holds the planning of orders: groups of rows, their fields, items, notes, folder, history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..fields import ITEMS, ORDERS, Document
from ..kinds import CLEAR, CellRefused, Value
from ..lookup import OrderKey
from .change import Change, ItemChange, Step
from .compare import NOTES_LIMIT, Findings, World, children, differences, notes_length, order_about

if TYPE_CHECKING:
    from ..checks import Row

SKIPPED = "skipped, as the sheet says"
CREATES_WITHOUT_KEY = "a new order without a number can't be told from one that was made before"


@dataclass
class Group:
    """The rows of a sheet that are one order."""

    key: OrderKey | None  # None: a new order without a number
    rows: list[Row] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """The rows as Excel shows them."""
        return [row.number for row in self.rows]


def key_of(values: Mapping[str, Value]) -> OrderKey | None:
    """Which order a row of an orders sheet is about: the first key that it has."""
    text = {name: value for name, value in values.items() if isinstance(value, str)}
    if record := text.get("id"):
        return OrderKey("id", record)
    if number := text.get("source_id"):
        return OrderKey("source_id", number, text.get("source_name", ""))
    if number := text.get("order"):
        return OrderKey("order", number)
    return None


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """The rows put together by order, in the order of their first row."""
    groups: dict[Any, Group] = {}
    for row in rows:
        key = key_of(row.values)
        groups.setdefault(key or row.number, Group(key)).rows.append(row)
    return list(groups.values())


def keys_of(group: Group) -> list[OrderKey]:
    """What has to be looked up for a group: the key; for a creation, the number with any source name."""
    if group.key is None:
        return []
    if group.rows[0].action in ("create", "upsert") and group.key.source_name:
        return [group.key, OrderKey("source_id", group.key.value)]
    return [group.key]


def merged(group: Group) -> tuple[dict[str, Value], dict[str, Any]]:
    """The order's own values and refused cells, from whichever of its rows has them."""
    values: dict[str, Value] = {}
    bad: dict[str, Any] = {}
    for row in group.rows:
        for name, value in row.values.items():
            if not name.startswith("item."):
                values.setdefault(name, value)
        for name, refused in row.bad.items():
            if not name.startswith("item."):
                bad.setdefault(f"{name}", refused)
    return values, bad


def fingerprint(store_id: str, record: str, row: Row, names: Sequence[str]) -> str:
    """What tells that these cells of this row were uploaded before, to this record of this store."""
    held = {name: repr(value) for name, value in sorted(row.values.items())}
    return hashlib.sha256(repr((store_id, record, sorted(names), held)).encode()).hexdigest()[:24]


def return_name(values: dict[str, Value]) -> None:
    """Join the two names that the seed's form asks for into the one that the API holds."""
    first = values.pop("return_address.first_name", None)
    last = values.pop("return_address.last_name", None)
    given = [part for part in (first, last) if isinstance(part, str)]
    if given and "return_address.name" not in values:
        values["return_address.name"] = " ".join(given)


def plan_group(group: Group, found: Mapping[OrderKey, list[Document]], says: Findings, world: World) -> Change | None:
    """The change that a group of rows asks for; None if it can't be planned (says has the reason)."""
    row = group.rows[0].number
    action = group.rows[0].action
    fits = found.get(group.key, []) if group.key else []
    if len(fits) > 1:
        says.say(row, f"fits {len(fits)} orders: {several(fits)}", _which_one(fits), about=_key_field(group), code="several")
        return None
    document = fits[0] if fits else None
    if action == "upsert":
        action = "update" if document else "create"
    if action == "skip":
        note = group.rows[0].skipped or SKIPPED
        return Change(0, "orders", "skip", group.numbers, key_text(group, document), note=note)
    if action == "create":
        return _create(group, document, found, says, world)
    if document is None:
        if action == "delete":
            says.leave(group.numbers)
            return Change(0, "orders", "none", group.numbers, key_text(group, None), note="is gone already")
        says.say(row, "is no order of the store", _near(group, found), about=_key_field(group), code="not-found")
        return None
    record = str(document["id"])
    about = order_about(document)
    if action == "delete":
        says.leave(group.numbers)
        return Change(
            0, "orders", "delete", group.numbers, key_text(group, document), record, before=document, about=about,
            steps=[Step("delete")],
        )  # fmt: skip
    return _update(group, document, says, world)


def _update(group: Group, document: Document, says: Findings, world: World) -> Change | None:
    values, bad = merged(group)
    return_name(values)
    row = group.rows[0].number
    said_before = len(says.problems)
    says.settle(ORDERS, group.numbers, bad, document)
    leave = _own_key_fields(group)
    _read_only_differ(group, document, says)
    folder = _folder(values, row, says, world)
    fields = differences(ORDERS, values, document, leave=leave)
    items = _items(group, document, says)
    fields.update(_note_and_history(group, values, document, says, world))
    if any(problem.level == "error" for problem in says.problems[said_before:]):
        return None
    note = fields.get("order_note")
    if note or any(name.startswith("order_notes.") for name in fields):
        length = _notes_after(document, fields)
        if length > NOTES_LIMIT:
            about = "order_note" if note else next(name for name in fields if name.startswith("order_notes."))
            says.say(row, f"would make the order's notes {length:,} characters long; {NOTES_LIMIT:,} fit",
                     "Shorten it, or clear an older note.", about=about, code="notes-too-long")  # fmt: skip
            return None
    record = str(document["id"])
    change = Change(0, "orders", "update", group.numbers, key_text(group, document), record, fields=fields, items=items,
                    before=document, about=order_about(document))  # fmt: skip
    in_put = [name for name in fields if name not in ("folder", "order_history")]
    changed_items = [item for item in items if item.action != "delete"]
    if in_put or changed_items:
        change.steps.append(Step("put"))
    change.steps += [Step("item-delete", answer={"item": item.id}) for item in items if item.action == "delete"]
    if folder and "folder" in fields:
        change.steps.append(Step("move"))
    if "order_history" in fields:
        change.steps.append(Step("history"))
    if not change.steps:
        change.action = "none"
    return change


def _create(
    group: Group, document: Document | None, found: Mapping[OrderKey, list[Document]], says: Findings, world: World
) -> Change | None:
    row = group.rows[0].number
    twins = [document] if document else []
    if not twins and group.key and group.key.by == "source_id":
        twins = found.get(OrderKey("source_id", group.key.value), [])
    if twins:
        says.say(row, f"is there already: {several(twins)}", "Write update or upsert in the action column, or take the row out.",
                 about=_key_field(group), code="exists")  # fmt: skip
        return None
    values, bad = merged(group)
    return_name(values)
    said_before = len(says.problems)
    says.settle(ORDERS, group.numbers, bad, None)
    if group.key and group.key.by == "id":
        says.say(row, "is no order of the store, and a new order's id is given by Order Desk", "Leave the id out to create it.",
                 about="id", code="not-found")  # fmt: skip
    if group.key and group.key.by == "order":
        values.setdefault("source_id", group.key.value)
    if not any(values.get(name) not in (None, CLEAR) for name in ORDERS.required_any[0]):
        says.say(row, "a new order needs a first name, last name or company, of the customer or for shipping",
                 "Fill one of them in.", code="required")  # fmt: skip
    _folder(values, row, says, world)
    items = _items(group, None, says)
    if not items:
        says.say(row, "a new order needs at least one item", "Fill in item.name, or item.code, on one of its rows.", code="required")
    fields = differences(ORDERS, values, None)
    fields.update(_note_and_history(group, values, None, says, world))
    if _notes_after({}, fields) > NOTES_LIMIT:
        says.say(row, f"the order's notes are longer than {NOTES_LIMIT:,} characters", "Shorten them.", code="notes-too-long")
    if group.key is None:
        mark = fingerprint("", "", group.rows[0], ["create"])
        if mark in world.uploaded and not world.again:
            says.say(row, f"was uploaded before ({world.uploaded[mark]}), and {CREATES_WITHOUT_KEY}",
                     "Give it a source_id, or use --again.", code="again")  # fmt: skip
    if any(problem.level == "error" for problem in says.problems[said_before:]):
        return None
    about = {"number": str(values.get("source_id") or ""), "source": str(values.get("source_name") or ""),
             "name": _name(values), "city": str(values.get("shipping.city") or values.get("customer.city") or "")}  # fmt: skip
    change = Change(0, "orders", "create", group.numbers, key_text(group, None), fields=fields, items=items, about=about,
                    steps=[Step("post")])  # fmt: skip
    if "order_history" in fields:
        change.steps.append(Step("history"))
    return change


# -- parts of an order ------------------------------------------------------------------------------


def _items(group: Group, document: Document | None, says: Findings) -> list[ItemChange]:
    """What happens to the items: one change an `item.*` row that differs from what the order has."""
    there = children(document, "order_items") if document else []
    changes: list[ItemChange] = []
    for row in group.rows:
        values = {name[5:]: value for name, value in row.values.items() if name.startswith("item.")}
        bad = {name[5:]: refused for name, refused in row.bad.items() if name.startswith("item.")}
        if not values and not bad:
            continue
        action = str(values.pop("action", "update"))
        if action == "skip":
            continue
        item, trouble = match_item(values, there)
        if trouble:
            says.say(row.number, trouble, "Give the item's id in item.item_id.", about="item.code", code="several")
            continue
        says.settle(ITEMS, [], bad, item)
        record = str(item["id"]) if item else ""
        code = str(values.get("code") or (item or {}).get("code") or values.get("name") or "")
        if action == "delete":
            if item is not None:
                changes.append(ItemChange("delete", record, code, [row.number], {}, item))
            continue
        if action == "create" and item is not None:
            if not differences(ITEMS, values, item) and document is not None:
                says.say(row.number, "is on the order already", "Write update in item.action.", about="item.code", code="exists")
                continue
            says.say(row.number, "is on the order already", "Write update in item.action, or give another code.",
                     about="item.code", code="exists")  # fmt: skip
            continue
        if item is None and values.get("item_id"):
            says.say(row.number, "is no item of the order", "Check the id, or leave it out to add the item.",
                     about="item.item_id", code="not-found")  # fmt: skip
            continue
        if item is None and not values.get("name"):
            if not values.get("code"):
                says.say(row.number, "a new item needs a name", "Fill in item.name.", code="required")
                continue
            values["name"] = values["code"]  # the API asks for a name; the code is the only one there is
        fields = differences(ITEMS, values, item, leave=("item_id",))
        if item is None:
            changes.append(ItemChange("create", "", code, [row.number], fields))
        elif fields:
            changes.append(ItemChange("update", record, code, [row.number], fields, item))
    return changes


def match_item(values: Mapping[str, Value], there: Sequence[Document]) -> tuple[Document | None, str]:
    """The item of an order that a row means: by id, else by code, the variation only where the code fits several."""
    if record := values.get("item_id"):
        return next((item for item in there if str(item.get("id")) == str(record)), None), ""
    code = values.get("code")
    if not isinstance(code, str):
        return None, ""
    fits = [item for item in there if str(item.get("code") or "").strip() == code]
    if len(fits) > 1:
        variation = {name: value for name, value in values.items() if name.startswith("variation_list.")}
        if variation:
            fits = [item for item in fits if not differences(ITEMS, variation, item)]
    if len(fits) > 1:
        return None, f"fits {len(fits)} items of the order: {', '.join(str(item.get('id')) for item in fits)}"
    return (fits[0] if fits else None), ""


def _folder(values: dict[str, Value], row: int, says: Findings, world: World) -> str:
    """Turn the folder's name into its id, in place."""
    folder = values.get("folder")
    if not isinstance(folder, str):
        if folder is CLEAR:
            says.say(row, "can't be cleared: an order is always in a folder", "Name the folder.", about="folder", code="clear")
        return ""
    try:
        values["folder"] = world.folder_id(folder)
    except CellRefused as refused:
        says.say(row, refused.reason, refused.hint, about="folder", code=refused.code)
        return ""
    return str(values["folder"])


def _note_and_history(
    group: Group, values: Mapping[str, Value], document: Document | None, says: Findings, world: World
) -> dict[str, list[Value]]:
    """The fields that append: they can't be repeated harmlessly."""
    fields: dict[str, list[Value]] = {}
    for name in ("order_note", "order_history"):
        texts = [row.values[name] for row in group.rows if isinstance(row.values.get(name), str)]
        if not texts:
            continue
        text = "\n".join(dict.fromkeys(texts))
        if document is not None:
            for row in group.rows:
                if name not in row.values:
                    continue
                mark = fingerprint("", str(document["id"]), row, [name])
                if mark in world.uploaded and not world.again:
                    says.say(row.number, f"was uploaded before ({world.uploaded[mark]}), and would be there twice",
                             "Use --again if that is wanted.", about=name, code="again")  # fmt: skip
        fields[name] = [None, text]
    return fields


def once_marks(change: Change, rows: Mapping[int, Row]) -> list[str]:
    """The fingerprints of a change's rows that can't be repeated harmlessly."""
    marks = []
    for number in change.rows:
        row = rows[number]
        for name in ("order_note", "order_history"):
            if name in row.values and change.action == "update":
                marks.append(fingerprint("", change.id, row, [name]))
    if change.action == "create" and key_of(rows[change.rows[0]].values) is None:
        marks.append(fingerprint("", "", rows[change.rows[0]], ["create"]))
    return marks


def _notes_after(document: Mapping[str, Any], fields: Mapping[str, list[Value]]) -> int:
    import copy

    from ..fields import write

    after: Document = {"order_notes": copy.deepcopy(document.get("order_notes") or [])}
    for name, (_, new) in fields.items():
        if name.startswith("order_notes."):
            write(ORDERS.field(name), after, new)
    length = notes_length(after["order_notes"])
    if note := fields.get("order_note"):
        length += len(str(note[1])) + len("2026-01-01 00:00:00") + len("orderdesk-batch")
    return length


def _read_only_differ(group: Group, document: Document, says: Findings) -> None:
    values, _ = merged(group)
    for name, value in values.items():
        one = ORDERS.find(name)
        if one is None or one.use != "read-only" or name == "id" or one.place is None:
            continue
        from ..fields import read
        from .compare import same

        held = read(one, document)
        if value is not CLEAR and not same(one.kind, held, value):
            says.say(group.rows[0].number, f"differs from the store's {one.kind.show(held) or 'blank'}, and can't be set",
                     "It is left alone.", about=name, code="read-only", warning=True)  # fmt: skip


# -- words --------------------------------------------------------------------------------------------


def _own_key_fields(group: Group) -> tuple[str, ...]:
    key = group.key
    assert key is not None
    if key.by == "source_id":
        return ("source_id", "source_name") if key.source_name else ("source_id",)
    return ()


def _key_field(group: Group) -> str:
    return group.key.by if group.key else ""


def key_text(group: Group, document: Document | None) -> str:
    """The order for people: its number in the cart, else its id."""
    if document:
        return f"order {document.get('source_id') or document.get('id')}"
    if group.key is None:
        return "new order"
    return f"order {group.key.value}"


def several(documents: Sequence[Document]) -> str:
    """The orders that something fits, for people."""
    said = []
    for doc in documents[:5]:
        about = order_about(doc)
        who = ", ".join(part for part in (about["name"], about["city"]) if part)
        said.append(f"{about['number']} of {about['source']} (id {doc.get('id')}{', ' + who if who else ''})")
    more = f" and {len(documents) - 5} more" if len(documents) > 5 else ""
    return "; ".join(said) + more


def _which_one(fits: Sequence[Document]) -> str:
    sources = {str(doc.get("source_name") or "") for doc in fits}
    if len(sources) == len(fits):
        return f"Add a column source_name ({' or '.join(sorted(sources))}), or id with Order Desk's own number."
    return "Add a column id with Order Desk's own number of the order."


def _near(group: Group, found: Mapping[OrderKey, list[Document]]) -> str:
    return "Check the number, or write create in the action column."


def _name(values: Mapping[str, Value]) -> str:
    for group in ("shipping", "customer"):
        parts = [str(values[f"{group}.{part}"]) for part in ("first_name", "last_name") if values.get(f"{group}.{part}")]
        if parts:
            return " ".join(parts)
        if company := values.get(f"{group}.company"):
            return str(company)
    return ""
