"""What people see of plans and results: the terminal, the HTML page, the workbook; loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .findings import problems as problems
    from .findings import problems_text as problems_text
    from .outcome import results as results
    from .outcome import results_text as results_text
    from .page import html as html
    from .page import html_fragment as html_fragment
    from .spreadsheet import workbook as workbook
    from .terminal import plan as plan
    from .terminal import plan_text as plan_text
    from .terminal import question as question

_WHERE = {
    "plan": "terminal", "plan_text": "terminal", "question": "terminal",
    "problems": "findings", "problems_text": "findings",
    "html": "page", "html_fragment": "page",
    "workbook": "spreadsheet",
    "results": "outcome", "results_text": "outcome",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
