"""This file holds the planning of inventory items: by id or SKU, with relative stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ..fields import INVENTORY, Document
from ..kinds import Value
from .change import Change, Step
from .compare import differences, new_fields
from .findings import Findings
from .hand import Hand
from .items import SKIPPED
from .once import fingerprint
from .once import of_inventory as once_marks
from .world import World

if TYPE_CHECKING:
    from ..checks import Row

__all__ = ["Inventory", "once_marks"]

STOCK = INVENTORY.field("stock")


class Inventory:
    """Plans the rows of an inventory sheet."""

    def __init__(
        self,
        by_id: Callable[[str], list[Document]],
        by_code: Callable[[str], list[Document]],
        says: Findings,
        world: World,
        hand: Hand,
    ) -> None:
        self.by_id = by_id
        self.by_code = by_code
        self.says = says
        self.world = world
        self.hand = hand
        self._has_ids = "id" in says.checked.columns
        self._moves = "stock_change" in says.checked.columns

    def plan(self, rows: Iterable[Row]) -> Iterator[Change]:
        """The changes that the rows ask for."""
        twins = self._has_ids or bool(self.says.checked.bads)  # else each row has a SKU of its own, or the checks have said so
        seen: dict[str, Change] = {}
        named: dict[Value, int] = {}  # SKUs that rows give to their items → the first such row
        for row in rows:
            change = self._plan_row(row)
            if change is None:
                continue
            if twins and change.id and (twin := seen.setdefault(change.id, change)) is not change:
                self.says.same_item(twin.rows[0], row.number, "code")
            if twins and "code" in change.fields and (other := named.setdefault(change.fields["code"][1], row.number)) != row.number:
                for one, its in ((other, row.number), (row.number, other)):
                    self.says.say(one, f"is given to another item in row {its}, too", "Give each item a SKU of its own.", about="code", code="duplicate")
            yield change

    def _plan_row(self, row: Row) -> Change | None:
        record, code = row.get("id") if self._has_ids else None, row.get("code")
        by = "id" if isinstance(record, str) else "code"
        change = Change(0, "inventory", "none", [row.number], code if isinstance(code, str) else f"item {record}")
        if row.action == "skip":
            change.action, change.note = "skip", row.skipped or SKIPPED
            return change
        if not isinstance(record, str) and not isinstance(code, str):
            return None  # the checks have said so
        fitting = self.by_id(str(record)) if by == "id" else self.by_code(str(code))
        if len(fitting) > 1:
            ids = ", ".join(str(item.get("id")) for item in fitting)
            self.says.say(row.number, f"fits {len(fitting)} items: {ids}", "Give the item's id in a column id.", about=by, code="several")
            return None
        item = fitting[0] if fitting else None
        if item is not None:
            change.id = own = str(item["id"])
            change.kept = self.hand.kept(item, own)
            change.about = {"name": _held(item, "name", row), "number": _held(item, "code", row)}
            if not isinstance(code, str) and change.about["number"]:
                change.key = change.about["number"]
        if row.action == "delete":
            if not self.says.leave([row]):
                return None
            if item is None:
                change.note = "is gone already"
            else:
                change.action, change.steps = "delete", [Step("delete")]
            return change
        fine = self.says.settle(INVENTORY, [row.number], row.bad, item)
        if item is None:
            return self._new(row, by, change) if fine else None
        if row.action == "create":
            self.says.say(row.number, f"is there already (item {item['id']})", "Write update or upsert in the action column.",
                          about=by, code="exists")  # fmt: skip
            return None
        return self._update(row, by, change, item) if fine else None

    def _update(self, row: Row, by: str, change: Change, item: Document) -> Change | None:
        self.says.read_only(row, item)
        fields = differences(INVENTORY, row.names, row.cells, item, leave=("code",) if by == "code" else ())
        code = fields["code"][1] if "code" in fields else None
        if isinstance(code, str) and (holders := [other for other in self.hand.with_text(code) if other["id"] != item["id"]]):
            self.says.say(row.number, f"is the SKU of another item than id says: {holders[0].get('name')} (item {holders[0]['id']})",
                          "Correct the wrong one; were the columns sorted apart?", about="code", code="disagree")  # fmt: skip
            return None
        moved = row.get("stock_change") if self._moves else None
        if isinstance(moved, int) and moved and not self._move(row, change, item, moved, fields):
            return None
        change.fields = fields
        if fields:
            change.action, change.steps = "update", [Step("batch")]
        return change

    def _move(self, row: Row, change: Change, item: Document, moved: int, fields: dict[str, list[Value]]) -> bool:
        """Relative stock, counted against what there is; whether it can be."""
        run = self.world.uploaded.get(fingerprint(change.id, row, "stock_change"))
        if run and not self.world.again:
            self.says.say(row.number, f"was uploaded before ({run}), and would count twice", "Use --again if that is wanted.",
                          about="stock_change", code="again")  # fmt: skip
            return False
        held = STOCK.kind.read(item.get("stock"))
        if held is not None and not isinstance(held, int):
            self.says.say(row.number, f"can't be counted against the store's {held}, which is no whole number", "Set the stock instead.",
                          about="stock_change", code="stock-unread")  # fmt: skip
            return False
        fields["stock"] = [held or 0, (held or 0) + moved]
        change.relative = moved
        change.note = f"{moved:+d}"
        return True

    def _new(self, row: Row, by: str, change: Change) -> Change | None:
        if by == "id":
            creating = row.action != "update"
            self.says.say(row.number, "is no item of the store's inventory" + (", and a new item's id is given by Order Desk" if creating else ""),
                          "Leave the id out to create it." if creating else "Check the id.", about=by, code="not-found")  # fmt: skip
            return None
        if row.action == "update":
            otherwise = "Check the SKU; leading zeros count. Or write create in the action column."
            self.says.say(row.number, "is no item of the store's inventory", self.hand.hint(str(row.values["code"]), otherwise),
                          about=by, code="not-found")  # fmt: skip
            return None
        fields = dict(new_fields(INVENTORY, row.names, row.cells).items())
        if not fields.get("name"):
            if row.action != "create":  # else the checks have said so
                self.says.say(row.number, "a new item needs a name", "Fill in the name.", about="name", code="required")
            return None
        if isinstance(row.get("stock_change"), int):
            fields["stock"] = [None, row.values["stock_change"]]
        change.action, change.fields, change.steps = "create", fields, [Step("post")]
        change.about = {"name": str(row.get("name") or ""), "number": str(row.get("code") or "")}
        return change


def _held(item: Document, name: str, row: Row) -> str:
    """A text of an item, as the very text of the row where it is the same: so it is kept once."""
    held = str(item.get(name) or "")
    said = row.get(name)
    return said if isinstance(said, str) and said == held else held
