"""This file holds JSON as text with exact numbers, readable letters, and nothing that a file could not hold."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any, Final

_SPELLED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff]")  # written as \\u….
# The fast encoder of the standard library knows no decimals: they go through it as marked texts.
_MARK: Final = f"decimal-{secrets.token_hex(8)}:"
_MARKED: Final = re.compile(f'"{_MARK}([^"]*)"')


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
    text = _ENCODER.encode(value)
    if _MARK in text:
        text = _MARKED.sub(r"\1", text)
    return text if text.isascii() else _SPELLED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def _other(value: Any) -> str:
    return f"{_MARK}{value}" if isinstance(value, Decimal) else str(value)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, default=_other)
