"""This folder holds Desks: several stores at once, each with its own limit, side by side.

What a sheet asks of them is one plan, one run and one results workbook; the column `store` says which row is whose.
A store that fails does not stop the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import notebook
from ..desk import Desk, Teller, connect
from ..errors import OrderDeskBatchError, UsageError
from ..profiles import Profiles
from .several import Several as Several
from .watching import SeveralWatching

__all__ = ["Desks", "connect_all"]


class Desks(SeveralWatching):
    """Several stores, and what can be done with all of them. Make it with `orderdesk_batch.connect_all()`.

    A mapping: `desks["north"]` is the Desk of that store.
    """


def connect_all(names: Iterable[str] | None = None, *, progress: Teller | None = None, **options: Any) -> Desks:
    """Desks for the stores that `orderdesk-batch login` made known; for all of them, or those that are named.

    A store whose key can't be had is left out, and named where it would have had a part; see `Desks.failed`.

    Raises:
        UsageError: no store is known, there is none of such a name, or none of them has its key.
    """
    profiles = Profiles()
    known = {one.name: one.store_id for one in profiles.all()}
    chosen = [profiles.get(name).name for name in names] if names is not None else list(known)
    if not chosen:
        raise UsageError("No stores have been named yet. `orderdesk-batch login NAME` makes one known.")
    desks: dict[str, Desk] = {}
    failed: dict[str, OrderDeskBatchError] = {}
    for name in dict.fromkeys(chosen):
        try:
            desks[name] = connect(name, **options)
        except OrderDeskBatchError as error:
            failed[name] = error
    return Desks(desks, failed, known=known, progress=progress or notebook.bar())
