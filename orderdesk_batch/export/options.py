"""This file holds the options of a search: one for each filter of the API, with friendlier names beside it."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import UsageError
from ..fields import ORDERS, RESOURCES

Sort = Literal["text", "time", "flag", "choice", "whole", "ids", "names"]
Use = Literal["filter", "search", "shape"]


@dataclass(frozen=True)
class Option:
    """One option of `export`, for the command line and for Python."""

    name: str  # with dashes, as on the command line: search-start-date
    help: str
    api: str = ""  # the API's filter; "" for what we do ourselves
    sort: Sort = "text"
    aliases: tuple[str, ...] = ()  # friendlier names
    choices: tuple[str, ...] = ()
    many: bool = False  # may be given several times, and as @file
    field: str = ""  # the field of the table that it looks at, where it can be compared here too
    use: Use = "filter"  # filter: the store's; search: what is read; shape: how it is written

    @property
    def metavar(self) -> str:
        """What stands for its value in the help."""
        return {"time": "TIME", "ids": "ID", "names": "COLUMNS", "whole": "NUMBER"}.get(self.sort, "TEXT")

    @property
    def key(self) -> str:
        """Its name in Python and in `Search.filters`: search_start_date."""
        return self.name.replace("-", "_")


@dataclass(frozen=True)
class Search:
    """What to look for. Nothing given means everything there is."""

    filters: Mapping[str, Any] = field(default_factory=dict)  # API name → value or list of values; also "since"
    order_ids: Sequence[str] | None = None  # these orders only, by Order Desk's own numbers
    limit: int | None = None
    history: bool = False


_ADDRESSES: Final = ("customer", "shipping")
_PARTS: Final = ("first_name", "last_name", "company", "address1", "phone")
_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "source_id": ("order-number",), "source_name": ("source", "cart"), "folder_id": (), "code": ("sku",),
}  # fmt: skip


def _from_table(resource: str) -> Iterator[Option]:
    """The filters that the field table knows, by its column `search`."""
    for one in RESOURCES[resource].fields:
        if not one.search:
            continue
        says = "By the id of the folder that it is in." if one.search == "folder_id" else f"By {_lower(one.sentence)}"
        yield Option(
            one.search.replace("_", "-"), says, one.search, aliases=_MORE.get(one.search, ()), many=True, field=one.name
        )


def _addresses() -> Iterator[Option]:
    """The API searches five parts of two addresses; it names them with an underscore where we have a dot."""
    for whose in _ADDRESSES:
        for part in _PARTS:
            one = ORDERS.field(f"{whose}.{part}")
            says = f"By the {'customer' if whose == 'customer' else 'recipient'}'s {_lower(one.sentence)}"
            yield Option(f"{whose}-{part.replace('_', '-')}", says, f"{whose}_{part}", many=True, field=one.name)


def _lower(sentence: str) -> str:
    """A sentence as the end of another: `SKU` stays as it is."""
    return sentence if sentence[1:2].isupper() else sentence[0].lower() + sentence[1:]


_WHEN: Final = "a date of the store's zone, a time with a zone, or 7d, 24h"
_ORDER_BY: Final = ("date_added", "date_updated", "id", "source_id")

# fmt: off
_ORDERS: Final = (
    *_from_table("orders"),
    Option("folder-name", "By the exact name of the folder that it is in.", "folder_name", aliases=("folder",), many=True),
    Option("search-start-date", f"Only orders added since then: {_WHEN}.", "search_start_date", "time", ("added-from", "start-date")),
    Option("search-end-date", f"Only orders added until then; a date includes its whole day: {_WHEN}.", "search_end_date", "time", ("added-to", "end-date")),
    Option("modified-start-date", f"Only orders changed since then: {_WHEN}.", "modified_start_date", "time", ("modified-from", "changed-from")),
    Option("modified-end-date", f"Only orders changed until then: {_WHEN}.", "modified_end_date", "time", ("modified-to", "changed-to")),
    *_addresses(),
    Option("get-order-history", "With each order's history; slow.", "get_order_history", "flag", ("history",), use="search"),
    Option("order-by", "Sort by this field of the API. [default: date_added]", "order_by", "text"),
    Option("order", "The direction of the sort.", "order", "choice", ("direction",), ("ASC", "DESC")),
    Option("since", f"Only orders added since then: {_WHEN}.", sort="time", use="search"),
)
_ORDER_IDS: Final = Option("order", "Only what belongs to these orders, by Order Desk's own number; @FILE for a list of them.",
                           sort="ids", aliases=("order-id",), many=True, use="search")
_SHARED: Final = (
    Option("all", "Everything there is, which is also what is read when no filter is given.", sort="flag", use="search"),
    Option("limit", "At most so many records.", "limit", "whole", use="search"),
    Option("columns", "Only these columns, in this order: names after commas, metadata.*, or a preset.", sort="names", use="shape"),
    Option("nested", "Open maps and lists as columns of their own, or as JSON.", sort="choice", choices=("columns", "json"), use="shape"),
    Option("money", "Amounts and weights in frames and .parquet as exact decimals, or as floats.", sort="choice", choices=("decimal", "float"), use="shape"),
)
OPTIONS: Final[Mapping[str, tuple[Option, ...]]] = {
    "orders": (
        *_ORDERS,
        replace(_ORDER_IDS, name="id", help="Only these orders, by Order Desk's own number; @FILE for a list of them."),
        *_SHARED,
        Option("with-items", "A row for each item, in item.* columns; the order's own cells stand on its first row.", sort="flag", use="shape"),
        Option("repeat", "With --with-items: the order's own cells on each of its rows.", sort="flag", use="shape"),
    ),
    **{
        name: (*(replace(one, name="direction", aliases=()) if one.name == "order" else one for one in _ORDERS), _ORDER_IDS, *_SHARED)
        for name in ("items", "shipments")
    },
    "inventory": (
        Option("search", "By a text in the name, the code or the metadata.", "search", many=True),
        *_from_table("inventory"),
        Option("metadata", "By a text somewhere in the keys and values of the metadata.", "metadata", many=True),
        Option("update-source-not", "Only items that this system was not the last to change.", "update_source_not"),
        Option("updated-start-date", f"Only items changed since then: {_WHEN}.", "updated_start_date", "time", ("updated-from", "modified-start-date")),
        Option("since", f"Only items changed since then: {_WHEN}.", sort="time", use="search"),
        *_SHARED,
    ),
}
# fmt: on


def option(resource: str, name: str, *, api: bool = False) -> Option:
    """The option of that name or alias; dashes and underscores are alike.

    Args:
        api: it is the API's name. `order` is the direction there, and the order's id as our option for items.

    Raises:
        UsageError: there is none.
    """
    asked = name.strip().lstrip("-").replace("_", "-").lower()
    for of_api in (api, not api):
        for one in OPTIONS[resource]:
            if asked == one.api.replace("_", "-") if of_api else asked == one.name or asked in one.aliases:
                return one
    known = [word for one in OPTIONS[resource] for word in (one.name, *one.aliases)]
    near = difflib.get_close_matches(asked, known, 1)
    raise UsageError(
        f'"{name}" is no filter of {resource}'
        + (f"; did you mean {near[0]}?" if near else f". There are {', '.join(known)}.")
    )


def search(resource: str, given: Mapping[str, Any], *, files: bool = False) -> Search:
    """A Search from options by name, as the command line and Python give them; None counts as not given.

    Args:
        files: whether `@name` stands for the lines of a file.

    Raises:
        UsageError: an option that there is not, or a value that makes no sense.
    """
    filters: dict[str, Any] = {}
    ids: list[str] | None = None
    limit: int | None = None
    history = False
    everything = False
    for name, value in given.items():
        if value is None or value == ():
            continue
        one = option(resource, name)
        if one.use == "shape":
            raise UsageError(f"{one.name} says how an export is written, not what to look for.")
        if one.sort == "flag":
            wanted = _truth(value, one)
            everything |= wanted and one.name == "all"
            history |= wanted and one.name == "get-order-history"
        elif one.sort == "whole":
            limit = _whole(value, one)
        elif one.sort == "ids":
            ids = _values(value, one, files)
        else:
            values = _values(value, one, files)
            key = one.api or one.key
            if not one.many and len(values) > 1:
                raise UsageError(f"--{one.name} can be given once only.")
            filters[key] = values if len(values) > 1 else values[0]
    if everything and (filters or ids):
        raise UsageError("--all reads everything there is: leave the filters out, or leave --all out.")
    return Search(filters, ids, limit, history)


def _values(value: Any, one: Option, files: bool) -> list[Any]:
    """The values that were given, those of files included; a blank one is no filter, and is not taken for one."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = [value]
    values: list[Any] = []
    for entry in value:
        if files and isinstance(entry, str) and entry.startswith("@"):
            values += from_file(entry[1:])
        else:
            values.append(entry.strip() if isinstance(entry, str) else entry)
    if not values or any(entry is None or entry == "" for entry in values):
        raise UsageError(f"--{one.name} is blank. A blank filter would find everything; leave it out if that is meant.")
    if one.choices:
        values = [_choice(entry, one) for entry in values]
    return values if one.sort == "time" else [str(entry) for entry in values]


