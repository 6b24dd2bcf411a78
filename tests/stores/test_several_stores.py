"""Several stores in one run: each row goes to its own store, and a store that fails is its own affair."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import orderdesk_batch as od
from orderdesk_batch import show
from orderdesk_batch.desks import Desks
from orderdesk_batch.errors import NotAllowed, SheetRefused, Unsafe, UsageError
from orderdesk_batch.profiles import Profiles
from orderdesk_batch.run import Run
from orderdesk_batch.sandbox import Sandbox

from .conftest import IDS, NAMES, Said, mend, shipments, spoil

Cli = Callable[..., Said]
Write = Callable[..., str]

# The same order number is in all three stores: nothing but the column tells which is meant.
SHEET = """
    Store,  Order #, Tracking Number
    north,  10002,   1Z999AA10123456701
    South,  10002,   1Z999AA10123456702
    103,    10002,   1Z999AA10123456703
    west,   10003,   1Z999AA10123456704
"""


def test_each_row_goes_to_its_own_store_by_name_however_cased_or_by_id(desks: Desks, stores: Sandbox, sheet: Write) -> None:
    plan = desks.upload("shipments", sheet(SHEET), yes=True)
    assert plan.results["done"] == 4
    found = {(name, order): shipments(stores, name, order) for name in NAMES for order in ("10002", "10003")}
    assert {key: numbers[-1:] for key, numbers in found.items() if any(n.startswith("1Z999AA1012345670") for n in numbers)} == {
        ("north", "10002"): ["1Z999AA10123456701"], ("south", "10002"): ["1Z999AA10123456702"],
        ("west", "10002"): ["1Z999AA10123456703"], ("west", "10003"): ["1Z999AA10123456704"],
    }  # fmt: skip


def test_it_is_one_plan_one_run_and_one_results_workbook(desks: Desks, sheet: Write, tmp_path: Path) -> None:
    path = sheet(SHEET)
    plan = desks.upload("shipments", path, yes=True)
    assert [one["results"]["done"] for one in desks.runs()] == [4]
    assert [store["name"] for store in plan.stores] == list(NAMES)
    book = openpyxl.load_workbook(str(plan.results_file))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [(row[0], row[rows[0].index("result")]) for row in rows[1:]] == [("north", "done"), ("South", "done"), ("103", "done"), ("west", "done")]
    assert sorted(one.name for one in tmp_path.glob("sheet.results*")) == ["sheet.results.csv", "sheet.results.xlsx"]


def test_a_plan_of_several_stores_in_json_says_which_store_each_change_is_for(cli: Cli, sheet: Write) -> None:
    said = cli("plan", "shipments", sheet(SHEET), "--all-stores", "--json")
    assert said.code == 0
    assert said.json["store"] == {"id": None, "name": "3 stores (north, south, west)"}
    assert said.json["stores"][0] == {"name": "north", "id": "101", "store_name": "North Shop"}
    assert Counter(change["store"] for change in said.json["changes"]) == {"north": 1, "south": 1, "west": 2}


def test_the_same_sheet_again_changes_nothing_and_undo_takes_all_of_it_back(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    before, path = stores.dump(), sheet(SHEET)
    run = cli("upload", "shipments", path, "--yes", "--json").json["run"]
    assert cli("upload", "shipments", path, "--yes", "--json").json["counts"] == {
        "create": 0, "update": 0, "delete": 0, "none": 4, "skip": 0, "refused": 0,
    }  # fmt: skip
    assert cli("undo", run, "--yes").code == 0
    assert all(shipments(stores, name, "10002") == _numbers(before, name, "10002") for name in NAMES)


def _numbers(dump: Any, name: str, order: str) -> list[str]:
    orders = [one for one in dump["stores"][IDS[name]]["orders"].values() if one["source_id"] == order]
    return [shipment["tracking_number"] for one in orders for shipment in one["order_shipments"]]


@pytest.mark.parametrize(("cell", "reason"), [("nrth", "is no store that is known here"), ("", "names no store")])
def test_a_row_for_no_known_store_is_bad_and_nothing_is_sent(cli: Cli, stores: Sandbox, sheet: Write, cell: str, reason: str) -> None:
    before = stores.dump()
    said = cli("upload", "shipments", sheet(f"{SHEET.rstrip()}\n    {cell}, 10004, 1Z999AA10123456705"), "--yes", "--json")
    assert said.code == 3
    (problem,) = (one for one in said.json["problems"] if one["level"] == "error")
    assert (problem["row"], problem["column"], problem["reason"]) == (6, "Store", reason)
    assert "north, south, west" in problem["hint"]
    assert stores.dump() == before


def test_a_sheet_without_the_column_is_refused_for_several_stores_with_the_remedy(desks: Desks, sheet: Write) -> None:
    with pytest.raises(SheetRefused, match=r'there is no column "store".*north or south or west.*--store'):
        desks.plan("shipments", sheet("Order #, Tracking Number\n10002, 1Z999AA10123456701"))


def test_rows_for_a_store_that_was_not_asked_for_are_skipped_and_say_so(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    for chosen in ("north,south", "north"):
        said = cli("upload", "shipments", sheet(SHEET), "--yes", "--json", "--store", chosen)
        assert said.code == 0
        assert said.json["counts"]["skip"] == 5 - len(chosen.split(",")) - 1
        left = {change["message"] for change in said.json["changes"] if change["action"] == "skip"}
        assert "for the store west, which was not asked for" in left
    assert "1Z999AA10123456703" not in shipments(stores, "west", "10002")


def test_for_one_named_store_a_column_of_that_name_with_other_words_is_an_ordinary_one(cli: Cli, sheet: Write) -> None:
    said = cli("plan", "shipments", sheet("Store, Order #, Tracking Number\nMy Etsy shop, 10002, 1Z999AA10123456701"), "--json", "--store", "north")
    assert said.json["counts"]["create"] == 1


@pytest.mark.parametrize("order", [1, -1], ids=["--store first", "--all-stores first"])
def test_all_stores_and_a_store_by_name_exclude_each_other_in_either_order(cli: Cli, order: int) -> None:
    said = cli("doctor", *(word for words in [["--store", "north"], ["--all-stores"]][::order] for word in words))
    assert (said.code, said.out, said.err) == (2, "", "--all-stores and --store exclude each other.\n")


def test_a_store_with_a_wrong_key_is_reported_and_the_rest_is_done(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    spoil("west", stores)
    path = sheet(SHEET)
    said = cli("upload", "shipments", path, "--yes", "--json")
    assert said.code == 1
    assert (said.json["results"]["done"], said.json["counts"]["refused"]) == (2, 2)
    (problem,) = (one for one in said.json["problems"] if "key" in one["reason"])
    assert problem["reason"].startswith("west: Order Desk refused the key for store 103.")
    assert "orderdesk-batch login west" in problem["reason"]
    assert "revoked-key" not in said.out + said.err
    book = openpyxl.load_workbook(said.json["results_file"])
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    at = rows[0].index("result")
    assert [row[at] for row in rows[1:]] == ["done", "done", "refused", "refused"]
    assert "refused the key" in str(rows[3][at + 1])
    mend("west", stores)
    again = cli("upload", "shipments", path, "--yes", "--json")
    assert again.code == 0
    assert (again.json["results"]["done"], again.json["counts"]["none"]) == (2, 2)


def test_a_key_that_is_revoked_after_the_plan_leaves_that_stores_rows_waiting_and_resume_goes_on(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    run = cli("plan", "shipments", sheet(SHEET), "--json").json["run"]
    spoil("west", stores)
    said = cli("apply", run, "--yes", "--json")
    assert said.code == 1
    assert {name: count for name, count in said.json["results"].items() if count} == {"done": 2, "waiting": 2}
    assert any("west: Order Desk refused the key" in problem["reason"] for problem in said.json["problems"])
    mend("west", stores)
    went_on = cli("resume", run, "--yes", "--json")
    assert went_on.code == 0
    assert went_on.json["results"]["done"] == 4
    assert [shipments(stores, "west", order)[-1] for order in ("10002", "10003")] == ["1Z999AA10123456703", "1Z999AA10123456704"]


def test_where_every_store_fails_it_ends_as_one_store_would(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    for name in NAMES:
        spoil(name, stores)
    assert cli("upload", "shipments", sheet(SHEET), "--yes", "--json").code == 5


def test_a_store_without_its_key_is_left_out_and_told(stores: Sandbox, sheet: Write, tmp_path: Path) -> None:
    (Profiles().folder / "keys" / "west").unlink()
    with od.connect_all() as desks:
        assert list(desks.failed) == ["west"]
        plan = desks.upload("shipments", sheet(SHEET), yes=True)
    assert (plan.results["done"], plan.refused, plan.exit_code) == (2, 2, 1)
    assert any(problem.reason.startswith("west") for problem in plan.warnings)


def test_a_run_of_several_stores_finds_its_stores_by_itself_and_belongs_to_no_other(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    run = cli("plan", "shipments", sheet(SHEET), "--json").json["run"]
    assert cli("apply", run, "--yes", "--store", "north").code == 4
    assert cli("apply", run, "--yes", "--store", "north,south").code == 4
    assert cli("apply", run, "--yes").code == 0


def test_a_run_of_one_named_store_finds_it_by_itself(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    run = cli("plan", "shipments", sheet("Order #, Tracking Number\n10002, 1Z999AA10123456701"), "--json", "--store", "south").json["run"]
    assert cli("apply", run, "--yes").code == 0
    assert "1Z999AA10123456701" in shipments(stores, "south", "10002")


def test_a_name_that_now_means_another_store_gets_nothing_of_an_old_run(desks: Desks, sheet: Write, stores: Sandbox) -> None:
    plan = desks.plan("shipments", sheet(SHEET))
    profiles = Profiles()
    south = profiles.get("south")
    profiles.put(type(south)("north", south.store_id, south.base_url, south.keep), "key-of-south")
    with od.connect_all() as others, pytest.raises(Unsafe, match="north was the store 101"):
        others.apply(str(plan.run), yes=True)


def test_what_cannot_be_repeated_is_remembered_for_each_store_alone(cli: Cli, sheet: Write) -> None:
    first = "store, code, stock_change\nnorth, 00123, 5"
    both = f"{first}\nsouth, 00123, 5"
    assert cli("upload", "inventory", sheet(first), "--yes").code == 0
    said = cli("upload", "inventory", sheet(both), "--yes", "--json")
    assert said.code == 3
    assert [problem["row"] for problem in said.json["problems"] if problem["level"] == "error"] == [2]


def test_a_duplicate_is_one_within_a_store_not_between_two(cli: Cli, sheet: Write) -> None:
    rows = "store,code,stock\nnorth,00123,5\nsouth,00123,6"
    assert cli("plan", "inventory", sheet(rows), "--json").json["problems"] == []
    twice = cli("plan", "inventory", sheet(f"{rows}\nnorth,00123,7"), "--json")
    assert {problem["row"] for problem in twice.json["problems"]} <= {2, 4}
    assert twice.code == 3


@pytest.mark.parametrize("resource", ["orders", "items", "shipments", "inventory"])
def test_an_export_of_all_stores_planned_again_changes_nothing(cli: Cli, tmp_path: Path, resource: str) -> None:
    path = tmp_path / "all.csv"
    said = cli("export", resource, "--all", "--all-stores", "-o", path, "--json")
    assert said.code == 0
    assert said.json["columns"][0] == "store"
    planned = cli("plan", resource, path, "--all-stores", "--action", "update", "--json")
    counts = planned.json["counts"]
    refused = {problem["reason"] for problem in planned.json["problems"] if problem["level"] == "error"}
    assert refused == set()
    assert counts["none"] == sum(counts.values()) > 3


def test_an_export_with_items_says_the_store_in_each_row(desks: Desks) -> None:
    frame = desks.export("orders", with_items=True)
    assert set(frame["store"]) == set(NAMES)
    assert frame["store"].isna().sum() == 0


def test_an_export_goes_on_without_a_store_that_fails_and_ends_with_1(cli: Cli, stores: Sandbox, tmp_path: Path) -> None:
    spoil("south", stores)
    said = cli("export", "inventory", "--all", "--all-stores", "-o", tmp_path / "stock.csv")
    assert said.code == 1
    assert "south: Order Desk refused the key" in said.err
    text = (tmp_path / "stock.csv").read_text("utf-8-sig")
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == {"north", "west"}


def test_the_doctor_looks_at_each_store(cli: Cli, stores: Sandbox) -> None:
    spoil("south", stores)
    said = cli("doctor", "--all-stores", "--json")
    assert said.code == 5
    assert set(said.json["stores"]) == set(NAMES)
    assert list(said.json["stores"]["south"]) == ["error"]
    assert said.json["stores"]["north"]["findings"]
    assert said.err.startswith("south: Order Desk refused the key")  # its name is said once
    in_words = cli("doctor", "--all-stores")
    assert in_words.code == 5
    assert [name for name in NAMES if f"{name}\n" in in_words.out] == ["north", "west"]


def test_what_is_for_one_store_asks_for_one(cli: Cli) -> None:
    said = cli("get", "orders", "7000001")
    assert said.code == 2
    assert "north, south, west" in said.err
    assert cli("get", "orders", "7000001", "--store", "north,south").code == 2
    assert cli("get", "orders", "7000001", "--store", "north").code == 0
    assert cli("get", "orders", "7000001", "--store", "nroth").code == 2


def test_desks_are_a_mapping_of_desks(desks: Desks) -> None:
    assert list(desks) == list(NAMES)
    assert desks["south"].settings()["name"] == "South Shop"
    with od.connect("south") as one:
        assert one.settings()["id"] == "102"
    with pytest.raises(UsageError, match="south"):
        od.connect("soth")


def test_how_far_all_of_them_have_come_is_added_up(desks: Desks, sheet: Write) -> None:
    told: list[Any] = []
    desks.progress = told.append
    desks.upload("shipments", sheet(SHEET), yes=True)
    last = told[-1]
    assert (last.stage, last.done, last.total) == ("sending", 4, 4)


def test_no_key_is_in_a_run_of_several_stores(desks: Desks, sheet: Write) -> None:
    plan = desks.upload("shipments", sheet(SHEET), yes=True)
    data = Path(str(plan.run)).read_bytes()
    with Run.open(Path(str(plan.run))) as run:
        text = json.dumps(run.meta(), default=str)
    assert not any(f"key-of-{name}".encode() in data or f"key-of-{name}" in text for name in NAMES)
    assert "key-of" not in repr(desks)


def test_connecting_to_none_says_how_to_begin() -> None:
    with pytest.raises(UsageError, match="login"):
        od.connect_all()


def test_a_failing_store_of_one_alone_is_the_error_it_always_was(stores: Sandbox) -> None:
    spoil("north", stores)
    with od.connect("north") as desk, pytest.raises(NotAllowed, match="login north"):
        desk.settings()


def test_people_see_which_row_goes_to_which_store_and_what_failed(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    path = sheet(SHEET)
    planned = cli("plan", "shipments", path, "--all-stores")
    assert "Store" in planned.out and "By store  north 1 · south 1 · west 2" in planned.out
    with od.connect_all() as desks:
        plan = desks.plan("shipments", path)
    assert "<b>By store</b> north 1 · south 1 · west 2</p>" in show.html(plan)
    assert show.question(plan).endswith("Create 4 shipments in 3 stores (1 in north, 1 in south and 2 in west)?")
    spoil("west", stores)
    for words in (("apply", str(plan.run)), ("upload", "shipments", path)):
        said = cli(*words, "--yes")
        assert "west: Order Desk refused the key for store 103." in said.out
        assert "refused the key" not in said.err  # it is told once, where it is told how to go on
    assert "refused the key" not in cli("undo", str(plan.run), "--yes").err


def test_an_undo_that_a_store_fails_at_ends_with_1(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    run = cli("upload", "shipments", sheet(SHEET), "--yes", "--json").json["run"]
    spoil("west", stores)
    said = cli("undo", run, "--yes", "--json")
    assert said.code == 1
    assert said.json["results"]["done"] == 2
    assert any("west: Order Desk refused the key" in problem["reason"] for problem in said.json["problems"])


def test_an_export_gives_store_after_store_in_the_order_of_their_names(desks: Desks) -> None:
    for resource in ("orders", "inventory"):
        names = list(desks.export(resource)["store"])
        assert names == sorted(names)
        assert set(names) == set(NAMES)


def test_a_frame_that_lacks_a_store_says_so_aloud(stores: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    spoil("west", stores)
    with od.connect_all() as desks:
        frame = desks.export("inventory")
    assert set(frame["store"]) == {"north", "south"}
    assert "west: Order Desk refused the key" in caplog.text


def test_the_only_store_with_a_name_need_not_be_named(cli: Cli, stores: Sandbox) -> None:
    with pytest.raises(UsageError, match=r"Several stores are known: north, south, west\."):
        od.connect()
    for name in ("north", "south"):
        Profiles().remove(name)
    with od.connect() as desk:
        assert desk.settings()["id"] == IDS["west"]
    assert cli("store", "--json").json["id"] == IDS["west"]


def test_check_says_what_the_column_is_for(cli: Cli, sheet: Write) -> None:
    said = cli("check", "shipments", sheet(SHEET))
    assert said.code == 0
    assert "which store a row is for" in " ".join(said.err.split())


def test_a_plan_is_one_line_where_it_is_printed(desks: Desks, sheet: Write) -> None:
    plan = desks.upload("shipments", sheet(SHEET), yes=True)
    assert repr(plan).startswith("<Plan: shipments, 4 create; 4 done")
    assert "\n" not in repr(plan)
