"""This file holds `sandbox()`: a Desk for a local Order Desk, to try things on."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import notebook
from .desk import Desk
from .store import Store

if TYPE_CHECKING:
    from .sandbox import Sandbox


class SandboxDesk(Desk):
    """A Desk whose store is a sandbox of its own; both end with `close`."""

    def __init__(self, box: Sandbox, **options: Any) -> None:
        self.box = box
        self._scratch = Path(tempfile.mkdtemp(prefix="orderdesk-sandbox-"))
        super().__init__(Store(box.store_id, box.api_key, base_url=box.url), folder=self._scratch, **options)

    def close(self) -> None:
        """Let go of the connections, stop the sandbox, and delete its runs."""
        super().close()
        self.box.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def sandbox(
    *, orders: int = 300, inventory: int = 500, lifelike: bool = False, now: str | dt.datetime | None = None, **options: Any
) -> SandboxDesk:
    """A Desk for a local Order Desk, filled with believable data; no account needed.

    Args:
        orders: how many orders it has.
        inventory: how many inventory items.
        lifelike: with the ups and downs of a real quarter, for reports, instead of an even spread.
        now: the time (UTC) that it pretends to be, such as "2026-11-16 17:00": the same data on any day.
        options: what `orderdesk_batch.sandbox.Sandbox` takes besides.
    """
    from .sandbox import Sandbox

    start = dt.datetime.fromisoformat(now) if isinstance(now, str) else now
    box = Sandbox(orders=orders, inventory=inventory, lifelike=lifelike, now=start, **options)
    box.start()
    return SandboxDesk(box, clock=_from(start) if start else time.time, progress=notebook.bar())


def _from(start: dt.datetime) -> Callable[[], float]:
    """A clock that goes on from a moment: the desk lives on the day of its sandbox."""
    begun, first = time.monotonic(), (start.replace(tzinfo=dt.UTC) if start.tzinfo is None else start).timestamp()
    return lambda: first + time.monotonic() - begun
