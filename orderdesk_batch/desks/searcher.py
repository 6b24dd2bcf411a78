"""This file holds what is read from several stores at once: exports, the doctor's findings, events."""

from __future__ import annotations

import logging
import os
import queue
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..desk import BOOK, Desk
from ..desk.routing import failure
from ..errors import OrderDeskBatchError, Problem, Stopped, UsageError
from ..store import dumps, loads
from .sender import SeveralSender
from .several import had, refused

if TYPE_CHECKING:
    import pandas as pd

    from ..doctor import Finding
    from ..export import Written

Came = queue.SimpleQueue[bytes | BaseException | None]  # pages, packed, since those of later stores wait; an error; the end
log = logging.getLogger("orderdesk_batch")


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
            for problem in pages.problems:
                log.warning("%s", problem)
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
    """The pages of documents of several stores, read side by side, given out store by store, in the order of the stores.

    Each document says under `store` whose it is.

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
        came: dict[str, Came] = {name: queue.SimpleQueue() for name in self._stores}
        threads = [
            threading.Thread(target=self._go, args=(name, desk, came[name]), name=f"orderdesk-{name}", daemon=True)
            for name, desk in self._stores.items()
        ]
        for thread in threads:
            thread.start()
        try:
            for name, pages in came.items():
                while (page := pages.get()) is not None:
                    if isinstance(page, OrderDeskBatchError):
                        self._fail(name, page)
                    elif isinstance(page, BaseException):
                        raise page
                    else:
                        yield [{"store": name, **document} for document in loads(zlib.decompress(page).decode())]
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        if not self._stores.keys() - self._failed.keys():
            raise next(iter(self._failed.values()))
        self.problems += [failure(name, error, "Its records are not among these.") for name, error in self._failed.items()]

    def _fail(self, name: str, error: OrderDeskBatchError) -> None:
        if isinstance(error, (UsageError, Stopped)):  # an option: it is wrong for all, or a folder that one store has not got
            raise error
        self._failed[name] = error

    def _go(self, name: str, desk: Desk, came: Came) -> None:
        try:
            pages = self._read(desk)
            for page in pages:
                if self._stop.is_set():
                    break
                came.put(zlib.compress(dumps(page).encode(), 1))
            self.notes += [f"{name}: {note}" for note in pages.notes]
        except BaseException as error:  # it is for the thread that reads to say what it means
            came.put(error)
        finally:
            came.put(None)
