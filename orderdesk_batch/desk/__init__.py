"""This folder holds Desk: every verb, for Python, notebooks and the command line alike."""

from __future__ import annotations

import os
from typing import Any

from ..errors import UsageError
from ..store import DEFAULT_URL, Store
from .options import Ask, Options, Progress, Refusal, Teller, TooMuch
from .reading import BOOK, check, read
from .watching import Watching

__all__ = ["BOOK", "Ask", "Desk", "Options", "Progress", "Refusal", "Teller", "TooMuch", "check", "connect", "read"]


class Desk(Watching):
    """A store, and what can be done with it. Make one with `orderdesk_batch.connect()`."""


def connect(
    store_id: str | None = None,
    api_key: str | None = None,
    *,
    base_url: str | None = None,
    progress: Teller | None = None,
    **options: Any,
) -> Desk:
    """A Desk for a store, from the environment where nothing is given.

    Raises:
        UsageError: ORDERDESK_STORE_ID or ORDERDESK_API_KEY is not set.
    """
    store_id = store_id or os.environ.get("ORDERDESK_STORE_ID")
    api_key = api_key or os.environ.get("ORDERDESK_API_KEY")
    missing = [name for name, held in (("ORDERDESK_STORE_ID", store_id), ("ORDERDESK_API_KEY", api_key)) if not held]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. You find both in Order Desk under "
            "Store Settings > API. To try without an account: `orderdesk-batch demo`."
        )
    url = base_url or os.environ.get("ORDERDESK_BASE_URL") or DEFAULT_URL
    store = Store(str(store_id), str(api_key), base_url=url, **options)
    return Desk(store, progress=progress)
