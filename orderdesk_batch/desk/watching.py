"""This file holds Watching: the store's events, by polling."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .sender import Sender

if TYPE_CHECKING:
    from ..watch import Event, Watcher


class Watching(Sender):
    """A sender that also watches."""

    def watch(self, what: str, *, every: float = 60.0, since: str = "now", **options: Any) -> Iterator[Event]:
        """The events of orders, items, shipments, inventory or folders, one by one, for ever.

        Args:
            every: seconds between two looks, 15 at least.
            since: where to begin the first time: `now`, `7d`, or a time.
            options: see `watcher`.
        """
        watcher = self.watcher(what, every=every, since=since, **options)
        try:
            yield from watcher.events()
        finally:
            watcher.close()

    def watcher(
        self,
        what: str,
        *,
        events: Iterable[str] = (),
        since: str = "now",
        sweep: str | None = None,
        folder: Iterable[str] = (),
        source: str = "",
        origin: str = "",
        output: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> Watcher:
        """A watcher; `once()` looks once, `forever()` until stopped.

        Args:
            events: patterns of event names, such as `order.created` or `shipment.*`.
            sweep: how often to look for deletions, such as `6h`; they can't be seen otherwise.
            folder: names or ids; only orders in these folders.
            source: only orders of this cart.
            origin: `manual` or `imported`.
            output: a .jsonl, .csv or .xlsx file for the events.

        Raises:
            UsageError: something that makes no sense.
        """
        from .. import watch
        from ..export.times import Zone, moment

        if what not in watch.WATCHED:
            raise UsageError(f'"{what}" can\'t be watched. Write one of {", ".join(watch.WATCHED)}.')
        settings = self.settings()
        world = self._world((), self._no_options(), settings)
        asked = watch.wanted(what, events, folders=tuple(world.folder_id(one) for one in folder), source=source, origin=origin)
        now = dt.datetime.fromtimestamp(self._clock(), dt.UTC)
        start = None if since == "now" else moment(since, Zone(settings["zone"]), now, what="--since")
        doctor = self.memory.get("doctor") or {}
        return watch.Watcher(
            self.store, self.home, what, asked, folders=settings["folders"], since=start, sweep=_seconds(sweep),
            filters_are_utc=isinstance(doctor, dict) and doctor.get("filter_times") == "utc",
            output=Path(output) if output is not None else None, **options,
        )  # fmt: skip

    def _no_options(self) -> Any:
        from .options import Options

        return Options()


def _seconds(age: str | None) -> float | None:
    """A span such as 6h as seconds.

    Raises:
        UsageError: it is no span.
    """
    if age is None:
        return None
    match = re.fullmatch(r"(\d+)\s*([mhd])", age.strip())
    if match is None:
        raise UsageError(f'"{age}" is no span of time. Write 30m, 6h or 1d.')
    return int(match[1]) * {"m": 60.0, "h": 3600.0, "d": 86400.0}[match[2]]


