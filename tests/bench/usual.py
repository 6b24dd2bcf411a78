"""The usual script: what is written when a sheet has to go into Order Desk by tomorrow. It stands beside ours in the table.

A search and a write for each row, one after the other, and on 429 a nap of `X-Retry-After` seconds. It is a good one
of its kind: it repeats what was refused, and sends whole documents.
"""

from __future__ import annotations

import time
from typing import Any

import requests

from orderdesk_batch.sandbox import Sandbox


class Script:
    """A session with a store; `sent` and `refused` count its requests, those refused with 429 in both."""

    def __init__(self, box: Sandbox) -> None:
        self._session = requests.Session()
        self._session.headers.update({"ORDERDESK-STORE-ID": box.store_id, "ORDERDESK-API-KEY": box.api_key})
        self._url = box.url
        self.sent = self.refused = 0

    def call(self, method: str, path: str, query: dict[str, Any] | None = None, body: Any = None) -> dict[str, Any]:
        """A request, sent again until it is not refused for its rate."""
        while True:
            answer = self._session.request(method, self._url + path, params=query, json=body, timeout=60)
            self.sent += 1
            if answer.status_code != 429:
                answer.raise_for_status()
                document: dict[str, Any] = answer.json()
                return document
            self.refused += 1
            time.sleep(float(answer.headers["X-Retry-After"]))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def order(self, number: str) -> dict[str, Any]:
        """The first order that a search for this number finds."""
        found: dict[str, Any] = self.call("GET", "/orders", {"source_id": number})["orders"][0]
        return found

    def ship(self, rows: list[dict[str, str]]) -> None:
        """A shipment for each row."""
        for row in rows:
            order = self.order(row["Order Number"])
            shipment = {"tracking_number": row["Tracking Number"], "carrier_code": row["Carrier"]}
            self.call("POST", f"/orders/{order['id']}/shipments", body=shipment)

    def count_stock(self, rows: list[dict[str, str]]) -> None:
        """Each row's stock, in its whole item."""
        for row in rows:
            item = self.call("GET", "/inventory-items", {"code": row["code"]})["inventory_items"][0]
            self.call("PUT", f"/inventory-items/{item['id']}", body=item | {"stock": int(row["stock"])})

    def move(self, rows: list[dict[str, str]]) -> None:
        """Each order into its folder."""
        for row in rows:
            body = {"order_id_list": [self.order(row["Order Number"])["id"]], "destination_folder_name": row["Folder"]}
            self.call("POST", "/move-orders", body=body)

    def export(self) -> list[dict[str, Any]]:
        """All orders, in pages of the usual size: 50."""
        orders: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", "/orders", {"offset": len(orders)})
            orders += page["orders"]
            if len(orders) >= page["total_records"]:
                return orders

    def change(self, rows: list[dict[str, str]]) -> None:
        """Each row's field, in its whole order."""
        for row in rows:
            order = self.order(row["Order Number"])
            self.call("PUT", f"/orders/{order['id']}", body=order | {"fulfillment_name": row["fulfillment_name"]})

    def create(self, rows: list[dict[str, str]]) -> None:
        """Each order, if there is none of its number."""
        for row in rows:
            if not self.call("GET", "/orders", {"source_id": row["Order Number"]})["orders"]:
                self.call("POST", "/orders", body=_order(row))


def _order(row: dict[str, str]) -> dict[str, Any]:
    item = {"name": row["item.name"], "code": row["item.code"], "price": float(row["item.price"]), "quantity": int(row["item.quantity"])}
    person = {"first_name": row["shipping.first_name"], "last_name": row["shipping.last_name"], "country": row["shipping.country"]}
    return {"source_id": row["Order Number"], "source_name": row["source_name"], "email": row["email"], "shipping": person, "order_items": [item]}
