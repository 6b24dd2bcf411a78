"""This file holds routing: the column `store` of a sheet says to which store each row goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ..errors import STORE_FAILED, OrderDeskBatchError, Problem, SheetRefused
from ..fields import Resource
from ..plan import Change, Plan
from .keeping import Planned
from .reading import Tables, without

if TYPE_CHECKING:
    from ..sheets import Sheet

STORE: Final = "store"


@dataclass
class Routed:
    """The rows of some sheets, by store, and those that go to none."""

    whole: Tables
    by_store: dict[str, Tables] = field(default_factory=dict)
    problems: list[tuple[str, Problem]] = field(default_factory=list)  # with the tab
    others: list[tuple[str, str, int, str]] = field(default_factory=list)  # resource, tab, row, the store that was not asked for

    def of(self, name: str) -> Tables:
        """The rows of one store; none of each sheet if it has none."""
        nothing = Tables([(resource, only(sheet, [])) for resource, sheet in self.whole.sheets], self.whole.mapping)
        return self.by_store.get(name, nothing)


def column_of(sheet: Sheet) -> int | None:
    """The column that says which store, if there is one."""
    found = [n for n, heading in enumerate(sheet.headings) if _is_store(heading)]
    return found[0] if found else None


def _is_store(heading: str) -> bool:
    return heading.strip().casefold() == STORE


def is_routing(found: Tables, known: Mapping[str, str]) -> bool:
    """Whether a sheet says of any row that it is for one of these stores: then its column `store` is no cart's name."""
    names = _readings(known)
    return any(
        _text(cell).casefold() in names
        for _, sheet in found.sheets if (at := column_of(sheet)) is not None for cell in sheet.columns[at]
    )  # fmt: skip


def routed(found: Tables, chosen: Mapping[str, str], known: Mapping[str, str], twins: Mapping[str, str] = {}) -> Routed:
    """Which rows go to which of the chosen stores.

    A cell holds the name that the store has here, however cased, or its id. A row for a store that is known
    but not chosen is skipped; one that names no store that is known, or none at all, has a problem.

    Args:
        chosen: name → store id, of the stores that are asked for.
        known: the same of all stores that are known here.
        twins: other names of the chosen stores → their chosen names.

    Raises:
        SheetRefused: a sheet has no column `store`, or two of them.
    """
    from ..sheets.sheet import letters

    names = _readings({**known, **chosen}, twins)
    made = Routed(found)
    parts: dict[str, list[tuple[Resource, Sheet]]] = defaultdict(list)
    for resource, sheet in found.sheets:
        at = column_of(sheet)
        if at is None:
            raise SheetRefused(
                f'{sheet.name}: there is no column "{STORE}", so it can\'t be told which row is for which store. '
                f"Add it ({' or '.join(list(chosen)[:3])}), or name one store with --store."
            )
        if again := [n for n, heading in enumerate(sheet.headings) if n != at and _is_store(heading)]:
            raise SheetRefused(
                f'{sheet.name}: two columns are called "{STORE}", {letters(sheet.positions[at])} and {letters(sheet.positions[again[0]])}. Rename the one that does not say '
                "which store each row is for."
            )
        if any(_is_store(heading) for heading in found.mapping):
            raise SheetRefused(
                f'{sheet.name}: the column "{sheet.headings[at]}" says which store each row is for, so it can\'t be mapped to a field. '
                "Give the sheet a column of another name for that."
            )
        rows: dict[str, list[int]] = defaultdict(list)
        for n, cell in enumerate(sheet.columns[at]):
            text = _text(cell)
            name = names.get(text.casefold(), "")
            if name in chosen:
                rows[name].append(n)
            elif name:
                made.others.append((resource.name, sheet.tab, sheet.rows[n], name))
            else:
                made.problems.append((sheet.tab, _unknown(sheet, n, at, text, list(chosen))))
        for name, held in rows.items():
            parts[name].append((resource, without(only(sheet, held), [at])))
    made.by_store = {name: Tables(parts[name], found.mapping) for name in chosen if name in parts}
    return made


