"""Each resource, each action, from each sort of sheet, from Python and from the command line; then the same again."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch import cli
from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import SheetRefused, Unsafe
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.actions.stage import Uploads, as_book, as_file, in_no_hurry, table

Number = dict[str, int]


@dataclass(frozen=True)
class Case:
    """A sheet, what its upload does, and what the same sheet does the second time."""

    resource: str
    action: str
    text: str
    first: Number  # counts that are not 0
    second: Number
    so: Callable[[Sandbox], bool]  # whether the store is as it should be after it

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"


def order(box: Sandbox, number: str) -> dict[str, Any]:
    return next(one for one in box.orders() if one["source_id"] == number)


def numbers(box: Sandbox) -> list[str]:
    return [one["source_id"] for one in box.orders()]


def parcels(box: Sandbox, number: str) -> dict[str, dict[str, Any]]:
    return {one["tracking_number"]: one for one in order(box, number)["order_shipments"]}


def items(box: Sandbox, number: str) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in order(box, number)["order_items"]}


def stock(box: Sandbox) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in box.inventory()}


# 10007 is in the folder Shipped, with one parcel, whose number stands for {parcel}; 10001 and 10002 are in New, without.
NEW_ORDERS = """
    source_id | source_name | email | shipping.first_name | shipping.city | item.code | item.name | item.quantity | item.price | order_metadata.channel | folder
    N-1       | Shop        | a@b.c | Zoë                 | Köln          | A-1       | Mug       | 2             | 9.50       | wholesale              | Hold
    N-1       |             |       |                     |               | A-2       | Cup       | 1             | 3          |                        |
    N-2       | Shop        |       | Null                  | NA            | A-1       | Mug       | 1             | 9.50       |                        |
