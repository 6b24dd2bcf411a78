"""Notebooks: plans, problems, results, runs and stores draw themselves, errors are one sentence, long work has a bar.

Loaded with `orderdesk_batch.desk`. It gives the classes of lower floors their pictures, so that those need not know
of HTML. Nothing heavy is imported before something is drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import OrderDeskBatchError, Problem, SheetRefused
from ..extras import need
from ..plan import Plan
from .bars import Bar as Bar

__all__ = ["Bar", "bar", "dress", "dress_checked", "in_kernel", "sentence"]


def shell() -> Any:
    """IPython's shell, if we are in one; it is not imported to find out."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None


def in_kernel() -> bool:
    """Whether a notebook is listening: Jupyter, VS Code, Voilà. A terminal's IPython is none."""
    return hasattr(shell(), "kernel")


def bar() -> Bar | None:
    """A bar for `progress=`; none outside notebooks."""
    return Bar(shell()) if in_kernel() else None


def dress(kind: type, html: Callable[[Any], str], words: Callable[[Any], str]) -> None:
    """Let values of a class draw themselves in notebooks, and say a line where there is no HTML."""

    def pretty(self: Any, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else words(self))

    for name, method in (("_repr_html_", html), ("_repr_pretty_", pretty)):
        setattr(kind, name, method)


def dress_checked(kind: type) -> None:
    """Let checked sheets draw themselves; their class is loaded with pandas, so it is given when there is one."""

    def html(checked: Any) -> str:
        from . import pictures

        return pictures.checked(checked)

    def words(checked: Any) -> str:
        return f"{Path(checked.sheet.name).name or checked.resource.name}: {len(checked.sheet.rows):,} rows, problems: {len(checked.all_problems()):,}"

    if "_repr_html_" not in vars(kind):
        dress(kind, html, words)


def sentence(error: OrderDeskBatchError) -> list[str]:
    """What a notebook shows of an error, line by line: one sentence instead of a traceback; of a refused sheet its problems too."""
    lines = [str(error) or type(error).__name__]
    if isinstance(error, SheetRefused) and error.problems:
        from .. import show

        worst = [problem for problem in error.problems if problem.level == "error"]
        lines += ["", show.problems_text(worst or error.problems)]
        if len({problem.row for problem in error.problems} - {None}):
            lines += ["", "Mend the sheet, or leave the bad rows out: skip_bad_rows=True"]
    return lines


def _plan_html(plan: Plan) -> str:
    from . import pictures

    return pictures.plan(plan)


def _plan_words(plan: Plan) -> str:
    from . import pictures

    return pictures.plan_words(plan, short=in_kernel())


def _problem_html(problem: Problem) -> str:
    from ..show.page import problems_fragment

    return problems_fragment([problem])


def _list_html(held: list[Any]) -> str | None:
    """Lists of problems (`plan.problems`, `plan.errors`) and of runs; of other lists nothing."""
    from . import pictures

    return pictures.listed(held)


def _list_words(held: list[Any], printer: Any, cycle: bool) -> None:
    """Lists of problems as sentences, of runs as lines; other lists as IPython would."""
    from . import pictures

    if held and all(isinstance(one, Problem) for one in held):
        printer.text("\n".join(map(str, held)))
    elif pictures.is_runs(held):
        printer.text("\n".join(pictures.run_words(one) for one in held))
    else:
        need("IPython.lib.pretty")._seq_pprinter_factory("[", "]")(held, printer, cycle)


def _begin() -> None:
    dress(Plan, _plan_html, _plan_words)
    dress(Problem, _problem_html, str)
    setattr(OrderDeskBatchError, "_render_traceback_", sentence)  # noqa: B010 - IPython's name for it, not ours
    if (ipython := shell()) is not None:
        formatters = ipython.display_formatter.formatters
        formatters["text/html"].for_type(list, _list_html)
        formatters["text/plain"].for_type(list, _list_words)


_begin()
