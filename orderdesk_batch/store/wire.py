"""This file holds what goes over the wire: JSON with exact numbers, PHP's empty maps, paths, queries, masks.

Documents are read with decimals as `Decimal` and written back as the same plain numbers, so that a document
that is read and sent back whole keeps each value to the digit.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import is_not
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from orderdesk_batch.address import DEFAULT_URL
from orderdesk_batch.errors import UsageError

Document = dict[str, Any]  # one record, as the API's JSON has it

# The names under which an empty map comes as [], because PHP cannot tell them apart [doc][seen].
MAPS = frozenset(
    [
        "order_metadata",
        "checkout_data",
        "shipping",
        "customer",
        "return_address",
        "metadata",
        "variation_list",
        "folders",
        "settings",
    ]
)
NESTED = (dict, list)
SECRET_NAME = re.compile(r"key|password|passwd|secret|token|^smtp_username$", re.IGNORECASE)
HIDDEN = "(hidden)"


# --- JSON ---------------------------------------------------------------------------------------------


def loads(text: str) -> Any:
    """JSON with decimals as `Decimal`.

    Raises:
        ValueError: not JSON (NaN and Infinity are not).

    >>> loads('{"price": 19.90, "metadata": []}')
    {'price': Decimal('19.90'), 'metadata': []}
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_such_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any) -> str:
    """JSON that writes `Decimal` as a plain number.

    Raises:
        UsageError: a value that JSON does not know.

    >>> dumps({"price": Decimal("19.90"), "name": "Tee"})
    '{"price": 19.90, "name": "Tee"}'
    """
    return "".join(pieces(value))


def pieces(value: Any) -> Iterator[str]:
    """The same piece by piece. An iterator is an array, whose entries need not all be there at once.

    Raises:
        UsageError: a value that JSON does not know.

    >>> "".join(pieces({"rows": iter([1, 2])}))
    '{"rows": [1, 2]}'
    """
    try:
        yield from _pieces(value)
    except RecursionError:
        raise UsageError("This document is nested too deeply to be sent.") from None


def _no_such_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _pieces(value: Any) -> Iterator[str]:
    if value is None or isinstance(value, (bool, str)):
        yield json.dumps(value)
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise UsageError(f"{value} cannot be sent: it is not a number.")
        yield str(value)
    elif isinstance(value, (int, float)):
        if value != value or value in (float("inf"), float("-inf")):
            raise UsageError(f"{value} cannot be sent: it is not a number.")
        yield int.__repr__(value) if isinstance(value, int) else float.__repr__(value)
    elif isinstance(value, Mapping):
        mark = "{"
        for key, entry in value.items():
            yield f"{mark}{json.dumps(str(key))}: "
            yield from _pieces(entry)
            mark = ", "
        yield "{}" if mark == "{" else "}"
    elif isinstance(value, (list, tuple, Iterator)):
        mark = "["
        for entry in value:
            yield mark
            yield from _pieces(entry)
            mark = ", "
        yield "[]" if mark == "[" else "]"
    else:
        raise UsageError(f"A value of type {type(value).__name__} cannot be sent as JSON.")


def tidy(value: Any) -> Any:
    """The same value with `{}` for each `[]` that stands where a map belongs; all else untouched, and nothing copied in vain.

    >>> tidy({"metadata": [], "order_items": [{"variation_list": []}], "discount_list": []})
    {'metadata': {}, 'order_items': [{'variation_list': {}}], 'discount_list': []}
    """
    if isinstance(value, dict):
        better = {name: {} if entry == [] and name in MAPS else tidy(entry) for name, entry in value.items() if isinstance(entry, NESTED)}
        return {**value, **better} if any(value[name] is not entry for name, entry in better.items()) else value
    if isinstance(value, list):
        tidied = [tidy(entry) for entry in value]
        return tidied if any(map(is_not, tidied, value)) else value
    return value


def masked(settings: Any, seen: set[str]) -> Any:
    """A store's settings without their secrets; what was hidden is added to `seen`."""
    if isinstance(settings, dict):
        return {
            name: _hide(entry, seen) if SECRET_NAME.search(str(name)) else masked(entry, seen) for name, entry in settings.items()
        }
    if isinstance(settings, list):
        return [masked(entry, seen) for entry in settings]
    return settings


def _hide(value: Any, seen: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _hide(entry, seen) for name, entry in value.items()}
    if isinstance(value, list):
        return [_hide(entry, seen) for entry in value]
    if value is None or value == "" or isinstance(value, bool):
        return value
    seen.add(str(value))
    return HIDDEN


# --- addresses ----------------------------------------------------------------------------------------


def base_address(url: str) -> tuple[str, bool]:
    """The API's address without a slash at its end, and whether it is this machine.

    Raises:
        UsageError: not https (plain http goes to this machine only), or not an address at all.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host = ""
    if not host or re.search(r"[\s\\\x00-\x1f]", url) or "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(f"The store's address has to look like {DEFAULT_URL}. Check ORDERDESK_BASE_URL.")
    here = host == "localhost" or _is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise UsageError(
            f"The store's address {parts.scheme}://{host} is not https; the key would travel in the open. "
            "Plain http is for this machine only (127.0.0.1, localhost)."
        )
    return url.rstrip("/"), here


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def part(identifier: object) -> str:
    """An id as a piece of a path.

    Raises:
        UsageError: an id that is empty, or that would lead to another path.

    >>> part("12/3")
    '12%2F3'
    """
    text = "" if identifier is None or isinstance(identifier, bool) else str(identifier).strip()
    if not text or not text.strip("."):
        raise UsageError(f'"{text}" is not an id.')
    return quote(text, safe="")


def path_and_query(path: str, query: Mapping[str, Any] | None) -> str:
    """The path below the base address, with its query; `/v2` and `/api/v2` in front may be given or not.

    Raises:
        UsageError: a whole address, or a path that leads upwards.

    >>> path_and_query("/v2/orders/1/order-items", {"limit": 5})
    '/orders/1/order-items?limit=5'
    """
    if "://" in path or path.startswith("//") or "\\" in path:
        raise UsageError("Give the path only, such as /orders/12/shipments; the address is the store's.")
    bare, _, own_query = path.partition("?")
    bare = re.sub(r"^/?(api/)?v2(?=/|$)", "", bare.strip())
    pieces = bare.strip("/").split("/")
    if any(not piece.replace("%2e", ".").replace("%2E", ".").strip(".") for piece in pieces):
        raise UsageError(f'"{path}" is not a path of the API. It looks like /orders/12/shipments.')
    pairs = [*parse_qsl(own_query, keep_blank_values=True), *_pairs(query or {})]
    tail = "?" + urlencode(pairs, quote_via=quote) if pairs else ""
    return "/" + quote("/".join(pieces), safe="/%:@!$&'()*+,;=~-._") + tail


def _pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        if value is not None:
            yield str(name), _query_text(value)


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(_query_text(entry) for entry in value)
    return str(value)
