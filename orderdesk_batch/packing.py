"""This file holds how values and documents become few bytes, and values and documents again.

A run file keeps them so, and so does a shelf with very many documents.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import pickle
import zlib
from decimal import Decimal
from typing import Any, Final

from .aside import Aside, Place
from .fields import Document
from .kinds import CLEAR, Value
from .sheets.sheet import BadCell, Literal


def encode(value: Value) -> Any:
    """A value as JSON that `decode` turns back into the same value."""
    if isinstance(value, Literal):
        return {"$": "literal", "v": str(value)}
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        inner = {key: encode(held) for key, held in value.items()}
        return {"$": "map", "v": inner} if "$" in value else inner
    if isinstance(value, (list, tuple)):
        return [encode(held) for held in value]
    return _strange(value)


def _strange(value: Value) -> Any:
    """A value that JSON does not know, as a map with its sort."""
    if isinstance(value, Decimal):
        return {"$": "decimal", "v": str(value)}
    if isinstance(value, dt.datetime):
        return {"$": "datetime", "v": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$": "date", "v": value.isoformat()}
    if isinstance(value, dt.time):
        return {"$": "time", "v": value.isoformat()}
    if isinstance(value, BadCell):
        return {"$": "bad", "v": [value.text, value.reason, value.hint, value.code]}
    if value is CLEAR:
        return {"$": "clear"}
    raise TypeError(f"{type(value).__name__} can't be kept in a run")


def decode(value: Any) -> Value:
    """The value that `encode` wrote."""
    if isinstance(value, list):
        return [decode(held) for held in value]
    if not isinstance(value, dict):
        return value
    match value.get("$"):
        case "clear":
            return CLEAR
        case "decimal":
            return Decimal(value["v"])
        case "datetime":
            return dt.datetime.fromisoformat(value["v"])
        case "date":
            return dt.date.fromisoformat(value["v"])
        case "time":
            return dt.time.fromisoformat(value["v"])
        case "bad":
            return BadCell(*value["v"])
        case "literal":
            return Literal(value["v"])
        case "map":
            return {key: decode(held) for key, held in value["v"].items()}
        case _:
            return {key: decode(held) for key, held in value.items()}


_FEW: Final = 1000  # bytes that are not worth compressing


def dumps(value: Any) -> str:
    """A value as the JSON text of what `encode` makes of it; there must be no `Literal` in it.

    The encoder of the standard library goes over it and asks for what JSON does not know. Only where the value
    itself has a `$` is it taken apart in Python, which takes ten times as long.
    """
    met = 0

    def strange(one: Value) -> Any:
        nonlocal met
        met += 1
        return _strange(one)

    text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, default=strange).encode(value)
    return text if '"$"' not in text or text.count('"$"') == met else _exactly(value)


def _exactly(value: Any) -> str:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))


def pack(value: Any, *, literal: bool = False) -> bytes:
    """A value as few bytes; `literal`: there is a `Literal` in it."""
    blob = (_exactly(value) if literal else dumps(value)).encode()
    return blob if len(blob) < _FEW else zlib.compress(blob, 1)


def unpack(blob: bytes) -> Any:
    """The value that `pack` wrote."""
    return loads((blob if blob[:1] in (b"{", b"[") else zlib.decompress(blob)).decode())


def loads(text: str) -> Any:
    """The value whose text `dumps` gave."""
    held = json.loads(text)
    return decode(held) if '"$"' in text else held


# -- documents, where there are very many -------------------------------------------------------------------


class Like:
    """What the packed documents of a store are told by: one of them, since the records of a store are much alike.

    Their bytes are put aside on the disk.
    """

    def __init__(self, document: Document) -> None:
        self._text = pickled(document)
        self._aside = Aside()

    def pack(self, document: Document) -> Place:
        """Put a document aside."""
        made = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, zdict=self._text)
        return self._aside.put(made.compress(pickled(document)) + made.flush())

    def unpack(self, place: Place) -> Document:
        """The document that was put aside there.

        Raises:
            RunError: it can't be read again, or is not as it was written.
        """
        made = zlib.decompressobj(_WINDOW, zdict=self._text)
        text, had = b"", 0
        try:
            while not made.eof:
                blob = self._aside.get(place, had)
                text += made.decompress(blob)
                had += len(blob)
        except zlib.error as error:
            raise self._aside.lost(str(error)) from None
        found: Document = pickle.loads(text)  # noqa: S301 - our own bytes, in a file of this process alone, with their checksum
        return found


class Packed:
    """A document that takes little memory.

    Args:
        document: it must not be changed afterwards.
        like: what it is told by.
    """

    __slots__ = ("_like", "_place")

    def __init__(self, document: Document, like: Like) -> None:
        self._like = like
        self._place = like.pack(document)

    @property
    def document(self) -> Document:
        """The document; those asked for lately are not made anew."""
        return _opened(self)


_WINDOW: Final = 13  # 8 KB to look back in


def pickled(document: Document) -> bytes:
    """A document as bytes for this process alone: Decimals are read from JSON three times as slowly."""
    return pickle.dumps(document, 5)


@functools.lru_cache(maxsize=256)
def _opened(packed: Packed) -> Document:
    return packed._like.unpack(packed._place)


Held = Document | Packed


def opened(held: Held) -> Document:
    """A document, however it is kept."""
    return held.document if type(held) is Packed else held  # type: ignore[return-value]
