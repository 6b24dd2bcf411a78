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
from .archiving import SeveralArchiving
from .several import Several as Several

__all__ = ["Desks", "connect_all"]


class Desks(SeveralArchiving):
    """Several stores, and what can be done with all of them. Make it with `orderdesk_batch.connect_all()`.

    A mapping: `desks["north"]` is the Desk of that store.
    """


def connect_all(names: Iterable[str] | None = None, *, progress: Teller | None = None, **options: Any) -> Desks:
    """Desks for the stores that `orderdesk-batch login` made known; for all of them, or those that are named.

    A store whose key can't be had is left out, and named where it would have had a part; see `Desks.failed`. A store
    with two names is one store, and has its first name.

    Raises:
        UsageError: no store is known, there is none of such a name, one is named twice by two names, or none has its key.
    """
    profiles = Profiles()
    every = profiles.all()
    known = {one.name: one.store_id for one in every}
    chosen = [profiles.get(name).name for name in names] if names is not None else list(known)
    # One store must not be sent to as if it were two: each would know nothing of what the other does.
    firsts: dict[tuple[str, str], str] = {}
    twins: dict[str, str] = {}
    for one in sorted(every, key=lambda one: one.name not in chosen):
        first = firsts.setdefault(one.whose, one.name)
        if first != one.name:
            twins[one.name] = first
    if names is not None and (both := [name for name in chosen if name in twins]):
        raise UsageError(f"{twins[both[0]]} and {both[0]} are one and the same store, {known[both[0]]}. Name it once.")
    chosen = [name for name in chosen if name not in twins]
    if not chosen:
        raise UsageError("No stores have been named yet. `orderdesk-batch login NAME` makes one known.")
    desks: dict[str, Desk] = {}
    failed: dict[str, OrderDeskBatchError] = {}
    for name in dict.fromkeys(chosen):
        try:
            desks[name] = connect(name, **options)
        except OrderDeskBatchError as error:
            failed[name] = error
    return Desks(desks, failed, known=known, twins={twin: name for twin, name in twins.items() if name in chosen}, progress=progress or notebook.bar())
