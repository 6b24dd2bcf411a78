"""This file holds Receiver: takes what Order Desk posts, and says so only once it is on disk."""

from __future__ import annotations

import contextlib
import hmac
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..errors import RunError
from .delivery import Delivery
from .events import WATCHED, Event, Reading, Wanted, text_of
from .poll import Folders
from .posts import Turned, declared, digest_of, is_older, order_of, order_value, post_events
from .sinks import SinkError

if TYPE_CHECKING:
    from ..store import Store

REPEATS: Final = 3 * 3600.0  # seconds in which an equal post is the same event: Order Desk tries for two hours [help]
AGAIN: Final = 15.0  # seconds until events are offered again to a sink that could not take them
QUIET: Final = 60.0  # seconds between two remarks about posts that were turned away

log = logging.getLogger("orderdesk_batch")


class Receiver:
    """Takes posts, several at a time; `forever` serves them and gives the events to their sinks."""

    def __init__(
        self,
        store: Store,
        delivery: Delivery,
        asked: Wanted,
        *,
        chosen: bool,
        hooks: tuple[str, ...] | list[str] = (),
        folders: Folders,
        host: str = "127.0.0.1",
        port: int = 8787,
        announce: Callable[[str], Any] | None = None,
        complain: Callable[[str], Any] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Go on from what was posted before.

        Args:
            chosen: whether `asked` names events; if not, a hook that is not declared tells of orders alone.
            hooks: `NAME=EVENT` each; without any, every name is taken.
            announce: told the address once it serves.
            complain: told of failures that pass, and of posts that are turned away.

        Raises:
            UsageError: a hook that makes no sense.
        """
        self.delivery = delivery
        self.hooks: Mapping[str, str] = declared(hooks)
        self._store = store
        self._log = delivery.log
        self._asked = asked
        self._chosen = chosen
        self._folders = folders
        self._host, self._port = host, port
        self._announce = announce or (lambda text: None)
        self._complain = complain or log.warning
        self._clock = clock
        self._guard = threading.Lock()
        self._news = threading.Event()
        self._turned: dict[str, int] = {}
        self._said_at = float("-inf")

    # -- one post -----------------------------------------------------------------------------------------

    def take(self, hook: str, store_id: str, signed: str, content_type: str, body: bytes) -> int:
        """Take a post; how many events are new. When it comes back, they are on disk.

        Args:
            store_id, signed: what its headers say of who sent it.

        Raises:
            Turned: it is not from this store, or can't be read, or can't be kept now.
        """
        try:
            if self.hooks and hook not in self.hooks:
                raise Turned(404, "there is no such hook here")
            value = order_value(content_type, body)
            self._check(store_id, signed, value)
            return self._keep(hook, value)
        except Turned as turned:
            with self._guard:
                self._turned[turned.words] = self._turned.get(turned.words, 0) + 1
            raise

    def _check(self, store_id: str, signed: str, value: bytes) -> None:
        """Whether the store signed it; in constant time, so that nobody finds the signature out letter by letter."""
        is_ours = hmac.compare_digest(store_id.strip().encode("utf-8", "replace"), self._store.store_id.encode())
        is_signed = hmac.compare_digest(signed.strip().lower().encode("utf-8", "replace"), self._store.signature(value).encode())
        if not (is_ours and is_signed):
            raise Turned(401, "it does not carry this store's id and signature")

    def _keep(self, hook: str, value: bytes) -> int:
        order = order_of(value)
        digest, now = digest_of(hook, value), self._clock()
        folders = self._folders(False)
        try:
            with self._guard:  # what was seen, and what a post changes in it, is one step
                repeated, times = self._log.post(digest, now - REPEATS)
                if repeated:
                    return 0
                record = str(order["id"])
                old, _ = self._log.seen(record)
                older = is_older(order, old)
                again = Reading(text_of(now), f"{digest}.{times}", folders, hook)
                once = Reading(text_of(now), hook, folders, hook)
                found = post_events(self.hooks.get(hook, ""), None if older else old, order, once, again)
                events = [event for event in found if self._is_asked(hook, event, order)]
                fresh = self._log.commit({} if older else {record: order}, events, post=(digest, now))
        except RunError:
            raise Turned(503, "it can't be kept now; send it again") from None
        if fresh:
            self._news.set()
        return len(fresh)

    def _is_asked(self, hook: str, event: Event, order: Mapping[str, Any]) -> bool:
        if not self._chosen and hook not in self.hooks and event.event not in WATCHED["orders"]:
            return False  # what belongs to an order is told where it is asked for
        return self._asked.takes(event, order)

    # -- serving ------------------------------------------------------------------------------------------

    def forever(self) -> None:
        """Serve until stopped, and give the events to their sinks.

        Raises:
            UsageError: the port can't be had.
        """
        with contextlib.closing(self._served()) as served:
            for _ in served:
                pass

    def events(self) -> Iterator[Event]:
        """Serve, and give the events one by one; an event counts as had when the next one is asked for."""
        with contextlib.closing(self._served()) as served:
            for _ in served:
                yield from self.delivery.events()

    def _served(self) -> Generator[None, None, None]:
        """Serve; comes back whenever there is something new, and once more at the end."""
        from .server import Server

        server = Server(self, self._host, self._port)
        try:
            names = ", ".join(self.hooks) or "NAME"
            self._announce(f"Waiting for posts at {server.url}/hooks/{names}. Ctrl-C ends it.")
            waiting, due = True, 0.0
            while not self._store.stop.is_set():
                if waiting and time.monotonic() >= due:
                    waiting = not self._delivered()
                    due = time.monotonic() + AGAIN if waiting else 0.0
                yield
                if self._news.wait(0.5):
                    self._news.clear()
                    waiting = True
                self._say_what_was_turned_away()
        finally:
            server.close()  # posts that are being taken are still answered
        self._delivered()
        yield

    def _delivered(self) -> bool:
        try:
            self.delivery.deliver()
        except SinkError as error:
            self._complain(str(error))
            return False
        return True

    def _say_what_was_turned_away(self) -> None:
        if self._turned and time.monotonic() - self._said_at >= QUIET:
            self._said_at = time.monotonic()
            with self._guard:
                turned, self._turned = self._turned, {}
            for words, count in turned.items():
                self._complain(f"{count} post{'s were' if count > 1 else ' was'} turned away: {words}.")

    def close(self) -> None:
        """Close what was posted."""
        self.delivery.close()


def known_folders(folders: Folders) -> Folders:
    """Folders that are asked for once only: a post must not wait for the store."""
    names: list[Mapping[str, str]] = []

    def known(again: bool) -> Mapping[str, str]:
        if not names:
            names.append(folders(False))
        return names[0]

    return known
