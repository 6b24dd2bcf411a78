"""This file holds how the changes of one resource and one action are drawn at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..plan.change import Change
from . import table, words
from .paper import COLOURS, Grid, Signs, say, size, text
from .table import Section
from .words import SIGNS, clean, many

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_FIELDS: Final = 8  # fields shown of one update
_WIDEST: Final = 28  # columns of the terminal that a field of a new record may take
_GAP: Final = 2
_STATE: Final = 7  # "unknown"
_SAID_BEFORE: Final = ("shipping.first_name", "shipping.last_name", "shipping.city")  # under "For" already


def draw(console: Console, section: Section, share: int, signs: Signs) -> None:
    """Draw the first changes of a section, under a heading that counts them all."""
    action, drawn = section.action, section.changes[:share]
    left = len(section.changes) - share
    heading = f"{SIGNS[action]} {action} {many(len(section.changes), words.noun(section.resource))}"
    say(console, (heading, COLOURS[action]))
    drawing: dict[str, Callable[..., list[Any] | None]] = {"create": _created, "update": _updated, "delete": _deleted}
    after = drawing[action](console, section, drawn, signs)
    if left:
        say(console, (f"{signs.dots} and {left:,} more", "dim"), indent=2)
    if after:
        say(console, *after, indent=2)


class _Leads:
    """The columns that say which record a line is about: row, number, name."""

    def __init__(self, section: Section, drawn: Sequence[Change], width: int) -> None:
        subjects = [table.subject(change) for change in drawn]
        is_stock = section.resource == "inventory"
        headings = ("Row", "Store", "Item" if is_stock else "Order", "Name" if is_stock else "For")
        self.numbers = [s.number for s in subjects]
        columns = ([table.rows_of(c) for c in drawn], [s.store for s in subjects], self.numbers, [s.who for s in subjects])
        most = (11, 18, 18, 32 if width >= 110 else 24 if width >= 96 else 17)
        self.columns = [
            (heading, min(max(map(size, [heading, *cells])), widest), cells)
            for heading, cells, widest in zip(headings, columns, most, strict=True)
            if any(cells)
        ]
        self.room = sum(width + _GAP for _, width, _ in self.columns)

    def add_to(self, grid: Grid, spare: int = 0) -> None:
        """Add the columns; names that are cut get what room is to spare."""
        for heading, width, cells in self.columns:
            if heading in ("For", "Name"):
                width = min(width + spare, max(map(size, [heading, *cells])))
            grid.column(heading, width, right=heading == "Row")

    def cells(self, place: int) -> list[Text]:
        """The cells for the n-th change."""
        styles = {"Row": "dim", "Store": "cyan", "Order": "bold", "Item": "bold"}
        return [text((cells[place], styles.get(heading, ""))) for heading, _, cells in self.columns]

    def blank(self) -> list[Text]:
        """The cells of a further line of the same change."""
        return [text() for _ in self.columns]


def _states(drawn: Sequence[Change]) -> list[list[Text]]:
    """A cell for how far each change has come, once any has begun."""
    if all(change.state == "waiting" for change in drawn):
        return [[] for _ in drawn]
    return [[text((change.state, COLOURS[change.state]))] for change in drawn]


def _created(console: Console, section: Section, drawn: Sequence[Change], signs: Signs) -> list[Any]:
    """New records: a column for each field, as many as there is room for; what is the same in all is said once."""
    grid, leads, states = Grid(signs), _Leads(section, drawn, console.width), _states(drawn)
    items = [len(change.items) for change in drawn]
    room = console.width - 3 - leads.room - (_STATE + _GAP) * any(states) - (5 + _GAP) * any(items)
    same = table.same_in_all(section.changes)
    values = [{name: new for name, _, new in table.fields_of(change)} for change in drawn]
    names = [name for name in dict.fromkeys(name for held in values for name in held) if not name.startswith("item.")]
    said = {*_SAID_BEFORE, *(name for name in names if all(h.get(name) == n for h, n in zip(values, leads.numbers, strict=True)))}
    shown: dict[str, int] = {}
    for name in [name for name in names if name not in same and name not in said] or names[:1]:
        need = max(size(words.cut(held.get(name, ""), 99)) for held in values)
        width = min(max(size(name), need), _WIDEST if shown else max(room, 7))
        if shown and width + _GAP > room:
            break
        shown[name] = width
        room -= width + _GAP
    leads.add_to(grid, max(room, 0))
    for name, width in shown.items():
        grid.column(name, width)
    if any(items):
        grid.column("items", 5, right=True)
    if any(states):
        grid.column("State", _STATE)
    for at, held in enumerate(values):
        fields = [
            text((words.cut(held.get(name, ""), 99, signs.dots), "" if place else "bold")) for place, name in enumerate(shown)
        ]
        counts = [text(f"{items[at]:,}")] if any(items) else []
        grid.row(*leads.cells(at), *fields, *counts, *states[at])
    grid.draw(console)
    return _also(section, same, {*shown, *said}, signs)


def _also(section: Section, same: dict[str, str], shown: set[str], signs: Signs) -> list[Any]:
    """A line or two on the fields that have no column of their own."""
    parts: list[Any] = []
    same = {name: value for name, value in same.items() if name not in shown}
    if same:
        values = f" {signs.dot} ".join(f"{name} {words.cut(value, 40, signs.dots)}" for name, value in list(same.items())[:6])
        parts.append((f"in all of them: {values}", "dim"))
    others = table.names_in(section.changes) - shown - set(same)
    if others:
        more = f" and {len(others) - 4:,} more" if len(others) > 4 else ""
        names = ", ".join(words.cut(name, 40, signs.dots) for name in sorted(others)[:4])
        parts.append((f"{chr(10) if parts else ''}besides: {names}{more}", "dim"))
    return parts


def _updated(console: Console, section: Section, drawn: Sequence[Change], signs: Signs) -> None:
    """Changed records: a line for each field, old → new; beside the record where there is room, else below it."""
    leads, states = _Leads(section, drawn, console.width), _states(drawn)
    parts = [table.subject(change).part for change in drawn]
    which = min(max(map(size, parts)), 24)
    beside = console.width - 3 - leads.room - (which + _GAP) * bool(which) - (_STATE + _GAP) * any(states)
    if _needs(drawn, signs) > beside:
        _stacked(console, drawn, states, signs)
        return
    grid = Grid(signs)
    leads.add_to(grid)
    if which:
        grid.column("Which", which)
    _pair_columns(grid, drawn, beside, signs)
    if any(states):
        grid.column("State", _STATE)
    for place, change in enumerate(drawn):
        for line, cells in enumerate(_pairs(change, 999, signs)):
            lead = leads.blank() if line else leads.cells(place)
            part = [text("" if line else parts[place])] if which else []
            grid.row(*lead, *part, *cells, *([] if line else states[place]))
    grid.draw(console)


def _stacked(console: Console, drawn: Sequence[Change], states: Sequence[Sequence[Text]], signs: Signs) -> None:
    """Each record on a line of its own, its fields below it."""
    for change, state in zip(drawn, states, strict=True):
        subject = table.subject(change)
        about: list[Any] = [(table.rows_of(change), "dim"), *([f"  {subject.store}"] if subject.store else []), "  ", (words.cut(subject.number, 24, signs.dots), "bold")]
        about += [f"  {words.cut(said, 36, signs.dots)}" for said in (subject.who, subject.part) if said]
        say(console, *about, *(part for cell in state for part in ("  ", cell)), indent=2)
        grid = Grid(signs)
        each = _pair_columns(grid, [change], console.width - 6, signs)
        for cells in _pairs(change, each, signs):
            grid.row(*cells)
        grid.draw(console, 6, headings=False)


def _needs(changes: Sequence[Change], signs: Signs) -> int:
    """How much room the fields of these changes take in full."""
    lines = [(line.field, _one(line.old), _one(line.new)) for line in table.lines(changes)]
    return sum(max(map(size, column)) for column in zip(*lines, strict=True)) + 3 * _GAP + len(signs.arrow)


def _one(value: str) -> str:
    """A value on one line; a blank one as a word."""
    return words.cut(value, 9999) or words.BLANK


def _pair_columns(grid: Grid, changes: Sequence[Change], room: int, signs: Signs) -> int:
    """Columns for field, old and new, shared out of the room there is; gives how long a value may be."""
    lines = list(table.lines(changes))
    name = min(max(size(line.field) for line in lines), max(room * 2 // 5, 12))
    room -= name + len(signs.arrow) + 3 * _GAP
    need_old = max(size(_one(line.old)) for line in lines)
    need_new = max(size(_one(line.new)) for line in lines)
    old = max(min(need_old, max(room // 2, room - need_new)), 7)
    new = max(min(need_new, room - old), 7)
    grid.column("Field", name)
    grid.column("Old", old, right=True)
    grid.column("", len(signs.arrow))
    grid.column("New", new)
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
    grid, leads, states = Grid(signs), _Leads(section, drawn, console.width), _states(drawn)
    leads.add_to(grid)
    said = [" ".join(filter(None, [table.subject(change).part, clean(change.note)])) for change in drawn]
    if any(states):
        grid.column("State", _STATE)
    if any(said):
        grid.column("Which")
    for place in range(len(drawn)):
        grid.row(*leads.cells(place), *states[place], text(said[place]))
    grid.draw(console)
