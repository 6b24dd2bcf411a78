"""This file holds Watching: the store's events, by polling or by webhook."""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import NotAllowed, Stopped, StoreError, UsageError
from ..kinds import CellRefused
from .dropping import Dropping

if TYPE_CHECKING:
    from ..watch import Event, Receiver, Turns, Wanted, Watcher

log = logging.getLogger("orderdesk_batch")


class Watching(Dropping):
    """A sender that also watches."""

    def watch(self, what: str, *, once: bool = False, **options: Any) -> Iterator[Event]:
        """The events of orders, items, shipments, inventory or folders, one by one; of `webhook`, those that are posted.

        What was seen is remembered: a program that ends goes on where it was when it is run again. An event
        counts as had when the next one is asked for, so it is given again if the program fails at it.

        >>> import pandas as pd
        >>> import orderdesk_batch as od
        >>> sheet = pd.DataFrame({"id": ["7000001"], "email": ["new@example.com"]})
        >>> with od.sandbox(orders=3, inventory=3) as desk:
        ...     [event.event for event in desk.watch("orders", once=True)]  # the first time remembers what is there
        ...     _ = desk.upload("orders", sheet, yes=True)
        ...     [(event.event, dict(event.fields)) for event in desk.watch("orders", once=True)]
        []
        [('order.updated', {'email': ['buyer0@example.de', 'new@example.com']})]

        Args:
            once: end after one look; else look again and again, until `desk.store.stop` is set.
            options: see `watcher`, and `receiver`.
        """
        if what == "webhook":
            if once:
                raise UsageError("A webhook is waited for; there is no looking once.")
            receiver = self.receiver(**options)
            try:
                yield from receiver.events()
            finally:
                receiver.close()
            return
        watcher = self.watcher(what, patient=not once, **options)
        try:
            yield from watcher.events(once=once)
        finally:
            watcher.close()

    def watcher(
        self,
        what: str,
        *,
        events: Iterable[str] | str = (),
        every: float = 60.0,
        since: str | dt.date | dt.timedelta = "now",
        sweep: str | None = None,
        folder: Iterable[str] | str = (),
        source: str = "",
        origin: str = "",
        output: str | os.PathLike[str] | None = None,
        command: str | None = None,
        say: Callable[[str], Any] | None = None,
        complain: Callable[[str], Any] | None = None,
        patient: bool = False,
        turns: Turns | None = None,
        stop: threading.Event | None = None,
    ) -> Watcher:
        """A watcher; `once()` looks once, `forever()` until stopped.

        Args:
            events: patterns of event names, such as `order.created` or `shipment.*`.
            every: seconds between two looks, 15 at least.
            since: where to begin the first time: `now`, `7d`, or a time.
            sweep: how often to look for deletions, such as `6h`; they can't be seen otherwise.
            folder: names or ids; only orders in these folders.
            source: only orders of this cart.
            origin: `manual` or `imported`.
            output: a .jsonl, .csv or .xlsx file that gets each event exactly once; `{store}` in its name stands for the store's.
            command: run for each event, at least once.
            say: prints an event's JSON; used where neither output nor command is given.
            complain: told of failures that pass; by default they are logged.
            patient: wait for a store that can't be reached now.
            turns, stop: what this watcher shares with those of other stores, and what ends all of them.

        Raises:
            UsageError: something that makes no sense.
            RunError: another process watches the same in the same way, or writes to the file.
        """
        from .. import watch
        from ..export.asking import listed, reading_of
        from ..export.times import Zone, moment

        if what not in watch.WATCHED or what == "webhook":
            names = [one for one in watch.WATCHED if one != "webhook"]
            raise UsageError(f'"{what}" can\'t be watched. Write one of {", ".join(names)}.')
        every, span = watch.polite(every), _seconds(sweep)
        settings = self._reached(every, complain or log.warning, stop) if patient else self.settings()
        asked = self._asked(what, events, folder, source, origin)
        now = dt.datetime.fromtimestamp(self._clock(), dt.UTC)
        start = None if since == "now" else moment(since, Zone(settings["zone"]), now, what="--since")
        delivery = watch.Delivery(
            self.home, self.store, what, asked, output=Path(output) if output is not None else None, command=command, say=say,
            name=self.name, turns=turns,
        )  # fmt: skip
        return watch.Watcher(
            self.store, delivery, what, asked, folders=self._folders, zone=settings["zone"], since=start, sweep=span, every=every,
            times=reading_of(listed(what), self.memory.get("doctor")), complain=complain, stop=stop, clock=self._clock,
        )  # fmt: skip

    def receiver(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 8787,
        hooks: Iterable[str] = (),
        events: Iterable[str] | str = (),
        folder: Iterable[str] | str = (),
        source: str = "",
        origin: str = "",
        output: str | os.PathLike[str] | None = None,
        command: str | None = None,
        say: Callable[[str], Any] | None = None,
        announce: Callable[[str], Any] | None = None,
        complain: Callable[[str], Any] | None = None,
    ) -> Receiver:
        """A receiver of what Order Desk posts; `forever()` serves until stopped.

        Args:
            port: 0 for any free one; `announce` is told the address.
            hooks: `NAME=EVENT` each, for the addresses `/hooks/NAME`; without any, every name is taken, and what happened
                is found by comparing with the order as it was posted last.
            events, folder, source, origin, output, command, say, complain: see `watcher`.

        Raises:
            UsageError: something that makes no sense.
            RunError: another process does the same, or writes to the file.
            NotAllowed: the store refused the key, so no signature could be checked.
        """
        from .. import watch

        folders = watch.known_folders(self._folders)
        folders(False)  # once, now: a post must not wait for the store
        events = [events] if isinstance(events, str) else list(events)
        asked = self._asked("webhook", events, folder, source, origin)
        delivery = watch.Delivery(
            self.home, self.store, "webhook", asked, output=Path(output) if output is not None else None, command=command, say=say,
            name=self.name,
        )  # fmt: skip
        try:
            return watch.Receiver(
                self.store, delivery, asked, chosen=bool(events), hooks=list(hooks), folders=folders, host=host, port=port,
                announce=announce, complain=complain, clock=self._clock,
            )  # fmt: skip
        except BaseException:
            delivery.close()
            raise

    def _asked(self, what: str, events: Iterable[str] | str, folder: Iterable[str] | str, source: str, origin: str) -> Wanted:
        from .. import watch

        if origin not in ("", "manual", "imported"):
            raise UsageError(f'origin "{origin}" is neither manual nor imported.')
        names = [events] if isinstance(events, str) else list(events)
        folders = [folder] if isinstance(folder, str) else list(folder)
        ids = tuple(self._folder_id(one) for one in folders)
        return watch.wanted(what, names, folders=ids, source=source, origin=origin)

    def _folder_id(self, named: str) -> str:
        from .options import Options

        world = self._world((), Options(), self.settings())
        if not world.knows(named):  # made since we last looked?
            world = self._world((), Options(), self.settings(again=True))
        try:
            return world.folder_id(named)
        except CellRefused as refused:
            raise UsageError(f'--folder "{named}" {refused.reason}. {refused.hint}') from None

    def _folders(self, again: bool) -> Mapping[str, str]:
        """The store's folders, id → name; read anew where that is asked for and possible."""
        try:
            folders: Mapping[str, str] = self.settings(again=again)["folders"]
        except StoreError as error:
            if isinstance(error, NotAllowed):
                raise
            return {}  # an id will do
        return folders

    def _reached(self, every: float, complain: Callable[[str], Any], stop: threading.Event | None = None) -> dict[str, Any]:
        """The store's settings; a store that can't be reached is tried again and again: a service may start before the network.

        Raises:
            NotAllowed: the store refused the key.
            Stopped: somebody stopped it.
        """
        while True:
            try:
                return self.settings()
            except StoreError as error:
                if not error.passing:
                    raise
                complain(f"{error} The next try is in {every:g} s.")
            if (stop or self.store.stop).wait(every) or self.is_stopped:
                raise Stopped("Stopped.")


def look_once(watcher: Watcher, note: Callable[[str], Any]) -> None:
    """Look once; of the first look, which as a rule has no events, `note` is told what it did.

    Raises:
        StoreError: the store refused the key, or can't be reached.
    """
    from ..show.words import many

    log = watcher.delivery.log
    is_first = not log.fact("looked")
    told = watcher.once()
    if is_first:
        said = f"{many(told, 'event')} {'was' if told == 1 else 'were'} told" if told else "nothing was told"
        count = many(len(log.records()), "record")
        note(f"The first look: {count} remembered as the starting point, {said}. The next one tells what changed since.")


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
