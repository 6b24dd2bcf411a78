"""Promise 7: undo brings the store back; what others changed since is kept and said; what can't be taken back is listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.desk.options import Options
from orderdesk_batch.errors import Unsafe
from orderdesk_batch.plan import Plan
from orderdesk_batch.sandbox import Sandbox
from tests.faults import Fault, Request
from tests.promises.jobs import JOBS, order
from tests.promises.stage import SETTLE, Stage, outcomes

SETS = {"orders": ("id", "date_updated", "email_count"), "order_items": ("id",), "order_shipments": ("id", "order_id", "date_added"),
        "inventory": ("id", "date_added", "date_updated")}  # fmt: skip

SAMPLED = ("ship", "ship-no-number", "items-with-order", "orders-all-at-once", "orders-delete", "stock-change", "book-create")


def content(dump: Mapping[str, Any]) -> dict[str, list[str]]:
    """All records of a store without ids and the server's times; an order's entries in no order."""
    (store,) = dump["stores"].values()
    found: dict[str, list[str]] = {"orders": [], "inventory": []}
    for name in found:
        for document in store[name].values():
            one = {key: value for key, value in json.loads(json.dumps(document)).items() if key not in SETS[name]}
            for part in ("order_items", "order_shipments"):
                if part in one:
                    entries = [{key: value for key, value in entry.items() if key not in SETS[part]} for entry in one[part]]
                    one[part] = sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))
            for note in one.get("order_notes", ()):
                if note["username"] == "orderdesk-batch":
                    note["date_added"] = "then"
            found[name].append(json.dumps(one, sort_keys=True))
        found[name].sort()
    return found


def assert_same(now: dict[str, list[str]], wanted: dict[str, list[str]]) -> None:
    for name in wanted:
        lost = [json.loads(doc) for doc in wanted[name] if doc not in now[name]]
        more = [json.loads(doc) for doc in now[name] if doc not in wanted[name]]
        told = [{key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}
                for one, other in zip(lost, more, strict=False)]  # fmt: skip
        assert not lost and not more, f"{name}: {len(lost)} lost, {len(more)} instead; (wanted, found): {told or lost or more}"
        assert len(now[name]) == len(wanted[name])


def applied(stage: Stage, name: str) -> Path:
    """A run of a job, all of it done."""
    run = stage.begin(stage.scene(name))
    with stage.desk() as desk:
        plan = desk.apply(run, yes=True)
    assert set(outcomes(plan)) == {"done"}
    return run


def undone(stage: Stage, run: Path | str, force: bool = True) -> Plan:
    with stage.desk() as desk:
        plan = desk.undo(run, yes=True, force=force)
    assert set(outcomes(plan)) <= {"done"}, outcomes(plan)
    return plan


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in SAMPLED else pytest.mark.slow) for name in JOBS])
def test_undo_of_every_job_brings_the_store_back(stage: Stage, name: str) -> None:
    run = applied(stage, name)
    plan = undone(stage, run, force=False)
    assert_same(content(stage.box.dump()), content(stage.scene(name).dump))
    assert [str(problem) for problem in plan.problems] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", list(JOBS))
def test_undo_of_an_undo_makes_it_as_it_was_done(stage: Stage, name: str) -> None:
    run = applied(stage, name)
    wanted = content(stage.box.dump())
    first = undone(stage, run)
    second = undone(stage, str(first.run))
    assert_same(content(stage.box.dump()), wanted)
    undone(stage, str(second.run))
    assert_same(content(stage.box.dump()), content(stage.scene(name).dump))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(JOBS))
def test_undo_of_a_run_that_was_half_done_undoes_that_half(stage: Stage, name: str) -> None:
    scene = stage.scene(name)
    for at in (scene.writes[0], scene.writes[len(scene.writes) // 2]):
        run = stage.begin(scene)
        with stage.desk() as desk:

            def stop(request: Request, desk: Desk = desk, at: int = at) -> None:
                if request.index >= at:
                    desk.store.stop.set()

            stage.server.before = stop
            desk.apply(run, yes=True)
        stage.server.before = None
        undone(stage, run)
        assert_same(content(stage.box.dump()), content(scene.dump))


def test_history_entries_can_not_be_taken_back_and_undo_says_so(stage: Stage) -> None:
    plan = undone(stage, applied(stage, "orders-history"))
    assert any("history" in line for line in plan.sets_off)
    assert plan.is_empty()


def test_what_someone_changed_since_is_left_alone_and_told(stage: Stage) -> None:
    run = applied(stage, "orders-change")
    theirs = stage.box.order(order(0))
    theirs["email"], theirs["shipping"]["phone"] = "theirs@example.com", "999"
    stage.box.put_order(theirs)
    plan = undone(stage, run)
    now = stage.box.order(order(0))
    assert now["email"] == "theirs@example.com" and now["shipping"]["phone"] == "999"
    start = stage.scene("orders-change").dump["stores"][stage.box.store_id]["orders"][order(0)]
    assert now["shipping"]["city"] == start["shipping"]["city"]
    assert ["email was changed to theirs@example.com since" in problem.reason for problem in plan.problems] == [True]


def test_an_order_that_was_created_and_shipped_since_is_not_deleted(stage: Stage) -> None:
    run = applied(stage, "orders-create")
    created = [doc["id"] for doc in stage.box.orders() if doc["source_name"] == "Sheet"]
    stage.box.add_shipment(created[0], {"tracking_number": "THEIRS"})
    plan = undone(stage, run)
    left = [doc["id"] for doc in stage.box.orders() if doc["source_name"] == "Sheet"]
    assert left == created[:1]
    assert "shipment THEIRS was added" in str(plan.problems[0])


def test_what_was_so_already_when_it_was_sent_is_not_taken_back(stage: Stage) -> None:
    run = stage.begin(stage.scene("orders-move"))
    for n in range(0, 30, 2):  # someone is faster
        document = stage.box.order(order(n))
        stage.box.put_order({**document, "folder_id": "21657"})
    before = content(stage.box.dump())
    with stage.desk() as desk:
        desk.apply(run, yes=True)
    undone(stage, run)
    assert_same(content(stage.box.dump()), before)


def test_a_deleted_order_comes_back_with_its_items_and_shipments_under_a_new_id(stage: Stage) -> None:
    run = applied(stage, "orders-delete")
    plan = undone(stage, run)
    created = [change for change in plan.changes if change.resource == "orders"]
    assert created and all(change.id and change.id != order(n) for n, change in enumerate(created))
    assert any("ids of orders" in line for line in plan.sets_off)


def test_two_hundred_creations_are_taken_back_without_force(stage: Stage, tmp_path: Path) -> None:
    stage.begin(stage.scene("ship"))
    before = content(stage.box.dump())
    sheet = tmp_path / "new.csv"
    rows = [f"M{n},Sheet,New {n},Mug" for n in range(200)]
    sheet.write_text("\n".join(["source_id,source_name,shipping.last_name,item.name", *rows]) + "\n")
    with stage.desk(workers=4) as desk:
        plan = desk.upload("orders", str(sheet), action="create", yes=True)
        assert plan.results["done"] == 200
        plan = desk.undo(str(plan.run), yes=True)
    assert plan.results["done"] == 200
    assert_same(content(stage.box.dump()), before)


def test_raw_values_come_back_as_they_were(desk: Desk, box: Sandbox, sheet: Any) -> None:
    document = box.inventory_item(300001)
    document |= {"manufacturer_sku": None, "location": "", "metadata": [], "variation_list": {"Size": "L"}, "extra": {"a": None}}
    box.put_inventory(document)
    path = sheet("""
        id,manufacturer_sku,location,metadata.bin,variation_list.Size,variation_list.Colour
        300001,M-1,Leeds,B7,(clear),Red
    """)
    plan = desk.upload("inventory", path, yes=True)
    assert box.inventory_item(300001)["variation_list"] == {"Colour": "Red"}
    desk.undo(str(plan.run), yes=True)
    again = box.inventory_item(300001)
    assert {name: again[name] for name in document if name != "date_updated"} == {
        name: value for name, value in document.items() if name != "date_updated"
    }


def test_entries_of_lists_and_addresses_that_were_not_there_are_gone_again(desk: Desk, box: Sandbox, sheet: Any) -> None:
    document = box.order(order(1))
    document |= {"return_address": [], "discount_list": [], "order_notes": []}
    box.put_order(document)
    start = box.order(order(1))
    path = sheet(f"""
        id,return_address.city,discount_list.1.name,discount_list.1.amount,order_notes.1.content
        {order(1)},Leeds,Sale,4.50,First
    """)
    plan = desk.upload("orders", path, yes=True)
    assert len(box.order(order(1))["order_notes"]) == 1
    desk.undo(str(plan.run), yes=True)
    again = box.order(order(1))
    for name in start:
        if name not in ("date_updated", "order_items"):
            assert again[name] == start[name], name


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cut_after", "500_before", "late", "error200"])
@pytest.mark.parametrize("name", list(JOBS))
def test_undo_on_a_store_that_fails_brings_it_back_all_the_same(stage: Stage, name: str, kind: str) -> None:
    run = applied(stage, name)
    done = stage.box.dump()
    for at in (0, 3):
        stage.box.restore(done)
        with stage.desk() as desk:
            plan = desk.plan_undo(stage.copy(run), Options(force=True, settle=SETTLE, batch_size=7))
            stage.server.reset([Fault(kind, at=at, match=lambda request: request.method != "GET", retry_after="0.01")])
            desk.apply(str(plan.run), yes=True)
        if not stage.server.fired:
            break
        stage.server.run_late()
        stage.server.settle()
        assert set(outcomes(stage.finish(Path(str(plan.run))))) <= {"done"}
        assert_same(content(stage.box.dump()), content(stage.scene(name).dump))
        stage.count("a fault in an undo", 1)


def test_a_deleted_order_comes_back_beside_its_twin_of_the_same_number_and_cart(stage: Stage, tmp_path: Path) -> None:
    stage.begin(stage.scene("ship"))
    before = content(stage.box.dump())
    assert stage.box.order(order(44))["source_id"] == stage.box.order(order(45))["source_id"]
    sheet = tmp_path / "delete.csv"
    sheet.write_text(f"id\n{order(44)}\n")
    with stage.desk() as desk:
        run = desk.upload("orders", str(sheet), action="delete", yes=True).run
        plan = desk.plan_undo(str(run), Options(settle=SETTLE))
        stage.server.reset([Fault("cut_before", match=lambda request: request.method == "POST")])
        assert set(outcomes(desk.apply(str(plan.run), yes=True))) == {"done"}
    assert_same(content(stage.box.dump()), before)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_second_undo_takes_nothing_back_a_second_time(stage: Stage, name: str) -> None:
    run = applied(stage, name)
    first = undone(stage, run)
    wanted = content(stage.box.dump())
    second = undone(stage, run)
    assert second.is_empty()
    assert_same(content(stage.box.dump()), wanted)
    again = undone(stage, str(first.run))  # what was taken back is done again, so it can be taken back again
    third = undone(stage, str(again.run))
    assert len(list(third.writing())) == len(list(first.writing()))
    assert_same(content(stage.box.dump()), wanted)


def test_an_undo_that_was_cut_short_is_resumed_and_not_made_anew(stage: Stage) -> None:
    run = applied(stage, "stock-change")
    wanted = content(stage.scene("stock-change").dump)
    with stage.desk() as desk:
        other = desk.plan_undo(run, Options(settle=SETTLE, batch_size=1))
        plan = desk.plan_undo(run, Options(settle=SETTLE, batch_size=1))

        def stop(request: Request) -> None:
            if request.method != "GET":
                desk.store.stop.set()

        stage.server.after = stop
        half = desk.apply(str(plan.run), yes=True)
        stage.server.after = None
    assert {"done", "waiting"} == set(outcomes(half))
    with stage.desk() as desk:
        for again in (lambda: desk.undo(run, yes=True), lambda: desk.apply(str(other.run), yes=True)):
            with pytest.raises(Unsafe, match=f"resume {Path(str(plan.run)).name}"):
                again()
        assert set(outcomes(desk.resume(str(plan.run), yes=True))) == {"done"}
        assert_same(content(stage.box.dump()), wanted)
        with pytest.raises(Unsafe, match="taken back by"):
            desk.apply(str(other.run), yes=True)
    assert_same(content(stage.box.dump()), wanted)


def test_a_deleted_order_that_its_cart_sent_again_does_not_come_back_twice(stage: Stage, tmp_path: Path) -> None:
    stage.begin(stage.scene("ship"))
    held = stage.box.order(order(3))
    sheet = tmp_path / "delete.csv"
    sheet.write_text(f"id\n{order(3)}\n")
    with stage.desk() as desk:
        run = str(desk.upload("orders", str(sheet), action="delete", yes=True).run)
        desk.call("POST", "/orders", body={key: held[key] for key in ("source_id", "source_name", "shipping", "order_items")})
        plan = desk.undo(run, yes=True)
    assert plan.is_empty()
    assert [problem.reason for problem in plan.problems if "was added again since" in problem.reason]
    assert sum(one["source_id"] == held["source_id"] for one in stage.box.orders()) == 1


def test_a_deleted_item_whose_sku_was_made_again_is_left_and_reported(stage: Stage, tmp_path: Path) -> None:
    stage.begin(stage.scene("ship"))
    kept, other = stage.box.inventory_item(300001), stage.box.inventory_item(300002)
    sheet = tmp_path / "delete.csv"
    sheet.write_text(f"code\n{kept['code']}\n{other['code']}\n")
    with stage.desk() as desk:
        run = str(desk.upload("inventory", str(sheet), action="delete", yes=True).run)
        desk.call("POST", "/inventory-items", body={"code": kept["code"], "name": "Made by hand"})
        before = desk.store.counts
        plan = desk.undo(run, yes=True)
        assert desk.store.counts.read - before.read <= 2, "one look-up for each deleted item"
    assert plan.results["done"] == sum(plan.results.values()) == 1
    assert [problem.reason for problem in plan.problems if "its SKU is that of another item" in problem.reason]
    names = {one["code"]: one["name"] for one in stage.box.inventory()}
    assert (names[kept["code"]], names[other["code"]]) == ("Made by hand", other["name"])


def test_a_run_that_was_cut_short_and_taken_back_is_not_resumed(stage: Stage) -> None:
    scene = stage.scene("orders-create")
    run = stage.begin(scene, [Fault("cut_after", at=2, match=lambda request: request.method != "GET"),
                              Fault("502_before", match=lambda request: request.method == "GET", times=10**6)])  # fmt: skip
    with stage.desk() as desk:
        assert desk.apply(run, yes=True).results["unknown"] == 1
    stage.server.faults = []
    with stage.desk() as desk:
        desk.undo(run, yes=True)
        before = content(stage.box.dump())
        with pytest.raises(Unsafe, match="was taken back by"):
            desk.resume(run, yes=True)
    assert_same(content(stage.box.dump()), before)


@pytest.mark.parametrize(
    "meddle",
    [
        {"email": "ada@example.com"}, {"shipping": {"city": "York"}}, {"order_metadata": {"gift": "yes"}},
        {"order_notes": [{"content": "paid by phone", "username": "Eve", "date_added": "2026-01-02 03:04:05"}]},
    ],
    ids=lambda meddle: next(iter(meddle)),
)  # fmt: skip
def test_a_created_order_in_which_someone_filled_in_more_is_left_and_reported(stage: Stage, tmp_path: Path, meddle: dict[str, Any]) -> None:
    stage.begin(stage.scene("ship"))
    sheet = tmp_path / "orders.csv"
    sheet.write_text("source_id,source_name,shipping.last_name,item.name\nQ1,Sheet,Ada,Mug\nQ2,Sheet,Bob,Jar\n")
    with stage.desk() as desk:
        run = str(desk.upload("orders", str(sheet), action="create", yes=True).run)
        made = next(one for one in stage.box.orders() if one["source_id"] == "Q1")
        for name, value in meddle.items():
            made[name] = {**made[name], **value} if isinstance(value, dict) and made[name] else value
        desk.call("PUT", f"/orders/{made['id']}", body=made)
        plan = desk.undo(run, yes=True)
    assert plan.results["done"] == sum(plan.results.values()) == 1
    assert [problem.reason for problem in plan.problems if "was changed since it was created" in problem.reason]
    assert [one["source_id"] for one in stage.box.orders() if one["source_id"] in ("Q1", "Q2")] == ["Q1"]


@pytest.mark.parametrize(
    ("resource", "row", "listed", "meddle"),
    [
        ("items", {"code": "NEW", "name": "Card"}, "order_items", {"price": 3}),
        ("items", {"code": "NEW", "name": "Card"}, "order_items", {"metadata": {"print": "yes"}}),
        ("items", {"code": "NEW", "name": "Card"}, "order_items", {"quantity": 8}),
        ("shipments", {"tracking_number": "94001"}, "order_shipments", {"carrier_code": "USPS"}),
        ("inventory", {"code": "NEW", "name": "Card"}, "", {"location": "A-3"}),
    ],
)
def test_a_created_record_in_which_someone_filled_in_more_is_left_and_reported(
    stage: Stage, tmp_path: Path, resource: str, row: dict[str, str], listed: str, meddle: dict[str, Any]
) -> None:
    stage.begin(stage.scene("ship"))
    sheet, home = tmp_path / "sheet.csv", order(3)
    held = {**({"order.id": home} if listed else {}), **row}
    sheet.write_text(f"{','.join(held)}\n{','.join(held.values())}\n")
    key, value = next(iter(row.items()))
    with stage.desk() as desk:
        run = str(desk.upload(resource, str(sheet), action="create", yes=True).run)
        there = stage.box.order(home)[listed] if listed else stage.box.inventory()
        made = next(one for one in there if one[key] == value)
        path = f"/orders/{home}/{'order-items' if resource == 'items' else 'shipments'}/{made['id']}" if listed else f"/inventory-items/{made['id']}"
        merged = {name: {**made[name], **new} if isinstance(new, dict) and made[name] else new for name, new in meddle.items()}
        desk.call("PUT", path, body={**made, **merged})
        plan = desk.undo(run, yes=True)
    assert plan.is_empty()
    assert [problem.reason for problem in plan.problems if "was changed since it was created" in problem.reason]
