"""The data of the sandbox's stores: documents as JSON in SQLite, beside a narrow table of what filters look at."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .wire import Json, dumps

__all__ = ["FIRST_IDS", "INVENTORY_COLUMNS", "ORDER_COLUMNS", "Data", "order_row"]

_PERSON_COLUMNS = ("first_name", "last_name", "company", "address1", "phone")
_TOP_COLUMNS = ("folder_id", "source_id", "source_name", "date_added", "date_updated", "email", "customer_id")
ORDER_COLUMNS = (
    *_TOP_COLUMNS,
    *(f"customer_{name}" for name in _PERSON_COLUMNS),
    *(f"shipping_{name}" for name in _PERSON_COLUMNS),
)
INVENTORY_COLUMNS = ("name", "code", "location", "update_source", "metadata", "date_updated")
FIRST_IDS: Mapping[str, int] = {"order": 7000001, "item": 90000001, "shipment": 50000001, "inventory": 300001}

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS orders (store TEXT, id INTEGER, {", ".join(f"{name} TEXT" for name in ORDER_COLUMNS)},
    PRIMARY KEY (store, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS order_docs (store TEXT, id INTEGER, doc TEXT, history TEXT, PRIMARY KEY (store, id));
CREATE INDEX IF NOT EXISTS orders_added ON orders (store, date_added, id);
CREATE INDEX IF NOT EXISTS orders_source ON orders (store, source_id);
CREATE TABLE IF NOT EXISTS inventory (store TEXT, id INTEGER,
    {", ".join(f"{name} TEXT" for name in INVENTORY_COLUMNS)}, PRIMARY KEY (store, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inventory_docs (store TEXT, id INTEGER, doc TEXT, PRIMARY KEY (store, id));
CREATE INDEX IF NOT EXISTS inventory_code ON inventory (store, code);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER);
CREATE TABLE IF NOT EXISTS seeded (store TEXT PRIMARY KEY);
"""
_TABLES = ("orders", "order_docs", "inventory", "inventory_docs", "counters")
_PUT_ORDER = f"INSERT OR REPLACE INTO orders VALUES ({', '.join('?' * (len(ORDER_COLUMNS) + 2))})"
_PUT_ORDER_DOC = "INSERT OR REPLACE INTO order_docs VALUES (?, ?, ?, ?)"
_PUT_INVENTORY = f"INSERT OR REPLACE INTO inventory VALUES ({', '.join('?' * (len(INVENTORY_COLUMNS) + 2))})"
_PUT_INVENTORY_DOC = "INSERT OR REPLACE INTO inventory_docs VALUES (?, ?, ?)"


