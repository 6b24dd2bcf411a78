"""This file holds what a search asks of the store: its filters checked, its windows of time, its lists of values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from ..errors import UsageError
from ..fields import RESOURCES, Document, get
from ..shelf import Listed as Listed
from .options import Option, Search, option
from .times import Window, Zone, moment

# Which filters make a window, and the date of the record that it is about.
_WINDOWS: Final[Mapping[Listed, tuple[tuple[str, str, str], ...]]] = {
    "orders": (
        ("date_added", "search_start_date", "search_end_date"),
        ("date_updated", "modified_start_date", "modified_end_date"),
    ),
    "inventory": (("date_updated", "updated_start_date", ""),),
}
_READINGS: Final[Mapping[Listed, str]] = {"orders": "filter_times", "inventory": "inventory_times"}  # doctor's findings
_KEYS: Final = frozenset({"source_id", "customer_id", "code"})  # spelled one way only


def listed(resource: str) -> Listed:
    """The list of the API in which a resource's records are found."""
    return "inventory" if resource == "inventory" else "orders"


def reading_of(of: Listed, doctor: Mapping[str, Any] | None) -> str:
    """How the store reads the times of a search, as `doctor` found out: utc, local; blank for not known."""
    return str((doctor or {}).get(_READINGS[of]) or "")


def changed_since(of: Listed, start: dt.datetime | None, zone: Zone, reading: str) -> dict[str, str]:
    """The filter that finds what was changed since then; None for no filter."""
    date, name, _ = _WINDOWS[of][-1]
    return Window(date, start).asked(name, "", zone, reading)


@dataclass
class Values:
    """A filter with several values: which records it means, where they are compared here."""

    option: Option
    values: list[str]
    rule: str = ""  # how the server compares, as doctor found out: exact, nocase, contains; "" not known
    found: set[str] = field(default_factory=set)  # the values that found something

    def __post_init__(self) -> None:
        self._rule = self.rule or ("exact" if self.option.api in _KEYS else "nocase")
        self._asked = {self._folded(value): value for value in self.values}

    def _folded(self, value: str) -> str:
        return value if self._rule == "exact" else value.casefold()

    @property
    def comparable(self) -> bool:
        """Whether it can be told from a record if the filter means it."""
        return bool(self.option.field)

    def fits(self, resource: str, document: Document) -> list[str]:
        """The values that a record has."""
        place = RESOURCES[resource].field(self.option.field).place
        held = get(document, place or ())
        text = self._folded("" if held is None else str(held).strip())
        if self._rule == "contains":
            return [value for key, value in self._asked.items() if key in text]
        return [self._asked[text]] if text in self._asked else []


@dataclass
class Asked:
    """A search, ready to be sent."""

    resource: str  # as asked for: items, shipments, …
    filters: dict[str, Any]  # of every call
    many: list[Values]
    windows: list[Window]
    order_ids: list[str] | None
    limit: int | None

    @property
    def listed(self) -> Listed:
        """The list that is read."""
        return listed(self.resource)

    @property
    def is_all(self) -> bool:
        """Whether the calls are for every record of the list."""
        return not (self.filters.keys() - {"order_by", "order", "get_order_history"})

    def combinations(self) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
        """The filters of each single call, with the values they are for."""
        for values in product(*(one.values for one in self.many)):
            named = {one.option.api: value for one, value in zip(self.many, values, strict=True)}
            yield {**self.filters, **named}, values

    @property
    def singles(self) -> int:
        """How many single calls there would be."""
        count = 1
        for one in self.many:
            count *= len(one.values)
        return count

    def keeps(self, document: Document) -> bool:
        """Whether a record's dates lie in the windows that were asked for."""
        return all(window.holds(document) for window in self.windows)


