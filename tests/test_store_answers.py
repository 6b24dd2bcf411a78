"""What each kind of answer means: writes leave once, reads are repeated, and doubt is called doubt."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from orderdesk_batch.errors import (
    NotAllowed,
    NotFound,
    RateLimited,
    Refused,
    Stopped,
    StoreError,
    Unclear,
    Unreachable,
    UsageError,
)
from orderdesk_batch.pace import Bucket
from orderdesk_batch.store import Call, Requests, Store
from tests.stub import CLOSE, CUT, HANG, KEY, RESET, Received, Stub, answer, bad, good

GARBAGE = {
    "500": answer({"status": "error", "message": "Oops"}, 500),
    "502 page": answer(b"<html>Bad Gateway</html>", 502, kind="text/html"),
    "503": answer(b"", 503),
    "408": answer(b"", 408),
    "page": answer(b"<html>Please log in</html>", kind="text/html"),
    "empty": answer(b""),
    "204": answer(b"", 204),
    "half": answer(b'{"status": "success", "order": {"id"'),
    "truncated": CLOSE + b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"status": "success"}',
    "half a chunk": CLOSE + b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{}\r\n",
    "no gzip": answer({"status": "success"}, Content_Encoding="gzip"),
    "list": answer([1, 2]),
    "text": answer("success"),
    "NaN": answer(b'{"status": "success", "x": NaN}'),
    "not utf-8": answer(b'{"status": "success", "x": "\xff"}'),
    "without status": answer({"order": {"id": "1"}}),
    "strange status": answer({"status": "maybe"}),
    "not http": CLOSE + b"hello\r\n\r\n",
    "cut": CUT,
    "reset": RESET,
}


def timed() -> tuple[list[float], Bucket]:
    """A bucket for which waiting costs no time, and what time it has."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    return now, Bucket(clock=lambda: now[0], wait=wait)


# --- writes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GARBAGE)
def test_a_write_whose_end_is_not_known_is_unclear_and_left_once(name: str) -> None:
    with Stub(GARBAGE[name]) as stub, stub.store() as store, pytest.raises(Unclear) as caught:
        store.create_order({})
    assert len(stub.received) == 1
    assert caught.value.passing
    assert "POST /orders was sent" in str(caught.value)
    assert store.counts == Requests(0, 1, 0)


def test_a_write_that_is_never_answered_is_unclear() -> None:
    with (
        Stub(HANG) as stub,
        stub.store(timeouts=(5, 0.1)) as store,
        pytest.raises(Unclear, match=r"no answer came in 0\.1 seconds"),
    ):
        store.create_order({})
    assert len(stub.received) == 1


def test_a_write_on_a_connection_gone_stale_is_unclear_and_not_resent() -> None:
    with Stub(good(), CUT, good()) as stub, stub.store() as store:
        store.test()
        with pytest.raises(Unclear):
            store.create_order({})
    assert [request.connection for request in stub.received] == [1, 1]


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_for_a_write() -> None:
    with Stub(CLOSE + good(), good()) as stub, stub.store() as store:
        store.test()
        assert stub.closed.wait(5)
        store.create_order({})
    assert [request.connection for request in stub.received] == [1, 2]


def test_a_429_was_not_carried_out_and_the_write_is_sent_again() -> None:
    limited = answer({"status": "error"}, 429, X_Retry_After=2)
    with Stub(limited, limited, good(order={"id": "5"})) as stub:
        now, bucket = timed()
        with stub.store(bucket=bucket) as store:
            assert store.create_order({}) == {"id": "5"}
    assert store.counts == Requests(0, 1, 2)
    assert now[0] >= 4


def test_a_429_that_does_not_pass_is_reported_as_such() -> None:
    now, bucket = timed()
    with Stub(answer(b"slow down", 429, X_Retry_After="1")) as stub, stub.store(bucket=bucket) as store:
        with pytest.raises(RateLimited, match="not carried out"):
            store.create_order({})
        with pytest.raises(RateLimited):
            store.test()
    assert store.counts == Requests(0, 0, len(stub.received))
    assert 15 < now[0] < 300


