"""This file holds Tally: whether the pages of a list that changed meanwhile may have missed a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .times import stamp

if TYPE_CHECKING:
    from ..fields import Document
    from ..store import Page

SKEW: Final = 3.0  # seconds by which the server's clock may differ from what is known of it
NEAR: Final = 600.0  # seconds by which it may differ from ours before anything is known


class Tally:
    """What the pages of one reading add up to.

    `Store.pages` sees from the totals that records were deleted meanwhile, and mends the gaps that they tear. But where as
    many were added at the end, the total stays as it was. Those that were added tell by their dates: if there are more of
    them than the total has grown by, others went unseen, and the list is read once more.

    Args:
        came: the date that tells when a record came into the list.
        ahead: seconds by which the store's clock is ahead of the one that pages are stamped by.
    """

    def __init__(self, came: str, ahead: float = 0.0) -> None:
        self.read = 0
        self.ahead = ahead
        self._came = came
        self._ids: set[str] = set()
        self._totals: list[int] = []
        self._dates: list[float] = []  # when records came, as far as that was lately
        self._began = self._ended = 0.0

    def add(self, page: Page) -> None:
        """Count a page."""
        self.read += len(page.records)
        self._ids.update(str(record.get("id")) for record in page.records)
        if page.total is not None:
            self._totals.append(page.total)
        self._began = self._began or page.at
        self._ended = max(self._ended, page.at)
        since = self._began + self.ahead - NEAR
        for record in page.records:
            at = stamp(record.get(self._came))
            if at is not None and at.timestamp() >= since:
                self._dates.append(at.timestamp())

    def may_have_lost(self) -> bool:
        """Whether records came while others went, so that one may have slipped through between two pages."""
        since, until = self._began + self.ahead - SKEW, self._ended + self.ahead + SKEW
        return self._lacks(sum(since <= at <= until for at in self._dates))

    def hangs_on_the_clock(self) -> bool:
        """Whether one may have, should the store's clock be another than it is taken to be."""
        return self._lacks(len(self._dates))

    def _lacks(self, fresh: int) -> bool:
        """Whether there are more records than the totals tell, so many of them having come meanwhile."""
        if len(self._totals) < 2:
            return False
        seen_to_go = sum(max(before - after, 0) for before, after in zip(self._totals, self._totals[1:], strict=False))
        return self._totals[0] + fresh - self._totals[-1] > seen_to_go

    def unseen(self, records: list[Document]) -> list[Document]:
        """Those of the records that no page had."""
        return [record for record in records if str(record.get("id")) not in self._ids]
