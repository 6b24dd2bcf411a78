"""Polling: which events a look tells, exactly; each over HTTP against the sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orderdesk_batch.errors import NotAllowed, RunError, UsageError
from orderdesk_batch.sandbox import Switches
from orderdesk_batch.watch.events import Reading, order_events
from tests.watch.shop import Shop

FIRST = "7000001"


def test_the_first_look_remembers_what_is_there_and_the_next_tells_what_changed_since(shop: Shop) -> None:
    assert shop.look() == []
    assert shop.look() == []
    shop.change(FIRST, email="new@example.com")
    (event,) = shop.look()
    assert event.event == "order.updated" and event.id == FIRST and event.key == "10001"
    assert event.fields == {"email": ["buyer0@example.de", "new@example.com"]}
    assert event.document["email"] == "new@example.com"
    assert event.at == "2026-03-20 13:00:01"
    assert shop.look() == []


def test_watch_orders_tells_orders_that_were_imported(shop: Shop) -> None:
    shop.look(origin="imported")
    shop.add("A-1", "Shopify")
    shop.add("A-2", "Order Desk")
    assert shop.names(origin="imported") == ["order.created A-1"]


def test_watch_orders_created_manually_tells_those_whose_source_is_order_desk(shop: Shop) -> None:
    shop.look(origin="manual")
    shop.add("A-1", "Shopify")
    shop.add("A-2", "Order Desk")
    assert shop.names(origin="manual") == ["order.created A-2"]


def test_watch_order_folder_changed_tells_the_names_of_both_folders(shop: Shop) -> None:
    shop.look("folders")
    shop.change(FIRST, folder_id="21656", email="other@example.com")
    (event,) = shop.look("folders")
    assert event.event == "order.folder_changed" and event.fields == {"folder": ["New", "Shipped"]}


def test_a_folder_that_was_made_since_is_told_by_its_name(shop: Shop) -> None:
    shop.look("folders")
    spec = shop.box.stores[0]
    spec.folders["30000"] = "Made today"  # type: ignore[index]
    try:
        shop.change(FIRST, folder_id="30000")
        (event,) = shop.look("folders")
        assert event.fields == {"folder": ["New", "Made today"]}
    finally:
        del spec.folders["30000"]  # type: ignore[attr-defined]


def test_watch_new_event_takes_any_selection(shop: Shop) -> None:
    chosen: dict[str, Any] = {"events": ["order.created,shipment.*", "item.deleted"]}
    shop.look(**chosen)
    shop.add("A-1")
    shop.pass_time(1)
    shop.box.add_shipment(FIRST, {"tracking_number": "1Z9"})
    shop.change("7000002", email="not@asked.for")
    assert shop.names(**chosen) == ["shipment.created 10001", "order.created A-1"]


def test_items_are_created_updated_and_deleted(shop: Shop) -> None:
    shop.look("items")
    items = shop.box.order(FIRST)["order_items"]
    (item,) = items
    added = {**item, "id": "99", "code": "NEW"}
    shop.change(FIRST, order_items=[{**item, "quantity": 7}, added])
    events = shop.look("items")
    assert [(one.event, one.id, one.key) for one in events] == [("item.updated", item["id"], "10001"), ("item.created", "99", "10001")]
    assert events[0].fields == {"quantity": [str(item["quantity"]), "7"]} and events[0].document["order_id"] == FIRST
    shop.change(FIRST, order_items=[added])
    assert [(one.event, one.id) for one in shop.look("items")] == [("item.deleted", item["id"])]


def test_shipments_are_created_updated_and_deleted(shop: Shop) -> None:
    shop.look("shipments")
    shop.pass_time(1)
    made = shop.box.add_shipment(FIRST, {"tracking_number": "1Z9", "carrier_code": "UPS"})
    assert shop.names("shipments") == ["shipment.created 10001"]
    shop.change(FIRST, order_shipments=[{**made, "tracking_number": "1Z8"}])
    (event,) = shop.look("shipments")
    assert event.event == "shipment.updated" and event.fields["tracking_number"] == ["1Z9", "1Z8"]
    shop.change(FIRST, order_shipments=[])
    assert shop.names("shipments") == ["shipment.deleted 10001"]


def test_inventory_is_created_updated_and_deleted(shop: Shop) -> None:
    shop.look("inventory")
    item = shop.box.inventory()[0]
    shop.pass_time(1)
    shop.box.put_inventory({**item, "stock": 3})
    shop.box.add_inventory({"name": "New", "code": "NEW-1"})
    events = shop.look("inventory")
    assert [(one.event, one.key) for one in events] == [("inventory.updated", item["code"]), ("inventory.created", "NEW-1")]
    assert events[0].fields == {"stock": [str(item["stock"]), "3"]} and events[0].id == str(item["id"])
    shop.box.delete_inventory(item["id"])
    shop.pass_time(3600)
    assert shop.look("inventory") == []
    assert shop.names("inventory", sweep="1h") == [f"inventory.deleted {item['code']}"]


def test_a_sweep_tells_deletions_and_only_a_sweep(shop: Shop) -> None:
    shop.look(events="*", sweep="6h")
    shop.box.delete_order(FIRST)
    shop.pass_time(3600)
    assert shop.names(events="*", sweep="6h") == []
    shop.pass_time(6 * 3600)
    events = shop.look(events="*", sweep="6h")
    assert [one.event for one in events] == ["order.deleted", "item.deleted"]
    assert events[0].key == "10001" and events[0].document["email"] == "buyer0@example.de"
    shop.pass_time(6 * 3600)
    assert shop.look(events="*", sweep="6h") == []


def test_many_deletions_take_a_second_list_and_not_a_call_each(shop: Shop) -> None:
    shop.look(sweep="1h")
    for order in shop.box.orders()[:25]:
        shop.box.delete_order(order["id"])
    shop.pass_time(3600)
    shop.box.requests.clear()
    assert len(shop.look(sweep="1h")) == 25
    assert len(shop.box.requests) == 2 + 20  # two lists, and some asked for one by one to see whether lists can be believed


def test_a_list_that_came_empty_by_mistake_deletes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.look(sweep="1h")
    shop.pass_time(3600)
    monkeypatch.setattr("orderdesk_batch.store.Store.pages", lambda *_: iter(()))
    assert shop.look(sweep="1h") == []


@pytest.mark.parametrize("missing", ["404", "error200"])
def test_a_deletion_is_told_however_the_store_says_that_a_record_is_gone(shop: Shop, missing: Any) -> None:
    shop.box.switches = replace(Switches(), missing=missing)
    shop.look(sweep="1h")
    shop.box.delete_order(FIRST)
    shop.pass_time(3600)
    assert shop.names(sweep="1h") == ["order.deleted 10001"]


@pytest.mark.parametrize("filter_times", ["local", "utc"])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize("known", [False, True])
def test_changes_are_found_however_the_store_reads_the_times_of_filters(shop: Shop, filter_times: Any, zone: str, known: bool) -> None:
    shop.box.switches = replace(Switches(), filter_times=filter_times)
    spec = shop.box.stores[0]
    shop.box._backend.stores[spec.id] = replace(spec, timezone=zone)  # type: ignore[index]
    with shop.desk() as desk:
        if known:
            desk.memory.put(doctor={"filter_times": filter_times})
    shop.look()
    for hours in (0.1, 1, 13, 200):
        shop.pass_time(hours * 3600)
        shop.change(FIRST, email=f"{hours}@example.com")
        shop.box.requests.clear()
        assert shop.names() == ["order.updated 10001"]
        (asked,) = (one for one in shop.box.requests if one.path == "/orders")
        assert "modified_start_date" in asked.query


@pytest.mark.parametrize("minutes", [-90, 90])
def test_a_clock_of_this_machine_that_is_off_loses_nothing_and_tells_nothing_old(shop: Shop, minutes: int) -> None:
    shop.skew = minutes * 60
    with shop.desk() as desk:
        desk.memory.put(doctor={"filter_times": "utc"})
    shop.box.switches = replace(Switches(), filter_times="utc")
    shop.change(FIRST, email="before@example.com")
    shop.pass_time(1)
    assert shop.look() == []
    for name in ("a", "b"):
        shop.change(FIRST, email=f"{name}@example.com")
        assert shop.names() == ["order.updated 10001"]
        shop.pass_time(600)


def test_a_date_in_the_future_keeps_no_change_out(shop: Shop) -> None:
    with shop.desk() as desk:
        desk.memory.put(doctor={"filter_times": "utc"})
    shop.box.switches = replace(Switches(), filter_times="utc")
    shop.look()
    shop.change("7000002", touch=False, date_updated="2031-01-01 00:00:00")
    shop.look()
    shop.pass_time(600)
    shop.change(FIRST, email="new@example.com")
    assert shop.names() == ["order.updated 10001"]


def test_changes_that_leave_the_date_as_it_was_are_found_by_the_sweep(shop: Shop) -> None:
    shop.box.switches = replace(Switches(), touches=frozenset())
    shop.look("shipments", sweep="6h")
    shop.pass_time(3600)
    shop.box.add_shipment(FIRST, {"tracking_number": "1Z9"})
    assert shop.look("shipments", sweep="6h") == []
    shop.pass_time(6 * 3600)
    assert shop.names("shipments", sweep="6h") == ["shipment.created 10001"]


def test_changes_that_leave_the_date_as_it_was_are_found_at_once_in_an_order_that_was_modified_lately(shop: Shop) -> None:
    shop.box.switches = replace(Switches(), touches=frozenset())
    shop.look("shipments")
    shop.change(FIRST, email="new@example.com")
    shop.look("shipments")
    shop.pass_time(60)
    shop.box.add_shipment(FIRST, {"tracking_number": "1Z9"})
    assert shop.names("shipments") == ["shipment.created 10001"]


def test_since_begins_earlier_and_is_counted_from_the_first_look(shop: Shop) -> None:
    shop.change(FIRST, email="new@example.com")
    shop.add("A-1")
    shop.pass_time(1)
    shop.box.add_shipment("7000002", {"tracking_number": "1Z9"})
    shop.pass_time(600)
    assert shop.names(events="*", since="30m") == [
        "order.updated 10001", "order.updated 10002", "shipment.created 10002", "order.created A-1", "item.created A-1",
    ]  # fmt: skip
    shop.pass_time(7200)
    assert shop.look(events="*", since="30m") == []


def test_an_order_that_is_only_saved_again_is_no_event(shop: Shop) -> None:
    shop.look()
    shop.change(FIRST)
    assert shop.look() == []


def test_only_orders_in_a_folder_or_of_a_cart(shop: Shop) -> None:
    shop.look(folder="Shipped")
    shop.look(source="shopify")
    shop.add("A-1", "Shopify", folder_id="21656")
    shop.add("A-2", "Etsy", folder_id="21656")
    shop.add("A-3", "Shopify")
    assert shop.names(folder="Shipped") == ["order.created A-1", "order.created A-2"]
    assert shop.names(source="shopify") == ["order.created A-1", "order.created A-3"]


def test_a_quiet_look_is_one_call(shop: Shop) -> None:
    shop.look()
    shop.box.requests.clear()
    shop.look()
    assert len(shop.box.requests) == 1


def test_a_fresh_watcher_asks_for_the_time_and_the_pages_and_nothing_else(shop: Shop) -> None:
    shop.look()
    assert [one.path for one in shop.box.requests] == ["/store", "/test", "/orders"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"every": 14}, "too often"),
        ({"every": float("nan")}, "too often"),
        ({"events": "order.vanished"}, "is no event"),
        ({"sweep": "soon"}, "no span of time"),
        ({"since": "soon"}, "is not a time"),
        ({"folder": "Attic"}, "--folder"),
        ({"origin": "found"}, "neither manual nor imported"),
        ({"output": "events.pdf"}, ".jsonl, .csv or .xlsx"),
        ({"output": "no/such/folder/events.csv"}, "does not exist"),
    ],
)
def test_what_makes_no_sense_is_said(shop: Shop, options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        shop.look(**options)


def test_inventory_has_no_folders_and_no_orders(shop: Shop) -> None:
    with pytest.raises(UsageError, match="Only orders have a folder"):
        shop.look("inventory", folder="New")
    with pytest.raises(UsageError, match="no event of inventory"):
        shop.look("inventory", events="order.created")
    with pytest.raises(UsageError, match="can't be watched"):
        shop.look("weather")


def test_the_same_watch_twice_at_a_time_is_told(shop: Shop) -> None:
    with shop.desk() as desk:
        watcher = desk.watcher("orders")
        with pytest.raises(RunError, match=r"being watched already.* process \d+"):
            shop.look()
        watcher.close()
    assert shop.look() == []


def test_a_wrong_key_ends_the_watch(shop: Shop) -> None:
    shop.look()
    with shop.desk() as desk:
        desk.store._key._key = "wrong-key"
        with pytest.raises(NotAllowed):
            next(desk.watch("orders"))


def test_an_event_counts_as_had_when_the_next_one_is_asked_for(shop: Shop) -> None:
    shop.look()
    shop.add("A-1")
    shop.add("A-2")
    with shop.desk() as desk:
        events = desk.watch("orders", once=True)
        first = next(events)
        events.close()
    again = shop.look()
    assert [one.key for one in again] == ["A-1", "A-2"] and again[0] == first
    assert shop.look() == []


def test_a_store_that_can_not_be_reached_passes(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.look()
    with shop.desk(retries=0) as desk:
        waits: list[float] = []
        store = desk.store

        def wait(seconds: float) -> bool:
            waits.append(seconds)
            if len(waits) == 1:
                shop.box.start()
            return False

        store.stop.wait = wait  # type: ignore[method-assign, assignment]
        shop.add("A-1")
        port = shop.box.port
        shop.box._server.close()  # type: ignore[union-attr]
        shop.box._server, shop.box._port = None, port
        event = next(desk.watch("orders", every=20))
    assert event.key == "A-1" and waits == [20]
    assert "The next look is in 20 s" in caplog.text


def test_fields_that_nobody_knows_are_compared_too() -> None:
    old: dict[str, Any] = {"id": "1", "shipping": {"city": "Bonn", "door": "2"}, "gift": 1, "discount_list": [{"name": "a", "x": 1}], "tax_total": "4.5"}
    new = {**old, "shipping": {"city": "Bonn", "door": "3"}, "gift": 2, "discount_list": [{"name": "a", "x": 2}], "tax_total": "4.50", "name": "Z"}
    (event,) = order_events(old, new, Reading("", ""))
    assert event.fields == {"shipping.door": ["2", "3"], "gift": [1, 2], "discount_list.0.x": [1, 2], "name": [None, "Z"]}
