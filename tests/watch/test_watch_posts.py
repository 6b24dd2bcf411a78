"""What a post says: how its order is read, and which events it tells; without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderdesk_batch.errors import UsageError
from orderdesk_batch.sandbox.hooks import hook_request, signature
from orderdesk_batch.watch.events import Reading
from orderdesk_batch.watch.posts import Turned, declared, is_older, order_of, order_value, post_events

ORDER: dict[str, Any] = {
    "id": "7", "source_id": "A-7", "folder_id": "1", "email": "a@b.example", "date_updated": "2026-03-20 12:00:00",
    "shipping": {"first_name": "Jörg & Söhne =+%"}, "order_metadata": [], "order_items": [{"id": "9", "quantity": 1}], "order_shipments": [],
}  # fmt: skip
AGAIN, ONCE = Reading("now", "again", {"1": "New", "2": "Shipped"}, "h"), Reading("now", "once", {}, "h")


@pytest.mark.parametrize("form", ["form", "multipart", "json", "json-text"])
@pytest.mark.parametrize("text", [json.dumps(ORDER), json.dumps(ORDER, ensure_ascii=False, indent=1), '{"id":"7",  "price": 1.50}'])
def test_the_value_is_read_as_it_was_posted(form: Any, text: str) -> None:
    body, headers = hook_request(text, form=form)
    value = order_value(headers["Content-Type"], body)
    assert value == text.encode() and signature(value, "sandbox-key-not-a-secret-000000000040001") == headers["X-ORDER-DESK-HASH"]


def test_bytes_that_are_no_text_are_kept_for_the_signature() -> None:
    assert order_value("application/x-www-form-urlencoded", b"order=%FF%FE") == b"\xff\xfe"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b""),
        ("application/x-www-form-urlencoded", b"ordre=1"),
        ("application/x-www-form-urlencoded", b"order=1&order=2"),
        ("application/x-www-form-urlencoded", b"a=1&" * 60 + b"order=1"),
        ("application/json", b'{"order": {"id": 1}, "order": {"id": 2}}'),
        ("application/json", b'{"order": {"id": 1}'),
        ("application/json", b'{"order" {"id": 1}}'),
        ("application/json", b'{order: 1}'),
        ("application/json", b"[1]"),
        ("application/json", b"\xff"),
        ("application/json", b'{"order": ' + b"[" * 200_000),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"order\"\r\n\r\nnever ends"),
    ],
)  # fmt: skip
def test_a_body_without_one_order_is_turned_away(kind: str, body: bytes) -> None:
    with pytest.raises(Turned) as turned:
        order_value(kind, body)
    assert turned.value.status == 400


@pytest.mark.parametrize("value", [b"", b"null", b"7", b"[]", b"{}", b'{"id": ""}', b'{"id": {}}', b'{"id": NaN}', b"\xff", b"[" * 200_000])
def test_a_value_that_is_no_order_is_turned_away(value: bytes) -> None:
    with pytest.raises(Turned):
        order_of(value)


def names(pattern: str, old: Any, new: Any) -> list[tuple[str, Any]]:
    return [(event.event, dict(event.fields)) for event in post_events(pattern, old, new, ONCE, AGAIN)]


def test_a_hook_that_stands_for_one_event_tells_exactly_that() -> None:
    moved = {**ORDER, "folder_id": "2"}
    assert names("order.created", None, ORDER) == [("order.created", {})]
    assert names("order.folder_changed", None, moved) == [("order.folder_changed", {"folder": [None, "Shipped"]})]
    assert names("order.folder_changed", ORDER, moved) == [("order.folder_changed", {"folder": ["New", "Shipped"]})]
    assert names("order.updated", ORDER, {**ORDER, "email": "x"}) == [("order.updated", {"email": ["a@b.example", "x"]})]
    assert names("order.updated", None, ORDER) == [("order.updated", {})]


def test_an_order_is_created_once_however_often_and_in_whatever_state_it_is_posted() -> None:
    first, second = (post_events("order.created", None, one, ONCE, AGAIN)[0] for one in (ORDER, {**ORDER, "email": "x"}))
    assert first.event_id == second.event_id


def test_a_hook_for_shipments_tells_those_that_are_new() -> None:
    shipped = {**ORDER, "order_shipments": [{"id": "5", "tracking_number": "1Z"}]}
    assert names("shipment.created", None, shipped) == [("shipment.created", {})]
    assert names("shipment.created", shipped, shipped) == []
    assert names("shipment.*", ORDER, shipped) == [("shipment.created", {})]


def test_a_hook_that_was_not_declared_tells_what_differs() -> None:
    assert [name for name, _ in names("", None, ORDER)] == ["order.created", "item.created"]
    assert names("", ORDER, {**ORDER, "folder_id": "2"}) == [("order.folder_changed", {"folder": ["New", "Shipped"]})]
    assert names("", ORDER, {**ORDER, "date_updated": "2026-03-20 12:00:09"}) == [("order.updated", {})]


def test_a_post_that_was_tried_again_is_older_than_what_came_meanwhile() -> None:
    assert is_older({"date_updated": "2026-03-20 11:00:00"}, ORDER)
    assert not is_older(ORDER, ORDER) and not is_older(ORDER, None) and not is_older({"id": "7"}, ORDER)


def test_hooks_are_declared_as_name_and_event() -> None:
    assert declared(["new=order.created", "parcels=shipment.*"]) == {"new": "order.created", "parcels": "shipment.*"}
    for bad in (["new"], ["new="], ["=order.created"], ["a b=order.created"], ["new=order.vanished"], ["new=inventory.*"], ["a=item.*", "a=item.*"]):
        with pytest.raises(UsageError):
            declared(bad)
