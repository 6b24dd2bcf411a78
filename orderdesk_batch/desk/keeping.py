"""This file holds what is written of a plan: the run, the results, the fix-and-retry workbook."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem, UsageError
from ..fields import RESOURCES
from ..plan import Plan
from ..run import Run
from .options import Options
from .reading import beside, held, source_path
from .verdicts import verdicts

if TYPE_CHECKING:
    from ..sheets import Sheet


@dataclass(frozen=True, slots=True)
class Planned:
    """A sheet that a plan was made from, as it came, with all that was found about it."""

    sheet: Sheet
    resource: str
    problems: Sequence[Problem]


def save(
    plan: Plan, place: Path, at: float, how: Options, *, source: str | None = None, sheets: Iterable[Planned] = (), base_url: str = ""
) -> None:
    """Save a plan as a run, with the sheets as they came: so the results can be written on another day.

    Args:
        at: when it was made, seconds since 1970.
        source: the path of the sheet.

    Raises:
        RunError: it can't be saved there.
    """
    meta = {
        "at": at, "base_url": base_url, "forced": how.force, "skip_bad_rows": how.skip_bad_rows, "batch_size": how.batch_size,
        "settle": how.settle, "again": how.again, "results": how.results and str(Path(how.results).absolute()),
        **({"once": plan.once, "source": source} if plan.parts else {}),
    }  # fmt: skip
    Run.create(place, plan, meta, [held(one.sheet, one.resource) for one in sheets]).close()


def write_problems(plan: Plan, target: str | os.PathLike[str]) -> None:
    """Write the fix-and-retry workbook of a plan with bad rows.

    Raises:
        UsageError: the place can't be written to.
    """
    from ..sheets import results

    bad = [
        (one.sheet, one.problems, {row for tab, row in plan.refused_rows if tab == one.sheet.tab})
        for one in plan.parts if any(problem.level == "error" for problem in one.problems)
    ]  # fmt: skip
    plan.problems_file = str(results.write_book_problems(Path(target), bad))


def problems_place(sheet: Any) -> Path | None:
    """Where the fix-and-retry workbook goes: beside the sheet, over nothing that is there."""
    from ..sheets import results

    place = beside(source_path(sheet), ".problems.xlsx")
    try:
        return None if place is None else results.reserve(place)
    except UsageError:  # the folder can't be written to: the problems are told all the same
        return None


def reserve_results(run: Run, facts: Mapping[str, Any], how: Options) -> Path | None:
    """Open the results' path before anything is sent (promise 9)."""
    from ..sheets import results

    if how.results is not None:
        return results.reserve(Path(how.results))
    if facts.get("undoes"):
        return None
    if (left := unwritten(facts)) is not None:
        return left
    source = facts.get("source")
    if source:
        return results.reserve(results.default_results(source, "xlsx"))
    if facts.get("results_file"):
        return results.reserve(Path(facts["results_file"]))
    return results.reserve(run.path.with_suffix(".results.xlsx"))


def unwritten(facts: Mapping[str, Any]) -> Path | None:
    """The results' place that a process opened before it was killed; None if they were written, or were never asked for."""
    held = facts.get("results_file")
    place = Path(held) if held else None
    return place if place is not None and place.is_file() and not place.stat().st_size else None


def write_results(run: Run, plan: Plan, target: Path, how: Options) -> Path:
    """Write what became of each row; gives where."""
    from ..sheets import results
    from ..sheets.sheet import Sheet

    parts = []
    for facts in run.sheets():
        sheet = Sheet(**{name: value for name, value in facts.items() if name != "resource"})
        one = RESOURCES[facts["resource"]].one
        parts.append(results.Part(sheet, verdicts(plan, facts["tab"], sheet.rows), f"{one} id"))
    written = results.write_book_results(target, parts, fallback=run.path.parent)
    if how.results is None and [part.sheet.format for part in parts] == ["csv"]:  # and as what it came
        results.write_book_results(results.reserve(written.with_suffix(".csv")), parts, fallback=run.path.parent)
    return written
