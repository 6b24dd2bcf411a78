"""What people see of plans and results: the terminal, the HTML page, the workbook; loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .terminal import plan as plan
    from .terminal import plan_text as plan_text
    from .terminal import problems as problems
    from .terminal import problems_text as problems_text
    from .terminal import question as question
    from .terminal import results as results
    from .terminal import results_text as results_text

_WHERE = dict.fromkeys(("plan", "plan_text", "problems", "problems_text", "question", "results", "results_text"), "terminal")


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
