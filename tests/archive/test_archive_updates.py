"""Archives are complete, and kept up to date by reading what was modified."""

from __future__ import annotations

import os
import random
import re
import shutil
import stat
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from orderdesk_batch import archive
from orderdesk_batch.archive import places, pull
from orderdesk_batch.errors import OrderDeskBatchError, RunError, StoreError, Unsafe
from orderdesk_batch.sandbox import Switches
from orderdesk_batch.sandbox.spec import StoreSpec
from tests.archive.kept import Kept, by_pattern, contents, held
from tests.faults import Fault, FaultServer


def test_the_first_update_holds_the_documents_as_they_came_and_the_columns_that_export_writes(kept: Kept) -> None:
    done = kept.update()
    assert held(kept.folder) == kept.documents()
    assert done.resources["orders"] == {"records": 60, "added": 60, "changed": 0, "deleted": 0}
    assert done.resources["items"]["records"] == sum(len(order["order_items"]) for order in kept.box.orders())
    for resource in places.RESOURCES:
        exported = kept.desk().export(resource, nested="json")
        key = [name for name in ("order.id", "id", "item_id", "shipment_id") if name in exported]
        frame = archive.frame(kept.folder, resource, list(exported.columns))
        assert isinstance(exported, pd.DataFrame)
        pd.testing.assert_frame_equal(*(one.sort_values(key).reset_index(drop=True) for one in (frame, exported)))


def test_the_next_update_reads_only_what_was_modified(kept: Kept) -> None:
    kept.update()
    kept.pass_time(86400)
    kept.change(5, email="new@example.com")
    kept.box.add_shipment(kept.box.orders()[9]["id"], {"tracking_number": "1Z999"})
    done = kept.update()
    assert done.resources["orders"] == {"records": 60, "added": 0, "changed": 2, "deleted": 0}
    assert done.resources["shipments"]["added"] == 1
    assert held(kept.folder) == kept.documents()
    assert len(kept.asked) == done.requests.read + 1 == 6  # GET /store is not counted
    assert "'modified_start_date': '2026-03-19 22:50" in kept.asked[2], "14 hours earlier, since the zone of filters is not known"
    assert kept.update().resources["orders"]["changed"] == 0, "what is read again by the overlap is no change"


def mix(kept: Kept, chance: random.Random) -> None:
    """A day in the store: orders made, changed, shipped, moved and deleted; inventory too."""
    box = kept.box
    orders, items = box.orders(), box.inventory()
    for n in range(4):
        kept.pass_time(600)
        new = box.add_order({"source_id": f"new {kept.at} {n}", "shipping": {"last_name": "Ada"}, "order_items": [{"name": "Mug", "price": 9.5}]})
        if n == 0:  # one that was made long ago, in a month that the archive may not have
            box.put_order({**new, "date_added": f"2025-{chance.randint(1, 12):02}-03 10:00:00"})
    for order in chance.sample(orders, 4):
        box.put_order({**order, "email": f"{kept.at}@example.com", "folder_id": chance.choice(["21654", "21656"])})
    order = chance.choice(orders)
    box.put_order({**order, "date_added": "2026-01-15 08:00:00", "order_items": order["order_items"][1:]})
    for order in chance.sample(orders, 3):
        box.add_shipment(order["id"], {"tracking_number": f"1Z{kept.at}"})
    for order in chance.sample(orders, 2):
        box.delete_order(order["id"])
    for item in chance.sample(items, 3):
        box.put_inventory({**item, "stock": chance.randint(0, 99)})
    box.delete_inventory(chance.choice(items)["id"])
    box.add_inventory({"name": "New", "code": f"N{kept.at}"})


