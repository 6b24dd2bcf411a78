"""How values look on the wire: text, numbers, maps and dates, with the habits of a server written in PHP."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

__all__ = [
    "Json", "Refused", "amount", "date_text", "dumps", "listing", "mapping", "number", "parse_date", "php_map",
    "text", "whole",
]  # fmt: skip

Json = dict[str, Any]

_LARGEST = 2**53
_LEADING_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Refused(Exception):
    """The server's answer is an error; nothing of the request is done."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def dumps(value: object) -> str:
    """JSON as compact text."""
    return _ENCODER.encode(value)


def text(value: object, field: str = "value") -> str:
    """A value as the text the server keeps; nothing becomes blank."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(_plain(float(value)) if isinstance(value, float) else value)
    raise Refused(f"{field} must be text")


def number(value: object, field: str = "value") -> int | float:
    """A value as a number: text is read up to the first character that is none, so "1,5" is 1 and "x" is 0."""
    if isinstance(value, dict | list):
        raise Refused(f"{field} must be a number")
    if value is None:
        return 0
    if isinstance(value, str):
        found = _LEADING_NUMBER.match(value)
        value = float(found.group(1)) if found else 0.0
    if isinstance(value, bool | int):
        return max(-_LARGEST, min(int(value), _LARGEST))
    assert isinstance(value, float)
    return _plain(value)


def whole(value: object, field: str = "value") -> int:
    """A value as a whole number; a fraction is cut off."""
    return max(-_LARGEST, min(int(number(value, field)), _LARGEST))


def amount(value: object, field: str = "value") -> str:
    """A number as the server writes it in text: at least two decimals, "5.00", and no more than were sent."""
    shortest = repr(float(number(value, field)))
    if "e" in shortest or "." not in shortest:
        return f"{float(number(value, field)):.2f}"
    left, right = shortest.split(".")
    return f"{left}.{right.ljust(2, '0')}"


def mapping(value: object, field: str) -> Json:
    """A map as sent: an object, or an empty list standing for one."""
    if value is None or value == []:
        return {}
    if isinstance(value, dict):
        return dict(value)
    raise Refused(f"{field} must be an object")


def listing(value: object, field: str) -> list[Any]:
    """A list as sent."""
    if value is None or value == {}:
        return []
    if isinstance(value, list):
        return value
    raise Refused(f"{field} must be a list")


def php_map(value: Mapping[str, Any]) -> Json | list[Any]:
    """A map as the server writes it: an empty one is an empty list."""
    return dict(value) if value else []


def date_text(moment: datetime) -> str:
    """A moment as the server writes it: UTC, `YYYY-MM-DD HH:MM:SS`."""
    return moment.astimezone(UTC).isoformat(" ", "seconds")[:19]


def parse_date(value: object, field: str, zone: tzinfo = UTC) -> str:
    """A date as sent, turned into UTC text; one without an offset is in `zone`."""
    try:
        moment = datetime.fromisoformat(text(value, field).strip())
    except ValueError:
        raise Refused(f"{field} is not a date") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return date_text(moment)
    except OverflowError:
        raise Refused(f"{field} is not a date") from None


def _plain(value: float) -> int | float:
    if value.is_integer() and abs(value) < _LARGEST:
        return int(value)
    return value if math.isfinite(value) else 0
