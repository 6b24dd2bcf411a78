"""This folder holds Desk: every verb, for Python, notebooks and the command line alike."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

from .. import address, notebook
from ..errors import OrderDeskBatchError, UsageError
from ..profiles import Profiles
from ..store import Store
from .archiving import Archiving
from .options import Ask, Options, Progress, Refusal, Teller, TooMuch
from .reading import BOOK, check, read

if TYPE_CHECKING:
    from ..panel import Panel

__all__ = ["BOOK", "Ask", "Desk", "Options", "Progress", "Refusal", "Teller", "TooMuch", "check", "connect", "read"]


class Desk(Archiving):
    """A store, and what can be done with it. Make one with `orderdesk_batch.connect()`."""

    def now(self) -> dt.datetime:
        """The time by the desk's clock, in UTC; a sandbox may pretend to be on another day."""
        return dt.datetime.fromtimestamp(self._clock(), dt.UTC)

    def panel(self, resource: str = "shipments") -> Panel:
        """A panel to click: choose a sheet, see its plan, upload it, take it back. For notebooks and Voilà.

        Args:
            resource: what is chosen to begin with: orders, items, shipments, inventory.

        Raises:
            UsageError: ipywidgets is not installed.
        """
        from ..panel import Panel

        return Panel(self, resource)

    def _repr_html_(self) -> str | None:
        from ..notebook import pictures

        try:
            return pictures.store(self.settings(), self.store.base_url)
        except OrderDeskBatchError:
            return None  # a store that can't be reached is still one: IPython shows the line below

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """A line without the address: a sandbox has another one each time."""
        try:
            held = self.settings()
        except OrderDeskBatchError as error:
            printer.text(f"Desk(store {self.store.store_id}): {error}")
        else:
            printer.text(f"Desk({held['name']}, store {held['id']})")


def connect(
    store: str | None = None,
    api_key: str | None = None,
    *,
    base_url: str | None = None,
    progress: Teller | None = None,
    **options: Any,
) -> Desk:
    """A Desk for a store, from the environment where nothing is given.

    Args:
        store: the name that `orderdesk-batch login` gave a store; or, with `api_key`, the store's id. Where neither it nor
            the environment says which, it is the only store with a name.

    Raises:
        UsageError: there is no such store, its key is not there, or ORDERDESK_STORE_ID or ORDERDESK_API_KEY is not set.
    """
    in_environment = os.environ.get("ORDERDESK_STORE_ID")
    if store is None and api_key is None and not in_environment:
        store = _only_one()
    if store is not None and api_key is None and store != in_environment:
        profiles = Profiles()
        profile = profiles.get(store)
        name, known, refusal = profile.name, {one.name: one.store_id for one in profiles.all()}, profile.refusal
        store, api_key, base_url = profile.store_id, profiles.key(profile), base_url or profile.address
    else:
        name, known, refusal = "", {}, ""
        store = store or in_environment
        api_key = api_key or os.environ.get("ORDERDESK_API_KEY")
        base_url = base_url or os.environ.get("ORDERDESK_BASE_URL")
    missing = [name for name, held in (("ORDERDESK_STORE_ID", store), ("ORDERDESK_API_KEY", api_key)) if not held]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. You find both in Order Desk under "
            "Store Settings > API. `orderdesk-batch login NAME` keeps them. To try without an account: `orderdesk-batch demo`."
        )
    made = Store(str(store), str(api_key), base_url=address.whole(base_url), **options)
    desk = Desk(made, progress=progress or notebook.bar())
    desk.name, desk.known, desk.store.refusal = name, known, refusal
    return desk


def _only_one() -> str | None:
    """The name of the store, where one has a name and the environment says nothing.

    Raises:
        UsageError: several have names.
    """
    names = Profiles().names()
    if len(names) > 1:
        shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        raise UsageError(f"Several stores are known: {shown}. Name one with --store, in Python with connect(name).")
    return names[0] if names else None
