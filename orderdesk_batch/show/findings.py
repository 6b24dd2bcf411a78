"""This file holds how problems are told: grouped by reason, with the first few places and the remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import Problem
from . import paper, words
from .paper import Signs, bullet, say, text
from .words import clean, many

if TYPE_CHECKING:
    from rich.console import Console


def problems(console: Console, problems: Sequence[Problem], *, limit: int = 3) -> None:
    """Draw problems, errors first, each group with its first few places and the remedy."""
    signs = Signs(console)
    for level, one, style in (("error", "problem", "bold red"), ("warning", "warning", "bold yellow")):
        found = [problem for problem in problems if problem.level == level]
        if not found:
            continue
        console.print()
        say(console, (many(len(found), one), style))
        for group in groups(found):
            _group(console, group, limit, signs)


def problems_text(found: Sequence[Problem], limit: int = 3, width: int = 100) -> str:
    """The problems as plain text, grouped by reason."""
    console = paper.plain_console(width)
    problems(console, found, limit=limit)
    return paper.written(console)


def groups(problems: Iterable[Problem]) -> list[list[Problem]]:
    """The problems by sort and column, the largest group first; within one they are in the sheet's order."""
    found: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        found[problem.code or problem.reason, problem.column or ""].append(problem)
    return sorted(found.values(), key=len, reverse=True)


def heading(group: Sequence[Problem]) -> str:
    """What the problems of a group have in common: column and reason."""
    first = group[0]
    reason = clean(first.reason)
    if len({problem.reason for problem in group}) > 1:
        reason = ""
    return ": ".join(filter(None, [clean(first.column or ""), reason])) or "several reasons"


def place(problem: Problem) -> str:
    """Where a problem is, without the file's name: "Orders!F7"."""
    return clean(problem.place.rpartition(", ")[2]) or (f"row {problem.row}" if problem.row is not None else "")


def _group(console: Console, group: Sequence[Problem], limit: int, signs: Signs) -> None:
    first = group[0]
    if len(group) == 1:
        bullet(console, signs.bullet, text(clean(str(first))))
        return
    reasons, hints = {problem.reason for problem in group}, {problem.hint for problem in group}
    bullet(console, signs.bullet, text((heading(group), "bold"), (f"  ({many(len(group), 'place')})", "dim")))
    size = max(len(place(problem)) for problem in group[:limit])
    for problem in group[:limit]:
        said = f'"{words.cut(clean(problem.value), 40, signs.dots)}" ' if problem.value is not None else ""
        said += clean(problem.reason) if len(reasons) > 1 else ""
        if len(hints) > 1 and problem.hint:
            said = f"{said.strip()}{'. ' if said.strip() else ''}{clean(problem.hint)}"
        bullet(console, text((f"{place(problem):<{size}}", "dim")), text(said.strip()), 6)
    if len(group) > limit:
        rows = [problem.row for problem in group[limit:] if problem.row is not None]
        more = f" (row{'s' if len(rows) > 1 else ''} {words.spans(rows)})" if rows else ""
        say(console, (f"{signs.dots} and {len(group) - limit:,} more{more}", "dim"), indent=6)
    if len(hints) == 1 and first.hint:
        bullet(console, text((signs.arrow, "dim")), text(clean(first.hint)), 6)
