"""This file holds `sandbox()`: a Desk for a local Order Desk, to try things on."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def sandbox(*, orders: int = 300, inventory: int = 500, **options: Any) -> SandboxDesk:
    """A Desk for a local Order Desk, filled with believable data; no account needed.

    Args:
        orders: how many orders it has.
        inventory: how many inventory items.
        options: what `orderdesk_batch.sandbox.Sandbox` takes besides.
    """
    from .sandbox import Sandbox

    box = Sandbox(orders=orders, inventory=inventory, **options)
    box.start()
    return SandboxDesk(box)
