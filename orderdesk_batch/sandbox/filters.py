"""How the filters, the order and the paging of lists are read from a query string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .data import ORDER_COLUMNS
from .spec import StoreSpec
from .switches import Switches
from .wire import parse_date, whole

__all__ = ["LIMIT", "LIMIT_MAX", "Found", "inventory_filter", "order_filter", "page"]

LIMIT = 50
LIMIT_MAX = 500

_ORDER_TEXTS = tuple(
    name for name in ORDER_COLUMNS if name not in ("folder_id", "date_added", "date_updated")
)
_ORDER_BY = (*ORDER_COLUMNS, "id")


@dataclass(frozen=True)
class Found:
    """A condition on the narrow table: SQL, its values, and how to sort."""

    where: str
    values: list[Any]
    order_by: str = "id"


def page(query: Mapping[str, str]) -> tuple[int, int]:
    """The limit and the offset a query asks for; what isn't a positive number counts as not given."""
    limit = whole(query.get("limit", ""))
    offset = whole(query.get("offset", ""))
    return (min(limit, LIMIT_MAX) if limit > 0 else LIMIT), max(0, offset)


def order_filter(query: Mapping[str, str], spec: StoreSpec, switches: Switches) -> Found:
    """What `GET /orders` is asked for; a filter without a value counts as not given."""
    where: list[str] = []
    values: list[Any] = []
    folders = [part.strip() for part in query.get("folder_id", "").split(",") if part.strip()]
    if folders:
        where.append(f"folder_id IN ({', '.join('?' * len(folders))})")
        values += folders
    if query.get("folder_name"):
        named = [folder for folder, name in spec.folders.items() if name == query["folder_name"]]
        where.append(f"folder_id IN ({', '.join('?' * len(named))})")
        values += named
    for name in _ORDER_TEXTS:
        if query.get(name):
            where.append(_matches(name, switches))
            values.append(query[name])
    local = ZoneInfo(spec.timezone)
    usual: tzinfo = local if switches.filter_times == "local" else UTC
    for prefix, column in (("search", "date_added"), ("modified", "date_updated")):
        for end, sign in (("start", ">="), ("end", "<=")):
            for suffix, zone in (("", usual), ("_local", local)):
                name = f"{prefix}_{end}_date{suffix}"
                if query.get(name) and not (suffix and prefix == "modified"):
                    where.append(f"{column} {sign} ?")
                    values.append(parse_date(query[name], name, zone))
    wanted = query.get("order_by", "")
    column = wanted if wanted in _ORDER_BY else "date_added"
    direction = "ASC" if query.get("order", "").upper() == "ASC" else "DESC"
    return Found(" AND ".join(where), values, f"{column} {direction}, id {direction}")


def inventory_filter(query: Mapping[str, str], switches: Switches) -> Found:
    """What `GET /inventory-items` is asked for."""
    where: list[str] = []
    values: list[Any] = []
    for name in ("name", "code", "location"):
        if query.get(name):
            where.append(_matches(name, switches))
            values.append(query[name])
    if query.get("search"):
        where.append("(" + " OR ".join(map(_contains, ("name", "code", "metadata"))) + ")")
        values += [query["search"]] * 3
    if query.get("metadata"):
        where.append(_contains("metadata"))
        values.append(query["metadata"])
    if query.get("update_source_not"):
        where.append("update_source != ?")
        values.append(query["update_source_not"])
    if query.get("updated_start_date"):
        where.append("date_updated >= ?")
        values.append(parse_date(query["updated_start_date"], "updated_start_date"))
    return Found(" AND ".join(where), values)


def _matches(column: str, switches: Switches) -> str:
    if switches.text_filters == "contains":
        return _contains(column)
    return f"{column} = ?" + (" COLLATE NOCASE" if switches.text_filters == "nocase" else "")


def _contains(column: str) -> str:
    return f"instr(lower({column}), lower(?)) > 0"
