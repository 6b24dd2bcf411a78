"""This file holds `call`: any authorised call to the API, at the store's pace, with all pages of a list if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from ..errors import UsageError

if TYPE_CHECKING:
    from ..store import Store
    from ..store.paging import Page

_PAGING: Final = ("limit", "offset")


def is_write(method: str) -> bool:
    """Whether a method may change the store."""
    return method.strip().upper() != "GET"


def warning(method: str, path: str, store_name: str = "") -> str:
    """What to tell a person before a write."""
    where = f' in the store "{store_name}"' if store_name else ""
    return (
        f"{method.strip().upper()} {path.partition('?')[0]} may change records{where}. It is sent once, as it is: "
        "it is not checked, not in any run, and can't be undone from here."
    )


def call(
    store: Store,
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    all_pages: bool = False,
) -> dict[str, Any]:
    """The answer's JSON; the path may carry the version (`/v2/orders/1/order-items`) or not.

    A GET is repeated where that may help, a write is not. Secrets in a store's settings are hidden.

    Args:
        all_pages: read a list to its end, and give it as one answer.

    Raises:
        UsageError: what the API can't take; nothing was sent.
        StoreError: the store's refusal, or the way to it; see `Store.request`.
    """
    if not all_pages:
        return store.request(method, path, query=query, headers=headers, body=body)
    if is_write(method):
        raise UsageError("Only a GET has pages.")
    bare, _, own = path.partition("?")
    asked: dict[str, Any] = {**dict(parse_qsl(own, keep_blank_values=True)), **(query or {})}
    if given := [name for name in _PAGING if name in asked]:
        raise UsageError(f"All pages are read: leave {' and '.join(given)} out.")
    return _whole_list(store, bare, asked, headers)


def _whole_list(store: Store, path: str, asked: Mapping[str, Any], headers: Mapping[str, str] | None) -> dict[str, Any]:
    from ..store.paging import PAGE, Page, pages, proper_total

    first = store.request("GET", path, query={**asked, "limit": PAGE, "offset": 0}, headers=headers)
    name = _list_in(first)
    if name is None:  # a list that has no pages, such as an order's items, or no list at all
        return first

    def page_of(answer: Mapping[str, Any], offset: int) -> Page:
        held = answer.get(name)
        return Page(held if isinstance(held, list) else [], offset, proper_total(answer.get("total_records")))

    def fetch(offset: int, limit: int) -> Page:
        query = {**asked, "limit": limit, "offset": offset}
        return page_of(store.request("GET", path, query=query, headers=headers), offset)

    def together(calls: Iterable[Callable[[], Page]]) -> Iterator[Page | Exception]:
        return store.together(calls)

    records = [record for page in pages(fetch, together, page_of(first, 0)) for record in page.records]
    return {**first, "records_returned": len(records), "offset": 0, "limit": len(records), name: records}


def _list_in(answer: Mapping[str, Any]) -> str | None:
    """The name of the list that an answer is a page of."""
    if "total_records" not in answer:
        return None
    names = [name for name, value in answer.items() if isinstance(value, list) and all(isinstance(one, dict) for one in value)]
    return names[0] if len(names) == 1 else None
