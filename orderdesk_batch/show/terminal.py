"""This file holds what the terminal shows of plans, problems and results.

Everything is drawn on a rich Console that the caller owns. Texts of sheets and stores reach it only
as `Text`, never as markup, and cleaned of control characters.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import Problem
from ..plan.change import Change, Plan
from . import table, words
from .words import SIGNS, clean, many

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

LIMIT: Final = 20  # changes shown of a long plan
_FIELDS: Final = 8  # fields shown of one update
_LEAST: Final = 40  # columns; on less a table is no help
# Told apart by those who see no red or green; the signs and words say the same without any colour.
COLOURS: Final = {
    "create": "cyan", "update": "yellow", "delete": "bold magenta", "none": "dim", "skip": "dim", "refused": "bold red",
    "done": "cyan", "failed": "bold red", "stale": "yellow", "unknown": "bold magenta", "waiting": "yellow", "begun": "bold magenta",
}  # fmt: skip
_DOING: Final = {"create": "to create", "update": "to update", "delete": "to delete", "none": "as it is", "skip": "skipped"}


class _Signs:
    """The marks that the console at hand can show: old Windows consoles know only ASCII."""

    def __init__(self, console: Console) -> None:
        plain = console.options.ascii_only or console.legacy_windows
        self.arrow, self.dots, self.dot, self.bullet = ("->", "...", "|", "*") if plain else ("→", "…", "·", "•")
        self.plain = plain


def plan(console: Console, plan: Plan, *, limit: int = LIMIT) -> None:
    """Draw a plan: what will happen to which record, old and new, then the totals and what it sets off.

    Args:
        limit: how many changes are drawn one by one; 0 for all.
    """
    signs = _Signs(console)
    _say(console, _title(plan, signs))
    writing = list(plan.writing())
    chosen = table.some(writing, limit) if limit else writing
    if chosen:
        console.print()
        console.print(_table(console, plan, chosen, signs), highlight=False)
    left = len(writing) - len(chosen)
    if left:
        rest = words.listed([many(n, action, action) for action, n in _by_action(writing, chosen).items()])
        _say(console, _text(("  " + signs.dots + f" and {left:,} more: {rest}", "dim")))
    console.print()
    _totals(console, plan, signs)
    if plan.problems:
        problems(console, plan.problems)


def problems(console: Console, problems: Sequence[Problem], *, limit: int = 3) -> None:
    """Draw problems grouped by reason, errors first, each group with its first few places and the remedy."""
    signs = _Signs(console)
    for level in ("error", "warning"):
        for group in groups(problem for problem in problems if problem.level == level):
            console.print()
            _group(console, group, limit, signs)


def results(
    console: Console, plan: Plan, *, results: Path | str | None = None, limit: int = LIMIT
) -> None:
    """Draw what became of a plan: the counts, what was not done and why, where the results are, how to go on."""
    signs = _Signs(console)
    counts = plan.results
    said = _text(("Done" if counts["done"] == sum(counts.values()) else "Not all was done", "bold"), ": ")
    parts = [(f"{n:,} {state}", COLOURS[state]) for state, n in counts.items() if n or state == "done"]
    for index, part in enumerate(parts):
        said.append_text(_text(", " * bool(index), part))
    _say(console, said)
    undone = [change for change in plan.writing() if change.state not in ("done", "waiting")]
    if undone:
        console.print()
        console.print(_undone(undone[:limit], signs), highlight=False)
        if len(undone) > limit:
            _say(console, _text((f"  {signs.dots} and {len(undone) - limit:,} more, all in the results", "dim")))
    console.print()
    for line in _next_steps(plan, counts, results):
        _say(console, line)


def question(plan: Plan) -> str:
    """What is asked before anything is sent: the store, the counts, the calls, the time."""
    counts = plan.counts
    one = words.noun(plan.resource)
    doing = [f"{action} {many(counts[action], one)}" for action in ("create", "update", "delete") if counts[action]]
    return f"{words.listed(doing).capitalize()} in {_store(plan)}? {_effort(plan)}"


def problems_text(found: Sequence[Problem], limit: int = 3, width: int = 100) -> str:
    """The problems as plain text, grouped by reason."""
    console = _plain(width)
    problems(console, found, limit=limit)
    return _written(console)


def plan_text(of: Plan, limit: int = LIMIT, width: int = 100) -> str:
    """The plan as plain text."""
    console = _plain(width)
    plan(console, of, limit=limit)
    return _written(console)


def results_text(of: Plan, path: Path | str | None = None, width: int = 100) -> str:
    """What became of the plan, as plain text."""
    console = _plain(width)
    results(console, of, results=path)
    return _written(console)


# How it is drawn -------------------------------------------------------------------------------------------


def groups(problems: Iterator[Problem]) -> list[list[Problem]]:
    """The problems by sort, the largest group first; within one they are in the sheet's order."""
    found: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        found[problem.code or problem.reason, problem.column or ""].append(problem)
    return sorted(found.values(), key=len, reverse=True)


