"""This file holds `get`: one record or many, by id; and how a record looks as a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import NotFound, UsageError
from ..fields import RESOURCES, Document
from ..fields import resource as resource_of
from ..kinds import Value
from .columns import Layout, Nested
from .reading import ORDER_KEYS, with_keys

if TYPE_CHECKING:
    from ..store import Store


def get(
    store: Store, resource: str, ids: Iterable[str | int], *, history: bool = False, missing: list[str] | None = None
) -> list[Document]:
    """The records with these ids, in the order given.

    Args:
        ids: Order Desk's own; of items and shipments ORDER_ID/ID, or ORDER_ID/ for all of an order.
        missing: takes the ids of records that are not there; without it they are an error.

    Raises:
        UsageError: an id that can't be one.
        NotFound: one of the records is not there, and `missing` was not given.
    """
    of = resource_of(resource)
    wanted = list(dict.fromkeys(str(one).strip() for one in ([ids] if isinstance(ids, (str, int)) else ids)))
    if not wanted:
        raise UsageError(f"Which {of.one}? Give an id.")
    if of.parent:
        found = _children(store, of.name, wanted)
    else:
        found = _records(store, of.name, wanted, history)
    lost = [one for one in wanted if found[one] is None]
    if lost and missing is None:
        raise NotFound(f"There is no {of.one} {', '.join(lost)} in the store.", status=404)
    if missing is not None:
        missing.extend(lost)
    return [record for one in wanted for record in found[one] or ()]


def _records(store: Store, resource: str, ids: Sequence[str], history: bool) -> dict[str, list[Document] | None]:
    def read(record: str) -> list[Document] | None:
        try:
            return [store.order(record, history=history) if resource == "orders" else store.inventory_item(record)]
        except NotFound:
            return None

    for one in ids:
        if "/" in one.strip("/") or not one.strip("/"):
            raise UsageError(f'"{one}" is no id of {resource}: write the number alone.')
    return dict(_each(store, {one: partial(read, one.strip("/")) for one in ids}))


def _children(store: Store, resource: str, ids: Sequence[str]) -> dict[str, list[Document] | None]:
    """One by its own address; several of an order, or all of them, from the order itself, which is one call."""
    asked: dict[str, tuple[str, str]] = {}
    for one in ids:
        order, slash, child = one.partition("/")
        if not slash or not order.strip() or "/" in child:
            what = RESOURCES[resource].one.upper()
            raise UsageError(f'"{one}" does not say whose: write ORDER_ID/{what}_ID, or {order or "ORDER_ID"}/ for all of an order.')
        asked[one] = order.strip(), child.strip()
    by_order: dict[str, list[str]] = {}
    for order, child in asked.values():
        by_order.setdefault(order, []).append(child)

    def read(order: str) -> Document | None:
        wanted = by_order[order]
        try:
            if len(wanted) > 1 or not wanted[0]:
                return store.order(order)
            one = (store.item if resource == "items" else store.shipment)(order, wanted[0])
        except NotFound:
            return None
        return {"id": order, RESOURCES[resource].inside: [one]}

    orders = dict(_each(store, {order: partial(read, order) for order in by_order}))
    return {one: _picked(orders[order], resource, child) for one, (order, child) in asked.items()}


def _picked(order: Document | None, resource: str, child: str) -> list[Document] | None:
    if order is None:
        return None
    found = list(with_keys(order, resource))
    if "source_id" not in order:  # the child was read by itself: only the order's id is known
        found = [{name: value for name, value in one.items() if name not in ORDER_KEYS or name == "order.id"} for one in found]
    if not child:
        return found
    return [one for one in found if str(one.get("id")) == child] or None


def _each(store: Store, calls: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for one, answer in zip(calls, store.together(calls.values()), strict=True):
        if isinstance(answer, Exception):
            raise answer
        yield one, answer


def as_row(resource: str, document: Document, *, folders: Mapping[str, str] | None = None, nested: Nested = "columns") -> dict[str, Value]:
    """A document as one row: column → value, blank ones left out; an order's items stay JSON."""
    layout = Layout(resource, folders=folders, nested=nested)
    (row,) = layout.rows(document)
    return {column.name: row[column.slot] for column in layout.columns() if column.slot in row}


def as_table(
    resource: str, documents: Iterable[Document], *, folders: Mapping[str, str] | None = None,
    columns: Sequence[str] | str | None = None, with_items: bool = False, nested: Nested = "columns",
) -> tuple[list[str], list[list[Value]]]:  # fmt: skip
    """Documents as headings and rows; columns that are blank in every row are left out, unless they were asked for."""
    layout = Layout(resource, folders=folders, columns=columns, with_items=with_items, nested=nested)
    rows = [row for document in documents for row in layout.rows(document)]
    shown = [one for one in layout.columns() if columns or any(one.slot in row for row in rows)]
    return [one.name for one in shown], [[row.get(one.slot) for one in shown] for row in rows]
