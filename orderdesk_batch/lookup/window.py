"""This file holds Window: where in the list of orders the dates of a sheet say that its orders are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

from ..shelf import Ask

if TYPE_CHECKING:
    from ..store import Page

# Whether the times of a search are UTC or the store's own is [open]; no place is further from UTC than 14 hours.
WIDER: Final = dt.timedelta(hours=14)
MINUTE: Final = dt.timedelta(minutes=1)  # spreadsheets show times without their seconds
DAY: Final = dt.timedelta(days=1)


class Window:
    """The time from the oldest to the newest of a sheet's orders, as the filters of a list.

    A date may be wrong: someone changed it in the sheet, or wants to change it in the store. Then the order is
    not on the pages of the window, and is looked up like any other. So a date never decides what is found, only
    where it is looked for first.
    """

    def __init__(self, added: Mapping[str, dt.datetime]) -> None:
        self.asks: set[Ask] = {("id", record) for record in added}
        start, end = min(added.values()) - WIDER, max(added.values()) + DAY + WIDER
        self.filters = {"search_start_date": _text(start), "search_end_date": _text(end)}
        self._until = {("id", record): _text(at + (MINUTE if at.time() != dt.time() else DAY)) for record, at in added.items()}

    @classmethod
    def of(cls, asks: Collection[Ask], added: Mapping[str, dt.datetime]) -> Self | None:
        """The window in which all that is asked for lies; None if something else than orders by ids with dates is asked for."""
        if not asks or not all(by == "id" and record in added for by, record in asks):
            return None
        try:
            return cls({record: added[record] for _, record in asks})
        except OverflowError:  # at the ends of all time
            return None

    @property
    def among(self) -> str:
        """The filters as one text."""
        return urlencode(self.filters)

    def passed(self, left: Collection[Ask], page: Page) -> set[Ask]:
        """Those that should have come up to the end of a page, since orders come by their dates, oldest first."""
        dates = [str(record.get("date_added")) for record in page.records]
        if not dates or dates != sorted(dates) or len(dates[-1]) != 19:
            return set()
        return {ask for ask in left if self._until[ask] < dates[-1]}


def _text(at: dt.datetime) -> str:
    return at.isoformat(" ", "seconds")
