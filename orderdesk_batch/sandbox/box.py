"""The sandbox as Python code uses it: a server with data, that can also be looked at and changed from behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask

from . import lifelike as lively
from . import routes_inventory, routes_nested, routes_orders, seed
from .app import PREFIX, Backend, Seen, make_app
from .bucket import Bucket
from .calls import Call
from .data import Data
from .server import Server
from .spec import StoreSpec
from .switches import Switches
from .wire import Json, Refused

__all__ = ["Sandbox", "serve"]


class Sandbox:
    """A local imitation of the Order Desk API; `with Sandbox() as box:` serves it at `box.url`.

    The data is there at once, and `app` can be called without the server. Methods that name no store mean the first.
    Changes made here, behind the client's back, use up no tokens and are not in `requests`.
    """

    def __init__(
        self,
        orders: int = 300,
        inventory: int = 500,
        port: int = 0,
        state: str | Path | None = None,
        switches: Switches | None = None,
        bucket: tuple[float, float] = (20, 3.0),
        latency: float = 0.0,
        stores: Sequence[StoreSpec] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: datetime | None = None,
        seed: int = 1,
        lifelike: bool = False,
    ) -> None:
        specs = list(stores or [StoreSpec()])
        self._port = port
        self._server: Server | None = None
        self._closed = threading.Event()
        self._data = Data(state)
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        start = _aware(now) if now else today
        began = clock()

        def moment() -> datetime:
            # A fixed day goes on from where it was fixed, by the same clock as everything else.
            return start + timedelta(seconds=clock() - began) if now else datetime.now(UTC)

        self._backend = Backend(
            stores={spec.id: spec for spec in specs},
            buckets={spec.id: Bucket(*bucket, clock) for spec in specs},
            data=self._data,
            switches=switches or Switches(),
            clock=clock,
            moment=moment,
            latency=latency,
        )
        if len(self._backend.stores) < len(specs):
            raise ValueError("two stores have the same id")
        for place, spec in enumerate(specs):
            self._fill(spec, orders, inventory, seed + place, start, lifelike)
        self._app = make_app(self._backend)

    # -- the server

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Serve on the loopback, in a thread of its own."""
        if self._server is None:
            self._server = Server(self._app, self._port)

    def close(self) -> None:
        """Stop serving and close the data; a state file keeps it."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._data.close()
        self._closed.set()

    def wait(self) -> None:
        """Do nothing until it is closed or interrupted."""
        # In short waits: a long one can't be interrupted everywhere.
        while not self._closed.wait(0.25):
            pass

    @property
    def port(self) -> int:
        """The port it serves on."""
        if self._server is None:
            raise RuntimeError("the sandbox isn't serving: use `with` or start()")
        return self._server.port

    @property
    def url(self) -> str:
        """The API's root."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def app(self) -> Flask:
        """The web application, to be called in process."""
        return self._app

    @property
    def stores(self) -> list[StoreSpec]:
        """The stores it holds."""
        return list(self._backend.stores.values())

    @property
    def store_id(self) -> str:
        """The id of the first store."""
        return self.stores[0].id

    @property
    def api_key(self) -> str:
        """The key of the first store."""
        return self.stores[0].key

    @property
    def requests(self) -> list[Seen]:
        """Every request so far, oldest first: the list itself, so that it can be cleared."""
        return self._backend.seen

    @property
    def switches(self) -> Switches:
        """How the server behaves where nobody says how; can be set while it serves."""
        return self._backend.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self._backend.switches = switches

    def bucket(self, store_id: str | None = None) -> Bucket:
        """A store's token bucket, to be drained or filled."""
        return self._backend.buckets[self._spec(store_id).id]

    # -- what is stored

    def orders(self, store_id: str | None = None) -> list[Json]:
        """Every order, by id, as it would be on the wire."""
        with self._data.transaction():
            return self._data.documents("order", self._spec(store_id).id)

    def order(self, order_id: str | int, store_id: str | None = None) -> Json:
        """One order; KeyError when there is none."""
        with self._data.transaction():
            return _there(self._data.order(self._spec(store_id).id, str(order_id)), "order", order_id)

    def history(self, order_id: str | int, store_id: str | None = None) -> list[Json]:
        """The order history of one order."""
        with self._data.transaction():
            return self._data.history(self._spec(store_id).id, str(order_id))

    def inventory(self, store_id: str | None = None) -> list[Json]:
        """Every inventory item, by id."""
        with self._data.transaction():
            return self._data.documents("inventory", self._spec(store_id).id)

    def inventory_item(self, item_id: str | int, store_id: str | None = None) -> Json:
        """One inventory item; KeyError when there is none."""
        with self._data.transaction():
            return _there(self._data.item(self._spec(store_id).id, item_id), "inventory item", item_id)

    # -- changes behind the client's back

    def put_order(
        self, document: Mapping[str, Any], store_id: str | None = None, *, touch: bool = True
    ) -> Json:
        """Keep an order exactly as given (with its `id`); `touch` sets its `date_updated` to now."""
        spec = self._spec(store_id)
        order = dict(document) | ({"date_updated": self._call(spec).now} if touch else {})
        with self._data.transaction():
            self.order(order["id"], spec.id)
            self._data.put_order(spec.id, order)
        return order

    def add_order(self, document: Mapping[str, Any], store_id: str | None = None) -> Json:
        """Make an order as `POST /orders` would; ValueError when that would be refused."""
        with self._data.transaction():
            return _unrefused(
                lambda: routes_orders.add_order(self._call(self._spec(store_id)), dict(document))
            )

    def delete_order(self, order_id: str | int, store_id: str | None = None) -> None:
        """Delete an order."""
        with self._data.transaction():
            self._data.delete_order(self._spec(store_id).id, self.order(order_id, store_id)["id"])

    def add_shipment(
        self, order_id: str | int, document: Mapping[str, Any], store_id: str | None = None
    ) -> Json:
        """Make a shipment as `POST /orders/{id}/shipments` would."""
        call = self._call(self._spec(store_id))
        with self._data.transaction():
            order = self.order(order_id, store_id)
            return _unrefused(lambda: routes_nested.add_shipment(call, order, dict(document)))

    def put_inventory(
        self, document: Mapping[str, Any], store_id: str | None = None, *, touch: bool = True
    ) -> Json:
        """Keep an inventory item exactly as given (with its `id`); `touch` sets its `date_updated` to now."""
        spec = self._spec(store_id)
        item = dict(document) | ({"date_updated": self._call(spec).now} if touch else {})
        with self._data.transaction():
            self.inventory_item(item["id"], spec.id)
            self._data.put_items(spec.id, [item])
        return item

    def add_inventory(self, document: Mapping[str, Any], store_id: str | None = None) -> Json:
        """Make an inventory item as `POST /inventory-items` would."""
        with self._data.transaction():
            return _unrefused(
                lambda: routes_inventory.add_item(self._call(self._spec(store_id)), dict(document))
            )

    def delete_inventory(self, item_id: str | int, store_id: str | None = None) -> None:
        """Delete an inventory item."""
        with self._data.transaction():
            self._data.delete_item(self._spec(store_id).id, self.inventory_item(item_id, store_id)["id"])

    def dump(self) -> dict[str, Any]:
        """The whole state: `stores` (orders, inventory and history of each, by id) and the `next` ids."""
        with self._data.transaction():
            return {
                "stores": {store: self._dump(store) for store in self._backend.stores},
                "next": self._data.counters(),
            }

    def restore(self, dump: Mapping[str, Any]) -> None:
        """Put a state that was dumped in the place of this one; requests and buckets are left alone."""
        with self._data.transaction():
            self._data.replace(dump["stores"], dump["next"])

    def _dump(self, store: str) -> dict[str, Any]:
        return {
            "orders": {order["id"]: order for order in self._data.documents("order", store)},
            "inventory": {str(item["id"]): item for item in self._data.documents("inventory", store)},
            "history": self._data.histories(store),
        }

    def _fill(
        self, spec: StoreSpec, orders: int, inventory: int, number: int, now: datetime, lifelike: bool
    ) -> None:
        with self._data.transaction():
            if not self._data.seeded(spec.id):
                seed.fill(
                    self._data,
                    spec,
                    orders=orders if spec.orders is None else spec.orders,
                    inventory=inventory if spec.inventory is None else spec.inventory,
                    seed=number if spec.seed is None else spec.seed,
                    now=now,
                )
                if lifelike:
                    lively.liven(self._data, spec, seed=number if spec.seed is None else spec.seed, now=now)

    def _spec(self, store_id: str | None) -> StoreSpec:
        return self._backend.stores[store_id] if store_id else self.stores[0]

    def _call(self, spec: StoreSpec) -> Call:
        return Call(spec, self._data, self._backend.switches, self._backend.moment())


def serve(box: Sandbox, announce: Callable[[Sandbox], object] | None = None) -> None:
    """Serve a sandbox in the foreground until it is interrupted; `announce` is called when it is ready."""
    with box:
        if announce is not None:
            announce(box)
        with suppress(KeyboardInterrupt):
            box.wait()


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _there(document: Json | None, what: str, key: object) -> Json:
    if document is None:
        raise KeyError(f"no {what} {key}")
    return document


def _unrefused(work: Callable[[], Json]) -> Json:
    try:
        return work()
    except Refused as refused:
        raise ValueError(refused.message) from None
