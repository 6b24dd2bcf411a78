"""This file holds the folder of runs: names, and deleting old ones; the list is in `glance.py`."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import time
from pathlib import Path

from ..errors import UsageError
from .glance import SUFFIX, listing


def new_run(folder: Path, resource: str, at: float | None = None) -> Path:
    """Where a new run goes: a file that is not there, named after when, what, and four letters."""
    moment = dt.datetime.fromtimestamp(time.time() if at is None else at)
    while (path := folder / f"{moment:%Y%m%d-%H%M%S}-{resource}-{secrets.token_hex(2)}{SUFFIX}").exists():
        pass
    return path


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