def ask(
    resource: str, search: Search, *, zone: Zone, now: dt.datetime, folders: Mapping[str, str], doctor: Mapping[str, Any]
) -> Asked:
    """A search checked, its times read, its folders' names turned into ids where there are several.

    Raises:
        UsageError: a filter that there is not, a value that is no time, or filters that exclude each other.
    """
    of = listed(resource)
    given = _named(resource, search.filters)
    if search.order_ids is not None and (given.keys() - {"order_by", "order"}):
        raise UsageError("Orders named by their ids need no filters: leave one of the two out.")
    if search.order_ids is not None and resource == "inventory":
        raise UsageError("Inventory items belong to no order.")
    _since(of, given)
    windows, filters = _windows(of, given, zone, now, reading_of(of, doctor))
    _folders(given, folders, doctor)
    many: list[Values] = []
    for name, value in given.items():
        one = option(resource, name, api=True)
        values = list(dict.fromkeys(map(str, value))) if isinstance(value, (list, tuple, set, frozenset)) else [str(value)]
        if not values or any(not text.strip() for text in values):
            raise UsageError(f"{name} is blank. A blank filter would find everything; leave it out if that is meant.")
        if name == "folder_id" and doctor.get("folder_lists") != "no":
            filters[name] = ",".join(values)  # several ids in one call [doc]
        elif len(values) == 1:
            filters[name] = values[0]
        elif one.many:
            many.append(Values(one, values, str(doctor.get("text_filters") or "")))
        else:
            raise UsageError(f"{name} takes one value, not {len(values)}.")
    if search.history and of == "orders":
        filters["get_order_history"] = 1
    if search.limit is not None and search.limit < 1:
        raise UsageError("The limit is a whole number from 1.")
    ids = None if search.order_ids is None else list(dict.fromkeys(str(one).strip() for one in search.order_ids))
    if ids is not None and not all(ids):
        raise UsageError("An order's id is blank.")
    return Asked(resource, filters, many, windows, ids, search.limit)


def _named(resource: str, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters under the API's names."""
    given: dict[str, Any] = {}
    for name, value in filters.items():
        if value is None:
            continue
        one = option(resource, name, api=True)
        if (not one.api and one.name != "since") or one.use == "shape":
            raise UsageError(f'"{name}" is no filter of {resource}.')
        key = one.api or one.name
        if key in given:
            raise UsageError(f"{key} is given twice.")
        given[key] = value
    return given


def _since(of: Listed, given: dict[str, Any]) -> None:
    """`since` is the start of the window that people mean: orders by when they were made, items by their last change."""
    if "since" not in given:
        return
    _, name, _ = _WINDOWS[of][0]
    if name in given:
        raise UsageError(f"since and {name} mean the same: give one of them.")
    given[name] = given.pop("since")


def _windows(
    of: Listed, given: dict[str, Any], zone: Zone, now: dt.datetime, reading: str
) -> tuple[list[Window], dict[str, Any]]:
    windows: list[Window] = []
    filters: dict[str, Any] = {}
    for date, starts, ends in _WINDOWS[of]:
        start = given.pop(starts, None)
        end = given.pop(ends, None) if ends else None
        if start is None and end is None:
            continue
        window = Window(
            date,
            None if start is None else moment(start, zone, now, what=starts),
            None if end is None else moment(end, zone, now, end=True, what=ends),
        )
        if window.start and window.end and window.start > window.end:
            raise UsageError(f"{starts} ({start}) is after {ends} ({end}), so nothing can lie between.")
        windows.append(window)
        filters |= window.asked(starts, ends, zone, reading)
    return windows, filters


def _folders(given: dict[str, Any], folders: Mapping[str, str], doctor: Mapping[str, Any]) -> None:
    """Several folders by name are asked for by their ids, which one call can carry."""
    names: Sequence[str] | Any = given.get("folder_name")
    if isinstance(names, str) or names is None or len(names) < 2 or "folder_id" in given:
        return
    by_name: dict[str, list[str]] = {}
    for key, name in folders.items():
        by_name.setdefault(name, []).append(key)
    if all(name in by_name for name in names):
        given["folder_id"] = [key for name in names for key in by_name[name]]
        del given["folder_name"]
