"""This file holds Key: the store's key, which shows itself to nobody but the request that carries it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote

from orderdesk_batch.errors import UsageError
from orderdesk_batch.store.wire import HIDDEN


class Key:
    """A store id and its key; also takes the key, and other secrets once seen, out of texts.

    >>> Key("42", "sesame-1234")
    Key(42, (hidden))
    """

    __slots__ = ("_key", "_others", "store_id")

    def __init__(self, store_id: str, key: str) -> None:
        self.store_id = _header_text(store_id, "The store id", "ORDERDESK_STORE_ID")
        self._key = _header_text(key, "The API key", "ORDERDESK_API_KEY")
        self._others: set[str] = set()

    def headers(self) -> dict[str, str]:
        """The two headers that every request carries [doc]."""
        return {"ORDERDESK-STORE-ID": self.store_id, "ORDERDESK-API-KEY": self._key}

    def signature(self, content: bytes) -> str:
        """What the store signs a webhook's content with: HMAC-SHA256 with the key, in hex [help][seen]."""
        return hmac.new(self._key.encode(), content, hashlib.sha256).hexdigest()

    def also(self, secrets: set[str]) -> None:
        """Remember other secrets; very short ones would only tear holes into harmless text."""
        self._others |= {secret for secret in secrets if len(secret) >= 6}

    def clean(self, text: str) -> str:
        """The text without any secret in it."""
        for secret in sorted({self._key, *self._others}, key=len, reverse=True):
            for spelling in {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}:
                text = text.replace(spelling, HIDDEN)
        return text

    def clean_all(self, value: Any) -> Any:
        """The same for each text in a piece of JSON."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.clean(str(name)): self.clean_all(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [self.clean_all(entry) for entry in value]
        return value

    def __repr__(self) -> str:
        return f"Key({self.store_id}, {HIDDEN})"

    def __reduce__(self) -> Any:
        raise TypeError("a key is not pickled")


def _header_text(text: str, what: str, variable: str) -> str:
    text = str(text or "").strip()
    if not text:
        raise UsageError(f"{what} is missing. Set {variable}, or choose a profile.")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise UsageError(f"{what} has characters that no key has. Copy it again from Order Desk's settings.")
    return text
