"""What a store of the sandbox is: its id, key, name, time zone and folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FOLDERS", "SANDBOX_KEY", "SANDBOX_STORE_ID", "StoreSpec"]

SANDBOX_STORE_ID = "40001"
SANDBOX_KEY = "sandbox-key-not-a-secret-000000000040001"
FOLDERS: Mapping[str, str] = {
    "21654": "New",
    "21655": "Prepared",
    "21656": "Shipped",
    "21657": "Closed",
    "21658": "Hold",
}


@dataclass(frozen=True)
class StoreSpec:
    """One store: what a request must carry to reach it, and what it starts with."""

    id: str = SANDBOX_STORE_ID
    key: str = SANDBOX_KEY
    name: str = "Sandbox Store"
    timezone: str = "America/Los_Angeles"
    folders: Mapping[str, str] = field(default_factory=lambda: dict(FOLDERS))
    orders: int | None = None
    """How many orders to seed; None: as many as the sandbox says."""
    inventory: int | None = None
    """How many inventory items to seed; None: as many as the sandbox says."""
    seed: int | None = None
    """The seed of the made-up data; None: the sandbox's own, plus the store's place in the list."""
