"""What nobody states about the API changes no outcome: the same job against each of the possible servers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import SheetRefused
from orderdesk_batch.sandbox import Sandbox, Switches
from tests.actions.stage import SERVER_SETS, Uploads, as_book, fast, table

WAYS: dict[str, dict[str, Any]] = {
    "no results in the inventory batch": {"batch_results": False},
    "created records in the answers": {"created_ids": True},
    "creations answer 201": {"created_status": 201},
    "items left out of a PUT are kept": {"put_items_left_out": "kept"},
    "an item of an unknown id is an error": {"unknown_item_id": "error"},
    "an item of an unknown id is not looked at": {"unknown_item_id": "ignored"},
    "what is missing is an error in HTTP 200": {"missing": "error200"},
    "errors are HTTP 400": {"error_status": 400},
    "the server sets the date of shipping": {"date_shipped": "server"},
    "a list for a map is refused": {"list_for_map": "refused"},
    "lists say 0 beside records": {"total_records": "zero"},
    "moves have a status": {"move_status": True},
    "nested writes leave the order's time": {"touches": frozenset()},
    "a card's number is kept": {"cc_kept": True},
    "filters mind no case": {"text_filters": "nocase"},
    "filters find parts": {"text_filters": "contains"},
    "date filters are UTC": {"filter_times": "utc"},
    "history always": {"order_history_in_get": "always"},
    "history never": {"order_history_in_get": "never"},
    "small batches only": {"batch_max": 2},
}
JOBS: list[tuple[str, str, str]] = [
    ("orders", "create", """
        source_id | shipping.first_name | item.code | item.name | order_metadata.a | folder
        W-1 | Ada | A | Mug | 1 | Hold
        W-1 |     | B | Cup |   |
        W-2 | Bob | C | Jar |   |
        """),
    ("orders", "update", """
        source_id | email   | folder | item.code | item.quantity | item.action | item.name
        10001     | (clear) | Closed | 00123     | 7             |             |
        10001     |         |        | NEW       | 1             |             | New
        10006     | x@y.z   | Closed |           |               |             |
        10004     |         | Closed | MUG       |               | delete      |
        W-1       |         |        | B         |               | delete      |
        """),
    ("items", "upsert", "order | code | name | quantity | metadata.k\n10002 | X-1 | Extra | 2 | v\n10002 | X-2 | More | 3 |\n10003 | X-3 | Else | 4 |"),
    ("items", "delete", "order | code\n10002 | X-2"),
    ("shipments", "create", "order | tracking_number | carrier_code | date_shipped\n" + "\n".join(f"1000{n} | 940{n} | USPS | 2026-01-02" for n in range(1, 6))),
    ("shipments", "upsert", "order | tracking_number | carrier_code | date_shipped\n10001 | 9401 | UPS | 2026-01-02\n10002 | 9402 | USPS | 2026-01-02"),
    ("shipments", "delete", "order | tracking_number\n10003 | 9403"),
    ("inventory", "upsert", "code | name | stock | metadata.bin | price\n00123 | | 5 | Z | \n1E5 | | 6 | | 1.25\n3-4 | | 7 | | \nNEW-1 | New | 8 | A | 2"),
    ("inventory", "update", "code | stock_change\n00123 | 5\nWID-00016 | -3"),
    ("inventory", "delete", "code\nWID-00017\n007"),
]  # fmt: skip


def bare(value: Any) -> Any:
    """A document without ids, times, and our marks: what two runs have in common."""
    if isinstance(value, dict):
        left = {key: bare(one) for key, one in value.items() if key not in (*SERVER_SETS, "id", "order_id", "orderdesk_batch")}
        return left or []
    if isinstance(value, list):
        return [bare(one) for one in value]
    return value


def outcome(box: Sandbox) -> tuple[Any, Any]:
    by_number = sorted(box.orders(), key=lambda one: (one["source_name"], one["source_id"], one["date_added"]))
    return bare(by_number), bare(box.inventory())


def play(up: Uploads) -> None:
    """All jobs, each with its repeat."""
    for resource, action, text in JOBS:
        sheet = up.file(text)
        up.send(resource, sheet, action=action)
        if (action == "create" and resource != "shipments") or "stock_change" in text:
            with pytest.raises(SheetRefused):
                up.desk.upload(resource, sheet, yes=True, action=action)
        else:
            up.again(resource, sheet, action=action)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The outcome against the server as it is by default."""
    folder = tmp_path_factory.mktemp("usual")
    with Sandbox(orders=60, inventory=40, bucket=(10**6, 1e6)) as box, Desk(fast(box), folder=folder / "home") as desk:
        play(Uploads(desk, box, folder))
        return outcome(box)


SELDOM = {"creations answer 201", "moves have a status", "date filters are UTC", "history always", "history never", "filters mind no case",
          "errors are HTTP 400", "a card's number is kept"}  # fmt: skip


@pytest.mark.parametrize("way", [pytest.param(way, marks=[pytest.mark.slow] if way in SELDOM else []) for way in WAYS])
def test_the_outcome_is_the_same_whichever_way_the_server_is(way: str, up: Uploads, usual: tuple[Any, Any]) -> None:
    up.box.switches = replace(Switches(), **WAYS[way])
    play(up)
    assert outcome(up.box) == usual


@pytest.mark.parametrize("way", ["as it is", "lists say 0 beside records", "a list for a map is refused", "what is missing is an error in HTTP 200"])
def test_a_book_is_the_same_too(way: str, up: Uploads) -> None:
    up.box.switches = replace(Switches(), **WAYS.get(way, {}))
    tabs = {
        "orders": table("source_id | shipping.first_name | email\nB-1 | Ada |\n10001 | | x@y.z"),
        "items": table("order | code | name\nB-1 | A | Mug\n10001 | A | Mug"),
        "shipments": table("order | tracking_number\nB-1 | 94001\n10001 | 94002"),
    }
    book = as_book(tabs, up.folder)
    assert up.send("book", book, action="upsert", then_move_to="Shipped").counts["create"] == 5
    up.again("book", book, action="upsert", then_move_to="Shipped")


def test_dates_that_the_server_sets_are_compared_once(up: Uploads) -> None:
    up.box.switches = Switches(date_shipped="server")
    sheet = up.file("order | tracking_number | date_shipped\n10001 | 9401 | 2026-01-02")
    up.send("shipments", sheet)
    for action in ("create", "upsert", "update"):
        up.again("shipments", sheet, action=action)


def test_dates_that_the_server_keeps_can_be_changed(up: Uploads) -> None:
    text = "order | tracking_number | date_shipped\n10001 | 9401 | {}"
    up.send("shipments", up.file(text.format("2026-01-02")))
    up.send("shipments", up.file(text.format("2026-01-03")), action="upsert")
    up.again("shipments", up.file(text.format("2026-01-03")), action="upsert")
    assert up.send("shipments", up.file(text.format("2026-01-05")), action="update").counts["update"] == 1
