"""The sandbox as Python code uses it: serving, looking, changing behind the client's back, seeding."""

from __future__ import annotations

import gc
import json
import logging
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from orderdesk_batch.sandbox import SANDBOX_KEY, Sandbox, StoreSpec, Switches, serve
from orderdesk_batch.sandbox.bucket import Bucket
from tests.sandbox.inprocess import Client, Clock

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def headers(box: Sandbox) -> dict[str, str]:
    return {"ORDERDESK-STORE-ID": box.store_id, "ORDERDESK-API-KEY": box.api_key}


def test_it_serves_over_real_sockets_and_stops() -> None:
    with Sandbox(orders=3, inventory=3) as box:
        url = box.url
        with requests.Session() as web:
            web.headers.update(headers(box))
            assert web.get(f"{url}/orders").json()["total_records"] == 3
            assert web.post(f"{url}/batch-shipments", json=[{"order_id": "1", "tracking_number": "T"}]).ok
            assert web.get(f"{url}/test", headers={"Content-Type": "application/json"}).status_code == 400
            assert web.request("PATCH", f"{url}/test").status_code == 405
            assert web.get(url.replace("/api/v2", "/")).status_code == 404
        assert [seen.method for seen in box.requests] == ["GET", "POST", "GET", "PATCH", "GET"]
        assert box.requests[1].body == [{"order_id": "1", "tracking_number": "T"}]
        assert box.requests[0].headers["Orderdesk-Store-Id"] == box.store_id
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/test", timeout=1)
    with pytest.raises(RuntimeError):
        assert box.port


def test_it_serves_many_at_once_and_loses_nothing() -> None:
    with Sandbox(orders=3, inventory=3, bucket=(1e9, 0)) as box:

        def ship(number: int) -> int:
            body = {"tracking_number": f"T{number}"}
            url = f"{box.url}/orders/7000001/shipments"
            return requests.post(url, json=body, headers=headers(box), timeout=10).status_code

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(ship, range(64))) == {200}
        assert len(box.order("7000001")["order_shipments"]) == len(box.requests) == 64


def test_it_stops_while_a_client_keeps_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    before = threading.active_count()
    with caplog.at_level(logging.DEBUG), requests.Session() as web:
        with Sandbox(orders=1, inventory=1) as box:
            web.get(f"{box.url}/test", headers=headers(box), timeout=5)
        box.close()
    gc.collect()
    assert threading.active_count() == before
    assert not [record for record in caplog.records if record.name.startswith("waitress")]


def test_it_serves_in_the_foreground_until_it_is_closed() -> None:
    told: list[str] = []

    def announce(box: Sandbox) -> None:
        told.append(box.url)
        assert requests.get(f"{box.url}/test", headers=headers(box), timeout=5).ok
        threading.Thread(target=box.close).start()

    serve(Sandbox(orders=1, inventory=1), announce)
    assert len(told) == 1


def test_it_stops_when_it_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(box: Sandbox) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "wait", interrupt)
    box = Sandbox(orders=1, inventory=1)
    serve(box)
    with pytest.raises(RuntimeError):
        assert box.port


