"""The key, and the secrets in a store's settings, are never shown: not in results, errors, logs or tracebacks."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from typing import Any

import pytest

from orderdesk_batch.errors import StoreError
from orderdesk_batch.store import Store
from orderdesk_batch.store.wire import masked
from tests.stub import CUT, KEY, Stub, answer, bad, good

SECRET = "smtp-pass-9876"
SETTINGS = {
    "timezone": "America/Los_Angeles",
    "api_key": KEY,
    "smtp_password": SECRET,
    "smtp_username": "mailer@example.com",
    "carrier": {"ups_access_token": "tok-123456", "name": "UPS", "secrets": ["a-secret-thing"]},
    "empty_password": "",
    "list": [],
}
STORE = good(store={"id": "42", "name": "Shop", "settings": SETTINGS, "folders": {"1": "New"}})


def test_the_settings_come_without_their_secrets() -> None:
    with Stub(STORE) as stub, stub.store() as store:
        found = store.settings()
    assert found["settings"] == {
        "timezone": "America/Los_Angeles",
        "api_key": "(hidden)",
        "smtp_password": "(hidden)",
        "smtp_username": "(hidden)",
        "carrier": {"ups_access_token": "(hidden)", "name": "UPS", "secrets": ["(hidden)"]},
        "empty_password": "",
        "list": [],
    }
    assert found["folders"] == {"1": "New"}


def test_the_plain_call_hides_them_too() -> None:
    with Stub(STORE) as stub, stub.store() as store:
        assert SECRET not in json.dumps(store.request("GET", "/v2/store"))


def test_an_empty_store_has_maps() -> None:
    with Stub(good(store={"id": "42", "settings": [], "folders": []})) as stub, stub.store() as store:
        assert store.settings() == {"id": "42", "settings": {}, "folders": {}}


def test_a_server_that_repeats_the_key_or_a_secret_is_cleaned() -> None:
    with Stub(STORE, bad(f"{KEY} and {SECRET} are wrong", 400)) as stub, stub.store() as store:
        store.settings()
        with pytest.raises(StoreError) as caught:
            store.create_order({})
        assert str(caught.value) == "(hidden) and (hidden) are wrong"
        assert KEY not in json.dumps(caught.value.body)
        assert store.clean(f"x{KEY}y") == "x(hidden)y"


def told(error: BaseException) -> str:
    """The traceback with all variables, but for the first frame, which is the test's own."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert len(whole.stack) > 1
    del whole.stack[0]
    return "".join(whole.format())


@pytest.mark.parametrize(
    "reply",
    [CUT, bad(KEY, 401), bad(f"no {KEY}", 400), bad(KEY), answer(b"", 500), answer(f'"{KEY}"'.encode()), bad(KEY, 429)],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_error_log_or_traceback_shows_the_key(reply: bytes, method: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    calls: list[Any] = []
    with Stub(reply) as stub, stub.store(retries=1, on_request=calls.append) as store:
        with pytest.raises(StoreError) as caught:
            store.request(method, "/orders")
        error = caught.value
        shown = told(error) + repr(error) + repr(error.body) + repr(vars(error))
        shown += repr(store) + repr(store.__dict__) + repr(calls)
    assert error.__cause__ is None and error.__context__ is None
    assert KEY not in shown
    assert caplog.records
    assert KEY not in caplog.text
    assert "ORDERDESK-API-KEY" not in caplog.text


def test_without_a_connection_the_key_stays_inside_too() -> None:
    store = Store("42", KEY, base_url="http://127.0.0.1:1", retries=0, wait=lambda _: None)
    with pytest.raises(StoreError) as caught:
        store.test()
    error = caught.value
    assert error.__context__ is None
    assert KEY not in told(error)


def test_a_store_is_not_pickled_with_its_key() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Store("42", KEY)._key)


def test_the_log_tells_method_path_status_and_tokens(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "orderdesk_batch")
    with Stub(good()) as stub, stub.store() as store:
        store.request("GET", "/orders", query={"email": "someone@example.com"})
    line = next(record.getMessage() for record in caplog.records if record.name == "orderdesk_batch")
    assert line.startswith("GET /orders: 200 in ")
    assert line.endswith(", 19 tokens left")


def test_masking_keeps_what_is_no_secret() -> None:
    seen: set[str] = set()
    assert masked({"a": 1, "Token": 5, "is_key": True, "key": None}, seen) == {
        "a": 1, "Token": "(hidden)", "is_key": True, "key": None,
    }  # fmt: skip
    assert seen == {"5"}