def _text(*parts: str | tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*parts)


def _say(console: Console, text: Text) -> None:
    console.print(text, highlight=False)


def _plain(width: int) -> Console:
    from rich.console import Console

    return Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False)


def _written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()).strip("\n")


def _store(plan: Plan) -> str:
    name, number = clean(plan.store_name), clean(plan.store_id)
    return f"{name} (store {number})" if name and number else name or (f"store {number}" if number else "the store")


def _title(plan: Plan, signs: _Signs) -> Text:
    what = "Undo" if plan.undoes else "Plan"
    text = _text((what, "bold"), f"  {plan.resource}")
    if plan.undoes:
        text.append(f", taking back {clean(Path(plan.undoes).name)}")
    elif plan.sheet_name:
        text.append(f" from {clean(plan.sheet_name)}")
    text.append_text(_text(f" {signs.arrow} ", (_store(plan), "bold")))
    return text


def _by_action(writing: Sequence[Change], chosen: Sequence[Change]) -> dict[str, int]:
    counts: dict[str, int] = {}
    drawn = {id(change) for change in chosen}
    for change in writing:
        if id(change) not in drawn:
            counts[change.action] = counts.get(change.action, 0) + 1
    return counts


def _effort(plan: Plan) -> str:
    return f"This takes {many(plan.calls, 'call')}, {words.about(plan.seconds)}."


