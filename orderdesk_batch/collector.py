"""This file holds a rest for Python's garbage collector, while much is made that stays."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def at_rest() -> Iterator[None]:
    """Keep Python from looking for cycles in ever more data: there are none, and it would take quadratic time.

    What was made meanwhile stays for long: at the end it is counted among the old without being looked at.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()  # all that there is becomes permanent, and then old: both only move a list's head
                gc.unfreeze()
            gc.enable()
