"""Sheets: CSV and Excel files, read and written; the names here are loaded when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .locate import Knows as Knows
    from .reader import read as read
    from .reader import read_book as read_book
    from .reader import tabs as tabs
    from .sheet import BadCell as BadCell
    from .sheet import Cell as Cell
    from .sheet import Limits as Limits
    from .sheet import Literal as Literal
    from .sheet import Sheet as Sheet
    from .sheet import Skipped as Skipped

_WHERE = {
    "read": "reader",
    "read_book": "reader",
    "tabs": "reader",
    "Knows": "locate",
    "BadCell": "sheet",
    "Cell": "sheet",
    "Limits": "sheet",
    "Literal": "sheet",
    "Sheet": "sheet",
    "Skipped": "sheet",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
