"""This file holds what is read from several stores at once: exports, the doctor's findings, events."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..desk import BOOK, Desk
from ..desk.routing import failure
from ..errors import OrderDeskBatchError, Problem, UsageError
from .sender import SeveralSender
from .several import had, refused

if TYPE_CHECKING:
    import pandas as pd

    from ..doctor import Finding
    from ..export import Written

AHEAD = 2  # pages that a store may be ahead of what is written
Came = queue.Queue[tuple[str, list[dict[str, Any]] | BaseException | None]]  # a page, an error, or the end, of a store


class SeveralSearcher(SeveralSender):
    """Several stores that are also searched."""

    def export(self, resource: str, output: str | os.PathLike[str] | None = None, **options: Any) -> pd.DataFrame | Written:
        """Search all of the stores; one DataFrame, or one file, whose first column says which store.

        A store that fails leaves the others; `frame.attrs["problems"]`, or the problems of what was written, name it.

        Args:
            resource: orders, items, shipments, inventory.
            options: the same as of one store; folders by their names, which may differ from store to store.

        Raises:
            UsageError: an option that there is not.
            StoreError: every store failed.
        """
        from .. import export

        if resource == BOOK:
            raise UsageError("A book is of one store. Name it with --store, or export the resources one by one.")
        shape = {one.key for one in export.OPTIONS[resource] if one.use == "shape"} if resource in export.OPTIONS else set()
        how = {name: options.pop(name) for name in list(options) if name in shape}
        pages = Pages(self, lambda desk: desk.documents(resource, **options))
        if output is None:
            frame = export.to_frame(resource, pages, stores=pages.folders, **how)
            frame.attrs["problems"] = pages.problems
            return frame
        written = export.to_file(Path(output), resource, pages, stores=pages.folders, **how)
        written.problems.extend(pages.problems)
        return written

    def doctor(self, **options: Any) -> dict[str, list[Finding] | OrderDeskBatchError]:
        """What the doctor finds on each store, or why it can't be asked; by the stores' names.

        Raises:
            UsageError: `write` is for one store alone.
        """
        if options.get("write"):
            raise UsageError("The doctor writes to one store alone. Name it with --store.")
        return {**self.failed, **self.side_by_side(lambda _, desk: desk.doctor(**options))}


class Pages:
    """The pages of documents of several stores, as they come; each document says under `store` whose it is.

    Args:
        read: gives the pages of one store.
    """

    def __init__(self, stores: SeveralSearcher, read: Callable[[Desk], Any]) -> None:
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        settings = stores.side_by_side(lambda _, desk: desk.settings())
        self.folders: dict[str, Mapping[str, str]] = {name: one["folders"] for name, one in had(settings).items()}
        self._stores = {name: stores[name] for name in self.folders}
        self._read = read
        self._failed: dict[str, OrderDeskBatchError] = {**stores.failed, **refused(settings)}
        self._stop = threading.Event()
        if not self._stores:
            raise next(iter(self._failed.values()))

    def __iter__(self) -> Iterator[list[dict[str, Any]]]:
        came: Came = queue.Queue(AHEAD * len(self._stores))
        threads = [
            threading.Thread(target=self._go, args=(name, desk, came), name=f"orderdesk-{name}", daemon=True)
            for name, desk in self._stores.items()
        ]
        for thread in threads:
            thread.start()
        left = len(threads)
        try:
            while left:
                name, page = came.get()
                if page is None:
                    left -= 1
                elif isinstance(page, OrderDeskBatchError):
                    self._fail(name, page)
                elif isinstance(page, BaseException):
                    raise page
                else:
                    yield [{"store": name, **document} for document in page]
        finally:
            self._stop.set()
            while any(thread.is_alive() for thread in threads):
                self._drain(came)
        if not self._stores.keys() - self._failed.keys():
            raise next(iter(self._failed.values()))
        self.problems += [failure(name, error, "Its records are not among these.") for name, error in self._failed.items()]

    def _fail(self, name: str, error: OrderDeskBatchError) -> None:
        if isinstance(error, UsageError):  # an option: it is wrong for all, or a folder that one store has not got
            raise error
        self._failed[name] = error

    def _go(self, name: str, desk: Desk, came: Came) -> None:
        try:
            pages = self._read(desk)
            for page in pages:
                if self._stop.is_set():
                    break
                came.put((name, page))
            self.notes += [f"{name}: {note}" for note in pages.notes]
        except BaseException as error:  # it is for the thread that reads to say what it means
            came.put((name, error))
        finally:
            came.put((name, None))

    @staticmethod
    def _drain(came: Came) -> None:
        try:
            came.get(timeout=0.05)
        except queue.Empty:
            return
