"""This file holds what the terminal shows of a plan: what will happen, to which record, old and new, and the totals.

It is drawn on a rich Console that the caller owns. Texts of sheets and stores reach it only as `Text`,
never as markup, and cleaned of control characters.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..plan.change import Plan
from . import findings, paper, sections, table, words
from .paper import COLOURS, Signs, say, text
from .words import SIGNS, clean, many

if TYPE_CHECKING:
    from rich.console import Console

LIMIT: Final = 20  # changes shown of a long plan
_NAMED: Final = 6  # stores that a question names one by one
_DOING: Final = {"create": "to create", "update": "to update", "delete": "to delete", "none": "as they are", "skip": "skipped"}


def plan(console: Console, plan: Plan, *, limit: int = LIMIT) -> None:
    """Draw a plan: what will happen to which record, old and new, then the totals and what it sets off.

    Args:
        limit: how many changes are drawn one by one; 0 for all.
    """
    signs = Signs(console)
    _title(console, plan, signs)
    parts = table.sections(plan)
    shares = table.shares([len(section.changes) for section in parts], limit or len(plan.changes))
    for section, share in zip(parts, shares, strict=True):
        console.print()
        sections.draw(console, section, share, signs)
    console.print()
    _totals(console, plan, signs)
    if plan.problems:
        findings.problems(console, plan.problems)


def plan_text(of: Plan, limit: int = LIMIT, width: int = 100) -> str:
    """The plan as plain text."""
    console = paper.plain_console(width)
    plan(console, of, limit=limit)
    return paper.written(console)


def question(plan: Plan) -> str:
    """What is asked before anything is sent: the store, the counts, the calls, the time."""
    counts = plan.counts
    one = words.noun(plan.resource)
    doing = [f"{action} {many(counts[action], one)}" for action in ("create", "update", "delete") if counts[action]]
    said = words.listed(doing) or "send nothing"
    each = by_store(plan)
    where = f"in {store(plan)}"
    if each:
        where = f"in {many(len(each), 'store')}"
    if 0 < len(each) <= _NAMED:
        where += f" ({words.listed([f'{count:,} in {name}' for name, count in each.items()])})"
    return f"{effort(plan)} {said[0].upper()}{said[1:]} {where}?"


def by_store(plan: Plan) -> dict[str, int]:
    """How many records something is sent for, by the stores' names; nothing for a plan about one store."""
    held = Counter(change.store for change in plan.writing())
    return {clean(one["name"]): held[one["name"]] for one in plan.stores if held[one["name"]]}


def store(plan: Plan) -> str:
    """The store for people: its name, and the number that tells it from others of that name."""
    name, number = words.cut(clean(plan.store_name), 60, "..."), clean(plan.store_id)
    return f"{name} (store {number})" if name and number else name or (f"store {number}" if number else "the store")


def effort(plan: Plan) -> str:
    """How many calls sending it takes, and how long."""
    return f"This takes {many(plan.calls, 'call')}, {words.about(plan.seconds)}."


def _title(console: Console, plan: Plan, signs: Signs) -> None:
    what = "Undo" if plan.undoes else "Plan"
    of = f" of {clean(Path(plan.undoes).name)}" if plan.undoes else f" from {clean(plan.sheet_name)}" if plan.sheet_name else ""
    say(console, (what, "bold"), f"  {plan.resource}{of} {signs.arrow} ", (store(plan), "bold"))


def _totals(console: Console, plan: Plan, signs: Signs) -> None:
    counts = plan.counts
    begun = any(change.state != "waiting" for change in plan.writing())
    if begun:  # `show RUN`: how far it has come says more than what was meant
        parts = [(f"{n:,} {state}", COLOURS[state]) for state, n in plan.results.items() if n]
        parts += [(f"{counts[a]:,} {_DOING[a]}", COLOURS[a]) for a in ("none", "skip") if counts[a]]
    else:
        parts = [(f"{counts[a]:,} {_DOING[a]}", COLOURS[a]) for a in _DOING if counts[a]]
    if plan.refused:
        parts.append((f"{plan.refused:,} refused", COLOURS["refused"]))
    line: list[Any] = []
    for part in parts or [("Nothing to do", "bold")]:
        line += [f"  {signs.dot}  ", part] if line else [part]
    say(console, *line)
    for (action, note), changes in table.left_alone(plan).items():
        rows = words.spans(row for change in changes for row in change.rows)
        where = f" (row{'s' if len(changes) > 1 else ''} {rows})" if rows else ""
        if note:
            say(console, (f"{SIGNS[action]} {note}{where}", "dim"), indent=2)
    if begun:
        return
    if each := by_store(plan):
        say(console, ("By store  ", "bold"), f" {signs.dot} ".join(f"{name} {count:,}" for name, count in each.items()))
    if not plan.is_empty():
        say(console, effort(plan))
    if plan.sets_off:
        console.print()
        say(console, ("This sets off", "bold"))
        for said in plan.sets_off:
            paper.bullet(console, signs.bullet, text(clean(said)))
    if plan.unsafe:
        console.print()
        say(console, ("Safety limit  ", "bold red"), (clean(plan.unsafe), "bold"))
