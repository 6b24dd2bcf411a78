"""The client on the wire: what it sends to a real socket, byte by byte, and to whom."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.errors import Unreachable, UsageError
from orderdesk_batch.store import Store, dumps, loads, tidy
from tests.stub import KEY, Stub, answer, good

# --- what a request carries ---------------------------------------------------------------------------


def test_every_request_carries_the_two_headers() -> None:
    with Stub(good()) as stub, stub.store() as store:
        store.test()
        store.request("POST", "/orders", body={})
    for request in stub.received:
        assert request.headers["orderdesk-store-id"] == "42"
        assert request.headers["orderdesk-api-key"] == KEY
        assert request.headers["user-agent"].startswith("orderdesk-batch/")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_without_a_body_has_no_content_headers(method: str) -> None:
    with Stub(good()) as stub, stub.store() as store:
        store.request(method, "/orders/1", headers={"Content-Type": "application/json", "Content-Length": "0"})
    assert "content-type" not in stub.received[0].headers
    assert "content-length" not in stub.received[0].headers
    assert "transfer-encoding" not in stub.received[0].headers
    assert stub.received[0].body == b""


def test_a_body_is_json_and_says_so() -> None:
    with Stub(good()) as stub, stub.store() as store:
        store.request("PUT", "/orders/1", body={"email": "ä@example.com"})
    assert stub.received[0].headers["content-type"] == "application/json"
    assert json.loads(stub.received[0].body) == {"email": "ä@example.com"}


def test_a_get_with_a_body_is_a_mistake_that_is_not_sent() -> None:
    with Stub(good()) as stub, stub.store() as store:
        with pytest.raises(UsageError, match="no body"):
            store.request("GET", "/orders", body={})
        with pytest.raises(UsageError, match="POST"):
            store.request("GET", "/orders", headers={"X-HTTP-Method-Override": "PUT"})
        with pytest.raises(UsageError, match="TRACE"):
            store.request("TRACE", "/orders")
    assert stub.received == []


def test_headers_of_the_caller_go_along_but_never_replace_the_key() -> None:
    with Stub(good()) as stub, stub.store() as store:
        store.request("POST", "/x", headers={"X-HTTP-Method-Override": "PUT", "orderdesk-api-key": "mine"}, body=1)
        with pytest.raises(UsageError, match="header"):
            store.request("GET", "/x", headers={"X-A": "b\r\nX-C: d"})
    assert stub.received[0].headers["x-http-method-override"] == "PUT"
    assert stub.received[0].head.lower().count("orderdesk-api-key") == 1
    assert KEY in stub.received[0].head


def test_patch_is_sent_and_the_server_may_say_what_it_thinks() -> None:
    with Stub(good()) as stub, stub.store() as store:
        store.request("patch", "/orders/1", body={})
    assert stub.received[0].method == "PATCH"


def test_cookies_are_not_kept() -> None:
    with Stub(answer({"status": "success"}, Set_Cookie="a=b; Path=/")) as stub, stub.store() as store:
        store.test()
        store.test()
    assert "cookie" not in stub.received[1].headers


def test_connections_are_kept_open() -> None:
    with Stub(good()) as stub, stub.store() as store:
        for _ in range(3):
            store.test()
    assert {request.connection for request in stub.received} == {1}


# --- paths and queries --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/orders/1/shipments", "orders/1/shipments", "/v2/orders/1/shipments", "/api/v2/orders/1/shipments/"],
)
def test_a_path_may_be_given_with_or_without_the_version(path: str) -> None:
    with Stub(good()) as stub, stub.store() as store:
        store.request("GET", path)
    assert stub.received[0].target == "/api/v2/orders/1/shipments"


def test_a_query_is_written_for_php() -> None:
    with Stub(good()) as stub, stub.store() as store:
        query = {"folder_id": [1, 2], "get_order_history": True, "email": "a+b@x.com", "source_id": None, "n": "a b"}
        store.request("GET", "/orders?limit=5", query=query)
    assert stub.received[0].target == ("/api/v2/orders?limit=5&folder_id=1%2C2&get_order_history=1&email=a%2Bb%40x.com&n=a%20b")


@pytest.mark.parametrize(
    "path", ["https://evil.example/orders", "//evil.example", "/orders/../store", "/orders/%2e%2e/store", "", "/"]
)
def test_a_path_cannot_lead_elsewhere(path: str) -> None:
    with Stub(good()) as stub, stub.store() as store, pytest.raises(UsageError):
        store.request("GET", path)
    assert stub.received == []


def test_ids_are_quoted() -> None:
    with Stub(good(order={})) as stub, stub.store() as store:
        store.order("1/../2?x#y")
    assert stub.received[0].target == "/api/v2/orders/1%2F..%2F2%3Fx%23y"


@pytest.mark.parametrize("nothing", ["", " ", None, ".", ".."])
def test_an_empty_id_never_reaches_the_list(nothing: Any) -> None:
    with Stub(good()) as stub, stub.store() as store, pytest.raises(UsageError, match="not an id"):
        store.delete_order(nothing)
    assert stub.received == []


# --- where to -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://app.orderdesk.me/api/v2",
        "http://localhost.evil.example/api/v2",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1\\@evil.example/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "app.orderdesk.me",
        "https://",
        "https://user:word@app.orderdesk.me/",
        "https://app.orderdesk.me/api/v2?x=1",
        "",
    ],
)
def test_only_https_or_this_machine(url: str) -> None:
    with pytest.raises(UsageError):
        Store("42", KEY, base_url=url)


@pytest.mark.parametrize(
    "url", ["https://app.orderdesk.me/api/v2/", "http://127.0.0.1:80", "http://127.3.2.1/", "http://[::1]:8/", "http://localhost"]
)
def test_plain_http_to_this_machine_is_fine(url: str) -> None:
    assert Store("42", KEY, base_url=url).base_url == url.rstrip("/")


@pytest.mark.parametrize(("store_id", "key"), [("", KEY), ("42", ""), ("42", "a b"), ("42", "a\nb"), ("42", "schlüssel")])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(store_id: str, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        Store(store_id, key)
    assert not key or key not in str(caught.value)


def test_no_proxy_and_no_netrc_on_the_way_to_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Stub(good()) as stub, stub.store() as store:
        store.test()
    assert "authorization" not in stub.received[0].headers


def test_a_proxy_is_used_for_the_real_store(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(answer(b"no", 403)) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        store = Store("42", KEY, base_url="https://store.example/api/v2", wait=lambda _: None)
        with pytest.raises(Exception, match="proxy"):
            store.test()
        store.close()
    assert proxy.received[0].head.startswith("CONNECT store.example:443")
    assert KEY not in proxy.received[0].head


def test_a_company_certificate_file_that_is_missing_is_said() -> None:
    with pytest.raises(UsageError, match=r"nowhere\.pem"):
        Store("42", KEY, ca_bundle="/nowhere.pem").test()


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_a_certificate_is_verified_and_a_companys_own_can_be_named(tmp_path: Path) -> None:
    certificate, private = tmp_path / "cert.pem", tmp_path / "private.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", private, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/api/v2"

        def speak() -> None:
            for _ in range(2):
                with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as connection:
                    connection.recv(10_000)
                    connection.sendall(good())

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1:\d+ cannot be verified") as caught:
            Store("42", KEY, base_url=url, wait=lambda _: None).create_order({})
        assert "REQUESTS_CA_BUNDLE" in str(caught.value)
        with Store("42", KEY, base_url=url, ca_bundle=str(certificate)) as store:
            assert store.test()["status"] == "success"
        thread.join()


def test_a_server_without_https_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def speak() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(Exception, match="https"):
            Store("42", KEY, base_url=f"https://127.0.0.1:{port}", wait=lambda _: None).test()
        thread.join()


# --- JSON ---------------------------------------------------------------------------------------------


def test_numbers_survive_to_the_digit() -> None:
    text = '{"price": 19.90, "weight": 0.1000000000000000055511151231257827, "big": 12345678901234567890123, "e": 1E+2}'
    with Stub(answer(b'{"status": "success", "order": ' + text.encode() + b"}"), good()) as stub, stub.store() as store:
        store.update_order("1", store.order("1"))
    assert stub.received[1].body.decode() == text


def test_an_empty_map_is_a_map_both_ways() -> None:
    order: dict[str, Any] = {
        "metadata": [],
        "shipping": [],
        "order_items": [{"variation_list": [], "metadata": []}],
        "discount_list": [],
    }
    with Stub(good(order=order), good()) as stub, stub.store() as store:
        document = store.order(1)
        assert document["metadata"] == {}
        assert document["order_items"][0]["variation_list"] == {}
        assert document["discount_list"] == []
        store.update_order(1, document)
    assert json.loads(stub.received[1].body)["order_items"] == [{"variation_list": {}, "metadata": {}}]
    assert tidy({"metadata": ["kept"], "tags": []}) == {"metadata": ["kept"], "tags": []}


def test_unknown_keys_survive() -> None:
    order = {"id": "1", "new_thing": {"deep": [None, True, "x", {"y": []}]}}
    with Stub(good(order=order)) as stub, stub.store() as store:
        assert store.order(1) == order


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), object(), {1, 2}, b"x"])
def test_what_json_does_not_know_is_not_sent(value: object) -> None:
    with Stub(good()) as stub, stub.store() as store, pytest.raises(UsageError):
        store.create_order({"x": value})
    assert stub.received == []


def test_json_is_written_as_json() -> None:
    value = {"a": [1, 2.5, Decimal("0.10"), None, True, 'q"uote\u2028\ud800'], "b": {}, "c": [], "d": {"e": {"f": ()}}}
    assert loads(dumps(value)) == {
        **value,
        "a": [1, Decimal("2.5"), Decimal("0.10"), None, True, 'q"uote\u2028\ud800'],
        "d": {"e": {"f": []}},
    }
    with pytest.raises(ValueError, match="NaN"):
        loads("NaN")
    with pytest.raises(ValueError, match="deep"):
        loads("[" * 100_000)


# --- the rest -----------------------------------------------------------------------------------------


def test_requests_is_not_loaded_before_the_first_call() -> None:
    code = "import sys, orderdesk_batch.store as s; s.Store('42', 'k' * 9); print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
