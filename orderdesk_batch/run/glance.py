"""This file holds the list of runs: what a run file says of itself, read with SQLite alone.

`orderdesk-batch runs` starts here, so nothing is imported but what reading takes.
"""

# ruff: noqa: PTH118, PTH123, PTH208

from __future__ import annotations

import json
import os
import sqlite3

from ..states import counted, of_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SUFFIX = ".run"
VERSION = 1  # of the file; raised when an older version of the product could not go on with it


def listing(folder: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The runs of a folder, newest first; a file that can't be read is left out."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    paths = (os.path.join(folder, name) for name in names if os.path.normcase(name).endswith(SUFFIX))
    found = [one for path in paths if (one := _glance(path)) is not None]
    return sorted(found, key=lambda one: (one["at"], one["run"]), reverse=True)


def _glance(path: str) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                return None
        db = sqlite3.connect(path, timeout=5)
    except (OSError, sqlite3.Error):
        return None
    try:
        facts = {name: json.loads(value) for name, value in db.execute(_FACTS)}
        if not isinstance(facts["version"], int) or not 1 <= facts["version"] <= VERSION:
            return None
        results = counted((of_steps(states.split(",")), number) for states, number in db.execute(_STATES))
        return {
            "run": path, "resource": facts["resource"], "at": facts.get("at", 0.0),
            "store": {"id": facts["store_id"] or None, "name": facts["store_name"]},
            "sheet": facts["sheet_name"], "applied": bool(facts.get("applied")),
            "undoes": facts["undoes"] or None, "results": results,
        }  # fmt: skip
    except (sqlite3.Error, KeyError, ValueError, TypeError):
        return None
    finally:
        db.close()


_FACTS = (
    "select name, value from meta where name in "
    "('version', 'resource', 'at', 'store_id', 'store_name', 'sheet_name', 'applied', 'undoes')"
)
_STATES = "select states, count(*) from (select group_concat(distinct state) as states from steps group by change) group by states"
