"""Each filter over HTTP, singly and combined, however the server reads times and compares texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch import export
from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import UsageError
from orderdesk_batch.fields import RESOURCES, get
from orderdesk_batch.sandbox import Sandbox
from tests.export.conftest import NOW

Found = Callable[..., list[str]]


@pytest.fixture
def found(desk: Desk) -> Found:
    """The ids that a search finds: `found("orders", email="a@example.com")`."""

    def find(resource: str, **given: Any) -> list[str]:
        pages = export.documents(
            desk.store, resource, export.search(resource, given), memory=desk.memory, zone="America/Los_Angeles",
            folders={"21654": "New", "21657": "Closed", "21658": "Hold"}, now=NOW,
        )  # fmt: skip
        return [str(document["id"]) for page in pages for document in page]

    return find


def held(document: dict[str, Any], name: str) -> str:
    return str(get(document, tuple(name.split("."))) or "")


FILTERS = [(one.api, one.field) for one in export.OPTIONS["orders"] if one.field and one.api]
ITEM_FILTERS = [(one.api, one.field) for one in export.OPTIONS["inventory"] if one.field and one.api]


@pytest.mark.parametrize(("api", "field"), FILTERS)
def test_a_filter_of_orders_finds_the_orders_with_that_value(box: Sandbox, found: Found, api: str, field: str) -> None:
    place = "folder_id" if field == "folder" else field
    value = next(text for order in box.orders() if (text := held(order, place)))
    assert found("orders", **{api: value}) == [order["id"] for order in box.orders() if held(order, place) == value]
    assert box.requests[-1].query[api] == value


@pytest.mark.parametrize(("api", "field"), ITEM_FILTERS)
def test_a_filter_of_inventory_finds_the_items_with_that_value(box: Sandbox, found: Found, api: str, field: str) -> None:
    value = next(text for item in box.inventory() if (text := held(item, field)))
    assert found("inventory", **{api: value}) == [str(item["id"]) for item in box.inventory() if held(item, field) == value]


def test_the_other_filters_of_inventory_are_the_servers(box: Sandbox, found: Found) -> None:
    everything = box.inventory()
    assert found("inventory", search="TEE-BLK") == [str(i["id"]) for i in everything if "TEE-BLK" in i["code"]]
    assert found("inventory", metadata="Bäcker") == [str(i["id"]) for i in everything if i["metadata"]]
    assert found("inventory", update_source_not="Shopify") == [str(i["id"]) for i in everything if i["update_source"] != "Shopify"]
    assert found("inventory", search="WID", location=everything[20]["location"]) == [
        str(i["id"]) for i in everything if "WID" in i["code"] and i["location"] == everything[20]["location"]
    ]


def test_folders_by_name_and_several_in_one_call(box: Sandbox, found: Found) -> None:
    new = [order["id"] for order in box.orders() if order["folder_id"] == "21654"]
    assert found("orders", folder="New") == new
    assert box.requests[-1].query["folder_name"] == "New"
    box.requests.clear()
    both = [order["id"] for order in box.orders() if order["folder_id"] in ("21657", "21658")]
    assert found("orders", folder_name=["Closed", "Hold"]) == both
    assert found("orders", folder_id=["21657", "21658"]) == both
    assert found("orders", folder_id="21657,21658") == both
    assert [seen.query["folder_id"] for seen in box.requests] == ["21657,21658"] * 3


def test_filters_combined_all_hold(box: Sandbox, found: Found) -> None:
    wanted = [
        order["id"]
        for order in box.orders()
        if order["folder_id"] == "21654" and order["source_name"] == "Amazon" and order["date_added"] >= "2026-10-15 07:00:00"
    ]
    assert found("orders", folder="New", source_name="Amazon", search_start_date="2026-10-15") == wanted != []


def test_items_and_shipments_of_the_same_search_and_of_one_order(box: Sandbox, found: Found) -> None:
    amazon = [order for order in box.orders() if order["source_name"] == "Amazon"]
    assert found("items", source="Amazon") == [item["id"] for order in amazon for item in order["order_items"]]
    assert found("shipments", source="Amazon") == [parcel["id"] for order in amazon for parcel in order["order_shipments"]]
    one = box.orders()[56]
    assert len(found("shipments", order=one["id"])) == len(one["order_shipments"]) == 2
    assert found("items", order=[one["id"], amazon[0]["id"]])[-1] == amazon[0]["order_items"][-1]["id"]


def test_sorted_as_asked_and_with_history(box: Sandbox, desk: Desk, found: Found) -> None:
    assert found("orders", direction="desc") == [order["id"] for order in reversed(box.orders())]
    assert found("orders", order_by="id", order="ASC", limit=3) == ["7000001", "7000002", "7000003"]
    search = export.search("orders", {"history": True, "source_id": "10001"})
    (page,) = export.documents(desk.store, "orders", search, memory=desk.memory)
    assert page[0]["order_history"][0]["note"] == "Order imported"
    search = export.search("orders", {"get-order-history": True, "id": "7000001"})
    (page,) = export.documents(desk.store, "orders", search, memory=desk.memory)
    assert len(page[0]["order_history"]) == 1


# -- times --------------------------------------------------------------------------------------------


def order_at(box: Sandbox, place: int, moment: str, field: str = "date_added") -> str:
    order = box.orders()[place]
    box.put_order({**order, field: moment}, touch=False)
    return str(order["id"])


@pytest.mark.parametrize("reading", ["local", "utc"])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(("field", "start", "end"), [
    ("date_added", "search_start_date", "search_end_date"), ("date_updated", "modified_start_date", "modified_end_date"),
])  # fmt: skip
def test_a_window_holds_exactly_its_records_however_the_server_reads_it(
    box: Sandbox, desk: Desk, found: Found, reading: Any, known: bool, field: str, start: str, end: str
) -> None:
    box.switches = replace(box.switches, filter_times=reading)
    if known:
        desk.memory.put(doctor={"filter_times": reading})
    for order in box.orders():
        box.put_order({**order, "date_updated": "2026-01-01 00:00:00", "date_added": "2026-01-01 00:00:00"}, touch=False)
    # 2026-10-10 in Los Angeles is 07:00 to 06:59:59 UTC.
    edges = ["2026-10-10 06:59:59", "2026-10-10 07:00:00", "2026-10-10 20:00:00", "2026-10-11 06:59:59", "2026-10-11 07:00:00"]
    ids = [order_at(box, place, moment, field) for place, moment in enumerate(edges)]
    assert found("orders", **{start: "2026-10-10", end: "2026-10-10"}) == ids[1:4]
    assert found("orders", **{start: "2026-10-10T07:00:00Z", end: "2026-10-10T20:00:00+00:00"}) == ids[1:3]
    assert found("orders", **{start: "2026-10-10T13:00"}) == ids[2:]
    assert found("orders", **{start: "2026-10-01", end: "2026-10-10 00:00:00"}) == ids[:2]
    by = "date_added" if field == "date_added" else "date_updated"
    assert found("orders", **{start: "2026-10-10"}, order_by=by, direction="DESC") == ids[:0:-1]


@pytest.mark.parametrize("reading", ["local", "utc"])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(("day", "edges"), [
    ("2026-03-08", ["2026-03-08 07:59:59", "2026-03-08 08:00:00", "2026-03-09 06:59:59", "2026-03-09 07:00:00"]),  # 23 hours
    ("2026-11-01", ["2026-11-01 06:59:59", "2026-11-01 07:00:00", "2026-11-02 07:59:59", "2026-11-02 08:00:00"]),  # 25 hours
])  # fmt: skip
def test_days_on_which_clocks_change_are_whole(
    box: Sandbox, desk: Desk, found: Found, reading: Any, known: bool, day: str, edges: list[str]
) -> None:
    box.switches = replace(box.switches, filter_times=reading)
    if known:
        desk.memory.put(doctor={"filter_times": reading})
    for order in box.orders():
        box.put_order({**order, "date_added": "2026-06-01 00:00:00"}, touch=False)
    ids = [order_at(box, place, moment) for place, moment in enumerate(edges)]
    assert found("orders", search_start_date=day, search_end_date=day) == ids[1:3]


@pytest.mark.parametrize("known", ["", "utc"])
def test_inventory_changed_since(box: Sandbox, desk: Desk, found: Found, known: str) -> None:
    desk.memory.put(doctor={"inventory_times": known})
    wanted = [str(i["id"]) for i in box.inventory() if i["date_updated"] >= "2026-11-13 12:00:00"]
    assert found("inventory", since="7d") == found("inventory", updated_start_date="2026-11-13T12:00Z") == wanted != []
    assert found("inventory", updated_from=datetime(2026, 11, 13, 12, tzinfo=UTC)) == wanted


def test_since_counts_back_from_now_and_a_doctors_finding_narrows_the_question(box: Sandbox, desk: Desk, found: Found) -> None:
    assert found("orders", since="24h") == [o["id"] for o in box.orders() if o["date_added"] >= "2026-11-19 12:00:00"]
    assert box.requests[-1].query["search_start_date"] == "2026-11-18 22:00:00"
    desk.memory.put(doctor={"filter_times": "utc"})
    box.switches = replace(box.switches, filter_times="utc")
    assert found("orders", since="2d") == [o["id"] for o in box.orders() if o["date_added"] >= "2026-11-18 12:00:00"]
    assert box.requests[-1].query["search_start_date"] == "2026-11-18 12:00:00"


def test_the_windows_are_told_in_the_stores_zone_and_in_utc(desk: Desk, tmp_path: Path) -> None:
    search = export.search("orders", {"search_start_date": "2026-11-01", "search_end_date": "2026-11-01"})
    pages = export.documents(desk.store, "orders", search, memory=desk.memory, zone="America/Los_Angeles")
    assert pages.windows == [
        "added from 2026-11-01 00:00:00 PDT to 2026-11-01 23:59:59 PST (from 2026-11-01 07:00:00 to 2026-11-02 07:59:59 UTC)"
    ]
    assert export.to_file(tmp_path / "o.csv", "orders", pages).notes == [f"Searched: {pages.windows[0]}."]


# -- many values --------------------------------------------------------------------------------------


def test_many_numbers_take_the_fewest_calls(box: Sandbox, desk: Desk, found: Found, tmp_path: Path) -> None:
    numbers = [order["source_id"] for order in box.orders()]
    (tmp_path / "ids.txt").write_text("\ufeff" + "\r\n".join([*numbers, "", "no-such", numbers[0]]), "utf-8")
    search = export.search("orders", {"source_id": [f"@{tmp_path / 'ids.txt'}"]}, files=True)
    pages = export.documents(desk.store, "orders", search, memory=desk.memory)
    assert sum(map(len, pages)) == 120
    assert len(box.requests) == 1
    assert pages.notes == [f"1 of {len(set(numbers)) + 1} values of source_id found nothing: no-such."]
    box.requests.clear()
    assert found("orders", source_id=["10001", "10002"]) == ["7000001", "7000002"]
    assert len(box.requests) == 1  # the total is known by now: one page is fewer than two single calls


def test_two_values_in_a_large_store_are_asked_for_singly(box: Sandbox, desk: Desk, found: Found) -> None:
    desk.memory.put_total("orders", 100_000)
    assert sorted(found("orders", source_id=["10003", "10002", "10003"])) == ["7000002", "7000003"]
    assert sorted(seen.query["source_id"] for seen in box.requests) == ["10002", "10003"]


@pytest.mark.parametrize("total", [None, 100_000])
def test_several_values_of_two_filters_and_one_of_a_third(box: Sandbox, desk: Desk, found: Found, total: int | None) -> None:
    if total:
        desk.memory.put_total("orders", total)
    wanted = [
        order["id"] for order in box.orders()
        if order["source_name"] in ("Amazon", "Shopify") and order["shipping"]["last_name"] in ("Null", "NA") and order["folder_id"] == "21654"
    ]  # fmt: skip
    names = {"source_name": ["Amazon", "Shopify"], "shipping_last_name": ["Null", "NA"]}
    assert sorted(found("orders", **names, folder="New")) == wanted != []


@pytest.mark.parametrize("rule", ["exact", "nocase", "contains"])
def test_pages_are_compared_as_the_server_would(box: Sandbox, desk: Desk, found: Found, rule: Any) -> None:
    box.switches = replace(box.switches, text_filters=rule)
    desk.memory.put(doctor={"text_filters": rule})
    values = ["BUYER1@example.com", "buyer2@example"]
    singly = set(found("orders", email=values))
    asked = len(box.requests)
    assert set(found("orders", email=[*values, *(f"nobody{n}@example.net" for n in range(9))])) == singly
    assert len(box.requests) - asked == 1


def test_values_that_cannot_be_compared_here_are_asked_for_singly(box: Sandbox, found: Found) -> None:
    wanted = {str(i["id"]) for i in box.inventory() if "TEE" in i["code"] or "BAG" in i["code"]}
    assert set(found("inventory", search=["TEE", "BAG", "TEE-BLK", "no such thing"])) == wanted
    assert len(box.requests) == 4


def test_orders_by_their_ids_in_the_fewest_calls(box: Sandbox, desk: Desk) -> None:
    ids = [order["id"] for order in box.orders()]
    for asked, most in ((ids[:1], 1), ([*ids, "999"], 1), (ids[:2], 1)):
        box.requests.clear()
        pages = export.documents(desk.store, "orders", export.Search(order_ids=asked), memory=desk.memory)
        assert {order["id"] for page in pages for order in page} == set(asked) - {"999"}
        assert len(box.requests) == most
        assert pages.missing == [one for one in asked if one == "999"]
    desk.memory.put_total("orders", 100_000)
    box.requests.clear()
    pages = export.documents(desk.store, "items", export.Search(order_ids=[*ids[:3], "999"]), memory=desk.memory)
    assert sum(map(len, pages)) == sum(len(order["order_items"]) for order in box.orders()[:3])
    assert len(box.requests) == 4
    assert pages.notes == ["1 of 4 orders are not in the store: 999."]


# -- what makes no sense ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("resource", "given", "says"), [
    ("orders", {"emial": "x"}, '"emial" is no filter of orders; did you mean email?'),
    ("orders", {"email": ""}, "--email is blank. A blank filter would find everything; leave it out if that is meant."),
    ("orders", {"email": []}, "--email is blank. A blank filter would find everything; leave it out if that is meant."),
    ("orders", {"since": "soon"}, '"soon" is not a time. Write 2026-11-23'),
    ("orders", {"search_start_date": "11/12/2026"}, "search_start_date: \"11/12/2026\" is not a time."),
    ("orders", {"since": "7d", "search_start_date": "2026-01-01"}, "since and search_start_date mean the same: give one of them."),
    ("orders", {"added_from": "2026-02-01", "added_to": "2026-01-01"}, "is after search_end_date"),
    ("orders", {"order": "7000001"}, '"7000001" is none of ASC, DESC. To export one order, use --id.'),
    ("orders", {"limit": 0}, '--limit: "0" is not a whole number from 1.'),
    ("orders", {"id": "7", "email": "x"}, "Orders named by their ids need no filters"),
    ("orders", {"all": True, "email": "x"}, "--all reads everything there is"),
    ("orders", {"columns": "id"}, "columns says how an export is written"),
    ("orders", {"source_id": "@nowhere.txt"}, "@nowhere.txt can't be read"),
    ("inventory", {"update_source_not": ["a", "b"]}, "--update-source-not can be given once only."),
    ("inventory", {"email": "x"}, '"email" is no filter of inventory'),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    box: Sandbox, desk: Desk, resource: str, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError) as error:
        export.documents(desk.store, resource, export.search(resource, given, files=True), memory=desk.memory, now=NOW)
    assert says in str(error.value)
    assert box.requests == []


def test_a_zone_that_is_not_known_matters_only_for_local_times(desk: Desk, box: Sandbox) -> None:
    def count(**given: Any) -> int:
        search = export.search("orders", given)
        return sum(map(len, export.documents(desk.store, "orders", search, memory=desk.memory, zone="Mars/Olympus", now=NOW)))

    assert count() == 120
    assert 0 < count(since="7d") < 120
    assert 0 < count(since="2026-11-01T00:00:00Z") < 120
    with pytest.raises(UsageError, match="Mars/Olympus"):
        count(since="2026-11-01")


def test_every_filter_of_the_tables_has_its_option() -> None:
    for resource, of in RESOURCES.items():
        names = {one.api for one in export.OPTIONS[resource]}
        assert {field.search for field in of.fields if field.search} <= names
        words = [word for one in export.OPTIONS[resource] for word in (one.name, *one.aliases)]
        assert len(words) == len(set(words)), resource
        assert all(one.help.endswith((".", "]")) for one in export.OPTIONS[resource])