def test_a_server_that_asks_for_very_long_pauses_is_not_waited_for() -> None:
    now, bucket = timed()
    with Stub(answer(b"", 429, X_Retry_After=200)) as stub, pytest.raises(RateLimited):
        stub.store(bucket=bucket, clock=lambda: now[0]).test()
    assert len(stub.received) == 3


def refused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize(("method", "tries"), [("POST", 4), ("GET", 4)])
def test_without_a_connection_nothing_left_and_it_is_tried_a_few_times(method: str, tries: int) -> None:
    waits: list[float] = []
    calls: list[Call] = []
    store = Store(
        "42", KEY, base_url=f"http://127.0.0.1:{refused_port()}", wait=waits.append,
        bucket=Bucket(1e9, 1e9), on_request=calls.append,
    )  # fmt: skip
    with pytest.raises(Unreachable, match="did not leave"):
        store.request(method, "/orders")
    assert len(calls) == tries
    assert len(waits) == tries - 1
    assert store.counts == Requests()


def test_a_name_that_is_not_known_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    store = Store("42", KEY, base_url="https://nowhere.example", wait=lambda _: None, bucket=Bucket(1e9, 1e9))
    with pytest.raises(Unreachable, match=r"the name nowhere\.example is not known"):
        store.create_order({})


@pytest.mark.parametrize("status", [400, 405, 409, 413, 422])
def test_a_refusal_has_its_status_and_the_servers_words(status: int) -> None:
    with Stub(bad("Too much", status)) as stub, stub.store() as store, pytest.raises(Refused) as caught:
        store.create_order({})
    assert (caught.value.status, str(caught.value), type(caught.value)) == (status, "Too much", Refused)
    assert caught.value.body == {"status": "error", "message": "Too much"}
    assert not caught.value.passing


def test_an_error_inside_http_200_is_an_error() -> None:
    with (
        Stub(bad("Shipment Not Added")) as stub,
        stub.store() as store,
        pytest.raises(Refused, match="Shipment Not Added") as caught,
    ):
        store.create_shipment(1, {"tracking_number": "1Z"})
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "reply", [bad("Order Not Found"), bad("", 404), bad("The order was not found", 400), answer(b"<html>", 404)]
)
def test_a_404_or_not_found_means_absent(reply: bytes) -> None:
    with Stub(reply) as stub, stub.store() as store, pytest.raises(NotFound):
        store.order(1)
    assert len(stub.received) == 1


@pytest.mark.parametrize("reply", [bad("No such order"), bad("Invalid", 400), answer({"status": "success", "order": []})])
def test_any_other_error_does_not(reply: bytes) -> None:
    with Stub(reply) as stub, stub.store() as store, pytest.raises(StoreError) as caught:
        store.order(1)
    assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_one_clear_sentence(status: int) -> None:
    with (
        Stub(bad(f"Key {KEY} is wrong", status)) as stub,
        stub.store() as store,
        pytest.raises(NotAllowed, match="refused the key") as caught,
    ):
        store.test()
    assert len(stub.received) == 1
    assert KEY not in f"{caught.value} {caught.value.body}"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_key_does_not_follow_a_redirect(method: str) -> None:
    with Stub(good()) as other, Stub(answer(b"", 302, Location=other.url)) as stub:
        store = stub.store()
        with pytest.raises(Refused, match="another address"):
            store.request(method, "/orders/1")
        store.close()
    assert other.received == []
    assert len(stub.received) == 1


# --- reads --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GARBAGE)
def test_a_read_is_repeated_until_it_is_answered(name: str) -> None:
    with Stub(GARBAGE[name], GARBAGE[name], good(order={"id": "1"})) as stub, stub.store() as store:
        assert store.order(1) == {"id": "1"}
    assert len(stub.received) == 3
    assert store.counts == Requests(3, 0, 0)


