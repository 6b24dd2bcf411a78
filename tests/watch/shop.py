"""This file holds Shop: a sandbox whose time only moves when told, and watchers of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store

NOW = datetime(2026, 3, 20, 12, 0, 0, tzinfo=UTC)


class Shop:
    """A store, its time, and desks that watch it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.at = 0.0
        self.skew = 0.0  # how far this machine's clock is off
        self.box = Sandbox(orders=30, inventory=10, bucket=(10**9, 1e9), clock=lambda: self.at, now=NOW)
        self.box.start()
        self.desks: list[Desk] = []
        self.pass_time(3600)

    def pass_time(self, seconds: float) -> None:
        """Time goes on."""
        self.at += seconds

    def clock(self) -> float:
        """The time of this machine."""
        return NOW.timestamp() + self.at + self.skew

    def store(self, **options: Any) -> Store:
        given: dict[str, Any] = {"base_url": self.box.url, "wait": lambda seconds: None, "bucket": Bucket(10**6, 1e6), **options}
        return Store(self.box.store_id, self.box.api_key, **given)

    def desk(self, **options: Any) -> Desk:
        """A desk as a new process would make it, with the same home."""
        made = Desk(self.store(**options), folder=self.folder / "home", clock=self.clock)
        self.desks.append(made)
        return made

    def look(self, what: str = "orders", **options: Any) -> list[Any]:
        """The events of one look by a new process."""
        with self.desk() as desk:
            return list(desk.watch(what, once=True, **options))

    def names(self, what: str = "orders", **options: Any) -> list[str]:
        """The names of the events of one look, with the records' keys."""
        return [f"{event.event} {event.key}" for event in self.look(what, **options)]

    def watch_file(self, file: Path, what: str = "orders", **options: Any) -> None:
        """One look by a new process that writes to a file."""
        with self.desk() as desk:
            watcher = desk.watcher(what, output=file, **options)
            try:
                watcher.once()
            finally:
                watcher.close()

    def change(self, order_id: str, *, touch: bool = True, **fields: Any) -> None:
        """Somebody changes an order, a second later."""
        self.pass_time(1)
        self.box.put_order({**self.box.order(order_id), **fields}, touch=touch)

    def add(self, number: str, source: str = "Shopify", **fields: Any) -> str:
        """An order comes, a second later; its id."""
        self.pass_time(1)
        made = self.box.add_order(
            {
                "source_id": number,
                "source_name": source,
                "shipping": {"first_name": "Ada", "last_name": "Byron"},
                "order_items": [{"name": "Mug", "code": "MUG", "quantity": 1, "price": 5}],
                **fields,
            }
        )
        return str(made["id"])

    def close(self) -> None:
        for desk in self.desks:
            desk.close()
        self.box.close()


def in_file(path: Path) -> list[dict[str, Any]]:
    """The events in a .jsonl file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