def test_an_archive_made_in_ten_interrupted_updates_equals_one_made_in_one_go(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    interrupted = 0
    with FaultServer(kept.box.app) as server:
        for n in range(10):
            desk = kept.desk(server.url, retries=0)
            server.faults.append(Fault(("500_before", "cut_before", "broken_after")[n % 3], at=chance.randint(0, 7), times=1))
            if n % 3 == 2:
                server.faults.clear()
                fail_at(monkeypatch, chance.randint(1, 20))
            try:
                desk.archive(kept.folder)
            except (OrderDeskBatchError, Killed):
                interrupted += 1
            monkeypatch.undo()
            server.faults.clear()
            mix(kept, chance)
            kept.pass_time(7200)
    assert interrupted == 10
    kept.update()
    assert held(kept.folder) == kept.documents()
    assert contents(kept.folder) == contents(kept.folder, by_pattern) == kept.anew()


class Killed(BaseException):
    """The end of a process, as near as a test in one process comes to it."""


def fail_at(monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """Die at the n-th file that is seen to the disk, renamed or deleted."""
    left = [nth]

    def dying(do: Any) -> Any:
        def instead(what: Any, *given: Any, **named: Any) -> Any:
            if getattr(what, "name", "") != "lock":
                left[0] -= 1
                if left[0] <= 0:
                    raise Killed
            return do(what, *given, **named)

        return instead

    monkeypatch.setattr(os, "fsync", dying(os.fsync))
    monkeypatch.setattr(Path, "replace", dying(Path.replace))
    monkeypatch.setattr(Path, "unlink", dying(Path.unlink))


def test_a_crash_between_any_two_renames_leaves_one_update_or_the_next_and_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(tmp_path, orders=8, inventory=2)
    try:
        first, second, *_, last = kept.box.orders()
        kept.box.put_order({**first, "date_added": "2025-05-05 05:05:05"})
        kept.update()
        before = contents(kept.folder)
        safe = kept.folder
        kept.pass_time(3600)
        kept.box.delete_order(first["id"])  # a month that goes, one that comes, and one that changes
        kept.box.put_order({**second, "date_added": "2025-06-06 06:06:06"})
        kept.box.put_order({**last, "email": "new@example.com", "order_items": last["order_items"][1:]})
        after = kept.anew()
        ends = []
        for nth in range(1, 100, 3):
            kept.folder = safe.with_name(f"crash {nth}")
            shutil.copytree(safe, kept.folder)
            with monkeypatch.context() as patched:
                fail_at(patched, nth)
                try:
                    kept.update()
                except Killed:
                    ends.append(contents(kept.folder))
                else:
                    break
            found = [row["id"] for path in by_pattern(kept.folder, "orders") for row in pq.read_table(path, columns=["id"]).to_pylist()]
            assert Counter(found).most_common(2)[1][1] == 1, "by a pattern nothing is there twice, but for the order that has another month now"
            if nth % 9 == 1:
                kept.update()
                assert contents(kept.folder, by_pattern) == after
                assert not list((kept.folder / "stores").glob("*/work/*"))
        assert all(end in (before, after) for end in ends)
        assert ends.count(before) > 2 and ends.count(after) > 2
    finally:
        kept.close()


def test_a_first_update_that_was_interrupted_goes_on_where_it_was(kept: Kept) -> None:
    with FaultServer(kept.box.app) as server:
        server.faults.append(Fault("500_before", at=4))
        with pytest.raises(StoreError):
            kept.desk(server.url, retries=0).archive(kept.folder)
    with pytest.raises(OrderDeskBatchError, match="holds no archive"):
        archive.files(kept.folder, "orders")
    kept.pass_time(3600)
    kept.change(0, email="meanwhile@example.com")
    kept.update()
    assert held(kept.folder) == kept.documents()
    listings = [one for one in kept.asked if "search_start_date" in one]
    assert len(listings) == 2, "the two pages that were read are not read again, but for the last day of them"


def test_many_orders_are_read_some_at_a_time_and_none_is_missed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "AT_A_TIME", 25)
    kept.update()
    spans = {tuple(re.findall(r"search_(?:start|end)_date': '(.*?)'", one)) for one in kept.asked if "date_added" in one}
    assert len(spans) == 4, "the first page tells how many there are; then three spans"
    assert held(kept.folder) == kept.documents()
    before = kept.folder
    kept.folder = before.with_name("another")
    with FaultServer(kept.box.app) as server:
        server.faults.append(Fault("500_before", at=5))
        with pytest.raises(StoreError):
            kept.desk(server.url, retries=0).archive(kept.folder)
    kept.box.delete_order(kept.box.orders()[2]["id"])
    kept.box.put_order({**kept.box.orders()[40], "date_added": "0000-00-00 00:00:00"})
    kept.update()
    assert held(kept.folder) == kept.documents()


@pytest.mark.parametrize(
    ("times", "zone", "known"),
    [("local", "America/Los_Angeles", ""), ("utc", "America/Los_Angeles", ""), ("local", "Pacific/Auckland", ""), ("local", "Pacific/Auckland", "found out")],
)
def test_nothing_is_missed_however_the_store_reads_times(tmp_path: Path, times: Any, zone: str, known: str) -> None:
    kept = Kept(tmp_path, stores=[StoreSpec(timezone=zone)], orders=6, inventory=2, switches=Switches(filter_times=times))
    try:
        desk = kept.desk()
        if known:
            desk.memory.put(doctor={"filter_times": times, "inventory_times": "utc"})
        for hours in (0, 5, 26):
            kept.update(desk=desk)
            kept.pass_time(hours * 3600 + 1)
            kept.change(hours % 6, email=f"{hours}@example.com")
            kept.box.put_inventory({**kept.box.inventory()[1], "stock": 100 + hours})
        kept.update(desk=desk)
        assert held(kept.folder) == kept.documents()
    finally:
        kept.close()


def test_deletions_are_found_by_the_number_of_records_also_where_as_many_came(kept: Kept) -> None:
    kept.update()
    gone = kept.box.orders()[7]
    kept.box.delete_order(gone["id"])
    done = kept.update()
    assert done.resources["orders"]["deleted"] == 1
    assert done.resources["items"]["deleted"] == len(gone["order_items"])
    kept.pass_time(60)
    kept.box.delete_inventory(kept.box.inventory()[3]["id"])
    kept.box.add_inventory({"name": "New", "code": "NEW"})
    kept.box.delete_order(kept.box.orders()[3]["id"])
    kept.box.add_order({"source_id": "new", "shipping": {"last_name": "Ada"}, "order_items": [{"name": "Mug"}]})
    done = kept.update()
    assert done.resources["inventory"] == {"records": 6, "added": 1, "changed": 0, "deleted": 1}
    assert held(kept.folder) == kept.documents()


def test_an_order_that_slips_through_between_two_pages_is_found_whatever_our_clock_says(kept: Kept) -> None:
    desk = kept.desk()
    desk._clock = desk.store.now = lambda: kept.clock() + 600  # ten minutes ahead of the store's
    pages, slipped = desk.store.pages, []

    def meanwhile(*given: Any, **named: Any) -> Any:
        for page in pages(*given, **named):
            yield page
            if not slipped:  # one of the first page goes, so the first of the second takes its end; one comes, so the total stays
                slipped.append(page)
                kept.pass_time(1)
                kept.box.delete_order(page.records[3]["id"])
                kept.box.add_order({"source_id": "new", "shipping": {"last_name": "Ada"}, "order_items": [{"name": "Mug"}]})

    desk.store.pages = meanwhile
    kept.update(desk=desk)
    kept.pass_time(600)
    kept.update()
    assert held(kept.folder) == kept.documents()


def test_what_a_reading_of_all_missed_is_taken_as_it_is_now(kept: Kept) -> None:
    kept.update()
    kept.pass_time(86400)
    kept.change(5, email="new@example.com")
    desk, missed = kept.desk(), kept.box.orders()[5]["id"]
    pages = desk.store.pages

    def short(*given: Any, **named: Any) -> Any:
        for page in pages(*given, **named):
            yield replace(page, records=[record for record in page.records if record["id"] != missed])

    desk.store.pages = short
    kept.update(desk=desk, full=True)
    assert held(kept.folder) == kept.documents()


def test_a_store_that_counts_its_records_wrongly_is_read_whole(kept: Kept) -> None:
    kept.box.switches = Switches(total_records="zero")
    kept.update()
    kept.box.delete_order(kept.box.orders()[7]["id"])
    assert kept.update().resources["orders"]["deleted"] == 1
    assert held(kept.folder) == kept.documents()


def test_what_moves_no_date_is_found_by_a_full_reading_which_comes_by_itself_in_time(kept: Kept) -> None:
    kept.box.switches = Switches(touches=frozenset())
    kept.update()
    kept.pass_time(2 * 86400)
    old = next(order for order in kept.box.orders() if order["date_updated"] < "2026-03-10")
    kept.box.add_shipment(old["id"], {"tracking_number": "1Z1"})
    assert kept.update().resources["shipments"]["added"] == 0
    assert kept.update(full=True).resources["shipments"]["added"] == 1
    kept.box.add_shipment(old["id"], {"tracking_number": "1Z2"})
    kept.pass_time(6 * 86400)
    assert kept.update().resources["shipments"]["added"] == 0
    kept.pass_time(2 * 86400)
    assert kept.update(full_every=0).resources["shipments"]["added"] == 0
    assert kept.update().resources["shipments"]["added"] == 1
    assert held(kept.folder) == kept.documents()


def test_a_large_part_of_an_archive_goes_only_when_told_so(kept: Kept) -> None:
    kept.update()
    for order in kept.box.orders()[:30]:
        kept.box.delete_order(order["id"])
    for _ in range(2):
        with pytest.raises(Unsafe, match=r"30 of the 60 orders .* --force"):
            kept.update()
    assert len(held(kept.folder)["orders"]) == 60
    assert kept.update(force=True).resources["orders"]["deleted"] == 30
    assert held(kept.folder) == kept.documents()


def test_two_stores_share_a_folder_and_are_brought_up_to_date_side_by_side(tmp_path: Path) -> None:
    specs = [StoreSpec(id="1", key="a" * 30), StoreSpec(id="2", key="b" * 30)]
    kept = Kept(tmp_path, stores=specs, orders=10, inventory=4)
    try:
        for _ in range(2):
            desks = [kept.desk(spec=spec) for spec in specs]
            threads = [threading.Thread(target=desk.archive, args=(kept.folder,)) for desk in desks]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            kept.box.delete_order(kept.box.orders("2")[0]["id"], "2")
        assert archive.stores(kept.folder) == ["1", "2"]
        frame = archive.frame(kept.folder, "orders", ["store", "id"])
        assert frame.groupby("store")["id"].count().to_dict() == {"1": 10, "2": 9}
        assert len(archive.frame(kept.folder, "orders", ["id"], stores="2")) == 9
    finally:
        kept.close()


def test_one_process_at_a_time_is_at_a_stores_part(kept: Kept) -> None:
    from orderdesk_batch.lock import Lock

    lock = Lock(kept.folder / "stores" / kept.box.store_id / "lock", "").take()
    try:
        with pytest.raises(RunError, match="being brought up to date already"):
            kept.update()
    finally:
        lock.release()


def test_files_are_private_and_the_key_is_in_none_of_them(kept: Kept) -> None:
    kept.update()
    for path in [kept.folder, *kept.folder.rglob("*")]:
        if os.name == "posix":  # Windows has other permissions
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        if path.is_file():
            assert kept.box.api_key.encode() not in path.read_bytes()
