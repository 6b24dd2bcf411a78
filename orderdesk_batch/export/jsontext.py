"""This file holds JSON as text with exact numbers, readable letters, and nothing that a file could not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

_SPELLED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff]")  # written as \\u….


def json_text(value: Any) -> str | None:
    """A piece of a document as JSON; None for what holds nothing.

    >>> json_text({"price": Decimal("19.90"), "name": "Büchse"}), json_text([])
    ('{"price": 19.90, "name": "Büchse"}', None)
    """
    if value is None or value == "" or value == [] or value == {}:
        return None
    return dumps(value)


def dumps(value: Any) -> str:
    """Any value as JSON on one line."""
    return "".join(_pieces(value))


def _text(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return written if written.isascii() else _SPELLED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written)


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield _text(value)
    elif value is None or isinstance(value, (bool, int)):
        yield json.dumps(value)
    elif isinstance(value, Decimal):
        yield str(value)
    elif isinstance(value, float):
        yield json.dumps(value)
    elif isinstance(value, Mapping):
        mark = "{"
        for key, entry in value.items():
            yield f"{mark}{_text(str(key))}: "
            yield from _pieces(entry)
            mark = ", "
        yield "{}" if mark == "{" else "}"
    elif isinstance(value, (list, tuple)):
        mark = "["
        for entry in value:
            yield mark
            yield from _pieces(entry)
            mark = ", "
        yield "[]" if mark == "[" else "]"
    else:
        yield _text(str(value))