def only(sheet: Sheet, rows: Sequence[int]) -> Sheet:
    """The sheet with some of its rows (by their index)."""
    return replace(sheet, rows=[sheet.rows[n] for n in rows], columns=[[column[n] for n in rows] for column in sheet.columns])


def _readings(stores: Mapping[str, str], twins: Mapping[str, str] = {}) -> dict[str, str]:
    """What a cell may say → the store's name here; what could be two stores means neither.

    >>> _readings({"north": "101", "nord": "101", "103": "102", "west": "103"}, {"nord": "north"})
    {'north': 'north', '101': 'north', 'nord': 'north', '102': '103', 'west': 'west'}
    """
    meant: dict[str, set[str]] = defaultdict(set)
    for name, store_id in stores.items():
        for said in (name, store_id):
            meant[said.casefold()].add(twins.get(name, name))
    return {said: names.pop() for said, names in meant.items() if len(names) == 1}


def _text(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return text.removesuffix(".0").strip() if isinstance(cell, float) else text.strip()


def _unknown(sheet: Sheet, n: int, at: int, text: str, chosen: Sequence[str]) -> Problem:
    row = sheet.rows[n]
    names = ", ".join(chosen[:8]) + (" …" if len(chosen) > 8 else "")
    reason = "is no store that is known here" if text else "names no store"
    hint = f"Write one of {names}; `orderdesk-batch login NAME` makes another known."
    return Problem(reason, hint, "error", row, sheet.headings[at], text or None, sheet.place(row, at), STORE, "unknown-store")


def add_routed(plan: Plan, found: Routed, failed: Mapping[str, OrderDeskBatchError]) -> None:
    """Add what became of the rows that go to no store: unknown ones, others' ones, and those of a store that failed."""
    for tab, problem in found.problems:
        plan.problems.append(problem)
        plan.refused += 1
        plan.refused_rows.add((tab, int(problem.row or 0)))
    for resource, tab, row, name in found.others:
        note = f"for the store {name}, which was not asked for"
        plan.changes.append(Change(len(plan.changes) + 1, resource, "skip", [row], name, note=note, tab=tab, store=name))
    for name, error in failed.items():
        rows = [(sheet.tab, row) for _, sheet in found.by_store[name].sheets for row in sheet.rows]
        plan.refused += len(rows)
        plan.refused_rows.update(rows)
        plan.left_out |= dict.fromkeys(rows, of_store(name, error))
        plan.problems.append(failure(name, error, f"Its {len(rows):,} rows are left out. Once that is mended, upload the sheet again."))
    plan.problems = in_order(plan.problems)
    plan.parts = [
        Planned(sheet, resource.name, plan.problems if len(found.whole.sheets) == 1 else _of_tab(plan, found, sheet.tab))
        for resource, sheet in found.whole.sheets
    ]


def failure(name: str, error: OrderDeskBatchError, hint: str) -> Problem:
    """What is said of a store that failed while others went on."""
    return Problem(of_store(name, error), hint, "warning", code=STORE_FAILED)


def of_store(name: str, error: OrderDeskBatchError | str) -> str:
    """What is said, with the name of the store in front, unless it is there already."""
    said = str(error)
    return said if said.startswith(f"{name}: ") else f"{name}: {said}"


def _of_tab(plan: Plan, found: Routed, tab: str) -> list[Problem]:
    """The problems of one sheet of a book."""
    of_stores = [problem for member in plan.members.values() or [plan] for one in member.parts if one.sheet.tab == tab for problem in one.problems]
    return in_order([*of_stores, *(problem for name, problem in found.problems if name == tab)])


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """By row; what is wrong with the file as a whole is said once."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for problem in problems:
        mark = (problem.place, problem.reason, problem.value, problem.column, problem.field)
        if problem.row is not None or mark not in seen:
            kept.append(problem)
        seen.add(mark)
    return sorted(kept, key=lambda problem: problem.row or 0)
