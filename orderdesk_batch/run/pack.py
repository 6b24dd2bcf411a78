"""This file holds how plans and sheets become rows of a run file, and values of theirs again."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from ..kinds import CLEAR, Value
from ..plan.change import Change, ItemChange, Step
from ..sheets.sheet import BadCell, Literal


def encode(value: Value) -> Any:
    """A value as JSON that `decode` turns back into the same value."""
    if isinstance(value, Literal):
        return {"$": "literal", "v": str(value)}
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        inner = {key: encode(held) for key, held in value.items()}
        return {"$": "map", "v": inner} if "$" in value else inner
    if isinstance(value, (list, tuple)):
        return [encode(held) for held in value]
    return _strange(value)


def _strange(value: Value) -> Any:
    """A value that JSON does not know, as a map with its sort."""
    if isinstance(value, Decimal):
        return {"$": "decimal", "v": str(value)}
    if isinstance(value, dt.datetime):
        return {"$": "datetime", "v": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$": "date", "v": value.isoformat()}
    if isinstance(value, dt.time):
        return {"$": "time", "v": value.isoformat()}
    if isinstance(value, BadCell):
        return {"$": "bad", "v": [value.text, value.reason, value.hint, value.code]}
    if value is CLEAR:
        return {"$": "clear"}
    raise TypeError(f"{type(value).__name__} can't be kept in a run")


def decode(value: Any) -> Value:
    """The value that `encode` wrote."""
    if isinstance(value, list):
        return [decode(held) for held in value]
    if not isinstance(value, dict):
        return value
    match value.get("$"):
        case "clear":
            return CLEAR
        case "decimal":
            return Decimal(value["v"])
        case "datetime":
            return dt.datetime.fromisoformat(value["v"])
        case "date":
            return dt.date.fromisoformat(value["v"])
        case "time":
            return dt.time.fromisoformat(value["v"])
        case "bad":
            return BadCell(*value["v"])
        case "literal":
            return Literal(value["v"])
        case "map":
            return {key: decode(held) for key, held in value["v"].items()}
        case _:
            return {key: decode(held) for key, held in value.items()}


_FEW: Final = 1000  # bytes that are not worth compressing


def dumps(value: Any) -> str:
    """A value as the JSON text of what `encode` makes of it; there must be no `Literal` in it.

    The encoder of the standard library goes over it and asks for what JSON does not know. Only where the value
    itself has a `$` is it taken apart in Python, which takes ten times as long.
    """
    met = 0

    def strange(one: Value) -> Any:
        nonlocal met
        met += 1
        return _strange(one)

    text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, default=strange).encode(value)
    return text if '"$"' not in text or text.count('"$"') == met else _exactly(value)


def _exactly(value: Any) -> str:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))


def pack(value: Any, *, literal: bool = False) -> bytes:
    """A value as few bytes; `literal`: there is a `Literal` in it."""
    blob = (_exactly(value) if literal else dumps(value)).encode()
    return blob if len(blob) < _FEW else zlib.compress(blob, 1)


def unpack(blob: bytes) -> Any:
    """The value that `pack` wrote."""
    return loads((blob if blob[:1] in (b"{", b"[") else zlib.decompress(blob)).decode())


def loads(text: str) -> Any:
    """The value whose text `dumps` gave."""
    held = json.loads(text)
    return decode(held) if '"$"' in text else held


_BODY = ("rows", "key", "id", "order_id", "fields", "read_at", "page", "about", "after", "note", "relative", "mark",
         "undoes", "tab", "restore", "store", "among")  # fmt: skip
_TOLD: Final = ("rows", "key", "page", "relative", "restore")  # even where blank; of the others blank is what they are anyway


def change_row(change: Change) -> tuple[Any, ...]:
    """A change as a row of the table of changes."""
    body = {name: held for name in _BODY if (held := getattr(change, name)) or name in _TOLD}
    if change.items:
        body["items"] = [
            {name: getattr(item, name) for name in ("action", "id", "code", "rows", "fields", "before", "restore")}
            for item in change.items
        ]
    before = None if change.before is None else pack(change.before)
    return (change.number, change.resource, change.action, pack(body), before)


def change_from(row: tuple[Any, ...], steps: list[Step]) -> Change:
    """The change that a row holds."""
    number, resource, action, body, before = row
    held = unpack(body)
    items = [ItemChange(**item) for item in held.pop("items", ())]
    return Change(
        number, resource, action, **held, items=items, steps=steps,
        before=None if before is None else unpack(before),
    )  # fmt: skip


def index_of(change: Change, step: Step) -> int:
    """The place of a step in its change."""
    return next(n for n, held in enumerate(change.steps) if held is step)


def step_row(change: int, number: int, step: Step) -> tuple[Any, ...]:
    """A step as a row of the journal."""
    answer = dumps(step.answer) if step.answer else "{}"
    return (change, number, step.verb, step.state, step.message, step.begun_at, step.tries,
            int(step.passing), int(step.refused), answer)  # fmt: skip


_ROWS_A_PART: Final = 2000


def sheet_rows(sheet: dict[str, Any]) -> Iterator[tuple[str, str, int, bytes]]:
    """A sheet as rows: its head, and its cells in parts."""
    head = {name: held for name, held in sheet.items() if name != "columns"}
    yield (sheet["tab"], "head", 0, pack(head))
    for start in range(0, len(sheet["rows"]), _ROWS_A_PART):
        part: list[Sequence[Any]] = [column[start : start + _ROWS_A_PART] for column in sheet["columns"]]
        literal = any(type(cell) is Literal for column in part for cell in column)
        yield (sheet["tab"], "cells", start, pack(part, literal=literal))
