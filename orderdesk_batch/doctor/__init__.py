"""Doctor: what the product assumes of the API, checked on the user's own store; the findings are kept and used."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import UsageError
from .facts import FACTS as FACTS
from .facts import READ as READ
from .facts import UNTOLD as UNTOLD
from .facts import WRITE as WRITE
from .facts import Fact as Fact
from .facts import Finding as Finding
from .facts import finding as finding

if TYPE_CHECKING:
    from ..memory import Memory
    from ..store import Store

Confirm = Callable[[str], str]

WARNING = (
    "This creates one order and one inventory item in the store, changes them, and deletes them. The order has no e-mail address "
    "and goes to nobody, but it is billed like any other while it is there, and the store's rules may fire."
)


def examine(
    store: Store,
    memory: Memory,
    *,
    write: bool = False,
    confirm: Confirm | None = None,
    wait: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.time,
    tell: Callable[[Finding], object] | None = None,
) -> list[Finding]:
    """Check each assumption that the store can answer, and remember what was found.

    Args:
        write: also try what only writing shows, on an order and an item made for it.
        confirm: is given the store's name and gives back what the person typed; it has to be that name.
        wait: waits so many seconds; the server's times have whole seconds.
        tell: told each finding when it is there.

    Raises:
        UsageError: the store's name was not typed; nothing was written.
        StoreError: the store refused the key, or can't be reached.
    """
    from .looks import Looks

    found: list[Finding] = []

    def note(one: Finding) -> None:
        found.append(one)
        if tell is not None:
            tell(one)

    looks = Looks(store, clock)
    for one in looks.all():
        note(one)
    _remember(memory, found, clock)
    if write:
        from .writes import Writes

        name = str(looks.settings.get("name") or store.store_id)
        typed = confirm(name) if confirm is not None else ""
        if typed.strip() != name.strip():
            raise UsageError(f'Nothing was written: that takes the store\'s name, "{name}", typed as it is.')
        for one in Writes(store, wait).all():
            note(one)
        _remember(memory, found, clock)
    return found


def _remember(memory: Memory, found: list[Finding], clock: Callable[[], float]) -> None:
    """Keep what was found; what was not to be told leaves an earlier finding alone."""
    told = {one.fact: one.found for one in found if one.is_fine is not None}
    at = dt.datetime.fromtimestamp(clock(), dt.UTC).isoformat(timespec="seconds")
    memory.put(doctor={**(memory.get("doctor") or {}), **told, "at": at})
    if "weight_unit" in told and not memory.get("weight_unit"):
        memory.put(weight_unit=told["weight_unit"])
    if "date_shipped" in told:
        memory.put(dates_kept=told["date_shipped"] == "kept")


def table(findings: list[Finding]) -> tuple[list[str], list[list[str]]]:
    """The findings as headings and rows: assumed, found; what is pointed out has a mark in front."""
    marks = {True: "", False: "!", None: "?"}
    rows = [[marks[one.is_fine], one.says, one.assumed, one.found, one.grade, one.note] for one in findings]
    return ["", "fact", "assumed", "found", "grade", "note"], rows


def batch_size(memory: Memory, default: int) -> int:
    """How many records a batch should have: as found on the store, else the default."""
    found = str((memory.get("doctor") or {}).get("batch_size") or "")
    return min(default, int(found)) if found.isdigit() and int(found) > 0 else default
