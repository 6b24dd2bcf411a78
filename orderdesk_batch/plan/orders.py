"""This file holds the planning of orders: groups of rows, created, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..fields import ORDERS, Document
from ..kinds import CLEAR, CellRefused, Value
from . import lists
from .change import Change, Step
from .children import several, which_one
from .compare import About, order_number
from .findings import Findings, is_key
from .groups import Group
from .hand import Hand
from .items import SKIPPED, items_of
from .keys import OrderKey, fits, of_cart
from .once import APPENDING, created_mark, fingerprint
from .once import of_orders as once_marks
from .world import World

__all__ = ["Orders", "keys_of", "once_marks"]

CREATES_WITHOUT_KEY = "a new order without a number can't be told from one that was made before"


def keys_of(group: Group) -> list[OrderKey]:
    """What has to be looked up for a group: the key; for a creation, the number with any source name."""
    if group.key is None:
        return []
    if group.action in ("create", "upsert") and group.key.by == "source_id" and group.key.source_name:
        return [group.key, OrderKey("source_id", group.key.value)]
    return [group.key]


class Orders:
    """Plans the groups of one orders sheet."""

    def __init__(
        self, found: Callable[[OrderKey], list[Document]], says: Findings, world: World, hand: Hand, *, in_book: bool = False
    ) -> None:
        self.found = found
        self.says = says
        self.world = world
        self.hand = hand
        self.in_book = in_book  # a new order's items may come from another sheet
        columns = says.checked.columns
        self._other_key, self._to_folder = "order" in columns, "folder" in columns
        self._appending = [name for name in APPENDING if name in columns]
        self._lists = any(name.startswith(lists.COLUMNS) for name in columns)

    def plan(self, group: Group) -> Change | None:
        """The change that a group of rows asks for; None if it can't be planned (the findings have the reason)."""
        if group.action == "skip":
            return Change(0, "orders", "skip", group.numbers, key_text(group), note=group.rows[0].skipped or SKIPPED)
        if group.key is None and group.bad and any(is_key(ORDERS, name) for name in group.bad):
            return None  # its key is refused, and that is said
        if not self._find(group):
            return None
        document = group.document
        if group.action == "create" or (group.action == "upsert" and document is None):
            change = self._create(group)
        elif document is None:
            change = self._not_there(group)
        elif group.action == "delete":
            self.says.leave(group.rows)
            record = str(document["id"])
            kept = self.hand.kept(document, record)
            change = Change(0, "orders", "delete", group.numbers, key_text(group), record, kept=kept, about=About(kept), steps=[Step("delete")])
        else:
            change = self._update(group, document)
        return change if not self.says.bad_rows or self.says.bad_rows.isdisjoint(group.numbers) else None

    # -- which order ------------------------------------------------------------------------------

    def _find(self, group: Group) -> bool:
        """Settle which order a group is about; whether that can be told."""
        fitting = self.found(group.key) if group.key else []
        number = group.get("order") if self._other_key else None
        other = OrderKey("order", number) if isinstance(number, str) and group.key and group.key.by != "order" else None
        if other and len(fitting) > 1:
            fitting = [doc for doc in fitting if fits(other, doc)] or fitting
        if len(fitting) > 1:
            self.says.say(group.number, f"fits {len(fitting)} orders: {several(fitting)}", which_one(fitting, ""),
                          about=group.about(), code="several")  # fmt: skip
            return False
        group.document = fitting[0] if fitting else None
        # `order` may be the cart's inner number, which Order Desk doesn't know; but it must not be another order's.
        if other and group.document and not fits(other, group.document) and (elsewhere := self.hand.with_text(other.value)):
            self.says.say(group.number, f"is another order than {group.about()} says: {several(elsewhere)}, not {several(fitting)}",
                          "Correct the wrong one, or leave it out.", about="order", code="disagree")  # fmt: skip
            return False
        return True

    def _not_there(self, group: Group) -> Change | None:
        if group.action == "delete":
            self.says.leave(group.rows)
            return Change(0, "orders", "none", group.numbers, key_text(group), note="is gone already")
        if group.key is not None:  # else the checks have said so
            self.says.say(group.number, "is no order of the store", self._hint(group.key), about=group.about(), code="not-found")
        return None

    def _hint(self, key: OrderKey) -> str:
        if key.by == "id":
            return "Check Order Desk's own number of the order."
        elsewhere = [doc for doc in self.hand.with_text(key.value) if not of_cart(doc, key.source_name)]
        if elsewhere:
            return f"The store has {several(elsewhere)}."
        return self.hand.hint(key.value, "Check the number, or write create in the action column.")

    # -- a change ---------------------------------------------------------------------------------

    def _update(self, group: Group, document: Document) -> Change:
        self.says.settle(ORDERS, group.numbers, group.bad, document)
        self.says.read_only(group, document)
        if self._to_folder:
            self._folder(group, document)
        fields = group.differences(document, _own_key(group))
        self.says.refilled(group.number, fields)
        if "source_id" in fields:
            self._taken_number(group, fields, document)
        items = items_of(group.rows, document, self.says) if self.says.has_items else ()
        if self._appending:
            fields |= self._appended(group, document)
        if self._lists:
            lists.check(fields, document, group.number, self.says)
        steps = []
        if not fields.keys() <= _APART or (items and any(item.action != "delete" for item in items)):
            steps.append(Step("put"))
        if items:
            steps += [Step("item-delete", learnt={"item": item.id}) for item in items if item.action == "delete"]
        if "folder" in fields:
            steps.append(Step("move"))
        if "order_history" in fields:
            steps.append(Step("history"))
        record = str(document["id"])
        kept = self.hand.kept(document, record)
        return Change(0, "orders", "update" if steps else "none", group.numbers, key_text(group), record, fields=fields, items=items,
                      kept=kept, about=About(kept), steps=steps)  # fmt: skip

    def _taken_number(self, group: Group, fields: Mapping[str, list[Value]], document: Document) -> None:
        """A number that another order of the cart has is no new number: the sheet's columns are out of step."""
        number = fields.get("source_id", [None, None])[1]
        if not isinstance(number, str):
            return
        cart = str(group.get("source_name") or document.get("source_name") or "")
        holders = [doc for doc in self.hand.with_text(number) if doc["id"] != document["id"] and of_cart(doc, cart)]
        if holders:
            self.says.say(group.number, f"is the number of another order than id says: {several(holders)}",
                          "Correct the wrong one; were the columns sorted apart?", about="source_id", code="disagree")  # fmt: skip

    def _create(self, group: Group) -> Change | None:
        row, key = group.number, group.key
        twins = [group.document] if group.document else []
        if not twins and key and key.by == "source_id":
            twins = self.found(OrderKey("source_id", key.value))
        self.says.settle(ORDERS, group.numbers, group.bad, group.document)
        if twins:
            one_of = f"Write update or upsert in the action column{', with that source_name' if not group.document else ''}, or take the row out."
            self.says.say(row, f"is there already: {several(twins)}", one_of, about=group.about(), code="exists")
            return None
        if key and key.by == "id":
            self.says.say(row, "is no order of the store, and a new order's id is given by Order Desk", "Leave the id out to create it.",
                          about="id", code="not-found")  # fmt: skip
            return None
        if key and key.by == "order":
            group.set("source_id", group.values.get("source_id", key.value))
        if group.action != "create" and not any(group.get(name) not in (None, CLEAR) for name in ORDERS.required_any[0]):
            self.says.say(row, "a new order needs a first name, last name or company, of the customer or for shipping",
                          "Fill one of them in.", code="required")  # fmt: skip
        self._folder(group, {})
        items = items_of(group.rows, None, self.says)
        if not items and not self.in_book:
            self.without_items(group)
        values = group.values
        fields = group.differences(None)
        fields |= self._appended(group, None)
        lists.check(fields, {}, row, self.says)
        if key is None and (run := self.world.uploaded.get(created_mark(group.rows))) and not self.world.again:
            self.says.say(row, f"was uploaded before ({run}), and {CREATES_WITHOUT_KEY}", "Give it a source_id, or use --again.",
                          code="again")  # fmt: skip
        about = {"number": str(values.get("source_id") or ""), "source": str(values.get("source_name") or ""),
                 "name": _name(values), "city": str(values.get("shipping.city") or values.get("customer.city") or "")}  # fmt: skip
        change = Change(0, "orders", "create", group.numbers, key_text(group), fields=fields, items=items, about=about,
                        steps=[Step("post")])  # fmt: skip
        if "order_history" in fields:
            change.steps.append(Step("history"))
        return change

    def without_items(self, group: Group) -> None:
        """Say that a new order has no items."""
        where = "the sheet items, or item.name here" if self.in_book else "item.name, or item.code, on one of its rows"
        self.says.say(group.number, "a new order needs at least one item", f"Fill in {where}.", code="required")

    # -- parts of an order ------------------------------------------------------------------------

    def _folder(self, group: Group, document: Document) -> None:
        """Turn the folder's name into its id, in place."""
        folder = group.get("folder")
        if isinstance(folder, str) and folder == str(document.get("folder_id") or ""):
            return  # the one that it is in, which the store's settings may not list
        if folder is CLEAR:
            self.says.say(group.number, "can't be cleared: an order is always in a folder", "Name the folder.", about="folder", code="clear")
        elif isinstance(folder, str):
            try:
                group.set("folder", self.world.folder_id(folder))
            except CellRefused as refused:
                self.says.say(group.number, refused.reason, refused.hint, about="folder", code=refused.code)

    def _appended(self, group: Group, document: Document | None) -> dict[str, list[Value]]:
        """The fields that append: they can't be repeated harmlessly."""
        fields: dict[str, list[Value]] = {}
        for name in self._appending:
            having = [row for row in group.rows if isinstance(row.values.get(name), str)]
            if not having:
                continue
            for row in having if document is not None else ():
                run = self.world.uploaded.get(fingerprint(str(document["id"]), row, name)) if document else None
                if run and not self.world.again:
                    self.says.say(row.number, f"was uploaded before ({run}), and would be there twice",
                                  "Use --again if that is wanted.", about=name, code="again")  # fmt: skip
            fields[name] = [None, "\n".join(dict.fromkeys(str(row.values[name]) for row in having))]
        return fields


_APART = frozenset({"folder", "order_history"})  # fields with calls of their own


# -- words --------------------------------------------------------------------------------------------


def _own_key(group: Group) -> tuple[str, ...]:
    """The fields that found the order: they are not set."""
    if group.key is None or group.key.by != "source_id":
        return ()
    return ("source_id", "source_name") if group.key.source_name else ("source_id",)


def key_text(group: Group) -> str:
    """The order for people: its number in the cart, else its id."""
    if group.document:
        return f"order {order_number(group.document)}"
    return f"order {group.key.value}" if group.key else "new order"


def _name(values: Mapping[str, Value]) -> str:
    for group in ("shipping", "customer"):
        parts = [str(values[f"{group}.{part}"]) for part in ("first_name", "last_name") if values.get(f"{group}.{part}")]
        if parts:
            return " ".join(parts)
        if company := values.get(f"{group}.company"):
            return str(company)
    return ""
