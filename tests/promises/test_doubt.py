"""What the engine does in doubt, one scenario a test: the nastiest ones, told in the docs."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.apply import Paused
from orderdesk_batch.apply.writers.orders import OrderPut
from orderdesk_batch.apply.writers.shipments import ShipmentBatch
from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import Unreachable
from orderdesk_batch.plan import Plan
from orderdesk_batch.run import Run
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.conftest import fast_store
from tests.faults import Fault, FaultServer, Request
from tests.promises.jobs import order
from tests.promises.play import judge
from tests.promises.stage import Stage, outcomes


def is_write(request: Request) -> bool:
    return request.method != "GET"


def applied(stage: Stage, run: Path, **options: Any) -> Plan:
    with stage.desk() as desk:
        return desk.apply(run, yes=True, **options)


def test_after_five_failures_that_say_the_same_the_run_pauses(stage: Stage) -> None:
    scene = stage.scene("ship-update")
    run = stage.begin(scene, [Fault("503_before", match=is_write, times=10**6)])
    plan = applied(stage, run)
    assert isinstance(plan.halted, Paused) and plan.exit_code == 1
    assert sum(map(is_write, stage.server.requests)) <= 5 + 8
    assert plan.results["done"] == 0
    stage.server.faults = []
    judge(stage, scene, stage.finish(run))


def test_a_batch_in_which_a_row_fails_again_and_again_does_not_pause_the_run(stage: Stage) -> None:
    run = stage.begin(stage.scene("ship"), [Fault("batch_failed", times=10**6, rows=(1,))])
    plan = applied(stage, run, batch_size=3)
    assert plan.halted is None
    assert plan.results == {"done": 20, "failed": 10, "stale": 0, "unknown": 0, "waiting": 0}


def test_where_no_look_is_possible_it_is_unknown_and_never_sent_again(desk: Desk, box: Sandbox, sheet: Any) -> None:
    path = sheet("email,shipping.last_name,item.name\na@example.com,Ada,Mug")
    with FaultServer(box.app) as server:
        server.reset([Fault("cut_after", match=is_write)])
        with Desk(fast_store(server.url, box), folder=desk.home) as here:
            plan = here.upload("orders", path, action="create", mark=False, yes=True, settle=0)
            assert plan.results["unknown"] == 1 and plan.exit_code == 1
            assert "not known" in next(plan.writing()).message
            for _ in range(2):
                plan = here.resume(str(plan.run), yes=True, retry_failed=True)
                assert plan.results["unknown"] == 1
        assert sum(map(is_write, server.requests)) == 1


def test_an_entry_in_the_history_of_an_order_that_came_without_its_id_is_looked_for(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Store.create_order
    monkeypatch.setattr(Store, "create_order", lambda store, document: create(store, document) and {})  # the answer says no more than success
    sheet = tmp_path / "orders.csv"
    sheet.write_text("source_id,source_name,shipping.last_name,item.name,order_history\nN1,Sheet,Ada,Mug,Called back\n")
    is_entry = lambda request: request.path.endswith("/order-history")  # noqa: E731
    after_it = Fault("cut_before", match=lambda request: not is_write(request) and any(map(is_entry, stage.server.requests)), times=10**6)
    stage.begin(stage.scene("ship"), [Fault("cut_after", match=is_entry), after_it])
    with stage.desk() as desk:
        plan = desk.upload("orders", str(sheet), action="create", yes=True, settle=0)
        assert plan.results["unknown"] == 1 and plan.exit_code == 5
    stage.server.reset()
    with stage.desk() as desk:
        assert desk.resume(str(plan.run), yes=True).results["done"] == 1
    assert not any(map(is_write, stage.server.requests))


@pytest.mark.parametrize("name", ["ship-no-number", "orders-create", "items-add", "orders-history", "stock-change"])
def test_stopped_in_the_middle_of_a_look_nothing_is_taken_for_unsent(stage: Stage, name: str) -> None:
    scene = stage.scene(name)
    run = stage.begin(scene, [Fault("cut_after", at=0, match=is_write)])
    with stage.desk() as desk:

        def stop(request: Request) -> None:
            if is_write(request):
                desk.store.stop.set()  # the write is in flight; its look will not be let go

        stage.server.after = stop
        plan = desk.apply(run, yes=True)
    stage.server.after = None
    assert plan.exit_code == 130
    assert plan.results["unknown"] > 0
    judge(stage, scene, stage.finish(run))


def test_when_the_looks_fail_it_is_unknown_and_resume_looks_again(stage: Stage) -> None:
    scene = stage.scene("orders-create")
    cut = Fault("cut_after", at=2, match=is_write)
    run = stage.begin(scene, [cut, Fault("502_before", match=lambda request: not is_write(request), times=10**6)])
    plan = applied(stage, run)
    assert plan.results == {"done": 5, "failed": 0, "stale": 0, "unknown": 1, "waiting": 0}
    stage.server.faults = []
    judge(stage, scene, stage.finish(run))


def test_a_fault_of_our_own_in_a_look_loses_no_outcome(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = stage.scene("ship")
    run = stage.begin(scene, [Fault("500_after", at=2)])
    with monkeypatch.context() as patch:
        patch.setattr(ShipmentBatch, "happened", lambda *args: 1 / 0)
        plan = applied(stage, run)
    assert plan.results["unknown"] == 7 and plan.results["done"] == 23
    assert "ZeroDivisionError" in str(outcomes(plan)["unknown"])
    judge(stage, scene, stage.finish(run))


def test_a_document_that_nobody_foresaw_does_not_keep_the_others_from_going(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = stage.scene("orders-change")
    run = stage.begin(scene)
    prepare = OrderPut.prepare

    def fail(self: OrderPut, job: Any, *args: Any) -> Any:
        if job.change.id == order(3):
            raise KeyError("x")
        return prepare(self, job, *args)

    with monkeypatch.context() as patch:
        patch.setattr(OrderPut, "prepare", fail)
        plan = applied(stage, run)
    assert plan.results["failed"] == 1 and plan.results["done"] == 5
    judge(stage, scene, stage.finish(run))


def test_a_batch_that_is_too_large_is_halved_until_it_fits(stage: Stage) -> None:
    scene = stage.scene("ship")
    run = stage.begin(scene)
    stage.box.switches = replace(stage.box.switches, batch_max=2)
    plan = applied(stage, run, batch_size=16)
    assert plan.results["done"] == 30
    judge(stage, scene, plan)


def test_without_a_connection_the_run_ends_and_resume_goes_on(stage: Stage) -> None:
    scene = stage.scene("items-change")
    run = stage.begin(scene)
    with stage.desk() as desk, stage.server.down():
        plan = desk.apply(run, yes=True)
    assert isinstance(plan.halted, Unreachable) and plan.exit_code == 5
    assert plan.results["waiting"] == 7
    judge(stage, scene, stage.finish(run))


@pytest.mark.parametrize("name", ["ship", "items-change", "orders-create", "orders-move"])
def test_where_all_connections_are_cut_from_the_middle_on_the_run_ends_and_resume_goes_on(stage: Stage, name: str) -> None:
    scene = stage.scene(name)
    run = stage.begin(scene)
    cut_from = stage.server.count + 3
    stage.server.faults = [Fault("cut_before", match=lambda _: stage.server.count > cut_from, times=10**6)]
    plan = applied(stage, run, batch_size=5)
    assert isinstance(plan.halted, Unreachable) and plan.exit_code == 5
    assert plan.results["unknown"] + plan.results["waiting"] > 0
    assert plan.results["failed"] == 0
    stage.server.faults = []
    judge(stage, scene, stage.finish(run))


def test_a_limit_that_does_not_pass_fails_the_call_and_resume_tries_it_again(stage: Stage) -> None:
    scene = stage.scene("orders-history")
    busy = Fault("429", match=lambda request: is_write(request) and order(2) in request.path, times=10**6, retry_after="0")
    run = stage.begin(scene, [busy])
    plan = applied(stage, run)
    assert plan.results["failed"] == 1 and plan.results["done"] == 5
    assert "rate limit" in str(outcomes(plan)["failed"])
    stage.server.faults = []
    judge(stage, scene, stage.finish(run))


def test_a_document_that_grew_old_while_its_put_waited_is_read_again(stage: Stage) -> None:
    """Promise 3: the PUT after a long 429 carries the order as it is then, not as it was before."""
    run = stage.begin(stage.scene("orders-change"), [Fault("429", at=0, match=is_write, retry_after="0.01")])
    late = 0.0

    def grow_old(request: Request) -> None:
        nonlocal late
        if is_write(request) and not late:
            late = 40.0
            theirs = stage.box.order(order(0))
            stage.box.put_order({**theirs, "shipping_method": "Theirs"})

    stage.server.before = grow_old
    with Desk(stage.store(), folder=stage.folder / "home", clock=lambda: time.time() + late) as desk:
        plan = desk.apply(run, yes=True)
    assert plan.results["done"] == 6
    assert stage.box.order(order(0))["shipping_method"] == "Theirs"
    assert stage.box.order(order(0))["shipping"]["city"] == "York"


def test_a_field_that_someone_changed_is_stale_and_another_field_of_theirs_survives(stage: Stage) -> None:
    """Promise 4."""
    run = stage.begin(stage.scene("orders-change"))
    first, second = stage.box.order(order(0)), stage.box.order(order(1))
    stage.box.put_order({**first, "email": "theirs@example.com"})
    stage.box.put_order({**second, "shipping_method": "Theirs", "new_key": {"a": 1}})
    plan = applied(stage, run)
    assert plan.results == {"done": 5, "failed": 0, "stale": 1, "unknown": 0, "waiting": 0}
    assert stage.box.order(order(0))["email"] == "theirs@example.com"
    assert stage.box.order(order(0))["shipping"]["city"] == first["shipping"]["city"]
    now = stage.box.order(order(1))
    assert (now["shipping_method"], now["new_key"], now["shipping"]["city"]) == ("Theirs", {"a": 1}, "York")


def test_stock_that_was_sold_while_the_outcome_was_unclear_is_unknown_and_not_counted_twice(stage: Stage) -> None:
    run = stage.begin(stage.scene("stock-change"), [Fault("cut_after", at=0, match=is_write)])

    def sell(request: Request) -> None:
        if is_write(request):
            stage.server.after = None
            item = stage.box.inventory_item(300001)
            stage.box.put_inventory({**item, "stock": item["stock"] - 1})

    before = stage.box.inventory_item(300001)["stock"]
    stage.server.after = sell
    plan = applied(stage, run)
    assert plan.results["unknown"] == 1
    with stage.desk() as desk:
        assert desk.resume(run, yes=True, retry_failed=True).results["unknown"] == 1
    assert stage.box.inventory_item(300001)["stock"] == before - 2 - 1


def test_a_whole_order_that_comes_through_late_does_not_undo_what_the_run_wrote_after_it(stage: Stage) -> None:
    """The PUT hangs, its look shows nothing, and it comes through before the second look: then the move goes."""
    scene = stage.scene("orders-all-at-once")
    run = stage.begin(scene, [Fault("late", at=0, match=is_write, after=1)])
    applied(stage, run)
    stage.server.run_late()
    judge(stage, scene, stage.finish(run))


def test_what_hangs_on_a_failed_parent_is_not_sent_and_says_so(stage: Stage) -> None:
    scene = stage.scene("book-create")
    run = stage.begin(scene, [Fault("error200", at=1, match=is_write, message="No")])
    plan = applied(stage, run)
    assert plan.results["failed"] >= 4
    assert "not sent, since order B1 failed" in str(outcomes(plan)["failed"])
    judge(stage, scene, stage.finish(run))


def test_what_hangs_on_a_parent_of_unknown_outcome_waits_and_says_so(stage: Stage) -> None:
    scene = stage.scene("book-create")
    faults = [Fault("cut_after", at=1, match=is_write), Fault("502_before", match=lambda request: not is_write(request), times=10**6)]
    plan = applied(stage, run := stage.begin(scene, faults))
    assert plan.results["unknown"] >= 1
    assert "waits for order B1" in str(outcomes(plan).get("waiting"))
    stage.server.faults = []
    judge(stage, scene, stage.finish(run))


def test_a_run_that_was_killed_and_moved_goes_on_where_it_is_now(stage: Stage) -> None:
    scene = stage.scene("stock-change")
    run = stage.begin(scene)
    with stage.desk() as desk, stage.server.down():
        assert desk.apply(run, yes=True).results["waiting"] == scene.changes
    with Run.open(run) as file:
        marks = [mark for marks in file.meta()["once"].values() for mark in marks]
    with stage.desk() as desk:
        desk.memory.put_once(marks, str(run.resolve()))  # a process that is killed leaves them
    moved = run.rename(run.with_name("moved.run"))
    judge(stage, scene, stage.finish(moved))
