"""This file holds how plans and sheets become rows of a run file, and values of theirs again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..packing import dumps, loads, pack, unpack
from ..plan.change import Change, ItemChange, Step
from ..sheets.sheet import Literal

_BODY = ("rows", "key", "id", "order_id", "fields", "read_at", "page", "about", "after", "note", "relative", "mark",
         "undoes", "tab", "restore", "store", "among")  # fmt: skip
_TOLD: Final = ("rows", "key", "page", "relative", "restore")  # even where blank; of the others blank is what they are anyway


def change_row(change: Change) -> tuple[Any, ...]:
    """A change as a row of the table of changes."""
    body = {name: held for name in _BODY if (held := getattr(change, name)) or name in _TOLD}
    body |= {name: dict(body[name].items()) for name in ("fields", "about") if name in body}
    if change.items:
        body["items"] = [
            {name: getattr(item, name) for name in ("action", "id", "code", "rows", "before", "restore")} | {"fields": dict(item.fields.items())}
            for item in change.items
        ]
    before = None if (held := change.before) is None else pack(held)
    return (change.number, change.resource, change.action, pack(body), before)


def change_from(row: tuple[Any, ...], steps: list[Step]) -> Change:
    """The change that a row holds."""
    number, resource, action, body, before = row
    held = unpack(body)
    items = [ItemChange(**item) for item in held.pop("items", ())] or ()
    return Change(
        number, resource, action, **held, items=items, steps=steps,
        kept=None if before is None else unpack(before),
    )  # fmt: skip


def index_of(change: Change, step: Step) -> int:
    """The place of a step in its change."""
    return next(n for n, held in enumerate(change.steps) if held is step)


def step_row(change: int, number: int, step: Step) -> tuple[Any, ...]:
    """A step as a row of the journal."""
    answer = dumps(step.learnt) if step.learnt else "{}"
    return (change, number, step.verb, step.state, step.message, step.begun_at, step.tries,
            int(step.passing), int(step.refused), answer)  # fmt: skip


def step_from(row: tuple[Any, ...]) -> Step:
    """The step that a row of the journal holds."""
    _, _, verb, state, message, begun_at, tries, passing, refused, answer = row
    return Step(verb, state, message, begun_at, tries, bool(passing), bool(refused), loads(answer) if answer != "{}" else None)


_ROWS_A_PART: Final = 2000


def sheet_rows(sheet: dict[str, Any]) -> Iterator[tuple[str, str, int, bytes]]:
    """A sheet as rows: its head, and its cells in parts."""
    head = {name: held for name, held in sheet.items() if name != "columns"}
    yield (sheet["tab"], "head", 0, pack(head))
    for start in range(0, len(sheet["rows"]), _ROWS_A_PART):
        part: list[Sequence[Any]] = [column[start : start + _ROWS_A_PART] for column in sheet["columns"]]
        literal = any(type(cell) is Literal for column in part for cell in column)
        yield (sheet["tab"], "cells", start, pack(part, literal=literal))