def _table(console: Console, plan: Plan, changes: Sequence[Change], signs: _Signs) -> object:
    from rich.table import Table

    narrow = console.width < 100
    grid = Table(box=None, pad_edge=True, padding=(0, 1), header_style="dim", show_edge=False, collapse_padding=True)
    grid.add_column("Row", justify="right", no_wrap=True, max_width=9)
    grid.add_column("Do", no_wrap=True, min_width=8)
    grid.add_column("Item" if plan.resource == "inventory" else "Order", overflow="fold", max_width=16 if narrow else 24)
    subjects = [table.subject(change) for change in changes]
    with_who = any(subject.who for subject in subjects)
    if with_who:
        grid.add_column("Name" if plan.resource == "inventory" else "For", overflow="ellipsis", no_wrap=True,
                        max_width=18 if narrow else 32)  # fmt: skip
    grid.add_column("Change", overflow="fold", ratio=1)
    taken = 42 if narrow and with_who else 26 if narrow else 64
    room = max(console.width - taken, _LEAST // 2)
    moved = any(change.state != "waiting" for change in changes)
    if moved:
        grid.add_column("State", no_wrap=True)
    several = plan.resource not in ("orders", "items", "shipments", "inventory")
    for change, subject in zip(changes, subjects, strict=True):
        colour = COLOURS[change.action]
        sort = f" {words.noun(change.resource)}" if several else ""
        cells: list[Text] = [
            _text((table.rows_of(change), "dim")),
            _text((f"{SIGNS[change.action]} {change.action}{sort}", colour)),
            _text((subject.number, "bold")),
        ]
        if with_who:
            cells.append(_text(subject.who))
        cells.append(_what(change, subject, room, signs))
        if moved:
            cells.append(_text((change.state, COLOURS[change.state])))
        grid.add_row(*cells)
    return grid


def _what(change: Change, subject: table.Subject, room: int, signs: _Signs) -> Text:
    drawn = list(table.lines([change]))
    if change.action == "create":
        text = _created(drawn, room, signs)
    elif not drawn[0].field:
        text = _text(subject.part)
    else:
        text = _updated(drawn, subject, room, signs)
    if change.note:
        text.append_text(_text("\n" if text else "", (clean(change.note), "dim")))
    return text


def _created(drawn: Sequence[table.Line], room: int, signs: _Signs) -> Text:
    """A new record: what it is known by, then the rest in a line or two."""
    if not drawn[0].field:
        return _text()
    named = [line for line in drawn if line.new]
    text = _text((words.cut(named[0].new, room, signs.dots), "bold cyan")) if named else _text()
    rest = [(line.field, words.cut(line.new, 30, signs.dots)) for line in named[1:]]
    width, shown = 0, 0
    for name, value in rest:
        width += len(name) + len(value) + 4
        if shown and width > room * 2:
            break
        shown += 1
        text.append_text(_text("\n" if shown == 1 else f" {signs.dot} ", (f"{name} ", "dim"), value.replace(" ", "\u00a0")))
    if shown < len(rest):
        text.append(f" {signs.dot} {many(len(rest) - shown, 'field')} more", "dim")
    return text


def _updated(drawn: Sequence[table.Line], subject: table.Subject, room: int, signs: _Signs) -> Text:
    """A changed record: a line for each field, old → new, in columns where they fit."""
    text = _text((f"{subject.part}\n", "")) if subject.part else _text()
    name_width = min(max(len(line.field) for line in drawn), max(room // 3, 12))
    each = max((room - name_width - 6) // 2, 8)
    pairs = [words.contrast(line.old or words.BLANK, line.new or words.BLANK, each, signs.dots) for line in drawn]
    old_width = max(len(old) for old, _ in pairs[:_FIELDS])
    for index, (line, (old, new)) in enumerate(zip(drawn[:_FIELDS], pairs, strict=False)):
        name = words.cut(line.field, name_width, signs.dots)
        text.append_text(
            _text(
                "\n" * bool(index), (f"{name:<{name_width}}  ", ""), (f"{old:>{old_width}}", "dim"),
                (f" {signs.arrow} ", "dim"), (new, "bold"),
            )  # fmt: skip
        )
    if len(drawn) > _FIELDS:
        text.append(f"\n{signs.dots} and {many(len(drawn) - _FIELDS, 'field')} more", "dim")
    return text


def _totals(console: Console, plan: Plan, signs: _Signs) -> None:
    counts = plan.counts
    parts = [(f"{counts[a]:,} {_DOING[a]}", COLOURS[a]) for a in _DOING if counts[a]]
    if plan.refused:
        parts.append((f"{plan.refused:,} refused", COLOURS["refused"]))
    line = _text("  ")
    for index, part in enumerate(parts or [("Nothing to do", "bold")]):
        line.append_text(_text(f"  {signs.dot}  " if index else "", part))
    _say(console, line)
    for (action, note), changes in table.left_alone(plan).items():
        rows = words.spans([row for change in changes for row in change.rows])
        why = f": {note}" if note else ""
        where = f" (row{'s' if len(changes) > 1 else ''} {rows})" if rows else ""
        _say(console, _text((f"  {SIGNS[action]} {_DOING[action]}{why}{where}", "dim")))
    if not plan.is_empty():
        _say(console, _text(f"  {_effort(plan)}"))
    if plan.sets_off:
        console.print()
        _say(console, _text(("  This sets off", "bold")))
        for said in plan.sets_off:
            _bullet(console, signs.bullet, _text(clean(said)))
    if plan.unsafe:
        console.print()
        _say(console, _text(("  Safety limit  ", "bold red"), (clean(plan.unsafe), "bold")))


def _bullet(console: Console, mark: str, text: Text, indent: int = 2) -> None:
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    grid.add_row(mark, text)
    console.print(Padding(grid, (0, 0, 0, indent)), highlight=False)


def _group(console: Console, group: Sequence[Problem], limit: int, signs: _Signs) -> None:
    first = group[0]
    is_error = first.level == "error"
    label = (("problem " if is_error else "warning "), "bold red" if is_error else "bold yellow")
    if len(group) == 1:
        _bullet(console, "", _text(label, clean(str(first))), 1)
        return
    reasons, hints = {problem.reason for problem in group}, {problem.hint for problem in group}
    under = f"{clean(first.column)}: " if first.column else ""
    reason = clean(first.reason) if len(reasons) == 1 else "see each"
    _bullet(console, "", _text(label, (f"{under}{reason}", "bold"), f" ({many(len(group), 'place')})"), 1)
    for problem in group[:limit]:
        where = clean(problem.place.rpartition(", ")[2]) or (f"row {problem.row}" if problem.row else "")
        said = f'"{words.cut(clean(problem.value), 40, signs.dots)}"' if problem.value is not None else ""
        said += f" {clean(problem.reason)}" if len(reasons) > 1 else ""
        said += f". {clean(problem.hint)}" if len(hints) > 1 and problem.hint else ""
        _bullet(console, "", _text((f"{where:<6}", "dim"), f"  {said.strip()}"), 9)
    if len(group) > limit:
        rows = [problem.row for problem in group[limit:] if problem.row is not None]
        more = f" (rows {words.spans(rows)})" if rows else ""
        _bullet(console, "", _text((f"{signs.dots} and {len(group) - limit:,} more{more}", "dim")), 9)
    if len(hints) == 1 and first.hint:
        _bullet(console, "", _text((f"{signs.arrow} ", "dim"), clean(first.hint)), 9)


def _undone(changes: Sequence[Change], signs: _Signs) -> object:
    from rich.table import Table

    grid = Table(box=None, padding=(0, 1), header_style="dim", show_edge=False)
    grid.add_column("Row", justify="right", no_wrap=True, max_width=9)
    grid.add_column("State", no_wrap=True)
    grid.add_column("Order", no_wrap=True, max_width=40, overflow="ellipsis")
    grid.add_column("Why", overflow="fold", ratio=1)
    by_state = sorted(changes, key=lambda change: (change.state, change.number))
    for state, group in groupby(by_state, key=lambda change: change.state):
        for change in group:
            subject = table.subject(change)
            who = f"{subject.number}  {subject.who or subject.part}"
            grid.add_row(_text((table.rows_of(change), "dim")), _text((state, COLOURS[state])), _text(who),
                         _text(clean(change.message)))  # fmt: skip
    return grid


def _next_steps(plan: Plan, counts: Mapping[str, int], results: Path | str | None) -> Iterator[Text]:
    if counts["unknown"]:
        yield _text(
            ("  unknown ", COLOURS["unknown"]),
            "means: sent, but the store never said whether it was done. It is not sent again on its own; look at it first.",
        )
    if results:
        yield _text("  Results  ", (clean(str(results)), "bold"))
    if not plan.run:
        return
    run = words.quoted(plan.run)
    passing = any(step.passing for change in plan.writing() for step in change.steps if step.state == "failed")
    if counts["waiting"] or counts["unknown"] or passing:
        yield _text("  Go on    ", (f"orderdesk-batch resume {run}", "bold"))
    if counts["done"]:
        yield _text("  Undo     ", (f"orderdesk-batch undo {run}", "bold"))
