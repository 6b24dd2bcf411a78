"""This file holds the archive of several stores: one folder, a part for each store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import OrderDeskBatchError
from .watching import SeveralWatching

if TYPE_CHECKING:
    from ..archive import Archived


class SeveralArchiving(SeveralWatching):
    """Several stores of which an archive is kept."""

    def archive(
        self, folder: str | os.PathLike[str], *, full: bool = False, full_every: float | None = None, force: bool = False
    ) -> dict[str, Archived | OrderDeskBatchError]:
        """Bring an archive of all of the stores up to date, side by side; what was done, or why not, by their names.

        Args:
            folder, full, full_every, force: see `Desk.archive`. Each store has a part of its own in the folder.

        Raises:
            Stopped: somebody stopped it; the next call goes on.
        """
        how = {"full": full, "full_every": full_every, "force": force}
        return {**self.failed, **self.side_by_side(lambda _, desk: desk.archive(folder, **how))}  # type: ignore[arg-type]