def test_a_state_file_keeps_the_data(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Sandbox(orders=3, inventory=3, state=path) as box:
        box.delete_order("7000002")
        kept = box.dump()
    with Sandbox(orders=99, inventory=99, state=path) as box:
        assert box.dump() == kept
        assert (
            box.add_order({"customer": {"first_name": "A"}, "order_items": [{"name": "X"}]})["id"]
            == "7000004"
        )


def test_changes_behind_the_clients_back_use_no_tokens(client: Client) -> None:
    box = client.box
    order = box.put_order(box.order("7000001") | {"email": "x@example.com"})
    assert box.order(7000001)["email"] == "x@example.com" and order["date_updated"] == "2026-03-20 12:00:00"
    assert client.get("/orders", email="x@example.com")["total_records"] == 1
    item = box.put_inventory(box.inventory_item(300001) | {"stock": -1}, touch=False)
    assert box.inventory_item("300001") == item
    box.delete_inventory(300001)
    box.delete_order("7000001")
    for work in (
        lambda: box.order("7000001"),
        lambda: box.delete_order("7000001"),
        lambda: box.put_order(order),
        lambda: box.inventory_item(300001),
        lambda: box.put_inventory(item),
        lambda: box.add_shipment("7000001", {}),
    ):
        with pytest.raises(KeyError):
            work()
    with pytest.raises(ValueError, match="name is required"):
        box.add_inventory({"code": "X"})
    assert len(box.requests) == 1


def test_documents_are_copies(box: Sandbox) -> None:
    box.order("7000001")["email"] = "changed"
    box.orders()[0]["order_items"].clear()
    assert box.order("7000001")["email"] != "changed" and box.order("7000001")["order_items"]


def test_a_dump_is_plain_and_restores_everything(client: Client) -> None:
    box = client.box
    before = box.dump()
    assert json.loads(json.dumps(before)) == before
    client.post("/orders/7000001/shipments", {"tracking_number": "T"})
    client.post("/orders/7000003/order-history", {"note": "x"})
    client.call("DELETE", "/orders/7000002")
    box.add_inventory({"name": "X", "code": "X"})
    assert box.dump() != before
    box.restore(before)
    assert box.dump() == before
    assert client.get("/orders", source_id="10002")["orders"][0]["id"] == "7000002"


def test_restoring_takes_milliseconds(box: Sandbox) -> None:
    dump = box.dump()
    times = []
    for _ in range(10):
        start = time.perf_counter()
        box.restore(dump)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05


def test_a_refused_request_leaves_nothing_behind(client: Client) -> None:
    before = client.box.dump()
    client.refused("POST", "/orders", {"customer": {"first_name": "A"}, "order_items": [{"name": "X"}, "Y"]})
    client.refused("PUT", "/orders/7000001", {"order_items": [{"name": "X"}], "order_notes": 5})
    assert client.box.dump() == before


def test_the_same_numbers_make_the_same_data(box: Sandbox) -> None:
    def made(**values: Any) -> Any:
        given: dict[str, Any] = {"now": NOW} | values
        with closing(Sandbox(orders=60, inventory=40, **given)) as other:
            return other.dump()

    assert made() == box.dump()
    assert made(seed=2) != made() != made(now=NOW + timedelta(days=1))


def test_the_seeded_orders_follow_the_page(box: Sandbox) -> None:
    orders = box.orders()
    assert [order["id"] for order in orders] == [str(7000001 + place) for place in range(60)]
    numbers = [order["source_id"] for order in orders]
    assert (numbers[0], numbers[7], numbers[13], numbers[24]) == (
        "10001",
        "00010008",
        "#10014",
        orders[24]["id"],
    )
    assert numbers[19] == numbers[20] == "10020"
    assert (orders[19]["source_name"], orders[20]["source_name"]) == ("Shopify", "Amazon")
    assert (numbers[45], orders[45]["source_name"]) == (numbers[44], orders[44]["source_name"])
    assert numbers[41] == orders[42]["id"]
    assert Counter(order["folder_id"] for order in orders) == {
        "21654": 24,
        "21655": 12,
        "21656": 12,
        "21657": 6,
        "21658": 6,
    }
    for place, order in enumerate(orders):
        sent = place % 10 in (6, 7, 8)
        assert len(order["order_shipments"]) == (0 if not sent else 2 if place % 40 == 16 else 1)
        assert len(order["order_items"]) == (1 + place % 4 if place % 3 == 1 else 1)
        assert bool(order["discount_list"]) == (place % 5 == 3)
        assert bool(order["order_notes"]) == (place % 7 == 2)
        assert bool(order["checkout_data"]) == (place % 4 == 1)
        assert bool(order["order_metadata"]) == (place % 6 == 2)
        assert bool(order["return_address"]) == (place % 9 == 4)
        assert bool(box.history(order["id"])) == (place % 8 == 0)
    dates = [order["date_added"] for order in orders]
    assert dates == sorted(dates) and dates[0] == "2025-12-20 12:00:00" and dates[-1] < "2026-03-20 12:00:00"
    assert all(order["date_added"] < order["date_updated"] <= "2026-03-20 12:00:00" for order in orders)
    people = [order["customer"] for order in orders]
    assert {"Null", "NA"} <= {person["last_name"] for person in people}
    assert {"DE", "GB", "US", "JP", "NA"} == {person["country"] for person in people}
    codes = [item["code"] for item in box.inventory()]
    assert (
        {"00123", "1E5", "3-4", "TRUE"} <= set(codes) and len(set(codes)) == 40 and codes[16] == "WID-00016"
    )


def test_a_large_store_is_made_and_listed_quickly() -> None:
    box = Sandbox(orders=5000, inventory=10, bucket=(1e9, 0))
    client = Client(box, box.stores[0])
    assert client.get("/orders", limit="500", customer_last_name="Null")["total_records"] == 313
    times = []
    for offset in range(0, 5000, 500):
        start = time.perf_counter()
        assert client.get("/orders", limit="500", offset=str(offset))["records_returned"] == 500
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3
    box.close()


def test_the_servers_time_follows_the_clock_when_it_is_fixed() -> None:
    clock = Clock()
    box = Sandbox(
        orders=1, inventory=1, clock=clock, now=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    )
    clock.tick(90)
    assert Client(box, box.stores[0]).get("/test")["current_date_time"] == "2026-01-01 00:01:30"
    box.close()
    real = Sandbox(orders=1, inventory=1)
    told = Client(real, real.stores[0]).get("/test")["current_date_time"]
    assert abs(datetime.fromisoformat(told).replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    real.close()


def test_the_key_is_40_characters_and_says_what_it_is() -> None:
    assert len(SANDBOX_KEY) == 40 and SANDBOX_KEY.startswith("sandbox-key-not-a-secret")


def test_two_stores_cannot_have_one_id() -> None:
    with pytest.raises(ValueError, match="same id"):
        Sandbox(orders=1, inventory=1, stores=[StoreSpec(), StoreSpec()])


def test_touches_knows_its_words() -> None:
    with pytest.raises(ValueError, match="weather"):
        Switches(touches=frozenset({"weather"}))


def test_a_bucket_that_never_fills_says_to_wait_long() -> None:
    bucket = Bucket(1, 0, lambda: 0.0)
    assert bucket.take() and not bucket.take() and bucket.retry_after == 3600
