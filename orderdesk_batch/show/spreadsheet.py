"""This file holds the workbook of a plan: a line for each changed field, to be filtered, and the problems beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from ..errors import Problem
from ..kinds import Value
from ..plan.change import Change, Plan
from ..sheets.workbook import Tab, write_book
from . import table, words
from .terminal import store
from .words import clean, noun

HEADINGS: Final = ("row", "action", "record", "key", "for", "field", "old", "new", "state", "note")
WIDTHS: Final = {"row": 9, "store": 16, "action": 10, "record": 14, "key": 34, "for": 30, "field": 28, "old": 32, "new": 32, "state": 10, "note": 40}
PROBLEMS: Final = ("row", "column", "value", "what is wrong", "what to do", "level", "place")
_TONES: Final = {"create": "good", "delete": "bad", "update": "", "none": "quiet", "skip": "quiet"}


def workbook(plan: Plan, path: str | os.PathLike[str]) -> list[Problem]:
    """Write the plan as a workbook and give what it can't hold.

    Raises:
        UsageError: the place can't be written to.
    """
    lines = list(_lines(plan))
    tones = [_TONES[change.action] for change, _ in lines]
    problems = [
        [
            problem.row, _text(problem.column), _text(problem.value), clean(problem.reason), _text(problem.hint), problem.level,
            _text(problem.place),
        ]
        for problem in plan.problems
    ]  # fmt: skip
    headings = ("row", "store", *HEADINGS[1:]) if plan.stores else HEADINGS
    warned = ["warn" if problem.level == "warning" else "bad" for problem in plan.problems]
    return write_book(
        path,
        [
            Tab("Plan", headings, [line for _, line in lines], tone=tones.__getitem__, text_columns=(headings.index("key"),),
                widths={at: WIDTHS[heading] for at, heading in enumerate(headings)}),
            Tab("Problems", PROBLEMS, problems, tone=warned.__getitem__,
                widths={0: 7, 1: 26, 2: 26, 3: 50, 4: 60, 5: 10, 6: 28}),
            Tab("Summary", ("what", "said"), list(_summary(plan)), widths={0: 22, 1: 100}, wrap=True),
        ],
    )  # fmt: skip


def _lines(plan: Plan) -> Iterator[tuple[Change, list[Any]]]:
    for change in plan.changes:
        row = change.rows[0] if len(change.rows) == 1 else table.rows_of(change)
        lead = [row, *([clean(change.store)] if plan.stores else []), change.action, noun(change.resource), clean(change.key), table.subject(change).who or None]
        state = change.state if change.writes else None
        for name, old, new in table.values_of(change) or [("", None, None)]:
            yield change, [*lead, name or None, _value(old), _value(new), state, clean(change.message) or None]


def _value(value: Value) -> Value:
    return clean(value) if isinstance(value, str) else value


def _text(text: str | None) -> str | None:
    return clean(text) if text else None


def _summary(plan: Plan) -> Iterator[list[Any]]:
    yield ["store", store(plan)]
    yield ["sheet", clean(plan.sheet_name)]
    for word, count in plan.counts.items():
        if count:
            yield [word, count]
    yield ["calls", f"{plan.calls:,}, {words.about(plan.seconds)}"]
    for said in plan.sets_off:
        yield ["sets off", clean(said)]
    if plan.unsafe:
        yield ["safety limit", clean(plan.unsafe)]
    if plan.run:
        yield ["to apply exactly this", f"orderdesk-batch apply {words.quoted(plan.run)}"]
