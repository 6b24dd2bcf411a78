"""Exports: the store as documents, dataframes and files; complete, right in time, and safe to be uploaded again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .columns import Layout as Layout
    from .files import FORMATS as FORMATS
    from .files import Written as Written
    from .files import book as book
    from .files import to_file as to_file
    from .frame import to_frame as to_frame
    from .options import OPTIONS as OPTIONS
    from .options import Option as Option
    from .options import Search as Search
    from .options import option as option
    from .options import search as search
    from .presets import PRESETS as PRESETS
    from .raw import call as call
    from .raw import is_write as is_write
    from .raw import warning as warning
    from .reading import Documents as Documents
    from .reading import Progress as Progress
    from .reading import documents as documents
    from .single import as_row as as_row
    from .single import as_table as as_table
    from .single import get as get

_WHERE = {
    "OPTIONS": "options", "Option": "options", "Search": "options", "option": "options", "search": "options",
    "Documents": "reading", "Progress": "reading", "documents": "reading",
    "Layout": "columns", "PRESETS": "presets",
    "FORMATS": "files", "Written": "files", "to_file": "files", "book": "files", "to_frame": "frame",
    "get": "single", "as_row": "single", "as_table": "single",
    "call": "raw", "is_write": "raw", "warning": "raw",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
