"""Posting an order as Order Desk's webhooks do, signed with the store's key: to try a receiver at home.

    python -m orderdesk_batch.sandbox.hooks http://127.0.0.1:8787/hooks/orders

posts an order of a fresh sandbox, from the store that ORDERDESK_STORE_ID and ORDERDESK_API_KEY name, or the sandbox's own.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from .spec import StoreSpec
from .wire import dumps

__all__ = ["Form", "Posted", "hook_request", "send_hook", "signature"]

Form = Literal["form", "multipart", "json", "json-text"]
"""How the order travels: as a form field (as Order Desk does), or in a JSON body, as an object or as text."""


@dataclass(frozen=True)
class Posted:
    """How a post was answered."""

    status: int
    body: str


def signature(value: bytes, key: str) -> str:
    """The hex HMAC-SHA256 of the value of `order` with the store's key."""
    return hmac.new(key.encode(), value, hashlib.sha256).hexdigest()


def hook_request(
    order: Mapping[str, Any] | str, spec: StoreSpec | None = None, form: Form = "form", key: str | None = None
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a post; text is posted as it is.

    `key` signs in the place of the store's own; an empty one leaves the signature out, as a store without a key does.
    """
    spec = spec or StoreSpec()
    text = order if isinstance(order, str) else dumps(order)
    kind = "application/x-www-form-urlencoded"
    if form == "form":
        body = urlencode({"order": text}).encode()
    elif form == "multipart":
        mark = secrets.token_hex(12)
        kind = f"multipart/form-data; boundary={mark}"
        body = f'--{mark}\r\nContent-Disposition: form-data; name="order"\r\n\r\n{text}\r\n--{mark}--\r\n'.encode()
    else:
        kind = "application/json"
        body = f'{{"order": {text if form == "json" else dumps(text)}}}'.encode()
    headers = {"Content-Type": kind, "X-ORDER-DESK-STORE-ID": spec.id}
    key = spec.key if key is None else key
    if key:
        headers["X-ORDER-DESK-HASH"] = signature(text.encode(), key)
    return body, headers


def send_hook(
    url: str,
    order: Mapping[str, Any] | str,
    spec: StoreSpec | None = None,
    *,
    form: Form = "form",
    key: str | None = None,
    timeout: float = 30.0,
) -> Posted:
    """Post an order to a receiver, once; Order Desk tries again for two hours when the answer is none of 200 and 201."""
    body, headers = hook_request(order, spec, form, key)
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        return Posted(answer.status, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


def _main(words: list[str]) -> int:
    from .box import Sandbox

    if len(words) not in (1, 2):
        sys.stderr.write("python -m orderdesk_batch.sandbox.hooks URL [ORDER_NUMBER]\n")
        return 2
    own = StoreSpec()
    spec = StoreSpec(os.environ.get("ORDERDESK_STORE_ID") or own.id, os.environ.get("ORDERDESK_API_KEY") or own.key)
    box = Sandbox(orders=1, inventory=0)
    order = box.orders()[0]
    box.close()
    if len(words) == 2:
        order = {**order, "id": words[1], "source_id": words[1]}
    answer = send_hook(words[0], order, spec)
    sys.stdout.write(f"{answer.status} {answer.body}\n")
    return 0 if answer.status in (200, 201) else 1


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
