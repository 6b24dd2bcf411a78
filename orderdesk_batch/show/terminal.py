"""This file holds what the terminal shows of a plan: what will happen, to which record, old and new, and the totals.

It is drawn on a rich Console that the caller owns. Texts of sheets and stores reach it only as `Text`,
never as markup, and cleaned of control characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..plan.change import Change, Plan
from . import findings, paper, table, words
from .paper import COLOURS, Signs, say, text
from .table import Section
from .words import SIGNS, clean, many

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

LIMIT: Final = 20  # changes shown of a long plan
_FIELDS: Final = 8  # fields shown of one update
_WIDEST: Final = 28  # columns of the terminal that a field may take
_GAP: Final = 2
_DOING: Final = {"create": "to create", "update": "to update", "delete": "to delete", "none": "as they are", "skip": "skipped"}


def plan(console: Console, plan: Plan, *, limit: int = LIMIT) -> None:
    """Draw a plan: what will happen to which record, old and new, then the totals and what it sets off.

    Args:
        limit: how many changes are drawn one by one; 0 for all.
    """
    signs = Signs(console)
    _title(console, plan, signs)
    sections = table.sections(plan)
    shares = table.shares([len(section.changes) for section in sections], limit or len(plan.changes))
    for section, share in zip(sections, shares, strict=True):
        console.print()
        _section(console, section, share, signs)
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
    return f"{effort(plan)} {said[0].upper()}{said[1:]} in {store(plan)}?"


def store(plan: Plan) -> str:
    """The store for people: its name, and the number that tells it from others of that name."""
    name, number = words.cut(clean(plan.store_name), 60), clean(plan.store_id)
    return f"{name} (store {number})" if name and number else name or (f"store {number}" if number else "the store")


def effort(plan: Plan) -> str:
    """How many calls sending it takes, and how long."""
    return f"This takes {many(plan.calls, 'call')}, {words.about(plan.seconds)}."


def _title(console: Console, plan: Plan, signs: Signs) -> None:
    what = "Undo" if plan.undoes else "Plan"
    of = f" of {clean(Path(plan.undoes).name)}" if plan.undoes else f" from {clean(plan.sheet_name)}" if plan.sheet_name else ""
    say(console, (what, "bold"), f"  {plan.resource}{of} {signs.arrow} ", (store(plan), "bold"))


def _section(console: Console, section: Section, share: int, signs: Signs) -> None:
    action, drawn = section.action, section.changes[:share]
    left = len(section.changes) - share
    heading = f"{SIGNS[action]} {action} {many(len(section.changes), words.noun(section.resource))}"
    say(console, (heading, COLOURS[action]))
    draw: dict[str, Callable[..., list[Any] | None]] = {"create": _created, "update": _updated, "delete": _deleted}
    after = draw[action](console, section, drawn, signs)
    if left:
        say(console, (f"{signs.dots} and {left:,} more", "dim"), indent=2)
    if after:
        say(console, *after, indent=2)


def _leads(grid: Table, section: Section, drawn: Sequence[Change], width: int) -> int:
    """The columns that say which record: row, number, name; and how much room they take."""
    subjects = [table.subject(change) for change in drawn]
    is_stock = section.resource == "inventory"
    headings = ("Row", "Item" if is_stock else "Order", "Name" if is_stock else "For")
    columns = ([table.rows_of(c) for c in drawn], [s.number for s in subjects], [s.who for s in subjects])
    most = (11, 18, 32 if width >= 110 else 24 if width >= 96 else 17)
    taken = 0
    for heading, cells, widest in zip(headings, columns, most, strict=True):
        if not any(cells) and heading != "Row":
            continue
        size = min(max(map(_size, [heading, *cells])), widest)
        grid.add_column(heading, justify="right" if heading == "Row" else "left", no_wrap=True, overflow="ellipsis", width=size)
        taken += size + _GAP
    return taken


def _lead(change: Change, grid: Table) -> list[Text]:
    """The cells of those columns for one change."""
    subject = table.subject(change)
    headings = {column.header for column in grid.columns}
    cells = [text((table.rows_of(change), "dim"))]
    if headings & {"Item", "Order"}:
        cells.append(text((subject.number, "bold")))
    if headings & {"Name", "For"}:
        cells.append(text(subject.who))
    return cells


def _state(grid: Table, drawn: Sequence[Change]) -> bool:
    """A column for how far each change has come, once any has begun."""
    moved = any(change.state != "waiting" for change in drawn)
    if moved:
        grid.add_column("State", no_wrap=True)
    return moved


def _created(console: Console, section: Section, drawn: Sequence[Change], signs: Signs) -> list[Any]:
    """New records: a column for each field, as many as there is room for; what is the same in all is said once."""
    grid = paper.grid()
    room = console.width - 3 - _leads(grid, section, drawn, console.width)
    same = table.same_in_all(section.changes)
    values = [{name: new for name, _, new in table.fields_of(change)} for change in drawn]
    names = list(dict.fromkeys(name for held in values for name in held))
    about = {"shipping.first_name", "shipping.last_name", "shipping.city"}  # said under "For" already
    wanted = [name for name in names if name not in same and name not in about and not name.startswith("item.")]
    wanted = wanted or names[:1]
    shown: list[str] = []
    room -= 10 * any(change.state != "waiting" for change in drawn)
    for name in wanted:
        size = min(max(_size(name), *(_size(words.cut(held.get(name, ""), _WIDEST)) for held in values)), _WIDEST)
        if shown and size + _GAP > room:
            break
        shown.append(name)
        room -= size + _GAP
        grid.add_column(name, no_wrap=len(shown) > 1, overflow="ellipsis" if len(shown) > 1 else "fold")
    items = [len(change.items) for change in drawn]
    if any(items):
        grid.add_column("items", justify="right")
    moved = _state(grid, drawn)
    for change, held, count in zip(drawn, values, items, strict=True):
        cells = [words.cut(held.get(name, ""), _WIDEST if place else 60, signs.dots) for place, name in enumerate(shown)]
        tail = [text(f"{count:,}")] if any(items) else []
        tail += [text((change.state, COLOURS[change.state]))] if moved else []
        grid.add_row(*_lead(change, grid), *(text((cell, "" if place else "bold")) for place, cell in enumerate(cells)), *tail)
    paper.sheet(console, grid)
    return _also(section, same, [name for name in names if name in same or name in shown or name in about], signs)


def _also(section: Section, same: Mapping[str, str], said: Sequence[str], signs: Signs) -> list[Any]:
    """A line on the fields that have no column of their own."""
    parts: list[Any] = []
    if same:
        values = f" {signs.dot} ".join(f"{name} {words.cut(value, 40, signs.dots)}" for name, value in list(same.items())[:6])
        parts.append((f"in all of them: {values}", "dim"))
    others = {name for change in section.changes for name, _, _ in table.fields_of(change)} - set(said) - set(same)
    others = {name for name in others if not name.startswith("item.")}
    if others:
        names = sorted(others)[:4]
        more = f" and {len(others) - 4:,} more" if len(others) > 4 else ""
        parts.append((f"{chr(10) if parts else ''}besides: {', '.join(names)}{more}", "dim"))
    return parts


def _updated(console: Console, section: Section, drawn: Sequence[Change], signs: Signs) -> None:
    """Changed records: a line for each field, old → new; beside the record where there is room, else below it."""
    grid = paper.grid()
    room = console.width - 3
    lead = _leads(grid, section, drawn, console.width)
    parts = [table.subject(change).part for change in drawn]
    which = min(max(map(_size, parts)), 24)
    states = [change.state for change in drawn]
    moved = set(states) != {"waiting"}
    beside = room - lead - (which + _GAP) * bool(which) - 10 * moved
    if _needs(drawn, signs) <= beside:
        if which:
            grid.add_column("Which", no_wrap=True, overflow="ellipsis", width=which)
        _pair_columns(grid, drawn, beside, signs)
        if moved:
            grid.add_column("State", no_wrap=True)
        for change, part, state in zip(drawn, parts, states, strict=True):
            for place, cells in enumerate(_pairs(change, 999, signs)):
                head = [*_lead(change, grid), *([text(part)] if which else [])]
                blank = [text() for _ in head]
                tail = [text((state, COLOURS[state]))] if moved and place == 0 else []
                grid.add_row(*(blank if place else head), *cells, *tail)
        paper.sheet(console, grid)
        return
    for change, part, state in zip(drawn, parts, states, strict=True):
        subject = table.subject(change)
        about: list[Any] = [(table.rows_of(change), "dim"), "  ", (words.cut(subject.number, 24, signs.dots), "bold")]
        about += [f"  {words.cut(said, 36, signs.dots)}" for said in (subject.who, part) if said]
        say(console, *about, *([("  " + state, COLOURS[state])] if moved else []), indent=2)
        grid = paper.grid()
        grid.show_header = False
        each = _pair_columns(grid, [change], console.width - 6, signs)
        for cells in _pairs(change, each, signs):
            grid.add_row(*cells)
        paper.sheet(console, grid, 6)


def _needs(changes: Sequence[Change], signs: Signs) -> int:
    """How much room the fields of these changes take in full."""
    lines = list(table.lines(changes))
    sizes = [
        max(_size(part) for part in column)
        for column in zip(*((li.field, _one(li.old), _one(li.new)) for li in lines), strict=True)
    ]
    return sum(sizes) + 3 * _GAP + len(signs.arrow)


def _one(value: str) -> str:
    """A value on one line; a blank one as a word."""
    return words.cut(value, 9999) or words.BLANK


def _pair_columns(grid: Table, changes: Sequence[Change], room: int, signs: Signs) -> int:
    """Columns for field, old and new, shared out of the room there is; gives how long a value may be."""
    lines = list(table.lines(changes))
    name = min(max(_size(line.field) for line in lines), max(room * 2 // 5, 12))
    room -= name + len(signs.arrow) + 3 * _GAP
    need_old = max(_size(_one(line.old)) for line in lines)
    need_new = max(_size(_one(line.new)) for line in lines)
    old = max(min(need_old, max(room // 2, room - need_new)), 7)
    new = max(min(need_new, room - old), 7)
    grid.add_column("Field", no_wrap=True, overflow="ellipsis", width=name)
    grid.add_column("Old", justify="right", no_wrap=True, overflow="ellipsis", width=old)
    grid.add_column("", width=len(signs.arrow))
    grid.add_column("New", no_wrap=True, overflow="ellipsis", width=new)
    return min(old, new) if need_old > old or need_new > new else 999


def _pairs(change: Change, each: int, signs: Signs) -> Iterator[list[Text]]:
    """The cells for field, old and new of a change, then what is to be said of it."""
    fields = table.fields_of(change)
    for name, old, new in fields[:_FIELDS]:
        old, new = words.contrast(_one(old), _one(new), each, signs.dots)
        yield [text(name), text((old, "dim")), text((signs.arrow, "dim")), text((new, "bold"))]
    if len(fields) > _FIELDS:
        yield [text((f"{signs.dots} and {len(fields) - _FIELDS:,} more", "dim"))]
    if change.note:
        yield [text((clean(change.note), "dim"))]


def _deleted(console: Console, section: Section, drawn: Sequence[Change], signs: Signs) -> None:
    """Records to be taken away."""
    grid = paper.grid()
    _leads(grid, section, drawn, console.width)
    part = any(table.subject(change).part or change.note for change in drawn)
    if part:
        grid.add_column("Which", overflow="fold")
    moved = _state(grid, drawn)
    for change in drawn:
        which = [text(" ".join(filter(None, [table.subject(change).part, clean(change.note)])))] if part else []
        state = [text((change.state, COLOURS[change.state]))] if moved else []
        grid.add_row(*_lead(change, grid), *which, *state)
    paper.sheet(console, grid)


def _size(cell: str) -> int:
    from rich.cells import cell_len

    return cell_len(cell)


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
