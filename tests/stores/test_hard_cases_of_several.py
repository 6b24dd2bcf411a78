"""Several stores, and what goes wrong: twin names, odd columns, stores that come and go, a kill in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import orderdesk_batch as od
from orderdesk_batch.desks import Desks
from orderdesk_batch.errors import SheetRefused, UsageError
from orderdesk_batch.profiles import Profile, Profiles
from orderdesk_batch.sandbox import Sandbox

from .conftest import IDS, NAMES, Said, mend, shipments, spoil

Cli = Callable[..., Said]
Write = Callable[..., str]

SHEET = """Store, Order #, Tracking Number
north, 10002, 1Z999AA10123456701
south, 10002, 1Z999AA10123456702
west,  10002, 1Z999AA10123456703"""


def again(name: str, store: str, box: Sandbox) -> None:
    Profiles().put(Profile(name, IDS[store], box.url, "file"), f"key-of-{store}")


def test_a_store_with_two_names_is_one_store(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    again("nord", "north", stores)
    rows = f"{SHEET}\nnord, 10003, 1Z999AA10123456704\n101, 10004, 1Z999AA10123456705"
    said = cli("upload", "shipments", sheet(rows), "--yes", "--json")
    assert said.code == 0 and said.json["results"]["done"] == 5
    assert len(said.json["stores"]) == 3
    named = cli("plan", "shipments", sheet(rows), "--store", "north,nord")
    assert named.code == 2 and "one and the same store" in named.err


def test_a_name_that_is_the_id_of_another_store_means_neither(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    again("103", "south", stores)
    Profiles().remove("south")
    said = cli("plan", "shipments", sheet("store, Order #, Tracking Number\n103, 10002, 1Z999AA10123456701\nwest, 10002, 1Z999AA10123456702"), "--json")
    assert said.code == 3
    assert [problem["row"] for problem in said.json["problems"] if problem["level"] == "error"] == [2]


def test_two_columns_that_say_the_store_are_refused(desks: Desks, sheet: Write) -> None:
    with pytest.raises(SheetRefused, match=r"two columns.*A and D"):
        desks.plan("shipments", sheet("Store, Order #, Tracking Number, store\nnorth, 10002, 1Z999AA10123456701, south"))


def test_the_column_that_says_the_store_is_mapped_to_nothing_else(desks: Desks, sheet: Write) -> None:
    with pytest.raises(SheetRefused, match="says which store"):
        desks.plan("orders", sheet("Store, id, email\nnorth, 7000001, a@example.com"), map={"Store": "source_name"})


@pytest.mark.parametrize("rows", ["", "\n, , "])
def test_a_sheet_without_rows_asks_for_nothing(cli: Cli, sheet: Write, rows: str) -> None:
    said = cli("upload", "shipments", sheet(f"Store, Order #, Tracking Number{rows}"), "--yes", "--json")
    assert said.code == 0
    assert not any(said.json["counts"].values())


def test_a_line_of_totals_needs_no_store(cli: Cli, sheet: Write) -> None:
    said = cli("plan", "inventory", sheet("store,code,stock\nnorth,00123,5\nsouth,00123,6\nTotal,,11"), "--json")
    alone = cli("plan", "inventory", sheet("code,stock\n00123,5\n1E5,6\nTotal,11"), "--json", "--store", "north")
    assert said.code == alone.code


def test_rows_for_no_known_store_alone_are_refused_with_all_that_is_wrong(cli: Cli, sheet: Write) -> None:
    said = cli("upload", "shipments", sheet("Store, Order #, Tracking Number\nnrth, 10002, 1Z999AA10123456701"), "--yes", "--json", "--all-stores")
    assert said.code == 3 and said.json["counts"]["refused"] == 1


def test_a_store_that_could_not_be_reached_once_has_its_part_the_next_time(stores: Sandbox, sheet: Write) -> None:
    with od.connect_all() as desks:
        run = str(desks.plan("shipments", sheet(SHEET)).run)
    spoil("west", stores)
    with od.connect_all() as desks:
        desks["west"].memory.put(settings=None)  # so that it is asked, and refuses
        assert desks.apply(run, yes=True).results["waiting"] == 1
        assert not desks.failed
    mend("west", stores)
    with od.connect_all() as desks:
        assert desks.resume(run, yes=True).results["done"] == 3
        assert desks.plan("shipments", sheet(SHEET)).counts["none"] == 3


def test_a_run_goes_on_without_a_store_that_has_no_name_any_more(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    run = cli("plan", "shipments", sheet(SHEET), "--json").json["run"]
    Profiles().remove("west")
    said = cli("apply", run, "--yes", "--json")
    assert said.code == 1
    assert (said.json["results"]["done"], said.json["results"]["waiting"]) == (2, 1)
    assert any("login west" in problem["reason"] for problem in said.json["problems"])
    again("west", "west", stores)
    assert cli("resume", run, "--yes", "--json").json["results"]["done"] == 3


def test_undo_leaves_out_a_store_that_fails_and_takes_it_back_later(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    run = cli("upload", "shipments", sheet(SHEET), "--yes", "--json").json["run"]
    spoil("west", stores)
    said = cli("undo", run, "--yes", "--json")
    assert said.json["counts"]["delete"] == 2
    assert any("west" in problem["reason"] for problem in said.json["problems"])
    mend("west", stores)
    assert cli("undo", run, "--yes").code == 0
    assert not [name for name in NAMES if any(number.startswith("1Z999AA101234567") for number in shipments(stores, name, "10002"))]


def test_a_folder_that_one_store_has_not_got_leaves_that_store_out(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    with od.connect("north") as desk:
        folder = next(iter(desk.settings()["folders"].values()))
    said = cli("plan", "shipments", sheet(SHEET), "--then-move-to", folder, "--json")
    assert said.code == 0
    said = cli("plan", "shipments", sheet(SHEET), "--then-move-to", "Nowhere", "--json")
    assert said.code == 2 and "Nowhere" in said.err


def test_a_safety_limit_names_its_store_and_holds_the_whole_run(cli: Cli, stores: Sandbox, sheet: Write) -> None:
    with od.connect("south") as desk:
        codes = [str(code) for code in desk.export("inventory")["code"]][:12]
    rows = "\n".join(f"south,{code},delete,1" for code in codes)
    before = stores.dump()
    path = sheet(f"store,code,action,stock\n{rows}\nnorth,00123,update,77")
    said = cli("upload", "inventory", path, "--yes", "--json")
    assert said.code == 4 and said.json["error"].startswith("south: ")
    assert stores.dump() == before
    assert cli("upload", "inventory", path, "--yes", "--force", "--json").code == 0


def test_the_unit_of_weight_is_remembered_for_each_store(cli: Cli, sheet: Write) -> None:
    rows = "store,code,Weight (oz)\nnorth,00123,16\nsouth,00123,16"
    assert cli("plan", "inventory", sheet(rows), "--weight-unit", "lb", "--json").code == 0
    for name in ("north", "south"):
        with od.connect(name) as desk:
            assert desk.memory.get("weight_unit") == "lb"


def test_killed_in_the_middle_of_several_stores_and_resumed_nothing_is_lost_or_doubled(stores: Sandbox, tmp_path: Path) -> None:
    rows = [f"{name},{number},K{name}{number}" for name in NAMES for number in range(10001, 10007)]
    path = tmp_path / "big.csv"
    path.write_text("\n".join(["store,Order Number,Tracking Number", *rows]) + "\n", "utf-8")
    code = (
        "import os, signal, sys\n"
        "from orderdesk_batch.run import Run\n"
        "noted, whole, count = Run.note_steps, sys.argv[1], [int(sys.argv[2])]\n"
        "def note(self, steps):\n"
        "    noted(self, steps)\n"
        "    count[0] -= 1\n"
        "    if not count[0]: os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
        "Run.note_steps = note\n"
        "import orderdesk_batch as od\n"
        "with od.connect_all() as desks: desks.apply(whole, yes=True, batch_size=2)\n"
    )
    with od.connect_all() as desks:
        run = str(desks.plan("shipments", path).run)
        first = subprocess.run([sys.executable, "-c", code, run, "4"], env=dict(os.environ), capture_output=True, text=True, check=False)
        assert first.returncode in (-getattr(signal, "SIGKILL", 9), 1, 15), first.stderr
        done = desks.resume(run, yes=True)
    assert done.results["done"] == len(rows) and done.exit_code == 0
    for name in NAMES:
        for number in range(10001, 10007):
            assert shipments(stores, name, str(number)).count(f"K{name}{number}".upper()) + shipments(stores, name, str(number)).count(f"K{name}{number}") == 1


def test_archives_of_all_stores_are_side_by_side_and_a_failing_one_is_told(cli: Cli, stores: Sandbox, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    said = cli("archive", tmp_path / "kept", "--all-stores", "--json")
    assert said.code == 0
    assert {name: one["resources"]["orders"]["records"] > 50 for name, one in said.json["stores"].items()} == dict.fromkeys(NAMES, True)
    spoil("south", stores)
    part = cli("archive", tmp_path / "kept", "--all-stores", "--json")
    assert part.code == 1 and "error" in part.json["stores"]["south"] and "south: Order Desk refused the key" in part.err
    with od.connect_all() as desks:
        done = desks.archive(tmp_path / "kept")
    assert [name for name, one in done.items() if isinstance(one, Exception)] == ["south"]
    assert json.dumps(part.json).count("key-of") == 0


def test_connecting_to_one_store_under_two_names_is_refused(stores: Sandbox) -> None:
    again("nord", "north", stores)
    with pytest.raises(UsageError, match="one and the same"):
        od.connect_all(["north", "nord"])
    with od.connect_all(["nord", "south"]) as desks:
        assert list(desks) == ["nord", "south"]
