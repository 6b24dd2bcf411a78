"""The sandbox's posts: signed as the store signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import parse_qs

import pytest

from orderdesk_batch.sandbox import SANDBOX_KEY, SANDBOX_STORE_ID, StoreSpec
from orderdesk_batch.sandbox.hooks import hook_request


@pytest.mark.fact("webhooks")
def test_an_order_is_posted_as_a_form_field_and_its_value_is_signed() -> None:
    body, headers = hook_request({"id": "1", "email": "jörg+x@example.com"})
    (value,) = parse_qs(body.decode())["order"]
    assert json.loads(value) == {"id": "1", "email": "jörg+x@example.com"}
    assert headers["X-ORDER-DESK-STORE-ID"] == SANDBOX_STORE_ID
    assert headers["X-ORDER-DESK-HASH"] == hmac.new(SANDBOX_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()


def test_another_store_signs_with_its_own_key_and_one_without_a_key_not_at_all() -> None:
    _, own = hook_request("{}", StoreSpec("7", "other"))
    _, none = hook_request("{}", key="")
    assert own["X-ORDER-DESK-STORE-ID"] == "7" and own["X-ORDER-DESK-HASH"] == hmac.new(b"other", b"{}", hashlib.sha256).hexdigest()
    assert "X-ORDER-DESK-HASH" not in none
