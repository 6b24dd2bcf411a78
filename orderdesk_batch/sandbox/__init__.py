"""A local imitation of the Order Desk API, as a real HTTP server: to try things out, and to test against."""

from __future__ import annotations

from .app import Seen
from .box import Sandbox, serve
from .spec import FOLDERS, SANDBOX_KEY, SANDBOX_STORE_ID, StoreSpec
from .switches import Switches

__all__ = ["FOLDERS", "SANDBOX_KEY", "SANDBOX_STORE_ID", "Sandbox", "Seen", "StoreSpec", "Switches", "serve"]
