"""This file holds the folder of runs: names, the list, and deleting old ones."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import time
from pathlib import Path
from typing import Any, Final

from ..errors import RunError, UsageError
from .file import Run

SUFFIX: Final = ".run"


def new_name(resource: str, at: float | None = None) -> str:
    """A run's file name: when, what, and four letters so that two never meet."""
    moment = dt.datetime.fromtimestamp(time.time() if at is None else at)
    return f"{moment:%Y%m%d-%H%M%S}-{resource}-{secrets.token_hex(2)}{SUFFIX}"


def listing(folder: Path) -> list[dict[str, Any]]:
    """The runs of a folder, newest first; a file that can't be read is left out."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            with Run.open(path) as run:
                facts = run.meta()
                one = {
                    "run": str(path), "resource": facts["resource"], "at": facts.get("at", 0.0),
                    "store": {"id": facts["store_id"], "name": facts["store_name"]},
                    "sheet": facts["sheet_name"], "applied": bool(facts.get("applied")),
                    "undoes": facts["undoes"] or None, "results": run.results(),
                }  # fmt: skip
                found.append(one)
        except RunError:
            continue
    return sorted(found, key=lambda one: (one["at"], one["run"]), reverse=True)


def prune_runs(folder: Path, age: str) -> int:
    """Delete the runs that are older than an age such as `90d`; how many there were.

    Raises:
        UsageError: the age makes no sense.
    """
    match = re.fullmatch(r"(\d+)\s*d", age.strip())
    if match is None:
        raise UsageError(f'"{age}" is no age. Write days, such as 90d.')
    limit = time.time() - int(match[1]) * 24 * 3600
    deleted = 0
    for one in listing(folder):
        if one["at"] < limit:
            for path in (Path(one["run"]), Path(one["run"] + ".lock")):
                path.unlink(missing_ok=True)
            deleted += 1
    return deleted
