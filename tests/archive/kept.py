"""This file holds Kept: a sandbox whose time only moves when told, and an archive of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orderdesk_batch import archive
from orderdesk_batch.archive import Archived
from orderdesk_batch.archive.places import RESOURCES
from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store, loads

NOW = datetime(2026, 3, 20, 12, 0, 0, tzinfo=UTC)
Rows = dict[str, dict[tuple[str, ...], dict[str, Any]]]


class Kept:
    """A store, its time, and its archive."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.home = folder / "home"
        self.folder = folder / "archive"
        self.at = 0.0
        given = {"orders": 60, "inventory": 6, **options}
        self.box = Sandbox(bucket=(10**9, 1e9), clock=lambda: self.at, now=NOW, **given)
        self.box.start()
        self.stores: list[Store] = []
        self.asked: list[str] = []  # the requests of the last update
        self.pass_time(3600)

    def close(self) -> None:
        for store in self.stores:
            store.close()
        self.box.close()

    def pass_time(self, seconds: float = 3600) -> None:
        self.at += seconds

    def clock(self) -> float:
        return NOW.timestamp() + self.at

    def desk(self, url: str = "", spec: Any = None, **options: Any) -> Desk:
        """A desk as a new process would make it; it asks for one page at a time."""
        of = spec or self.box.stores[0]
        given: dict[str, Any] = {"wait": lambda seconds: None, "bucket": Bucket(10**6, 1e6), "workers": 1, **options}
        store = Store(of.id, of.key, base_url=url or self.box.url, **given)
        self.stores.append(store)
        return Desk(store, folder=self.home, clock=self.clock)

    def update(self, folder: Path | None = None, *, desk: Desk | None = None, **options: Any) -> Archived:
        self.box.requests.clear()
        try:
            return (desk or self.desk()).archive(folder or self.folder, **options)
        finally:
            self.asked = [f"{seen.path}?{seen.query}" for seen in self.box.requests]

    def anew(self, name: str = "in one go") -> Rows:
        """What an archive holds that is made in one go, now."""
        folder = self.folder.with_name(name)
        shutil.rmtree(folder, ignore_errors=True)
        self.update(folder)
        return contents(folder)

    def documents(self) -> dict[str, dict[str, Any]]:
        """What the store holds, as a client reads it."""
        store = self.desk().store
        return {name: {str(one["id"]): one for one in store.records(name)} for name in ("orders", "inventory")}

    def change(self, order: int, **fields: Any) -> None:
        """Change the n-th order behind the client's back."""
        self.box.put_order({**self.box.orders()[order], **fields})


def contents(folder: Path, files: Callable[..., list[Path]] = archive.files) -> Rows:
    """All that an archive holds, by record: every cell, and the month."""
    found: Rows = {}
    for resource in RESOURCES:
        rows = found.setdefault(resource, {})
        for path in files(folder, resource):
            with pq.ParquetFile(path) as file:
                said = json.loads(file.schema_arrow.metadata[b"orderdesk-batch"])
                for row in file.read().to_pylist():
                    key = (said["store"], row.get("order.id") or "", str(row.get("id") or row.get("item_id") or row.get("shipment_id")))
                    assert key not in rows, f"{resource} {key} is there twice"
                    rows[key] = {**row, "month": said["month"]}
    return found


def by_pattern(folder: Path, resource: str) -> list[Path]:
    """The files that a reader finds that knows nothing of manifests."""
    return sorted((folder / resource).glob("**/*.parquet"))


def held(folder: Path) -> dict[str, dict[str, Any]]:
    """The documents that an archive holds."""
    rows = contents(folder)
    return {name: {key[-1]: loads(row["document"]) for key, row in rows[name].items()} for name in ("orders", "inventory")}
