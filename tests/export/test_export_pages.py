"""All pages, each record once, in the calls that are needed and no more, also when the store changes meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch import export
from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import UsageError
from orderdesk_batch.memory import Memory
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.faults import Fault, FaultServer, Request


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    with Sandbox(orders=3000, inventory=3000, bucket=(10**6, 1e6)) as box:
        yield box


def store_at(url: str, box: Sandbox, **options: Any) -> Store:
    return Store(box.store_id, box.api_key, base_url=url, bucket=Bucket(10**6, 1e6), **options)


@pytest.mark.parametrize("resource", ["orders", "inventory", "items"])
def test_3000_records_take_6_requests(large: Sandbox, tmp_path: Path, resource: str) -> None:
    store = store_at(large.url, large)
    large.requests.clear()
    told: list[tuple[int, int, int, int]] = []
    pages = export.documents(
        store, resource, memory=Memory(tmp_path, "1", ""),
        progress=lambda state: told.append((state.done, state.total, state.calls, state.calls_left)),
    )  # fmt: skip
    ids = [str(document["id"]) for page in pages for document in page]
    assert len(ids) == len(set(ids)) >= 3000
    assert len(large.requests) == 6
    assert [entry[2:] for entry in told] == [(1, 5), (2, 4), (3, 3), (4, 2), (5, 1), (6, 0)]
    if resource == "orders":
        assert ids == sorted(ids)
        assert told[2][:2] == (1500, 3000)


def test_a_total_of_0_beside_records_takes_one_request_more(large: Sandbox, tmp_path: Path) -> None:
    large.requests.clear()
    large.switches = replace(large.switches, total_records="zero")
    try:
        pages = export.documents(store_at(large.url, large), "inventory", memory=Memory(tmp_path, "1", ""))
        assert sum(map(len, pages)) == 3000
    finally:
        large.switches = replace(large.switches, total_records="right")
    assert len(large.requests) == 7


def test_skus_are_looked_for_only_until_all_are_found(large: Sandbox, tmp_path: Path) -> None:
    codes = [item["code"] for item in large.inventory()]
    for asked, requests in ((codes[:200:20], 1), ([*codes[:9], codes[700]], 2), ([*codes[:9], "no such"], 6), (codes[1000:1006], 6)):
        memory = Memory(tmp_path, "1", "")
        memory.put_total("inventory", 3000)
        large.requests.clear()
        pages = export.documents(store_at(large.url, large), "inventory", export.Search({"code": asked}), memory=memory)
        assert {one["code"] for page in pages for one in page} == set(asked) - {"no such"}
        assert len(large.requests) == requests


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (10, 1), (500, 1), (501, 2), (1200, 3)])
@pytest.mark.parametrize("resource", ["orders", "inventory"])
def test_a_limit_asks_only_for_what_is_needed(large: Sandbox, tmp_path: Path, resource: str, limit: int, requests: int) -> None:
    large.requests.clear()
    pages = export.documents(store_at(large.url, large), resource, export.Search(limit=limit), memory=Memory(tmp_path, "1", ""))
    found = [document for page in pages for document in page]
    assert len(found) == limit
    assert len(large.requests) == requests
    assert large.requests[0].query["limit"] == str(min(limit, 500))
    if resource == "orders":  # the newest ones, as the API gives them
        assert found[0]["id"] == "7003000"


def test_a_limit_counts_what_lies_in_the_window_and_what_is_exported(box: Sandbox, desk: Desk) -> None:
    search = export.search("orders", {"search_end_date": "2026-10-01T00:00Z", "limit": 4})
    found = [document["id"] for page in export.documents(desk.store, "orders", search, memory=desk.memory) for document in page]
    assert found == [order["id"] for order in reversed(box.orders()) if order["date_added"] <= "2026-10-01 00:00:00"][:4]
    (page,) = export.documents(desk.store, "items", export.Search(limit=5), memory=desk.memory)
    assert len(page) == 5
    assert len(box.requests) == 2


def test_nothing_found_is_one_request_and_no_page(box: Sandbox, desk: Desk) -> None:
    search = export.Search({"email": "nobody@example.com"})
    assert list(export.documents(desk.store, "orders", search, memory=desk.memory)) == []
    assert len(box.requests) == 1


def test_orders_that_come_and_go_while_we_page_are_neither_lost_nor_doubled(tmp_path: Path) -> None:
    with Sandbox(orders=1600, inventory=0) as box:
        kept = {order["id"] for order in box.orders()} - {"7000002", "7000003", "7000777"}

        def meddle(request: Request) -> None:
            if "offset=500" in request.query and "limit=500" in request.query and not meddled:
                meddled.append(1)
                for gone in ("7000002", "7000003", "7000777"):
                    box.delete_order(gone)

        meddled: list[int] = []
        with FaultServer(box.app, before=meddle) as server:
            box.bucket().size = box.bucket().rate = 1e9
            box.bucket().fill()
            store = store_at(server.url, box, workers=1)
            found = [one["id"] for page in export.documents(store, "orders", memory=Memory(tmp_path, "1", "")) for one in page]
    assert len(found) == len(set(found))
    assert kept <= set(found)


@pytest.mark.parametrize(("workers", "ahead"), [(1, 0), (8, 0), (1, 300), (1, -7200)])
def test_an_order_that_went_while_another_came_tears_no_gap_whatever_our_clock_says(tmp_path: Path, workers: int, ahead: int) -> None:
    """The total is the same before and after, and the records have moved up by one."""
    with Sandbox(orders=1100, inventory=0, bucket=(10**6, 1e6)) as box:
        kept = {order["id"] for order in box.orders()} - {"7000002"}

        def meddle(request: Request) -> None:
            if "offset=500" in request.query and not meddled:
                meddled.append(1)
                box.delete_order("7000002")
                box.add_order({"shipping": {"first_name": "Ada"}, "order_items": [{"name": "Mug"}]})

        meddled: list[int] = []
        with FaultServer(box.app, before=meddle) as server:
            store = store_at(server.url, box, workers=workers)
            store.now = lambda: time.time() + ahead
            found = [one["id"] for page in export.documents(store, "orders", memory=Memory(tmp_path, "1", "")) for one in page]
            assert server.count >= 6  # all pages once more
            box.add_order({"shipping": {"first_name": "Ada"}, "order_items": [{"name": "Mug"}]})
            server.reset()
            assert sum(map(len, export.documents(store, "orders", memory=Memory(tmp_path, "1", "")))) == 1101
            assert server.count <= 7
    assert len(found) == len(set(found))
    assert kept <= set(found)


def test_an_order_that_went_and_one_that_came_between_pages_read_at_once_tear_no_gap(tmp_path: Path) -> None:
    """The last page is read between the two, so that its border seems to be the one that was torn."""
    gone, read = threading.Event(), threading.Event()
    with Sandbox(orders=1100, inventory=0, bucket=(10**6, 1e6)) as box:
        kept = {order["id"] for order in box.orders()} - {"7000002"}

        def before(request: Request) -> None:
            if "offset=500" in request.query and not gone.is_set():
                box.delete_order("7000002")
                gone.set()
                assert read.wait(10)
                box.add_order({"shipping": {"first_name": "Ada"}, "order_items": [{"name": "Mug"}]})
            elif "offset=1000" in request.query:
                assert gone.wait(10)

        def after(request: Request) -> None:
            if "offset=1000" in request.query:
                read.set()

        with FaultServer(box.app, before=before, after=after) as server:
            pages = export.documents(store_at(server.url, box, workers=8), "orders", memory=Memory(tmp_path, "1", ""))
            found = [one["id"] for page in pages for one in page]
    assert len(found) == len(set(found))
    assert kept <= set(found)


def test_a_page_that_fails_for_good_ends_the_export_and_leaves_no_file(box: Sandbox, tmp_path: Path) -> None:
    with FaultServer(box.app, [Fault("500_before", times=99)]) as server:
        store = store_at(server.url, box, retries=1, wait=lambda seconds: None)
        (tmp_path / "out.csv").write_text("as it was")
        with pytest.raises(Exception, match="no usable answer"):
            export.to_file(tmp_path / "out.csv", "orders", export.documents(store, "orders", memory=Memory(tmp_path, "1", "")))
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "as it was"


def test_a_page_that_fails_once_is_asked_for_again(box: Sandbox, tmp_path: Path) -> None:
    with FaultServer(box.app, [Fault("500_before"), Fault("429", retry_after="0")]) as server:
        store = store_at(server.url, box, wait=lambda seconds: None)
        pages = export.documents(store, "orders", memory=Memory(tmp_path, "1", ""))
        assert sum(map(len, pages)) == 120


# -- one by one -----------------------------------------------------------------------------------------


def test_get_reads_records_by_id_in_the_order_given(box: Sandbox, desk: Desk) -> None:
    assert [one["id"] for one in export.get(desk.store, "orders", ["7000003", "7000001"])] == ["7000003", "7000001"]
    assert [one["code"] for one in export.get(desk.store, "inventory", [300002, "300001"])] == ["1E5", "00123"]
    assert len(box.requests) == 4
    assert "order_history" in export.get(desk.store, "orders", "7000001", history=True)[0]


def test_get_reads_items_and_shipments_of_an_order_in_one_call(box: Sandbox, desk: Desk) -> None:
    order = box.orders()[56]
    first, second = order["order_shipments"]
    (one,) = export.get(desk.store, "shipments", [f"{order['id']}/{first['id']}"])
    assert one == {"order.id": order["id"], **desk.store.shipment(order["id"], first["id"])}
    box.requests.clear()
    several = [f"{order['id']}/{second['id']}", f"{order['id']}/{first['id']}"]
    assert [one["id"] for one in export.get(desk.store, "shipments", several)] == [second["id"], first["id"]]
    found = export.get(desk.store, "items", [f"{order['id']}/"])
    assert [one["id"] for one in found] == [one["id"] for one in order["order_items"]]
    assert found[0]["order.source_id"] == order["source_id"]
    assert [seen.path for seen in box.requests] == [f"/orders/{order['id']}"] * 2


@pytest.mark.parametrize("missing", ["404", "error200"])
def test_get_names_what_is_not_there(box: Sandbox, desk: Desk, missing: Any) -> None:
    box.switches = replace(box.switches, missing=missing)
    lost: list[str] = []
    assert [one["id"] for one in export.get(desk.store, "orders", ["7000001", "9"], missing=lost)] == ["7000001"]
    assert lost == ["9"]
    with pytest.raises(Exception, match="There is no item 7000001/9, 9/ in the store"):
        export.get(desk.store, "items", ["7000001/", "7000001/9", "9/"])


@pytest.mark.parametrize(("resource", "one", "says"), [
    ("items", "7000001", "write ORDER_ID/ITEM_ID, or 7000001/ for all of an order"),
    ("shipments", "/5", "write ORDER_ID/SHIPMENT_ID, or ORDER_ID/"),
    ("orders", "1/2", "write the number alone"),
    ("orders", "", "write the number alone"),
])  # fmt: skip
def test_an_id_that_can_be_none_is_refused(desk: Desk, resource: str, one: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        export.get(desk.store, resource, [one])
    assert says in str(error.value)


def test_a_record_as_a_row(box: Sandbox, desk: Desk) -> None:
    (order,) = export.get(desk.store, "orders", ["7000002"])
    row = export.as_row("orders", order, folders={"21654": "New"})
    assert (row["id"], row["folder"], row["checkout_data.Gift Message"]) == ("7000002", "New", "Happy birthday, Zoë!")
    headings, rows = export.as_table("items", export.get(desk.store, "items", ["7000002/"]))
    assert headings[:4] == ["order.id", "order.source_id", "order.source_name", "item_id"]
    assert "fulfillment_method" not in headings  # blank in every row
    assert len(rows) == 2


# -- any call ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v2/orders/7000002/order-items", "/api/v2/orders/7000002/order-items", "orders/7000002/order-items"])
def test_the_seeds_call_works_with_the_version_or_without(desk: Desk, path: str) -> None:
    assert len(export.call(desk.store, "GET", path)["order_items"]) == 2
    assert len(export.call(desk.store, "GET", path, all_pages=True)["order_items"]) == 2


def test_all_pages_of_any_list_as_one_answer(large: Sandbox) -> None:
    store = store_at(large.url, large)
    large.requests.clear()
    answer = export.call(store, "get", "/orders?source_name=Amazon", query={"order": "ASC"}, all_pages=True)
    wanted = [order["id"] for order in large.orders() if order["source_name"] == "Amazon"]
    assert [order["id"] for order in answer["orders"]] == wanted
    assert (answer["total_records"], answer["records_returned"]) == (len(wanted), len(wanted))
    assert len(large.requests) == 2
    with pytest.raises(UsageError, match="leave limit out"):
        export.call(store, "GET", "/orders?limit=3", all_pages=True)
    with pytest.raises(UsageError, match="Only a GET has pages"):
        export.call(store, "POST", "/orders", all_pages=True)


def test_the_settings_secrets_never_come_out(desk: Desk, box: Sandbox) -> None:
    text = repr(export.call(desk.store, "GET", "/store"))
    assert "SECRET" not in text
    assert box.api_key not in text
    assert "Sandbox Store" in text


def test_a_write_is_warned_of_and_sent_once(box: Sandbox, desk: Desk) -> None:
    assert export.is_write("post")
    assert not export.is_write("GET")
    assert export.warning("put", "/orders/1?x=2", "Shop") == (
        'PUT /orders/1 may change records in the store "Shop". It is sent once, as it is: it is not checked, '
        "not in any run, and can't be undone from here."
    )
    export.call(desk.store, "POST", "/v2/orders/7000001/order-history", body={"note": "hello"}, headers={"X-Mine": "1"})
    assert [one["note"] for one in box.history("7000001")] == ["Order imported", "hello"]
    assert box.requests[-1].headers["X-Mine"] == "1"
