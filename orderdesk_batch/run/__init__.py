"""This folder holds the run file: plan, journal and documents as they were, in one SQLite file.

The names are loaded when they are first used: the list of runs is printed without the others.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .file import Run as Run
    from .file import check_place as check_place
    from .folder import new_run as new_run
    from .folder import prune_runs as prune_runs
    from .glance import SUFFIX as SUFFIX
    from .glance import VERSION as VERSION
    from .glance import listing as listing
    from .taken import taken_back as taken_back

_WHERE = {"Run": "file", "check_place": "file", "new_run": "folder", "prune_runs": "folder", "SUFFIX": "glance", "VERSION": "glance", "listing": "glance",
          "taken_back": "taken"}  # fmt: skip

__all__ = ["SUFFIX", "VERSION", "Run", "check_place", "listing", "new_run", "prune_runs", "taken_back"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
