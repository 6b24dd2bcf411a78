"""This file holds what is said after a plan was applied: what was done, what was not and why, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..plan.change import Change, Plan
from . import paper, table, words
from .paper import COLOURS, Signs, say, text
from .words import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

LIMIT: Final = 20


def results(console: Console, plan: Plan, file: Path | str | None = None, *, limit: int = LIMIT) -> None:
    """Draw what became of a plan: the counts, what was not done and why, where the results are, how to go on.

    Args:
        file: where the results are, if the plan does not say.
    """
    signs = Signs(console)
    counts = plan.results
    whole = counts["done"] == sum(counts.values()) and not plan.refused
    line: list[Any] = [("Done: " if whole else "Not everything was done: ", "bold")]
    parts = [(f"{n:,} {state}", COLOURS[state]) for state, n in counts.items() if n or state == "done"]
    parts += [(f"{plan.refused:,} refused", COLOURS["refused"])] if plan.refused else []
    for place, part in enumerate(parts):
        line += [", ", part] if place else [part]
    say(console, *line)
    undone = [change for change in plan.writing() if change.state not in ("done", "waiting")]
    if undone:
        console.print()
        paper.sheet(console, _undone(undone[:limit]))
        if len(undone) > limit:
            say(console, (f"{signs.dots} and {len(undone) - limit:,} more", "dim"), indent=2)
    console.print()
    _next_steps(console, plan, file or plan.results_file)


def results_text(of: Plan, path: Path | str | None = None, width: int = 100) -> str:
    """What became of the plan, as plain text."""
    console = paper.plain_console(width)
    results(console, of, path)
    return paper.written(console)


def _undone(changes: Sequence[Change]) -> Table:
    grid = paper.grid()
    grid.add_column("Row", justify="right", no_wrap=True)
    grid.add_column("State", no_wrap=True)
    grid.add_column("Order" if changes[0].resource != "inventory" else "Item", no_wrap=True, max_width=32, overflow="ellipsis")
    grid.add_column("Why", overflow="fold")
    for change in sorted(changes, key=lambda change: (change.state, change.number)):
        subject = table.subject(change)
        who = text((subject.number, "bold"), f"  {subject.who or subject.part}")
        state = text((change.state, COLOURS[change.state]))
        grid.add_row(text((table.rows_of(change), "dim")), state, who, text(clean(change.message)))
    return grid


def _next_steps(console: Console, plan: Plan, file: Path | str | None) -> None:
    counts = plan.results
    grid = paper.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.show_header = False
    if counts["unknown"]:
        said = (
            "Sent, but the store never said whether it was done. It is not sent again on its own: look at it in Order Desk first."
        )
        grid.add_row(text(("unknown", COLOURS["unknown"])), said)
    if file:
        grid.add_row("results", text((clean(str(file)), "bold")))
    if plan.problems_file:
        grid.add_row(
            "to mend", text((clean(plan.problems_file), "bold"), "  the refused rows alone; mend them and upload that file")
        )
    if plan.run:
        run = words.quoted(plan.run)
        passing = any(step.passing for change in plan.writing() for step in change.steps if step.state == "failed")
        if counts["waiting"] or counts["unknown"] or passing:
            grid.add_row("go on", text((f"orderdesk-batch resume {run}", "bold")))
        if counts["done"]:
            grid.add_row("take back", text((f"orderdesk-batch undo {run}", "bold")))
    if grid.rows:
        paper.sheet(console, grid, 0)
