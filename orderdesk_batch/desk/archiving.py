"""This file holds Archiving: a store kept as a Parquet data set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .watching import Watching

if TYPE_CHECKING:
    from ..archive import Archived


class Archiving(Watching):
    """A desk that also keeps an archive."""

    def archive(
        self, folder: str | os.PathLike[str], *, full: bool = False, full_every: float | None = None, force: bool = False
    ) -> Archived:
        """Bring an archive of this store up to date: the first time everything, then what was modified since.

        Several stores can share a folder. `orderdesk_batch.archive` reads it.

        >>> import tempfile
        >>> import orderdesk_batch as od
        >>> with od.sandbox(orders=12, inventory=3) as desk, tempfile.TemporaryDirectory() as folder:
        ...     _ = desk.archive(folder)
        ...     desk.call("DELETE", "/orders/7000001")["status"], desk.archive(folder).resources["orders"]
        ...     len(od.archive.frame(folder, "orders", ["id", "order_total"]))
        ('success', {'records': 11, 'added': 0, 'changed': 0, 'deleted': 1})
        11

        Args:
            folder: where it is; it is made if it is not there.
            full: read all records again, also those whose date says that they were not modified.
            full_every: days after which that is done anyway; 0 for never. None: 7 for orders, 30 for inventory; 30 for
                both where `doctor` found that every change of an order moves its date.
            force: let records go from the archive however many are gone from the store.

        Raises:
            UsageError: pyarrow is not installed.
            RunError: the archive can't be read or written, or is of another store.
            StoreError: the store can't be read; the next call goes on.
            Unsafe: a large part of the archive is gone from the store.
        """
        from ..archive import Archiver

        return Archiver(
            self.store, self.memory, Path(folder), self.settings(again=True), full=full, full_every=full_every, force=force,
            progress=self.progress, clock=self._clock,
        ).run()  # fmt: skip
