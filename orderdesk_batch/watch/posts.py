"""This file holds what a post of Order Desk says: the order in it, and which events it tells.

Order Desk posts an order as the form field `order`, and some tools pass it on as a JSON body with that key:
both are read. What the store signs is the value of `order` as posted, so exactly those bytes are kept.
"""

from __future__ import annotations

import fnmatch
import hashlib
import io
import json
import json.decoder
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from ..errors import UsageError
from ..export.times import stamp
from ..fields import Document
from ..store.wire import loads, tidy
from .events import EVENTS, WATCHED, Event, Reading, key_of, order_changes, order_events

LIMIT: Final = 5 * 1024 * 1024  # bytes of a post; an order of a thousand items is a fifth of that
FIELDS: Final = 50  # of a form
NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")  # of a hook


class Turned(Exception):
    """A post that is turned away: with a status, and half a sentence for who sent it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


# -- reading ------------------------------------------------------------------------------------------------


def order_value(content_type: str, body: bytes) -> bytes:
    """The value of `order` as posted, URL-decoded.

    >>> order_value("application/x-www-form-urlencoded", b"order=%7B%22id%22%3A+1%7D&x=2")
    b'{"id": 1}'
    >>> order_value("application/json", b'{"shop": 4, "order": {"id":  1}}')
    b'{"id":  1}'

    Raises:
        Turned: there is none, or more than one.
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            values = _in_parts(content_type, body)
        elif kind.endswith("json") or body.lstrip()[:1] == b"{":
            values = list(_in_json(body.decode()))
        else:
            values = list(_in_form(body))
    except (ValueError, RecursionError):
        raise Turned(400, "the body can't be read") from None
    if len(values) != 1:
        raise Turned(400, "one form field, or one key of a JSON body, has to be named order")
    return values[0]


def _in_form(body: bytes) -> Iterator[bytes]:
    pairs = body.split(b"&", FIELDS + 1)
    if len(pairs) > FIELDS:
        raise ValueError("too many fields")
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        if unquote_to_bytes(name) == b"order":
            yield unquote_to_bytes(value.replace(b"+", b" "))


def _in_parts(content_type: str, body: bytes) -> list[bytes]:
    from werkzeug.formparser import FormDataParser
    from werkzeug.http import parse_options_header

    kind, options = parse_options_header(content_type)
    parser = FormDataParser(max_form_memory_size=LIMIT, max_form_parts=FIELDS, silent=False)
    _, form, _ = parser.parse(io.BytesIO(body), kind, len(body), options)
    return [value.encode() for value in form.getlist("order")]


def _in_json(text: str) -> Iterator[bytes]:
    """Each value under the key `order`: a text as it is, anything else as it is spelled there."""
    decoder = json.JSONDecoder()
    at = _after_space(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("no object")
    at = _after_space(text, at + 1)
    while text[at : at + 1] != "}":
        if text[at : at + 1] != '"':
            raise ValueError("no key")
        name, at = json.decoder.scanstring(text, at + 1)  # type: ignore[attr-defined]
        at = _after_space(text, at)
        if text[at : at + 1] != ":":
            raise ValueError("no value")
        at = _after_space(text, at + 1)
        value, end = decoder.raw_decode(text, at)
        if name == "order":
            yield (value if isinstance(value, str) else text[at:end]).encode()
        at = _after_space(text, end)
        if text[at : at + 1] == ",":
            at = _after_space(text, at + 1)
        elif text[at : at + 1] != "}":
            raise ValueError("no end")


def _after_space(text: str, at: int) -> int:
    found = re.compile(r"[ \t\r\n]*").match(text, at)
    return found.end() if found else at


def order_of(value: bytes) -> Document:
    """The order in the value of `order`.

    Raises:
        Turned: it is no order.
    """
    try:
        document = tidy(loads(value.decode()))
    except (ValueError, RecursionError):
        raise Turned(400, "the value of order is no JSON") from None
    if not isinstance(document, dict) or not str(document.get("id") or "").strip() or isinstance(document["id"], (dict, list)):
        raise Turned(400, "the value of order is no order: it has no id")
    return document


def digest_of(hook: str, value: bytes) -> str:
    """What tells a post from others: its hook and its order."""
    return hashlib.sha256(hook.encode() + b"\n" + value).hexdigest()


# -- what it tells --------------------------------------------------------------------------------------------


def declared(hooks: Iterator[str] | tuple[str, ...] | list[str]) -> dict[str, str]:
    """The hooks that are declared as `NAME=EVENT`: name → pattern of events.

    Raises:
        UsageError: a name or an event that makes no sense.
    """
    found: dict[str, str] = {}
    for one in hooks:
        name, equals, event = one.partition("=")
        name, event = name.strip(), event.strip()
        if not NAME.fullmatch(name):
            raise UsageError(f'"{name}" is no name for a hook. Use letters, digits, ".", "-" and "_".')
        if name in found:
            raise UsageError(f'The hook "{name}" is declared twice.')
        posted = [known for known in EVENTS if not known.startswith("inventory.")]
        if not equals or not fnmatch.filter(posted, event):
            raise UsageError(f'--hook "{one}": write NAME=EVENT; the events are {", ".join(posted)}.')
        found[name] = event
    return found


def post_events(pattern: str, old: Document | None, new: Document, once: Reading, again: Reading) -> list[Event]:
    """What a post tells.

    A hook that stands for one event of orders tells exactly that. Any other tells what differs from the
    order as it was posted last: all of it is new in an order that was never posted before.

    Args:
        pattern: what the hook stands for; "" if it was not declared.
        once: marks what happens to an order once only: however often it is posted, it is one event.
        again: marks this post alone.
    """
    order_id, key = str(new["id"]), key_of(new)
    if pattern in WATCHED["orders"]:
        fields: Mapping[str, Any] = {}
        if pattern == "order.updated" and old is not None:
            fields = order_changes(old, new)
        elif pattern == "order.folder_changed":
            before = None if old is None or old.get("folder_id") == new.get("folder_id") else again.folder(old)
            fields = {"folder": [before, again.folder(new)]}
        reading = once if pattern in ("order.created", "order.deleted") else again
        return [reading.event(pattern, order_id, key, fields, new)]
    found = list(order_events(old, new, again))
    if pattern:
        return [event for event in found if fnmatch.fnmatchcase(event.event, pattern)]
    if not any(event.event.startswith("order.") for event in found):
        found.insert(0, again.event("order.updated", order_id, key, {}, new))  # it was posted for some reason
    return found


def is_older(new: Document, old: Document | None) -> bool:
    """Whether a post tells of an earlier moment than one that came before it: Order Desk tries again for two hours."""
    if old is None:
        return False
    mine, theirs = stamp(new.get("date_updated")), stamp(old.get("date_updated"))
    return mine is not None and theirs is not None and mine < theirs
