"""This file holds what `doctor --write` finds out: on an order and an item of its own, which it deletes."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from ..errors import NotFound, Refused, Stopped, StoreError
from ..export.times import stamp
from ..fields import Document
from ..plan.compare import children
from ..store import Call, Store
from .facts import UNTOLD, WRITE, Finding, finding
from .looks import NOBODY, listening

BATCH: Final = 100
_SECOND: Final = 1.2  # the server's times have whole seconds


class Writes:
    """Creates one order and one inventory item, tries the facts on them, and deletes them."""

    def __init__(self, store: Store, wait: Callable[[float], object] = time.sleep) -> None:
        self.store = store
        self.mark = f"DOCTOR-{secrets.token_hex(4).upper()}"
        self.calls: list[Call] = []
        self._wait = wait
        self._moved: set[str] = set()

    def all(self) -> list[Finding]:
        """Every check in turn; whatever happens, what was made is looked for and deleted at the end.

        Raises:
            Stopped: it was stopped; what was made is deleted all the same.
        """
        found: list[Finding] = []
        why, stopped = "", None
        try:
            with listening(self.store, self.calls):
                for step in (self._inventory, self._order, self._shipments, self._history_and_folder):
                    try:
                        found.extend(step())  # what a step found before it failed is kept
                    except (Refused, LookupError) as error:  # the rest of that step needs what failed
                        why = why or f"A step before it failed: {error}"
        except StoreError as error:
            why = str(error)
        except Stopped as error:
            stopped = error
        left = self._delete()
        note = f"Left behind: {', '.join(left)}. Delete it in Order Desk." if left else "Nothing is left of it."
        if stopped is not None:
            raise Stopped(f"{stopped} {note}") from stopped
        told = {one.fact for one in found}
        found += [finding(fact.name, UNTOLD, why) for fact in WRITE if fact.name not in told and fact.name != "deleted"]
        return [*found, finding("deleted", "no" if left else "yes", note)]

    def _status(self, method: str) -> str:
        """The HTTP status of the last call with a method."""
        return str(next((call.status for call in reversed(self.calls) if call.method == method), "?"))

    # -- inventory --------------------------------------------------------------------------------

    def _inventory(self) -> Iterator[Finding]:
        item = {"code": self.mark, "name": "orderdesk-batch doctor, can be deleted", "location": "doctor", "stock": 0}
        carried = bool(self.store.create_inventory_item(item).get("id"))
        yield finding("created_status", self._status("POST"))
        yield finding("created_ids", "yes" if carried else "no")
        try:
            self.store.create_inventory_item(item)
            yield finding("code_unique", "accepted", "Two items can have one code: look-ups by code may fit several.")
            yield finding("error_status", UNTOLD)
        except Refused as error:
            yield finding("code_unique", "refused")
            yield finding("error_status", str(error.status))
        held = self._items()[0]
        record = held["id"]
        self.store.update_inventory_item(record, {"code": self.mark, "name": item["name"]})
        after = self.store.inventory_item(record)
        yield finding("put_blanks", "kept" if after.get("location") else "blanked")
        whole = {"id": record, "code": self.mark, "name": item["name"]}
        results = self.store.batch_inventory([whole])
        yield finding("batch_results", "yes" if results is not None else "no")
        yield self._batch_size(whole)

    def _batch_size(self, whole: Document) -> Finding:
        size = BATCH
        while size > 1:
            try:
                self.store.batch_inventory([whole] * size)
                break
            except Refused as error:
                if error.status != 413:
                    return finding("batch_size", UNTOLD, f"A batch of {size} was refused: {error}")
                size //= 2
        return finding("batch_size", str(size), "" if size == BATCH else "Larger ones are refused (413); remembered for this store.")

    def _items(self) -> list[Document]:
        page = self.store.inventory_page({"code": self.mark})
        return [one for one in page.records if one.get("code") == self.mark]

    # -- the order --------------------------------------------------------------------------------

    def _order(self) -> Iterator[Finding]:
        answer = self.store.create_order(
            {
                "source_id": self.mark, "source_name": "orderdesk-batch", "cc_number": "4242",
                "shipping": {"first_name": "Doctor", "last_name": "can be deleted"},
                "order_items": [{"name": "first", "code": "A", "quantity": 1}, {"name": "second", "code": "B", "quantity": 1}],
            }
        )  # fmt: skip
        yield finding("created_order", "yes" if answer.get("id") else "no")
        self.record = str(answer.get("id") or self._orders()[0]["id"])
        order = self.store.order(self.record)
        items = children(order, "order_items")
        had_card = bool(order.get("cc_number_masked"))
        after = self._put({**order, "order_items": items[:1]})
        yield finding("put_items_left_out", "removed" if len(children(after, "order_items")) < len(items) else "kept")
        if had_card:
            yield finding("cc_kept", "kept" if after.get("cc_number_masked") else "blanked")
        else:
            yield finding("cc_kept", UNTOLD, "The number was not kept in the first place.")
        items = children(after, "order_items")
        try:
            after = self._put({**after, "order_items": [*items, {"id": NOBODY, "name": "stranger", "quantity": 1}]})
            count = len(children(after, "order_items"))
            yield finding("unknown_item_id", "added" if count > len(items) else "ignored")
        except Refused:
            yield finding("unknown_item_id", "error")

    def _put(self, order: Document) -> Document:
        document = {name: value for name, value in order.items() if name not in ("cc_number", "order_shipments", "order_history")}
        self.store.update_order(self.record, document)
        return self.store.order(self.record)

    def _orders(self) -> list[Document]:
        page = self.store.orders_page({"source_id": self.mark})
        return [one for one in page.records if one.get("source_id") == self.mark]

    def _moved_by(self, kind: str, action: Callable[[], Any]) -> Any:
        """Do something to the order, and note whether it moved its `date_updated`."""
        before = stamp(self.store.order(self.record).get("date_updated"))
        self._wait(_SECOND)
        result = action()
        if stamp(self.store.order(self.record).get("date_updated")) != before:
            self._moved.add(kind)
        return result

    def _shipments(self) -> Iterator[Finding]:
        day = (dt.datetime.now(dt.UTC) - dt.timedelta(days=10)).date().isoformat()
        parcel = {"order_id": self.record, "tracking_number": self.mark, "date_shipped": day}
        results = self._moved_by("shipments", lambda: self.store.batch_shipments([parcel]))
        added = children(self.store.order(self.record), "order_shipments")
        yield finding("batch_shipments", "yes" if added and results else "no")
        if added:
            kept = str(added[0].get("date_shipped") or "")[:10] == day
            yield finding("date_shipped", "kept" if kept else "server")
        try:
            self.store.create_shipment(self.record, {"tracking_number": self.mark})
            yield finding("duplicate", "accepted", "A second parcel with one number is not refused: it is looked for first.")
        except Refused:
            yield finding("duplicate", "refused")

    def _history_and_folder(self) -> Iterator[Finding]:
        self._moved_by("items", lambda: self.store.create_item(self.record, {"name": "third", "code": "C", "quantity": 1}))
        self._moved_by("history", lambda: self.store.add_history(self.record, "orderdesk-batch doctor", "orderdesk-batch"))
        folder = self.store.order(self.record).get("folder_id")
        # Into the folder where it is: another one could set off rules.
        rows = self._moved_by("folder", lambda: self.store.move_orders([self.record], folder_id=folder))
        yield finding("move_status", "yes" if rows and "status" in rows[0] else "no")
        kinds = ("items", "shipments", "history", "folder")
        yield finding("touches", ", ".join(kind for kind in kinds if kind in self._moved) or "none of them")

    # -- afterwards ---------------------------------------------------------------------------------

    def _delete(self) -> list[str]:
        """Delete all that was made, found again by its mark; what is left is named."""
        left: list[str] = []
        stopped = self.store.stop.is_set()
        self.store.stop.clear()  # also after Ctrl-C: nothing of ours stays in the store
        for what, look, delete in (
            ("order", self._orders, self.store.delete_order),
            ("inventory item", self._items, self.store.delete_inventory_item),
        ):
            try:
                for one in look():
                    with contextlib.suppress(NotFound):
                        delete(one["id"])
                left += [f"{what} {one['id']} ({self.mark})" for one in look()]
            except StoreError as error:
                left.append(f"perhaps the {what} {self.mark} ({error})")
        if stopped:
            self.store.stop.set()
        return left