def _choice(value: Any, one: Option) -> str:
    found = next((choice for choice in one.choices if choice.casefold() == str(value).casefold()), None)
    if found is None:
        more = " To export one order, use --id." if one.api == "order" else ""
        raise UsageError(f'--{one.name}: "{value}" is none of {", ".join(one.choices)}.{more}')
    return found


def _whole(value: Any, one: Option) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise UsageError(f'--{one.name}: "{value}" is not a whole number from 1.')
    return number


def _truth(value: Any, one: Option) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    found = value if isinstance(value, bool) else words.get(str(value).strip().lower())
    if found is None:
        raise UsageError(f'--{one.name}: "{value}" is neither yes nor no.')
    return found


def from_file(name: str) -> list[str]:
    """The values in a file: one a line, or the first column of a CSV file; blank lines are passed over.

    Raises:
        UsageError: the file can't be read, or holds nothing.
    """
    try:
        raw = Path(name).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(f"@{name} can't be read: {error.strerror or error}.") from None
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    rows = csv.reader(io.StringIO(text, newline=""))
    values = [cell for row in rows if row and (cell := row[0].strip().removeprefix("\ufeff"))]
    if not values:
        raise UsageError(f"@{name} holds no values: write one a line.")
    return list(dict.fromkeys(values))
