"""This file holds the planning of inventory items: by id or SKU, with relative stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..fields import INVENTORY, Document
from ..kinds import CLEAR
from .change import Change, Step
from .compare import Findings, World, differences
from .orders import SKIPPED, fingerprint

if TYPE_CHECKING:
    from ..checks import Row


def plan_inventory(
    rows: Sequence[Row],
    by_id: Mapping[str, Document],
    by_code: Mapping[str, list[Document]],
    says: Findings,
    world: World,
) -> list[Change]:
    """The changes that the rows of an inventory sheet ask for."""
    changes: list[Change] = []
    seen: dict[str, Change] = {}
    for row in rows:
        change = _plan_row(row, by_id, by_code, says, world)
        if change is None:
            continue
        twin = seen.get(change.id) if change.id else None
        if twin is not None and change.steps and twin.steps:
            for one, other in ((twin.rows[0], row.number), (row.number, twin.rows[0])):
                says.say(one, f"is the same item as row {other}", "Keep one of the two rows.", about="code", code="duplicate")
            continue
        if change.id:
            seen.setdefault(change.id, change)
        changes.append(change)
    bad = says.bad_rows
    return [change for change in changes if not bad.intersection(change.rows)]


def _plan_row(
    row: Row,
    by_id: Mapping[str, Document],
    by_code: Mapping[str, list[Document]],
    says: Findings,
    world: World,
) -> Change | None:
    values = row.values
    record, code = values.get("id"), values.get("code")
    key = f"{code}" if isinstance(code, str) else f"item {record}"
    change = Change(0, "inventory", "none", [row.number], key)
    if row.action == "skip":
        change.action, change.note = "skip", row.skipped or SKIPPED
        return change
    if not isinstance(record, str) and not isinstance(code, str):
        return None  # the checks have said so
    by = "id" if isinstance(record, str) else "code"
    fits = [by_id[record]] if isinstance(record, str) and record in by_id else []
    if by == "code":
        fits = by_code.get(str(code), [])
    if len(fits) > 1:
        ids = ", ".join(str(item.get("id")) for item in fits)
        says.say(row.number, f"fits {len(fits)} items: {ids}", "Give the item's id in a column id.", about=by, code="several")
        return None
    item = fits[0] if fits else None
    action = row.action
    if action == "upsert":
        action = "update" if item else "create"
    if item is not None:
        change.id, change.before = str(item["id"]), item
        change.about = {"name": str(item.get("name") or ""), "number": str(item.get("code") or "")}
    if action == "delete":
        says.leave([row.number])
        if item is None:
            change.note = "is gone already"
        else:
            change.action, change.steps = "delete", [Step("delete")]
        return change
    if action == "create" and item is not None:
        says.say(row.number, f"is there already (item {item['id']})", "Write update or upsert in the action column.",
                 about=by, code="exists")  # fmt: skip
        return None
    if action == "update" and item is None:
        hint = _near(str(code), by_code) if by == "code" else "Check the id."
        says.say(row.number, "is no item of the store's inventory", hint, about=by, code="not-found")
        return None
    if not says.settle(INVENTORY, [row.number], row.bad, item):
        return None
    _read_only_differ(row, item, says)
    fields = differences(INVENTORY, values, item, leave=("code",) if by == "code" and item else ())
    if item is None:
        return _create(row, change, fields, says)
    for name in ("code", "name"):
        if name in fields and fields[name][1] is CLEAR:
            says.say(row.number, f"can't be cleared: every item has a {name}", "Write a value, or leave the cell blank.",
                     about=name, code="clear")  # fmt: skip
            return None
    moved = values.get("stock_change")
    if isinstance(moved, int) and moved:
        mark = fingerprint("", change.id, row, ["stock_change"])
        if mark in world.uploaded and not world.again:
            says.say(row.number, f"was uploaded before ({world.uploaded[mark]}), and would count twice",
                     "Use --again if that is wanted.", about="stock_change", code="again")  # fmt: skip
            return None
        held = INVENTORY.field("stock").kind.read(item.get("stock"))
        held = held if isinstance(held, int) else 0
        fields["stock"] = [held, held + moved]
        change.relative = moved
        change.note = f"{moved:+d}"
    change.fields = fields
    if fields:
        change.action, change.steps = "update", [Step("batch")]
    return change


def _create(row: Row, change: Change, fields: dict[str, list[object]], says: Findings) -> Change | None:
    if isinstance(row.values.get("id"), str):
        says.say(row.number, "is no item of the store, and a new item's id is given by Order Desk", "Leave the id out to create it.",
                 about="id", code="not-found")  # fmt: skip
        return None
    for name in ("code", "name"):
        if not fields.get(name):
            says.say(row.number, f"a new item needs a {name}", f"Fill in the {name}.", about=name, code="required")
            return None
    if isinstance(row.values.get("stock_change"), int):
        fields["stock"] = [None, row.values["stock_change"]]
    change.action, change.fields, change.steps = "create", fields, [Step("post")]
    change.about = {"name": str(row.values.get("name") or ""), "number": str(row.values.get("code") or "")}
    return change


def _near(code: str, by_code: Mapping[str, list[Document]]) -> str:
    return "Check the SKU; leading zeros count. Or write create in the action column."


def _read_only_differ(row: Row, item: Document | None, says: Findings) -> None:
    from ..fields import read
    from .compare import same

    for name, value in row.values.items():
        one = INVENTORY.find(name)
        if item is None or one is None or one.use != "read-only" or name == "id" or value is CLEAR:
            continue
        held = read(one, item)
        if not same(one.kind, held, value):
            says.say(row.number, f"differs from the store's {one.kind.show(held) or 'blank'}, and can't be set", "It is left alone.",
                     about=name, code="read-only", warning=True)  # fmt: skip


def once_marks(change: Change, rows: Mapping[int, Row]) -> list[str]:
    """The fingerprints of a change's rows that can't be repeated harmlessly."""
    if change.relative is None:
        return []
    return [fingerprint("", change.id, rows[number], ["stock_change"]) for number in change.rows]
