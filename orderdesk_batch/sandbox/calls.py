"""What an endpoint is given and what it answers with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .data import Data
from .documents import MAPS
from .spec import StoreSpec
from .switches import Switches
from .wire import Json, Refused, date_text, dumps

__all__ = ["Answer", "Call", "Handler", "Route", "listed"]


@dataclass(frozen=True)
class Call:
    """One request for one store, already let in."""

    spec: StoreSpec
    data: Data
    switches: Switches
    moment: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""

    @property
    def store(self) -> str:
        """The store's id."""
        return self.spec.id

    @property
    def now(self) -> str:
        """The server's time, as it writes it."""
        return date_text(self.moment)

    def body(self) -> Any:
        """The JSON that was sent."""
        try:
            body = json.loads(self.raw, parse_constant=_no_number)
            # Half a character, which JSON can write, is none that could be kept.
            if b"\\u" in self.raw:
                dumps(body).encode()
        except (ValueError, RecursionError):
            raise Refused("Invalid JSON", 400) from None
        if self.switches.list_for_map == "refused":
            _no_list_for_map(body)
        return body

    def document(self, wrapper: str = "") -> Json:
        """The JSON that was sent, which must be an object with something in it."""
        body = self.body()
        # A document inside an object of its own would pass for one that has none of its fields.
        if not isinstance(body, dict) or not body or isinstance(body.get(wrapper), dict):
            raise Refused("Invalid Request")
        return body

    def batch(self) -> list[Any]:
        """The JSON that was sent, which must be a bare list with something in it."""
        body = self.body()
        if not isinstance(body, list) or not body:
            raise Refused("Invalid Request")
        self.check_size(body)
        return body

    def check_size(self, entries: list[Any]) -> None:
        """Refuse a batch with more entries than the switch allows."""
        most = self.switches.batch_max
        if most is not None and len(entries) > most:
            raise Refused("Request Entity Too Large", 413)

    def order(self, order_id: str) -> Json:
        """An order of this store."""
        order = self.data.order(self.store, order_id)
        if order is None:
            raise self.missing("Order")
        return order

    def missing(self, what: str) -> Refused:
        """The refusal for a record that isn't there."""
        return Refused(f"{what} Not Found", 404 if self.switches.missing == "404" else 200)

    def touch(self, order: Json, kind: str) -> None:
        """Move an order's `date_updated`, if a nested write of this kind does."""
        if kind in self.switches.touches:
            order["date_updated"] = self.now


@dataclass(frozen=True)
class Answer:
    """A success: its message, its other keys, and lists already in JSON."""

    message: str = ""
    keys: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    created: bool = False

    def parts(self) -> list[str]:
        """The body's members as JSON text, without status and time."""
        parts = [f'"message":{dumps(self.message)}'] if self.message else []
        parts += [f"{dumps(name)}:{dumps(value)}" for name, value in self.keys.items()]
        parts += [f"{dumps(name)}:[{','.join(entries)}]" for name, entries in self.lists.items()]
        return parts


def _no_list_for_map(body: Any) -> None:
    entries = body if isinstance(body, list) else body.values() if isinstance(body, dict) else ()
    for name in MAPS if isinstance(body, dict) else ():
        if body.get(name) == []:
            raise Refused(f"{name} must be an object")
    for entry in entries:
        _no_list_for_map(entry)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


Handler = Callable[..., Answer]
Route = tuple[str, str, Handler]
"""A method, a path below the API's root as Flask writes it, and what answers it."""


def listed(
    call: Call, total: int, limit: int, offset: int, name: str, docs: list[str], *, as_text: bool
) -> Answer:
    """The answer of a list; the total is text where the server is used to."""
    if call.switches.total_records == "zero":
        total = 0
    return Answer(
        keys={
            "total_records": str(total) if as_text else total,
            "records_returned": len(docs),
            "offset": offset,
            "limit": limit,
        },
        lists={name: docs},
    )
