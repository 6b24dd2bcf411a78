"""This file holds what became of each row, for the results workbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ..plan import Plan

if TYPE_CHECKING:
    from ..sheets.results import Verdict


def verdicts(plan: Plan, tab: str, rows: Iterable[int]) -> dict[int, Verdict]:
    """What became of each row of a sheet."""
    from ..sheets.results import Verdict

    reasons: dict[int, list[str]] = {}
    for problem in plan.problems:
        if problem.row is not None and problem.level == "error":
            reasons.setdefault(problem.row, []).append(str(problem))
    found: dict[int, Verdict] = {}
    for change in plan.changes:
        if change.tab != tab:
            continue
        result = change.state if change.steps else change.action
        result = "unknown" if result == "begun" else result
        message = change.message or (_WORDS.get(change.action, "") if result == "done" else "")
        order_id = change.order_id or (change.id if change.resource == "orders" else "")
        for row in change.rows:
            known = found.get(row)
            if known is not None and result in ("done", "none"):
                continue
            found[row] = Verdict(result, message, order_id, change.id)
    for row in rows:
        if row not in found:
            said = reasons.get(row) or [plan.left_out.get((tab, row), "its order has another row that is refused")]
            found[row] = Verdict("refused", "; ".join(said))
    return found


_WORDS: Final = {"create": "created", "update": "updated", "delete": "deleted"}
