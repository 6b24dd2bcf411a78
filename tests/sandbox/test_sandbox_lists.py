"""Lists: how orders and inventory are filtered, sorted and dated."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.inprocess import Client

ADDRESS = {
    "first_name": "Zoë",
    "last_name": "D'Angelo",
    "company": "Café & Co",
    "address1": "Hauptstraße 5",
    "phone": "+49 221 1",
}


def make(client: Client, **fields: Any) -> str:
    order = {"customer": {"first_name": "A"}, "shipping": {"first_name": "B"}, "order_items": [{"name": "X"}]}
    return str(client.box.add_order(order | fields)["id"])


def ids(client: Client, **query: str) -> list[str]:
    return [order["id"] for order in client.get("/orders", limit="500", **query)["orders"]]


@pytest.mark.fact("orders-list")
def test_a_list_tells_its_place(client: Client) -> None:
    reply = client.get("/orders", limit="25", offset="50")
    assert [reply[name] for name in ("total_records", "records_returned", "offset", "limit")] == [
        60,
        10,
        50,
        25,
    ]
    assert len(reply["orders"]) == 10
    assert reply["orders"][-1] == client.box.order("7000001")


@pytest.mark.fact("orders-folder-filter")
def test_orders_are_found_by_folders(client: Client) -> None:
    new, hold = ids(client, folder_id="21654"), ids(client, folder_id="21658")
    assert (len(new), len(hold)) == (24, 6)
    assert sorted(ids(client, folder_id="21654, 21658")) == sorted(new + hold)
    assert ids(client, folder_name="New") == new
    assert (
        ids(client, folder_name="new")
        == ids(client, folder_name="Nowhere")
        == ids(client, folder_id="1")
        == []
    )


@pytest.mark.fact("orders-filters")
@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"source_id": "#A-1"}, {"source_id": "#A-1"}),
        ({"source_name": "Etsy & Co"}, {"source_name": "Etsy & Co"}),
        ({"email": "a+b@example.com"}, {"email": "a+b@example.com"}),
        ({"customer_id": "007"}, {"customer_id": "007"}),
        *(
            ({who: ADDRESS}, {f"{who}_{name}": value})
            for who in ("customer", "shipping")
            for name, value in ADDRESS.items()
        ),
    ],
)
def test_orders_are_found_by_every_field(client: Client, fields: Any, query: dict[str, str]) -> None:
    wanted = make(client, **fields)
    found = ids(client, **query)
    assert wanted in found and len(found) < 20
    assert wanted not in ids(client, **{name: f"{value}x" for name, value in query.items()})
    assert len(ids(client, **dict.fromkeys(query, ""))) == 61


@pytest.mark.fact("orders-filters")
def test_filters_narrow_each_other_down_and_unknown_ones_do_nothing(client: Client) -> None:
    wanted = make(client, source_id="77", email="a@example.com")
    make(client, source_id="77", email="b@example.com")
    assert ids(client, source_id="77", email="a@example.com") == [wanted]
    assert len(ids(client, colour="red")) == 62


@pytest.mark.fact("orders-text-match")
def test_a_text_filter_may_find_more(client: Client, switch: Any) -> None:
    exact, longer, other = (make(client, source_id=number) for number in ("a1001", "a10010", "A1001"))
    assert ids(client, source_id="a1001") == [exact]
    switch(text_filters="nocase")
    assert sorted(ids(client, source_id="a1001")) == [exact, other]
    switch(text_filters="contains")
    assert sorted(ids(client, source_id="a1001")) == [exact, longer, other]
    assert client.get("/inventory-items", code="wid")["total_records"] == "24"


@pytest.mark.fact("orders-sort")
def test_the_newest_comes_first_unless_told_otherwise(client: Client) -> None:
    everything = [order["id"] for order in client.box.orders()]
    assert ids(client) == everything[::-1]
    assert ids(client, order="ASC") == ids(client, order="asc", order_by="date_added") == everything
    by_number = [
        client.box.order(found)["source_id"] for found in ids(client, order_by="source_id", order="ASC")
    ]
    assert by_number == sorted(by_number) and by_number[0].startswith("#")
    assert ids(client, order_by="no such thing; DROP") == everything[::-1]


@pytest.mark.fact("orders-times")
def test_dates_are_searched_in_the_stores_time_or_in_utc(client: Client, switch: Any) -> None:
    wanted = make(client, date_added="2026-01-10 04:00:00")  # 20:00 on the 9th in Los Angeles
    window = {"search_start_date": "2026-01-09 20:00:00", "search_end_date": "2026-01-09 20:00:00"}
    assert ids(client, **window) == [wanted]
    switch(filter_times="utc")
    assert wanted not in ids(client, **window)
    assert ids(client, search_start_date="2026-01-10 04:00:00", search_end_date="2026-01-10 04:00:00") == [
        wanted
    ]
    assert wanted not in ids(client, search_start_date="2026-01-10 04:00:01")
    assert wanted not in ids(client, search_end_date="2026-01-10")
    assert wanted in ids(client, search_start_date="2026-01-10", search_end_date="2026-01-11")


@pytest.mark.fact("orders-times")
def test_changes_are_searched_in_the_same_way(client: Client, switch: Any) -> None:
    order = client.box.order("7000001") | {
        "date_updated": "2026-07-10 03:30:00"
    }  # 20:30 in Los Angeles, in summer
    client.box.put_order(order, touch=False)
    window = {"modified_start_date": "2026-07-09 20:30:00", "modified_end_date": "2026-07-09 20:30:00"}
    assert ids(client, **window) == ["7000001"]
    switch(filter_times="utc")
    assert ids(client, **window) == []
    assert ids(client, modified_start_date="2026-07-10 03:30:00") == ["7000001"]


@pytest.mark.fact("orders-times-local")
@pytest.mark.parametrize("way", ["local", "utc"])
def test_the_local_date_filters_are_always_local(client: Client, switch: Any, way: str) -> None:
    switch(filter_times=way)
    wanted = make(client, date_added="2026-01-10 04:00:00")
    window = {
        "search_start_date_local": "2026-01-09 20:00:00",
        "search_end_date_local": "2026-01-09 20:00:00",
    }
    assert ids(client, **window) == [wanted]


@pytest.mark.parametrize("name", ["search_start_date", "modified_end_date"])
def test_a_filter_that_is_no_date_is_refused(client: Client, name: str) -> None:
    assert client.refused("GET", f"/orders?{name}=yesterday") == f"{name} is not a date"


@pytest.mark.fact("orders-history-asked")
def test_a_list_carries_history_when_asked(client: Client) -> None:
    client.post("/orders/7000002/order-history", {"note": "Hello", "source_name": "Test"})
    orders = client.get("/orders", get_order_history="1", order="ASC")["orders"]
    assert [len(order["order_history"]) for order in orders[:3]] == [1, 1, 0]
    assert orders[1]["order_history"][0]["note"] == "Hello"
    assert not any("order_history" in order for order in client.get("/orders")["orders"])


@pytest.mark.fact("inventory-filters")
def test_inventory_is_found_by_every_filter(client: Client) -> None:
    item = {
        "name": "Zwölf",
        "code": "Z-9",
        "location": "Zone 9",
        "metadata": {"rack": "R2D2"},
        "update_source": "Etsy",
    }
    wanted = client.box.add_inventory(item)["id"]

    def found(**query: str) -> list[int]:
        return [
            entry["id"] for entry in client.get("/inventory-items", limit="500", **query)["inventory_items"]
        ]

    assert (
        found(name="Zwölf")
        == found(code="Z-9")
        == found(location="Zone 9")
        == found(metadata="r2d2")
        == [wanted]
    )
    assert found(search="wölf") == found(search="z-9") == found(search="R2D") == [wanted]
    assert found(code="Z-") == found(name="wölfe") == []
    assert len(found(update_source_not="Etsy")) == 40 and wanted in found(update_source_not="Shopify")
    assert found(updated_start_date="2026-03-20 12:00:00") == [wanted]
    assert found(updated_start_date="2026-03-20 12:00:01") == []
    assert len(found(offset="1")) == 40
