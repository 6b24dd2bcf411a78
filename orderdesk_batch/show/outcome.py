"""This file holds what is said after a plan was applied: what was done, what was not and why, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import STORE_FAILED
from ..plan.change import Change, Plan
from . import paper, table, words
from .paper import COLOURS, Grid, Signs, bullet, copyable, say, size, text
from .words import clean

if TYPE_CHECKING:
    from rich.console import Console

LIMIT: Final = 20


def results(console: Console, plan: Plan, file: Path | str | None = None, *, limit: int = LIMIT) -> None:
    """Draw what became of a plan: the counts, what was not done and why, where the results are, how to go on.

    Args:
        file: where the results are, if the plan does not say.
    """
    signs = Signs(console)
    counts = plan.results
    total = sum(counts.values())
    whole = counts["done"] == total and not plan.refused
    line: list[Any] = [("Nothing to send: " if not total else "Done: " if whole else "Not everything was done: ", "bold")]
    parts = [(f"{n:,} {state}", COLOURS[state]) for state, n in counts.items() if n or (state == "done" and total)]
    alone = plan.counts["none"] + plan.counts["skip"]
    parts += [(f"{alone:,} as they are", "dim")] if alone or not total else []
    parts += [(f"{plan.refused:,} refused", COLOURS["refused"])] if plan.refused else []
    for place, part in enumerate(parts):
        line += [", ", part] if place else [part]
    say(console, *line)
    undone = [change for change in plan.writing() if change.state not in ("done", "waiting")]
    if undone:
        console.print()
        _undone(undone[:limit], signs).draw(console)
        if len(undone) > limit:
            say(console, (f"{signs.dots} and {len(undone) - limit:,} more", "dim"), indent=2)
    failed = [problem for problem in plan.problems if problem.code == STORE_FAILED]
    if failed:
        console.print()
        for problem in failed:
            bullet(console, signs.bullet, text((clean(problem.reason), "bold"), f" {clean(problem.hint or '')}"))
    console.print()
    _next_steps(console, plan, file or plan.results_file)


def results_text(of: Plan, path: Path | str | None = None, width: int = 100) -> str:
    """What became of the plan, as plain text."""
    console = paper.plain_console(width)
    results(console, of, path)
    return paper.written(console)


def _undone(changes: Sequence[Change], signs: Signs) -> Grid:
    grid = Grid(signs)
    in_order = sorted(changes, key=lambda change: (change.state, change.number))
    subjects = [table.subject(change) for change in in_order]
    who = [text(f"{subject.store}  " if subject.store else "", (subject.number, "bold"), f"  {subject.who or subject.part}") for subject in subjects]
    grid.column("Row", max(3, *(size(table.rows_of(change)) for change in changes)), right=True)
    grid.column("State", 7)
    grid.column("Item" if changes[0].resource == "inventory" else "Order", min(max(cell.cell_len for cell in who), 32))
    grid.column("Why")
    for change, cell in zip(in_order, who, strict=True):
        state = text((change.state, COLOURS[change.state]))
        grid.row(text((table.rows_of(change), "dim")), state, cell, text(clean(change.message)))
    return grid


def _next_steps(console: Console, plan: Plan, file: Path | str | None) -> None:
    counts = plan.results
    if counts["unknown"]:
        said = "was sent, but the store never said whether it was done. It is not sent again on its own: look at it in Order Desk first."
        bullet(console, text(("unknown   ", COLOURS["unknown"])), text(said), 0)
    if file:
        copyable(console, "results    ", text((clean(str(file)), "bold")))
    if plan.problems_file:
        copyable(
            console,
            "to mend    ",
            text((clean(plan.problems_file), "bold"), "  (the refused rows alone: mend them, upload that file)"),
        )
    if plan.run:
        run = words.quoted(plan.run)
        passing = any(step.passing for change in plan.writing() for step in change.steps if step.state == "failed")
        if counts["waiting"] or counts["unknown"] or passing:
            copyable(console, "go on      ", text((f"orderdesk-batch resume {run}", "bold")))
        if counts["done"]:
            copyable(console, "take back  ", text((f"orderdesk-batch undo {run}", "bold")))
