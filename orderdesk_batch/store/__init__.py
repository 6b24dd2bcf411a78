"""This file holds Store: Order Desk's API, one method per endpoint; `requests` is loaded with the first call.

>>> Store("42", "sesame-1234")
Store(42, https://app.orderdesk.me/api/v2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

from orderdesk_batch.address import DEFAULT_URL
from orderdesk_batch.errors import Unclear, UsageError
from orderdesk_batch.store.caller import Caller
from orderdesk_batch.store.paging import PAGE, Page, pages, proper_total
from orderdesk_batch.store.together import together
from orderdesk_batch.store.verdict import Call, Requests
from orderdesk_batch.store.wire import Document, dumps, loads, part, tidy

__all__ = [
    "DEFAULT_URL", "PAGE", "Call", "Document", "Page", "Requests", "Store", "dumps", "loads", "tidy",
]  # fmt: skip

T = TypeVar("T")
Filters = Mapping[str, Any]
Id = str | int

LISTS = {"orders": ("/orders", "orders"), "inventory": ("/inventory-items", "inventory_items")}


class Store(Caller):
    """One store and the way to it; all threads may share it.

    Every method may raise what `request` raises. Ids are Order Desk's own. The `create_*` and `update_*`
    methods return the record as far as the answer carries it: {} where it has only a message [doc].
    """

    # --- the store ------------------------------------------------------------------------------------

    def test(self) -> Document:
        """`GET /test`: whether the key works; with the server's time in UTC."""
        return self._call("GET", "/test")

    def settings(self) -> Document:
        """`GET /store`: id, name, folders and settings, secrets hidden; left out of the counts."""
        return self._record("GET", "/store", "store", counted=False)

    # --- orders ---------------------------------------------------------------------------------------

    def order(self, order_id: Id, history: bool = False) -> Document:
        """`GET /orders/{id}`; the order's history makes it slow."""
        query = {"get_order_history": 1} if history else None
        return self._record("GET", f"/orders/{part(order_id)}", "order", query=query)

    def orders_page(self, filters: Filters | None = None, offset: int = 0, limit: int = PAGE) -> Page:
        """`GET /orders`: one page of the orders that match."""
        return self._page("orders", filters, offset, limit)

    def create_order(self, document: Document) -> Document:
        """`POST /orders`; answers 200 or 201 [seen]. It is billed like any other order [help]."""
        return self._maybe("POST", "/orders", "order", document)

    def update_order(self, order_id: Id, document: Document) -> Document:
        """`PUT /orders/{id}`, the whole order: what is left out is blanked [doc]."""
        return self._maybe("PUT", f"/orders/{part(order_id)}", "order", document)

    def delete_order(self, order_id: Id) -> None:
        """`DELETE /orders/{id}`."""
        self._call("DELETE", f"/orders/{part(order_id)}")

    def add_history(self, order_id: Id, note: str, source_name: str = "") -> None:
        """`POST /orders/{id}/order-history`: append-only [doc]."""
        body = {"note": note, **({"source_name": source_name} if source_name else {})}
        self._call("POST", f"/orders/{part(order_id)}/order-history", body=body)

    def move_orders(self, order_ids: Sequence[Id], folder_id: Id | None = None, folder_name: str | None = None) -> list[Document]:
        """`POST /move-orders`: many orders into one folder; a result for each id, in the order given.

        An order was moved if its result has `original_folder_id` [open]; one that the answer does not name
        has only its `order_id`.
        """
        if (folder_id is None) == (folder_name is None):
            raise UsageError("Name the folder by its id or by its name, one of the two.")
        if not order_ids:
            return []
        folder = {"destination_folder_id": folder_id} if folder_id is not None else {"destination_folder_name": folder_name}
        answer = self._call("POST", "/move-orders", body={"order_id_list": list(order_ids), **folder})
        rows = _rows(answer)
        if rows is None:
            words = "The move was sent, but its answer does not say what became of the orders."
            raise Unclear(words, body=self._key.clean_all(answer))
        by_id = {str(row.get("order_id")): row for row in rows}
        return [by_id.get(str(order_id), {"order_id": order_id}) for order_id in order_ids]

    # --- an order's items -----------------------------------------------------------------------------

    def items(self, order_id: Id) -> list[Document]:
        """`GET /orders/{id}/order-items`."""
        return self._list(f"/orders/{part(order_id)}/order-items", "order_items")

    def item(self, order_id: Id, item_id: Id) -> Document:
        """`GET /orders/{id}/order-items/{item_id}`."""
        return self._record("GET", f"/orders/{part(order_id)}/order-items/{part(item_id)}", "order_item")

    def create_item(self, order_id: Id, document: Document) -> Document:
        """`POST /orders/{id}/order-items`; the server recalculates the totals [doc]."""
        return self._maybe("POST", f"/orders/{part(order_id)}/order-items", "order_item", document)

    def update_item(self, order_id: Id, item_id: Id, document: Document) -> Document:
        """`PUT /orders/{id}/order-items/{item_id}`, the whole item [doc]."""
        path = f"/orders/{part(order_id)}/order-items/{part(item_id)}"
        return self._maybe("PUT", path, "order_item", document)

    def delete_item(self, order_id: Id, item_id: Id) -> None:
        """`DELETE /orders/{id}/order-items/{item_id}`."""
        self._call("DELETE", f"/orders/{part(order_id)}/order-items/{part(item_id)}")

    # --- an order's shipments -------------------------------------------------------------------------

    def shipments(self, order_id: Id) -> list[Document]:
        """`GET /orders/{id}/shipments`."""
        return self._list(f"/orders/{part(order_id)}/shipments", "shipments")

    def shipment(self, order_id: Id, shipment_id: Id) -> Document:
        """`GET /orders/{id}/shipments/{shipment_id}`."""
        return self._record("GET", f"/orders/{part(order_id)}/shipments/{part(shipment_id)}", "shipment")

    def create_shipment(self, order_id: Id, document: Document) -> Document:
        """`POST /orders/{id}/shipments`; a number that the order has already is refused [doc]."""
        return self._maybe("POST", f"/orders/{part(order_id)}/shipments", "shipment", document)

    def update_shipment(self, order_id: Id, shipment_id: Id, document: Document) -> Document:
        """`PUT /orders/{id}/shipments/{shipment_id}`, the whole shipment [seen]."""
        path = f"/orders/{part(order_id)}/shipments/{part(shipment_id)}"
        return self._maybe("PUT", path, "shipment", document)

    def delete_shipment(self, order_id: Id, shipment_id: Id) -> None:
        """`DELETE /orders/{id}/shipments/{shipment_id}`."""
        self._call("DELETE", f"/orders/{part(order_id)}/shipments/{part(shipment_id)}")

    def batch_shipments(self, rows: Sequence[Document]) -> list[Document]:
        """`POST /batch-shipments`, a bare array [seen]: one result per row, index by index.

        A result whose `status` is not "success" is a row that failed, inside HTTP 200 [doc][seen].

        Raises:
            Unclear: the answer has no result for each row, so which were added is not known.
        """
        if not rows:
            return []
        answer = self._call("POST", "/batch-shipments", body=list(rows))
        results = _rows(answer)
        if results is None or len(results) != len(rows):
            words = "The shipments were sent, but the answer does not say row by row what became of them."
            raise Unclear(words, body=self._key.clean_all(answer))
        return results

    # --- inventory ------------------------------------------------------------------------------------

    def inventory_page(self, filters: Filters | None = None, offset: int = 0, limit: int = PAGE) -> Page:
        """`GET /inventory-items`: one page of the items that match."""
        return self._page("inventory", filters, offset, limit)

    def inventory_item(self, item_id: Id) -> Document:
        """`GET /inventory-items/{id}`."""
        return self._record("GET", f"/inventory-items/{part(item_id)}", "inventory_item")

    def create_inventory_item(self, document: Document) -> Document:
        """`POST /inventory-items`; `name` and a new `code` are required [doc]."""
        return self._maybe("POST", "/inventory-items", "inventory_item", document)

    def update_inventory_item(self, item_id: Id, document: Document) -> Document:
        """`PUT /inventory-items/{id}`, the whole item: what is left out is blanked [doc]."""
        return self._maybe("PUT", f"/inventory-items/{part(item_id)}", "inventory_item", document)

    def delete_inventory_item(self, item_id: Id) -> None:
        """`DELETE /inventory-items/{id}`."""
        self._call("DELETE", f"/inventory-items/{part(item_id)}")

    def batch_inventory(self, rows: Sequence[Document]) -> list[Document] | None:
        """`PUT /batch-inventory-items`, a bare array of whole items [seen]: one result per row.

        None if the answer has no results row by row [open]: read the items back to know.
        """
        if not rows:
            return []
        results = _rows(self._call("PUT", "/batch-inventory-items", body=list(rows)))
        return results if results is not None and len(results) == len(rows) else None

    # --- many -----------------------------------------------------------------------------------------

    def pages(
        self,
        resource: Literal["orders", "inventory"],
        filters: Filters | None = None,
        *,
        first: Page | None = None,
        ahead: int | Callable[[], int] | None = None,
    ) -> Iterator[Page]:
        """All pages of 500 that match, in order, several in flight, each record once; see `paging.pages`.

        Orders come oldest first unless the filters say otherwise, so that new ones come at the end. `first`
        is the page at offset 0 if it is in hand (`first_page` reads it). A caller that may stop early says
        with `ahead` how many pages may be on their way that it has not had yet: 1 wastes none. A callable is
        asked anew after each page.
        """
        asked = self._ordered(resource, filters)

        def several(calls: Iterable[Callable[[], Page]]) -> Iterator[Page | Exception]:
            if 1 in (ahead, self.workers):
                return (call() for call in calls)
            most = ahead if callable(ahead) or ahead is None else lambda: ahead
            return together(calls, self.workers, self.stop, most)

        return pages(lambda offset, limit: self._page(resource, asked, offset, limit), several, first)

    def first_page(self, resource: Literal["orders", "inventory"], filters: Filters | None = None) -> Page:
        """The page at offset 0 as `pages` would read it: it tells the total."""
        return self._page(resource, self._ordered(resource, filters), 0, PAGE)

    def page_again(self, resource: Literal["orders", "inventory"], offset: int, filters: Filters | None = None) -> Page:
        """One page anew, in the order in which `pages` reads them."""
        return self._page(resource, self._ordered(resource, filters), offset, PAGE)

    def records(self, resource: Literal["orders", "inventory"], filters: Filters | None = None) -> Iterator[Document]:
        """All records that match, each once."""
        for page in self.pages(resource, filters):
            yield from page.records

    def together(self, calls: Iterable[Callable[[], T]]) -> Iterator[T | Exception]:
        """Run calls, several in flight; each one's result or exception, in order; see `together.together`."""
        return together(calls, self.workers, self.stop)

    # --- inside ---------------------------------------------------------------------------------------

    def _ordered(self, resource: str, filters: Filters | None) -> Filters:
        asked = dict(filters or {})
        if "limit" in asked or "offset" in asked:
            raise UsageError("limit and offset are not filters here: all pages are read.")
        if resource == "orders" and "order_by" not in asked:
            asked = {**asked, "order_by": "date_added", "order": asked.get("order", "ASC")}
        return asked

    def _page(self, resource: str, filters: Filters | None, offset: int, limit: int) -> Page:
        path, name = LISTS[resource]
        query = {**(filters or {}), "limit": limit, "offset": offset}
        at = self.now()
        answer = self._call("GET", path, query=query, expect=(name, list))
        return Page(answer[name], offset, proper_total(answer.get("total_records")), at, self.now())

    def _list(self, path: str, name: str) -> list[Document]:
        found: list[Document] = self._call("GET", path, expect=(name, list))[name]
        return found

    def _record(self, method: str, path: str, name: str, *, query: Filters | None = None, counted: bool = True) -> Document:
        answer = self._call(method, path, query=query, expect=(name, dict), counted=counted)
        found: Document = answer[name]
        return found

    def _maybe(self, method: str, path: str, name: str, document: Document) -> Document:
        found = self._call(method, path, body=document).get(name)
        return found if isinstance(found, dict) else {}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _rows(answer: Document) -> list[Document] | None:
    """A batch's results; PHP may number them in a map."""
    results = answer.get("results")
    if isinstance(results, dict) and list(results) == [str(number) for number in range(len(results))]:
        results = list(results.values())
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        return None
    return results
