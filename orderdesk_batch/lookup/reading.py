"""This file holds Reading: the pages of one list, read onto its shelf as long as that is the cheapest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ..fields import Document
from ..shelf import Ask, Listed, Shelf
from ..store.paging import PAGE, pages_of
from .window import Window

if TYPE_CHECKING:
    from ..memory import Memory
    from ..store import Page, Store

NESTED: Final = ("order_items", "order_shipments")  # what an order's document carries beside its own fields
FEW: Final = 3  # so many look-ups are worth a page that tells how many there are


class Reading:
    """Reads pages of orders or of inventory."""

    def __init__(self, store: Store, memory: Memory, listed: Listed, shelf: Shelf) -> None:
        self._store = store
        self._memory = memory
        self._listed = listed
        self._shelf = shelf

    @property
    def total(self) -> int | None:
        """How many records there are, as told in this run or remembered; None: not known."""
        return self._memory.total(self._listed) if self._shelf.total is None else self._shelf.total

    # -- all there is -----------------------------------------------------------------------------

    def through(self, asks: set[Ask], first: Page | None, *, each: int = 1, ties: bool = False) -> Page:
        """Read pages until single look-ups are cheaper, or all that is asked for is found by unique keys.

        Args:
            first: the first page, if it is in hand.
            each: how many single look-ups a key is expected to need.
            ties: at the same price, pages.

        Returns:
            The first page; the shelf is complete if all were read.
        """
        shelf = self._shelf
        unique = self._listed == "inventory" or all(by == "id" for by, _ in asks)
        left = set(asks)
        if first is None:
            first = self._store.first_page(self._listed)
            self.lay(first, left, numbered=not shelf.among)
        rest = self._rest(first, 1)
        if unique and shelf.among and rest and shelf.total == len(shelf.by_id):
            shelf.complete = True  # the window was all there is
            return first
        if rest and ((unique and not left) or len(left) * each + ties <= rest):
            return first
        if shelf.among:
            shelf.turn_to("")
            self.lay(first, left)
        ahead = _Ahead(left, len(asks))
        surely = not unique or ahead() >= rest
        count = 0
        for number, page in enumerate(self._store.pages(self._listed, first=first, ahead=None if surely else ahead)):
            count += len(page.records)
            if number == 0:
                continue
            self.lay(page, left)
            ahead.came()
            if unique and not left:
                return first
            if not unique or len(left) >= self._rest(page, number + 1):
                ahead.go_on()
            elif ahead() <= 0:
                return first
        shelf.complete = True
        shelf.total = count
        self._memory.put_total(self._listed, count)
        return first

    # -- the orders of some time ------------------------------------------------------------------

    def pays(self, window: Window) -> bool:
        """Whether a page of a window is worth its call, before it is known how many there are."""
        total = self.total
        return len(window.asks) >= FEW and (total is None or pages_of(total) > 1)

    def through_window(self, window: Window) -> set[Ask]:
        """Read pages of a window as long as they are cheaper than single look-ups, and the sheet's dates hold.

        Returns:
            What single look-ups are cheaper for now, whatever all pages cost: these are no fewer than the window's.
        """
        self._shelf.turn_to(window.among)
        left, lost = set(window.asks), 0
        first = self._store.first_page(self._listed, window.filters)

        def holds(page: Page) -> bool:
            nonlocal lost
            self.lay(page, left)
            passed = window.passed(left, page)
            left.difference_update(passed)
            lost += len(passed)
            return lost * 2 <= len(window.asks) - len(left)  # as many found as lost, at least

        fine, rest = holds(first), self._rest(first, 1, of_all=False)
        if not (fine and left and rest):
            return set()
        if len(left) <= rest:
            return left
        ahead = _Ahead(left, len(window.asks))
        for number, page in enumerate(self._store.pages(self._listed, window.filters, first=first, ahead=ahead)):
            if number == 0:
                continue
            fine = holds(page)
            ahead.came()
            if not left:
                break
            if fine and len(left) >= self._rest(page, number + 1, of_all=False):
                ahead.go_on()
            elif ahead() <= 0:
                return left if fine else set()
        return set()

    # -- a page -----------------------------------------------------------------------------------

    def lay(self, page: Page, left: set[Ask], *, numbered: bool = True) -> None:
        """Lay a page on the shelf, and cross out what it answers for good."""
        number = page.offset // PAGE if numbered else -1
        for document in page.records:
            at = page.at if is_whole(self._listed, document) else 0.0
            self._shelf.put(document, at, number)
            left.discard(("id", str(document.get("id", ""))))
            if self._listed == "inventory":  # a SKU is unique, an order number is not
                left.discard(("text", str(document.get("code") or "").strip()))

    def _rest(self, page: Page, read: int, *, of_all: bool = True) -> int:
        """How many pages follow, as far as this one tells."""
        here = page.offset + len(page.records)
        if page.total is not None and page.total >= here:
            if of_all:
                self._shelf.total = page.total
                self._memory.put_total(self._listed, page.total)
            return max(0, pages_of(page.total) - read)
        # A total of 0 beside records was seen [seen]: then a full page says that there may be as many again.
        return read if len(page.records) >= PAGE else 0


class _Ahead:
    """How many pages may be on their way: as many as what is left needs, from the second page on going by the fullest so far.

    One page alone tells little: what is asked for may be a stretch that begins on it.

    They are wanted only while no fewer keys are left than pages, so that even pages that bring nothing cost no more than all pages do.

    Args:
        left: the keys that are not found yet.
        asked: how many there were before the first page.
    """

    def __init__(self, left: set[Ask], asked: int) -> None:
        self._left = left
        self._before = asked
        self._had = self._granted = 0
        self._most = 0
        self.came()
        self.go_on()

    def came(self) -> None:
        """A page came, and what it has was taken out of what is left."""
        self._had += 1
        self._most = max(self._most, self._before - len(self._left))
        self._before = len(self._left)

    def go_on(self) -> None:
        """Further pages are wanted."""
        most = self._most
        a_page = min(PAGE, most + math.sqrt(most) + 1) if most and self._had > 1 else PAGE  # others may be fuller, by chance
        self._granted = max(self._granted, self._had + math.ceil(len(self._left) / a_page))

    def __call__(self) -> int:
        return self._granted - self._had


def is_whole(listed: Listed, document: Document) -> bool:
    """Whether an order carries its items and shipments; one that does not is never young enough to be sent back."""
    return listed != "orders" or all(name in document for name in NESTED)