def order_row(store: str, order: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the filters look at, of one order."""
    # An address that was blanked is an empty list on the wire.
    people = [order["customer"] or {}, order["shipping"] or {}]
    return (
        store,
        int(order["id"]),
        *(order[name] for name in _TOP_COLUMNS),
        *(person.get(name, "") for person in people for name in _PERSON_COLUMNS),
    )


def _inventory_row(store: str, item: Mapping[str, Any]) -> tuple[Any, ...]:
    metadata = " ".join(f"{key} {value}" for key, value in dict(item["metadata"] or {}).items())
    values = {**item, "metadata": metadata}
    return (store, int(item["id"]), *(values[name] for name in INVENTORY_COLUMNS))


class Data:
    """All stores' documents; every use is inside `transaction`, one at a time."""

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        target = ":memory:" if path is None else str(path)
        self._db = sqlite3.connect(target, check_same_thread=False, isolation_level=None)
        # Also for whoever forgets to close it.
        self._finish = weakref.finalize(self, self._db.close)
        # The data is made up: speed before safety.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA journal_mode = MEMORY")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._finish()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing of it; nobody else gets in between."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def seeded(self, store: str) -> bool:
        """Whether the store was filled before (in a state file); marks it filled."""
        done = self._db.execute("INSERT OR IGNORE INTO seeded VALUES (?)", (store,))
        return done.rowcount == 0

    def next_id(self, kind: str, step: int = 1) -> int:
        """A new id, never given before; `step` reserves so many at once."""
        row = self._db.execute("SELECT value FROM counters WHERE name = ?", (kind,)).fetchone()
        value: int = row[0] if row else FIRST_IDS[kind]
        self._db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (kind, value + step))
        return value

    def analyze(self) -> None:
        """Count what there is, so that SQLite finds the right index."""
        self._db.execute("ANALYZE")

    # -- orders

    def order(self, store: str, order_id: str) -> Json | None:
        """One order's document."""
        return self._document("order_docs", store, order_id)

    def put_order(self, store: str, order: Json) -> None:
        """Keep an order's document under its id."""
        history = dumps(self.history(store, order["id"]))
        self.put_orders(store, [(order_row(store, order), dumps(order), history)])

    def put_orders(self, store: str, rows: Iterable[tuple[tuple[Any, ...], str, str]]) -> None:
        """Keep many orders at once: what filters look at, the document's JSON and its history's."""
        rows = list(rows)
        self._db.executemany(_PUT_ORDER, [row for row, _, _ in rows])
        self._db.executemany(_PUT_ORDER_DOC, [(store, row[1], doc, history) for row, doc, history in rows])

    def delete_order(self, store: str, order_id: str) -> None:
        """Forget an order, with its history."""
        for table in ("orders", "order_docs"):
            self._db.execute(f"DELETE FROM {table} WHERE store = ? AND id = ?", (store, int(order_id)))

    def history(self, store: str, order_id: str) -> list[Json]:
        """The history of an order."""
        row = self._db.execute(
            "SELECT history FROM order_docs WHERE store = ? AND id = ?", (store, int(order_id))
        ).fetchone()
        return list(json.loads(row[0])) if row else []

    def put_history(self, store: str, order_id: str, history: list[Json]) -> None:
        """Keep the history of an order."""
        self._db.execute(
            "UPDATE order_docs SET history = ? WHERE store = ? AND id = ?",
            (dumps(history), store, int(order_id)),
        )

    def find_orders(
        self, store: str, where: str, values: list[Any], order_by: str, limit: int, offset: int
    ) -> tuple[int, list[tuple[str, str]]]:
        """How many orders a condition finds, and one page of their JSON, each with its history's."""
        return self._find(
            "orders", "order_docs", "doc, history", store, where, values, order_by, limit, offset
        )

    # -- inventory

    def item(self, store: str, item_id: str | int) -> Json | None:
        """One inventory item's document."""
        return self._document("inventory_docs", store, str(item_id))

    def put_items(self, store: str, items: Iterable[Json]) -> None:
        """Keep inventory items under their ids."""
        items = list(items)
        self._db.executemany(_PUT_INVENTORY, [_inventory_row(store, item) for item in items])
        self._db.executemany(_PUT_INVENTORY_DOC, [(store, int(item["id"]), dumps(item)) for item in items])

    def delete_item(self, store: str, item_id: str | int) -> None:
        """Forget an inventory item."""
        for table in ("inventory", "inventory_docs"):
            self._db.execute(f"DELETE FROM {table} WHERE store = ? AND id = ?", (store, int(item_id)))

    def code_taken(self, store: str, code: str, besides: int) -> bool:
        """Whether another inventory item has this code."""
        row = self._db.execute(
            "SELECT 1 FROM inventory WHERE store = ? AND code = ? AND id != ?", (store, code, besides)
        ).fetchone()
        return row is not None

    def find_items(
        self, store: str, where: str, values: list[Any], limit: int, offset: int
    ) -> tuple[int, list[tuple[str]]]:
        """How many inventory items a condition finds, and one page of their JSON."""
        return self._find("inventory", "inventory_docs", "doc", store, where, values, "id", limit, offset)

    # -- the whole

    def documents(self, table: str, store: str) -> list[Json]:
        """Every document of a store: `table` is "order" or "inventory"."""
        query = f"SELECT doc FROM {table}_docs WHERE store = ? ORDER BY id"
        return [json.loads(doc) for (doc,) in self._db.execute(query, (store,))]

    def histories(self, store: str) -> dict[str, list[Json]]:
        """The history of each order that has one."""
        query = "SELECT id, history FROM order_docs WHERE store = ? AND history != '[]' ORDER BY id"
        return {str(row): json.loads(history) for row, history in self._db.execute(query, (store,))}

    def counters(self) -> dict[str, int]:
        """The next id of each kind."""
        return dict(FIRST_IDS) | dict(self._db.execute("SELECT name, value FROM counters").fetchall())

    def replace(self, stores: Mapping[str, Mapping[str, Any]], counters: Mapping[str, int]) -> None:
        """Put documents, histories and counters in the place of all there is."""
        for table in _TABLES:
            self._db.execute(f"DELETE FROM {table}")
        self._db.executemany("INSERT INTO counters VALUES (?, ?)", counters.items())
        for store, kept in stores.items():
            history = kept["history"]
            self.put_orders(
                store,
                [
                    (order_row(store, order), dumps(order), dumps(history.get(order["id"], [])))
                    for order in kept["orders"].values()
                ],
            )
            self.put_items(store, kept["inventory"].values())

    def _document(self, table: str, store: str, key: str) -> Json | None:
        if not (key.isascii() and key.isdigit() and len(key) < 18):
            return None
        row = self._db.execute(
            f"SELECT doc FROM {table} WHERE store = ? AND id = ?", (store, int(key))
        ).fetchone()
        return json.loads(row[0]) if row else None

    def _find(
        self,
        table: str,
        docs: str,
        columns: str,
        store: str,
        where: str,
        values: list[Any],
        order_by: str,
        limit: int,
        offset: int,
    ) -> tuple[int, list[Any]]:
        condition = f"store = ? AND {where}" if where else "store = ?"
        total = self._db.execute(
            f"SELECT COUNT(*) FROM {table} WHERE {condition}", (store, *values)
        ).fetchone()[0]
        ids = [
            row[0]
            for row in self._db.execute(
                f"SELECT id FROM {table} WHERE {condition} ORDER BY {order_by} LIMIT ? OFFSET ?",
                (store, *values, limit, offset),
            )
        ]
        # Two steps, for one with a join reads every document there is before it cuts off the page.
        found = {
            row[0]: tuple(row[1:])
            for row in self._db.execute(
                f"SELECT id, {columns} FROM {docs} WHERE store = ? AND id IN ({', '.join('?' * len(ids))})",
                (store, *ids),
            )
        }
        return total, [found[key] for key in ids]
