"""This file holds Fresh: documents that are young enough to be sent back whole."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from ..fields import Document
from ..lookup import Listed, Lookup

FRESH: Final = 30.0  # seconds: a document that is older when its PUT leaves is read again
ON_THE_WAY: Final = 0.6  # of them, kept for the journal and the way to the store
JOURNAL: Final = 0.3  # of these: what the way to the store may take once the journal is written
SLACK: Final = 0.2  # seconds by which a call may leave later than it was thought to


class Fresh:
    """Gives documents that will be young enough when their call leaves; reads again, in pages or singly, whichever is fewer."""

    def __init__(self, lookup: Lookup, clock: Callable[[], float]) -> None:
        self._lookup = lookup
        self._clock = clock
        self._guard = threading.Lock()
        self._reading: dict[tuple[Listed, int], threading.Event] = {}
        self._wrote: dict[tuple[Listed, str], float] = {}

    def wrote(self, listed: Listed, record: str) -> None:
        """Tell that we changed a record, or may have: a document read before this is no longer whole."""
        self._wrote[listed, record] = self._clock()

    def documents(
        self, listed: Listed, records: list[str], upcoming: Iterable[str], *, whole: bool
    ) -> dict[str, tuple[Document | None, float]]:
        """Documents with the moment they were read; None for a record that is gone.

        Where a page read anew would serve two or more of these and the upcoming ones, the page is read.
        """
        shelf = self._lookup.shelves[listed]
        leaves = self._leaves()
        old = [record for record in records if self._is_old(listed, record, whole, leaves)]
        gone: set[str] = set()
        if old:
            mine, others = self._pages_to_read(listed, old, upcoming, whole, leaves)
            try:
                self._lookup.read_pages(listed, mine)
            finally:
                with self._guard:
                    for number in mine:
                        self._reading.pop((listed, number)).set()
            for event in others:
                event.wait()
            leaves = self._leaves()
            rest = [record for record in old if self._is_old(listed, record, whole, leaves)]
            gone = {record for record, found in self._lookup.read_singly(listed, rest).items() if found is None}
        return {
            record: (None, 0.0) if record in gone or (seen := shelf.by_id.get(record)) is None else (seen.document, seen.at)
            for record in records
        }

    def singly(self, listed: Listed, records: list[str], upcoming: Iterable[str], *, whole: bool) -> int:
        """How many of these would be read again one by one, now."""
        leaves = self._leaves()
        old = [record for record in records if self._is_old(listed, record, whole, leaves)]
        if len(old) < 2:
            return len(old)
        serves = self._serves(listed, {*old, *upcoming}, whole, leaves)
        return sum(serves[self._page(listed, record)] < 2 for record in old)

    def _serves(self, listed: Listed, records: Iterable[str], whole: bool, leaves: float) -> Counter[int]:
        """How many of these each page would serve, read anew; -1, which is no page, serves none."""
        serves = Counter(self._page(listed, record) for record in records if self._is_old(listed, record, whole, leaves))
        del serves[-1]
        return serves

    def _page(self, listed: Listed, record: str) -> int:
        seen = self._lookup.shelves[listed].by_id.get(record)
        return seen.page if seen is not None else -1

    def _leaves(self) -> float:
        """When a call that is prepared now will leave."""
        return self._clock() + self._lookup.store.bucket.due() + SLACK

    def _is_old(self, listed: Listed, record: str, whole: bool, leaves: float) -> bool:
        seen = self._lookup.shelves[listed].by_id.get(record)
        if seen is None or (whole and seen.at <= self._wrote.get((listed, record), -1.0)):
            return True
        return not -1 <= leaves - seen.at <= FRESH - ON_THE_WAY

    def _pages_to_read(
        self, listed: Listed, old: list[str], upcoming: Iterable[str], whole: bool, leaves: float
    ) -> tuple[list[int], list[threading.Event]]:
        needed = {self._page(listed, record) for record in old} - {-1}
        if not needed:
            return [], []
        serves = self._serves(listed, {*old, *upcoming}, whole, leaves)
        with self._guard:
            mine, others = [], []
            for number in sorted(needed):
                if event := self._reading.get((listed, number)):
                    others.append(event)
                elif serves[number] > 1:
                    self._reading[listed, number] = threading.Event()
                    mine.append(number)
        return mine, others