@pytest.mark.parametrize("name", ["500", "page", "cut", "without status"])
def test_a_read_is_not_repeated_for_ever(name: str) -> None:
    error = Unreachable if name == "cut" else Unclear
    with Stub(GARBAGE[name]) as stub, stub.store() as store, pytest.raises(error, match="after 7 tries") as caught:
        store.order(1)
    assert len(stub.received) == 7
    assert caught.value.exit_code == 5


def test_the_waits_between_reads_grow_and_vary() -> None:
    chances = iter([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    with Stub(answer(b"", 500)) as stub, stub.store(chance=lambda: next(chances)) as store, pytest.raises(Unclear):
        store.order(1)
    assert stub.waits == [0.5, 0.5, 2, 2, 8, 8]


@pytest.mark.parametrize(("asked", "waited"), [("3", 3), ("0", 0), ("soon", 0.5), ("1e9", 300)])
def test_a_server_in_trouble_may_say_when_to_come_back(asked: str, waited: float) -> None:
    with Stub(answer(b"", 503, X_Retry_After=asked), good()) as stub, stub.store(chance=lambda: 1) as store:
        store.test()
    assert stub.waits == [waited]


@pytest.mark.parametrize("entries", [{}, {"orders": None}, {"orders": {}}, {"orders": "no"}, {"orders": [1]}, {"orders": [[]]}])
def test_a_list_without_its_records_is_garbage(entries: dict[str, Any]) -> None:
    with Stub(good(**entries), good(orders=[], total_records=0)) as stub, stub.store() as store:
        assert store.orders_page().records == []
    assert len(stub.received) == 2


def test_stopping_ends_the_waiting() -> None:
    with Stub(answer(b"", 500)) as stub, stub.store(wait=None) as store:
        threading.Timer(0.05, store.stop.set).start()
        with pytest.raises(Stopped):
            store.order(1)
        with pytest.raises(Stopped):
            store.create_order({})
    assert {request.method for request in stub.received} == {"GET"}


# --- counting and telling -----------------------------------------------------------------------------


def test_each_request_is_told() -> None:
    calls: list[Call] = []
    with Stub(answer(b"", 500), good()) as stub, stub.store(on_request=calls.append) as store:
        store.request("GET", "/orders", query={"limit": 1})
    assert [(call.method, call.path, call.status, call.attempt, call.remaining) for call in calls] == [
        ("GET", "/orders?limit=1", 500, 1, None),
        ("GET", "/orders?limit=1", 200, 2, "19"),
    ]
    assert calls[0].trouble == "the server answered 500"
    assert calls[1].trouble == ""


def test_a_listener_that_fails_does_not_look_like_the_store() -> None:
    def fail(call: Call) -> None:
        raise ZeroDivisionError

    with Stub(good(order={"id": "1"})) as stub, stub.store(on_request=fail) as store:
        assert store.create_order({}) == {"id": "1"}


def test_counts_can_be_told_apart_and_leave_the_settings_out() -> None:
    with Stub(good(store={"id": "1"}, order={})) as stub, stub.store() as store:
        store.settings()
        assert store.counts == Requests()
        before = store.counts
        store.order(1)
        store.create_order({})
        assert (store.counts - before).as_json() == {"read": 1, "written": 1, "rate_limited": 0}
        assert store.counts + store.counts == Requests(2, 2, 0)


def test_just_before_a_write_leaves_its_hook_is_called() -> None:
    events: list[str] = []

    def arrived(request: Received) -> bytes:
        events.append(request.method)
        return good()

    with Stub(arrived) as stub, stub.store() as store:
        with store.leaving(lambda: events.append("hook")):
            store.test()
            store.delete_order(1)
        store.delete_order(2)

        def stop() -> None:
            raise UsageError("not now")

        with store.leaving(stop), pytest.raises(UsageError, match="not now"):
            store.delete_order(3)
    assert events == ["GET", "hook", "DELETE", "DELETE"]