"""
CASES = [
    Case("orders", "create", NEW_ORDERS, {"create": 2}, {"refused": 2},
         lambda box: [one["quantity"] for one in order(box, "N-1")["order_items"]] == [2, 1]
         and order(box, "N-1")["folder_id"] == "21658" and order(box, "N-2")["shipping"]["first_name"] == "Null"),
    Case("orders", "upsert", NEW_ORDERS + "10001 | Amazon | new@b.c | | | | | | | |", {"create": 2, "update": 1}, {"none": 3},
         lambda box: order(box, "10001")["email"] == "new@b.c" and "N-2" in numbers(box)),
    Case("orders", "update", """
         source_id | email   | checkout_data.Gift | folder | item.code | item.name | item.quantity
         10001     | (clear) | yes                | Hold   | EXTRA     | Extra     | 3
         10002     |         |                    |        |           |           |
         """, {"update": 1, "none": 1}, {"none": 2},
         lambda box: order(box, "10001")["email"] == "" and order(box, "10001")["folder_id"] == "21658"
         and len(order(box, "10001")["order_items"]) == 2),
    Case("orders", "delete", "source_id\n10001\n10002", {"delete": 2}, {"none": 2},
         lambda box: not {"10001", "10002"} & set(numbers(box))),
    Case("orders", "skip", "source_id | email\n10001 | x@y.z", {"skip": 1}, {"skip": 1}, lambda box: order(box, "10001")["email"] != "x@y.z"),
    Case("items", "create", "order | code | name | price\n10001 | X-1 | Extra | 2.50\n10001 | X-2 | More | 1", {"create": 2}, {"refused": 2},
         lambda box: items(box, "10001")["X-1"]["price"] == 2.5 and "X-2" in items(box, "10001")),
    Case("items", "upsert", "order | code | name | quantity\n10001 | X-1 | Extra | 4\n10002 | X-2 | More | 5", {"create": 2}, {"none": 2},
         lambda box: items(box, "10002")["X-2"]["quantity"] == 5),
    Case("items", "update", "order | code | quantity | metadata.bin\n10001 | 00123 | 9 | A-3", {"update": 1}, {"none": 1},
         lambda box: items(box, "10001")["00123"]["metadata"]["bin"] == "A-3"),
    Case("items", "delete", "order | code\n10002 | 1E5", {"delete": 1}, {"none": 1}, lambda box: "1E5" not in items(box, "10002")),
    Case("items", "skip", "order | code\n10002 | 1E5", {"skip": 1}, {"skip": 1}, lambda box: "1E5" in items(box, "10002")),
    Case("shipments", "create", "Order # | Tracking Number | Carrier | cost\n10001 | 9400 1112 0001 | USPS | $4.20\n10002 | n/a | Own van |", {"create": 2},
         {"none": 2}, lambda box: float(parcels(box, "10001")["940011120001"]["cost"]) == 4.2 and "n/a" in parcels(box, "10002")),
    Case("shipments", "upsert", "order | tracking_number | carrier_code\n10001 | 94001 | USPS\n10007 | {parcel} | Changed", {"create": 1, "update": 1},
         {"none": 2}, lambda box: [one["carrier_code"] for one in parcels(box, "10007").values()] == ["Changed"]),
    Case("shipments", "update", "order | tracking_number | weight | status\n10007 | {parcel} | 2.25 | delivered", {"update": 1}, {"none": 1},
         lambda box: [float(one["weight"]) for one in parcels(box, "10007").values()] == [2.25]),
    Case("shipments", "delete", "order | tracking_number\n10007 | {parcel}", {"delete": 1}, {"none": 1}, lambda box: not parcels(box, "10007")),
    Case("shipments", "skip", "order | tracking_number\n10001 | 94001", {"skip": 1}, {"skip": 1}, lambda box: not parcels(box, "10001")),
    Case("inventory", "create", "SKU | name | stock | metadata.bin\n0777 | New | 5 | A", {"create": 1}, {"refused": 1},
         lambda box: stock(box)["0777"]["stock"] == 5 and stock(box)["0777"]["metadata"] == {"bin": "A"}),
    Case("inventory", "upsert", "SKU | name | stock\n0777 | New | 5\n00123 | | 444", {"create": 1, "update": 1}, {"none": 2},
         lambda box: stock(box)["00123"]["stock"] == 444),
    Case("inventory", "update", "SKU | Qty | location | price\n00123 | 444 | (clear) | 1.50\nWID-00016 | 445 | |", {"update": 2}, {"none": 2},
         lambda box: stock(box)["00123"]["location"] == "" and stock(box)["WID-00016"]["stock"] == 445),
    Case("inventory", "delete", "id | code\n300001 |\n | WID-00016", {"delete": 2}, {"none": 2}, lambda box: "WID-00016" not in stock(box)),
    Case("inventory", "skip", "code | stock\n00123 | 1", {"skip": 1}, {"skip": 1}, lambda box: stock(box)["00123"]["stock"] != 1),
]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx", "frame"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_action_does_what_it_says_and_its_repeat_changes_nothing(case: Case, form: str, up: Uploads) -> None:
    text = with_parcel(case.text, up.box)
    sheet = up.file(text, form)
    plan = up.send(case.resource, sheet, action=case.action)
    assert {name: count for name, count in plan.counts.items() if count} == case.first
    assert case.so(up.box)
    before = up.box.dump()
    if "refused" in case.second:
        with pytest.raises(SheetRefused) as refused:
            up.desk.upload(case.resource, sheet, yes=True, action=case.action)
        assert all("already" in problem.reason for problem in refused.value.problems if problem.level == "error")
        counts = up.desk.plan(case.resource, sheet, action=case.action).counts
    else:
        counts = up.again(case.resource, sheet, action=case.action).counts
    assert {name: count for name, count in counts.items() if count} == case.second
    assert up.box.dump() == before


def with_parcel(text: str, box: Sandbox) -> str:
    return text.replace("{parcel}", next(iter(parcels(box, "10007"))))


@pytest.mark.parametrize(
    ("case", "form"),
    [pytest.param(case, form, marks=[pytest.mark.slow] if (n + (form == "csv")) % 2 else [], id=f"{case}-{form}")
     for n, case in enumerate(case for case in CASES if case.action != "skip") for form in ("csv", "xlsx")],
)  # fmt: skip
def test_the_command_line_does_the_same(
    case: Case, form: str, up: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("STORE_ID", up.box.store_id), ("API_KEY", up.box.api_key), ("BASE_URL", up.box.url)):
        monkeypatch.setenv(f"ORDERDESK_{name}", value)
    monkeypatch.setattr(Desk, "__init__", in_no_hurry(Desk.__init__))
    sheet = up.file(with_parcel(case.text, up.box), form)
    words = ["upload", case.resource, sheet, "--action", case.action, "--yes", "--json", "--settle", "0"]
    assert cli.run(words) == 0
    first = json.loads(capsys.readouterr().out)
    assert {name: count for name, count in first["counts"].items() if count} == case.first
    assert first["results"]["done"] == sum(case.first.get(name, 0) for name in ("create", "update", "delete"))
    assert all(change["state"] == "done" for change in first["changes"])
    assert case.so(up.box)
    before = up.box.dump()
    assert cli.run(words) == (3 if "refused" in case.second else 0)
    second = json.loads(capsys.readouterr().out)
    assert {name: count for name, count in second["counts"].items() if count} == case.second
    assert second["requests"]["written"] == 0
    assert up.box.dump() == before


def test_a_book_goes_up_and_comes_down_again(up: Uploads) -> None:
    tabs = {
        "orders": table("source_id | shipping.first_name\nB-1 | Ada\nB-2 | Bob"),
        "items": table("order | code | name\nB-1 | A | Mug\nB-1 | B | Cup\n#B-2 | C | Jar"),
        "shipments": table("order | tracking_number\nB-1 | 94001\nB-2 | 94002"),
        "inventory": table("code | name | stock\nB-SKU | Thing | 3"),
    }
    book = as_book(tabs, up.folder)
    plan = up.send("book", book, action="create")
    assert plan.counts["create"] == 8
    assert [call for call in up.calls() if not call.startswith("GET")].count("POST /api/v2/orders") <= 2
    assert sorted(items(up.box, "B-1")) == ["A", "B"] and list(parcels(up.box, "B-2")) == ["94002"]
    assert up.again("book", book, action="upsert").counts["none"] == 8
    assert up.send("book", book, action="delete").counts["delete"] == 8
    assert up.again("book", book, action="delete").counts["none"] == 8


def test_undo_takes_a_book_back(up: Uploads, tmp_path: Path) -> None:
    before = up.box.dump()["stores"]
    tabs = {
        "orders": table("source_id | shipping.first_name\nB-1 | Ada"),
        "items": table("order | code | name\nB-1 | A | Mug"),
        "shipments": table("order | tracking_number\nB-1 | 94001"),
    }
    plan = up.send("book", as_book(tabs, tmp_path), action="create")
    back = up.desk.undo(str(plan.run), yes=True, settle=0)
    assert back.exit_code == 0
    assert up.box.dump()["stores"] == before


def test_the_same_rows_from_a_csv_file_and_from_a_workbook_can_not_be_counted_twice(up: Uploads) -> None:
    rows = table("code | stock_change | price\n00123 | +5 | 9.50")
    held = stock(up.box)["00123"]["stock"]
    up.send("inventory", as_file(rows, up.folder, "csv"))
    assert stock(up.box)["00123"]["stock"] == held + 5
    for form in ("csv", "xlsx", "frame"):
        with pytest.raises(SheetRefused):
            up.desk.upload("inventory", as_file([rows[0], ["00123", 5, 9.5]], up.folder, form), yes=True)
    up.send("inventory", as_file(rows, up.folder, "csv"), again=True)
    assert stock(up.box)["00123"]["stock"] == held + 10


def test_two_plans_of_the_same_stock_changes_can_not_both_be_applied(up: Uploads) -> None:
    rows = up.file("code | stock_change\n00123 | +5")
    held = stock(up.box)["00123"]["stock"]
    first, second = (str(up.desk.plan("inventory", rows).run) for _ in range(2))
    meant = str(up.desk.plan("inventory", rows, again=True).run)
    assert up.desk.apply(first, yes=True).exit_code == 0
    for _ in range(2):
        with pytest.raises(Unsafe, match="were sent meanwhile"):
            up.desk.apply(second, yes=True)
    assert stock(up.box)["00123"]["stock"] == held + 5
    assert up.desk.apply(meant, yes=True).exit_code == 0
    assert stock(up.box)["00123"]["stock"] == held + 10


@pytest.mark.parametrize(
    ("resource", "action", "rows"),
    [
        ("orders", "create", "source_id | shipping.last_name | item.name\nQ1 | Ada | Mug\nQ2 | Bob | Jar"),
        ("orders", "update", "source_id | item.code | item.name | item.action\n10001 | NEW | Card | create"),
        ("items", "create", "order | code | name\n10001 | NEW | Card"),
        ("shipments", "create", "order | tracking_number | shipment_method\n10001 | n/a | By hand"),
    ],
)
def test_two_plans_that_create_the_same_can_not_both_be_applied(up: Uploads, resource: str, action: str, rows: str) -> None:
    sheet = up.file(rows)
    first, second = (str(up.desk.plan(resource, sheet, action=action, run=up.folder / f"{name}.run").run) for name in "ab")
    assert up.desk.apply(first, yes=True).exit_code == 0
    before = up.box.dump()
    for _ in range(2):
        with pytest.raises(Unsafe, match="would be there twice"):
            up.desk.apply(second, yes=True)
    assert up.box.dump() == before
    up.desk.undo(first, yes=True)  # what is taken back can be made again, by a new plan
    up.send(resource, sheet, action=action)


def test_two_uploads_at_once_that_create_the_same_do_it_once(up: Uploads) -> None:
    sheet = up.file("source_id | shipping.last_name | item.name\nQ1 | Ada | Mug")
    home = up.desk.home
    plans = [str(up.desk.plan("orders", sheet, action="create").run) for _ in range(8)]

    def apply(run: str) -> bool:
        with Desk(Store(up.box.store_id, up.box.api_key, base_url=up.box.url), folder=home) as desk:
            try:
                return desk.apply(run, yes=True).exit_code == 0
            except Unsafe:
                return False

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(apply, plans))
    assert sum(sent) == 1
    assert sum(one["source_id"] == "Q1" for one in up.box.orders()) == 1


def test_notes_and_history_need_again_for_a_second_time(up: Uploads) -> None:
    sheet = up.file("source_id | order_note | order_history\n10001 | Checked | Counted")
    up.send("orders", sheet)
    with pytest.raises(SheetRefused):
        up.desk.upload("orders", sheet, yes=True)
    up.send("orders", sheet, again=True)
    made = order(up.box, "10001")
    assert [note["content"] for note in made["order_notes"]].count("Checked") == 2
    assert [entry["note"] for entry in up.box.history(made["id"])].count("Counted") == 2


@pytest.mark.parametrize("resource", ["orders", "items", "shipments", "inventory"])
def test_an_exported_sheet_plans_nothing(resource: str, up: Uploads, tmp_path: Path) -> None:
    frame = up.desk.export(resource)
    plan = up.desk.plan(resource, frame, **({"action": "update"} if resource == "shipments" else {}))
    assert not plan.errors, list(map(str, plan.errors))[:5]
    assert plan.is_empty(), [change.as_json() for change in plan.writing()][:3]




def test_exported_orders_with_their_items_plan_nothing(up: Uploads) -> None:
    for action in ("update", "upsert"):
        plan = up.desk.plan("orders", up.desk.export("orders", with_items=True), action=action)
        assert not plan.problems and plan.is_empty()


def test_bad_rows_keep_all_from_being_sent_and_without_them_the_others_go(up: Uploads) -> None:
    sheet = up.file("order | tracking_number\n10001 | 94001\n99999 | 94002\n10002 | \n10020 | 94003\n7000043 | 94004\n10003 | 94005")
    before = up.box.dump()
    with pytest.raises(SheetRefused) as refused:
        up.desk.upload("shipments", sheet, yes=True)
    told = [problem for problem in refused.value.problems if problem.level == "error"]
    assert [problem.row for problem in told] == [3, 4, 5, 6] and all(problem.hint for problem in told)
    assert up.box.dump() == before
    plan = up.desk.upload("shipments", sheet, yes=True, skip_bad_rows=True)
    assert plan.exit_code == 1
    assert (plan.counts["create"], plan.counts["refused"], plan.results["done"]) == (2, 4, 2)
    assert list(parcels(up.box, "10003")) == ["94005"]
