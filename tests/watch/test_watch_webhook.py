"""`watch webhook` over HTTP: what is taken, what is turned away, and what is kept."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from orderdesk_batch.errors import RunError, UsageError
from orderdesk_batch.sandbox import Sandbox, StoreSpec
from orderdesk_batch.sandbox.hooks import Posted, hook_request, send_hook
from orderdesk_batch.watch.posts import LIMIT
from tests.watch.process import Process
from tests.watch.shop import Shop, in_file

Serve = Callable[..., Any]


class Serving:
    """A receiver that serves in a thread, and what it said."""

    def __init__(self, shop: Shop, **options: Any) -> None:
        self.printed: list[str] = []
        self.said: list[str] = []
        self.desk = shop.desk()
        ready = threading.Event()

        def announce(text: str) -> None:
            self.url = text.split()[4].partition("/hooks/")[0]
            ready.set()

        say = None if "output" in options or "command" in options else self.printed.append
        self.receiver = self.desk.receiver(port=0, announce=announce, say=say, complain=self.said.append, **options)
        self.thread = threading.Thread(target=self.receiver.forever)
        self.thread.start()
        assert ready.wait(10)

    def post(self, order: Any, hook: str = "orders", **options: Any) -> Posted:
        return send_hook(f"{self.url}/hooks/{hook}", order, **options)

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Posted:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Posted(answer.status, answer.read().decode())
        finally:
            connection.close()

    def events(self) -> list[dict[str, Any]]:
        """What was printed; after a stop it is all there."""
        return [json.loads(line) for line in self.printed]

    def stop(self) -> None:
        self.desk.store.stop.set()
        self.receiver._news.set()  # it need not wait for its next look at the stop
        self.thread.join(10)
        self.receiver.close()


@pytest.fixture
def serve(shop: Shop) -> Iterator[Serve]:
    started: list[Serving] = []

    @contextmanager
    def start(**options: Any) -> Iterator[Serving]:
        serving = Serving(shop, **options)
        started.append(serving)
        try:
            yield serving
        finally:
            serving.stop()

    return start


def an_order(number: int | str = 1, **fields: Any) -> dict[str, Any]:
    return {"id": str(number), "source_id": f"A-{number}", "source_name": "Shopify", "folder_id": "21654", "order_items": [],
            "order_shipments": [], "date_updated": "2026-03-20 12:00:00", **fields}  # fmt: skip


@pytest.mark.parametrize("form", ["form", "multipart", "json", "json-text"])
def test_a_signed_post_is_an_event_of_the_same_shape(serve: Serve, form: Any) -> None:
    with serve() as serving:
        assert serving.post(an_order(), form=form) == Posted(200, '{"status": "success"}')
    (event,) = serving.events()
    assert event == {
        "event": "order.created", "at": "2026-03-20 13:00:00", "id": "1", "key": "A-1", "fields": {},
        "document": an_order(), "event_id": event["event_id"], "hook": "orders",
    }  # fmt: skip


def test_the_webhooks_of_the_seed_each_have_their_address(serve: Serve, shop: Shop) -> None:
    hooks = ["imported=order.created", "moved=order.folder_changed", "any=order.*", "parcels=shipment.created"]
    order = shop.box.order("7000001")
    parcel = {"id": "5", "tracking_number": "1Z"}
    with serve(hooks=hooks) as serving:
        for hook, fields in (
            ("imported", {}),
            ("moved", {"folder_id": "21656"}),
            ("any", {"folder_id": "21656", "email": "x@example.com"}),
            ("parcels", {"folder_id": "21656", "email": "x@example.com", "order_shipments": [parcel]}),
        ):
            assert serving.post({**order, **fields}, hook).status == 200
        assert serving.post(order, "imorted").status == 404
    assert [(one["event"], one["hook"], one["fields"]) for one in serving.events()] == [
        ("order.created", "imported", {}),
        ("order.folder_changed", "moved", {"folder": ["New", "Shipped"]}),
        ("order.updated", "any", {"email": ["buyer0@example.de", "x@example.com"]}),
        ("shipment.created", "parcels", {}),
    ]


def test_orders_made_by_hand_and_imported_ones_are_told_apart(serve: Serve) -> None:
    with serve(origin="manual") as serving:
        serving.post(an_order(1, source_name="Order Desk"))
        serving.post(an_order(2, source_name="Etsy"))
    assert [one["id"] for one in serving.events()] == ["1"]


def test_the_same_post_twice_is_one_event_also_after_a_restart(serve: Serve, shop: Shop) -> None:
    for _ in range(2):
        with serve() as serving:
            assert [serving.post(an_order()).status for _ in range(2)] == [200, 200]
    assert serving.events() == []
    shop.pass_time(4 * 3600)  # Order Desk tries for two hours: after that an equal post is another event
    with serve() as serving:
        serving.post(an_order())
    assert [one["event"] for one in serving.events()] == ["order.updated"]


def test_a_move_there_and_back_is_two_events_and_a_late_try_is_no_step_back(serve: Serve) -> None:
    there, back = an_order(folder_id="21656", date_updated="2026-03-20 12:00:05"), an_order(date_updated="2026-03-20 12:00:09")
    with serve(hooks=["moved=order.folder_changed"]) as serving:
        for order in (an_order(), back, there, back):
            serving.post(order, "moved")
        serving.post(an_order(folder_id="21657", date_updated="2026-03-20 12:00:20"), "moved")
    assert [one["fields"]["folder"] for one in serving.events()] == [
        [None, "New"], [None, "New"], [None, "Shipped"], ["New", "Closed"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"X-ORDER-DESK-HASH": ""}, 401),
        ({"X-ORDER-DESK-HASH": "0" * 64}, 401),
        ({"X-ORDER-DESK-HASH": "ä"}, 401),
        ({"X-ORDER-DESK-STORE-ID": "40002"}, 401),
        ({"X-ORDER-DESK-STORE-ID": ""}, 401),
    ],
)
def test_what_is_not_signed_by_the_store_is_turned_away(serve: Serve, change: dict[str, str], status: int) -> None:
    body, headers = hook_request(an_order())
    with serve() as serving:
        answer = serving.request("POST", "/hooks/orders", body, {**headers, **{k: v.encode().decode("latin-1") for k, v in change.items()}})
    assert answer.status == status and serving.events() == []
    assert "turned away" in answer.body and "Traceback" not in answer.body


def test_a_body_that_was_changed_on_the_way_is_turned_away(serve: Serve) -> None:
    body, headers = hook_request(an_order())
    with serve() as serving:
        assert serving.request("POST", "/hooks/orders", body + b"+", headers).status == 401
        assert serving.request("POST", "/hooks/orders", body.replace(b"Shopify", b"Shopfy"), headers).status == 401
        assert serving.request("POST", "/hooks/orders", b"order=", headers).status == 401
        assert serving.request("POST", "/hooks/orders", b"", headers).status == 400
        assert serving.post("no json").status == 400
        assert serving.post("[]").status == 400


def test_other_paths_and_methods_are_answered_in_a_sentence(serve: Serve) -> None:
    with serve() as serving:
        for method, path, status in (
            ("GET", "/hooks/orders", 405), ("PUT", "/hooks/orders", 405), ("OPTIONS", "/hooks/orders", 405), ("POST", "/hooks/", 404),
            ("POST", "/", 404), ("POST", "/hooks/a%20b", 404), ("POST", "/hooks/" + "x" * 80, 404), ("GET", "/hooks/../health", 404),
        ):  # fmt: skip
            answer = serving.request(method, path)
            assert answer.status == status and json.loads(answer.body)["status"] == "error", path


def test_health_says_what_waits(serve: Serve, shop: Shop) -> None:
    with serve() as serving:
        assert json.loads(serving.request("GET", "/health").body) == {"status": "ok", "waiting": 0}


def test_what_is_too_large_is_turned_away_unread(serve: Serve) -> None:
    with serve() as serving, socket.create_connection((urlsplit(serving.url).hostname, urlsplit(serving.url).port)) as line:
        line.sendall(f"POST /hooks/orders HTTP/1.1\r\nHost: x\r\nContent-Length: {LIMIT + 1}\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_a_request_that_drips_in_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdesk_batch.watch.server.PATIENCE", 0.1)
    with serve() as serving, socket.create_connection((urlsplit(serving.url).hostname, urlsplit(serving.url).port)) as line:
        line.settimeout(5)
        line.sendall(b"POST /hooks/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nor")
        time.sleep(0.2)
        line.sendall(b"d")
        assert line.recv(100) == b""


def test_what_can_not_be_kept_is_not_taken(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise RunError("the disk is full")

    with serve() as serving:
        with monkeypatch.context() as patched:
            patched.setattr("orderdesk_batch.watch.log.Log.commit", full)
            assert serving.post(an_order()).status == 503
        assert serving.post(an_order()).status == 200
    assert len(serving.events()) == 1


def test_a_fault_of_our_own_shows_nothing_of_our_inside(serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("sandbox-key-not-a-secret")

    with serve() as serving, monkeypatch.context() as patched:
        patched.setattr("orderdesk_batch.watch.webhook.post_events", broken)
        answer = serving.post(an_order())
    assert answer.status == 500 and "Traceback" not in answer.body and "KeyError" not in answer.body
    assert "sandbox-key" not in caplog.text + answer.body


def test_a_port_that_is_taken_is_told(serve: Serve, shop: Shop) -> None:
    with serve() as serving, shop.desk() as desk:
        receiver = desk.receiver(port=int(serving.url.rpartition(":")[2]), say=print, events="order.created")
        with pytest.raises(UsageError, match="can't be listened at"):
            receiver.forever()
        receiver.close()


def test_python_waits_for_posts_too(shop: Shop) -> None:
    answers: list[Posted] = []
    posting: list[threading.Thread] = []

    def post(text: str) -> None:
        url = text.split()[4].partition("/hooks/")[0]
        posting.append(threading.Thread(target=lambda: answers.append(send_hook(f"{url}/hooks/orders", an_order()))))
        posting[0].start()

    with shop.desk() as desk:
        events = desk.watch("webhook", port=0, announce=post)
        assert next(events).key == "A-1"
        posting[0].join(10)
        events.close()  # type: ignore[attr-defined]
    assert [answer.status for answer in answers] == [200]


def test_nothing_that_is_said_or_kept_holds_the_key(serve: Serve, shop: Shop) -> None:
    with serve() as serving:
        serving.post(an_order())
        serving.post(an_order(2), key="forged")
    kept = b"".join(path.read_bytes() for path in shop.folder.rglob("*") if path.is_file())
    assert shop.box.api_key.encode() not in kept and shop.box.api_key not in "".join(serving.said)


def a_flood(count: int) -> list[tuple[str, Any]]:
    """Posts as a store, an attacker and a bad network send them: what each is, and its order."""
    chance = random.Random(7)
    posts: list[tuple[str, Any]] = []
    for number in range(count):
        sort = chance.choices(["genuine", "doubled", "forged", "oversized"], [70, 10, 15, 5])[0]
        order = an_order(number, email=f"{number}@example.com")
        posts += [(sort, order)] * (2 if sort == "doubled" else 1)
    chance.shuffle(posts)
    return posts[:count]


def test_a_flood_of_a_thousand_posts_leaves_exactly_the_genuine_ones(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    posts = a_flood(1000)
    oversized = hook_request(an_order("large", order_metadata={"x": "y" * LIMIT}), form="json")

    def send(post: tuple[str, Any]) -> int:
        sort, order = post
        if sort == "oversized":
            try:
                return serving.request("POST", "/hooks/orders", *oversized).status
            except OSError:
                return 413  # it hung up before we were done
        return serving.post(order, key="forged" if sort == "forged" else None).status

    with serve(output=file) as serving:
        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(send, posts))
        took = time.monotonic() - started
    expected = {"genuine": 200, "doubled": 200, "forged": 401, "oversized": 413}
    assert answers == [expected[sort] for sort, _ in posts]
    genuine = {order["id"] for sort, order in posts if sort in ("genuine", "doubled")}
    kept = [event["id"] for event in in_file(file)]
    assert sorted(kept) == sorted(genuine) and len(kept) == len(set(kept))
    assert took < 30


@pytest.mark.slow
def test_a_receiver_that_is_killed_again_and_again_keeps_all_it_said_yes_to_once(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    waiting = [an_order(number) for number in range(120)]
    spec = StoreSpec()
    chance = random.Random(3)
    with Sandbox(orders=1, inventory=0) as box:
        while waiting:
            with Process(box, tmp_path / "home", "watch", "webhook", "--port", "0", "-o", str(file)) as process:
                url = process.address()
                killer = threading.Timer(chance.uniform(0.05, 0.5), process.kill)
                killer.start()
                try:
                    while waiting:
                        # Order Desk sends again what got no answer, so an order leaves the queue with a 200 only.
                        assert send_hook(f"{url}/hooks/orders", waiting[0], spec).status == 200
                        waiting.pop(0)
                except (OSError, http.client.HTTPException):
                    pass
                killer.join()
        with Process(box, tmp_path / "home", "watch", "webhook", "--port", "0", "-o", str(file)) as process:
            url = process.address()
            assert send_hook(f"{url}/hooks/orders", an_order("last"), spec).status == 200
            assert process.stop() == 130
    assert [event["id"] for event in in_file(file)] == [*map(str, range(120)), "last"]
