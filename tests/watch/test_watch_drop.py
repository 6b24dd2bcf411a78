"""The drop folder: each sheet is uploaded once and put away once, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.cli import run
from orderdesk_batch.errors import NotAllowed, RunError, UsageError
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from orderdesk_batch.watch import drop as dropping
from tests.watch.process import Process
from tests.watch.shop import Shop

PARCELS = "Order #,Tracking Number,Carrier\n10001,1Z{0}1,UPS\n10002,1Z{0}2,UPS\n"
Drop = Callable[..., list[Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    return made


@pytest.fixture
def drop(shop: Shop, folder: Path) -> Drop:
    """Looks after the folder, as a new process would, until it is idle."""

    def go(resource: str = "shipments", **options: Any) -> list[Any]:
        with shop.desk() as desk:
            return list(desk.drop(folder, resource, **{"yes": True, "every": 0.001, "once": True, **options}))

    return go


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def numbers(box: Sandbox) -> Counter[str]:
    """Every tracking number in the store that these tests sent, and how often."""
    return Counter(one["tracking_number"] for order in box.orders() for one in order["order_shipments"] if one["tracking_number"].startswith("1Z"))


def test_a_good_sheet_is_uploaded_and_put_away_with_its_results(shop: Shop, folder: Path, drop: Drop) -> None:
    before = numbers(shop.box)
    (folder / "parcels.csv").write_text(PARCELS.format("A"))
    (one,) = drop()
    assert one.ended.end == "done" and one.ended.plan.results["done"] == 2 and one.sheet == folder / "done" / "parcels.csv"
    assert tree(folder) == ["done/parcels.csv", "done/parcels.results.csv"]
    assert numbers(shop.box) - before == Counter(["1ZA1", "1ZA2"])
    assert "done" in (folder / "done" / "parcels.results.csv").read_text("utf-8-sig")


def test_its_run_can_be_undone_like_any_other(shop: Shop, folder: Path, drop: Drop) -> None:
    (folder / "parcels.csv").write_text(PARCELS.format("A"))
    drop()
    with shop.desk() as desk:
        (one,) = desk.runs()
        desk.undo(one["run"], yes=True)
    assert "1ZA1" not in numbers(shop.box)


def test_a_bad_sheet_is_put_away_with_its_workbook_which_mended_is_a_good_one(shop: Shop, folder: Path, drop: Drop) -> None:
    (folder / "parcels.csv").write_text(PARCELS.format("A") + "99999,1ZA3,UPS\n")
    (one,) = drop()
    assert one.ended.end == "refused" and "so nothing was sent" in one.ended.words
    assert tree(folder) == ["refused/parcels.csv", "refused/parcels.problems.txt", "refused/parcels.problems.xlsx"]
    assert "99999" in (folder / "refused" / "parcels.problems.txt").read_text("utf-8")
    assert "1ZA1" not in numbers(shop.box)
    (one,) = [*drop(skip_bad_rows=True), *_again(folder, drop)]
    assert one.ended.plan.exit_code == 1 and one.ended.end == "done"
    assert numbers(shop.box)["1ZA1"] == 1


def _again(folder: Path, drop: Drop) -> list[Any]:
    (folder / "parcels.csv").write_text(PARCELS.format("A") + "99999,1ZA3,UPS\n")
    return drop(skip_bad_rows=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("broken.xlsx", b"PK\x03\x04 no"), ("nothing.csv", b"a,b\n1,2\n"), ("binary.csv", b"\0\1\2\xff\xfe")],
)
def test_what_can_not_be_read_is_refused_with_the_reason_in_words(folder: Path, drop: Drop, name: str, content: bytes) -> None:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (1, 1))  # an empty file that is new may still be filled
    (one,) = drop()
    assert one.ended.end == "refused" and (folder / "refused" / name).read_bytes() == content
    assert (folder / "refused" / f"{path.stem}.problems.txt").read_text("utf-8").strip()


def test_a_sheet_that_passes_a_limit_is_refused_and_nothing_is_sent(shop: Shop, folder: Path, drop: Drop) -> None:
    rows = "".join(f"{item['code']},0\n" for item in shop.box.inventory())
    (folder / "stock.csv").write_text("SKU,Stock\n" + rows)
    before = shop.box.inventory()
    (one,) = drop("inventory")
    assert one.ended.end == "refused" and "--force" in one.ended.words and shop.box.inventory() == before
    (folder / "stock.csv").write_text("SKU,Stock\n" + rows)
    (one,) = drop("inventory", force=True)
    assert one.ended.end == "done" and {item["stock"] for item in shop.box.inventory()} == {0}


def test_names_that_were_there_before_are_numbered(folder: Path, drop: Drop) -> None:
    for _ in range(2):
        (folder / "parcels.csv").write_text(PARCELS.format("A"))
        drop()
    assert tree(folder) == ["done/parcels.2.csv", "done/parcels.2.results.csv", "done/parcels.csv", "done/parcels.results.csv"]


def test_results_that_are_dropped_again_are_a_sheet_of_their_own(shop: Shop, folder: Path, drop: Drop) -> None:
    (folder / "parcels.csv").write_text(PARCELS.format("A"))
    drop()
    (folder / "done" / "parcels.results.csv").rename(folder / "parcels.results.csv")
    (one,) = drop()
    assert one.ended.end == "done" and one.ended.plan.counts["none"] == 2
    assert (folder / "done" / "parcels.results.csv").exists() and (folder / "done" / "parcels.results.results.csv").exists()


def test_a_file_that_is_still_written_is_left(shop: Shop, folder: Path) -> None:
    path = folder / "parcels.csv"
    taken: list[str] = []

    def work(job: dropping.Job) -> dropping.Ended:
        taken.append(job.sheet.read_text())
        return dropping.Ended("done")

    place = dropping.DropFolder(folder, "shipments", work, store="1", runs=folder, clock=shop.clock)
    try:
        for piece in ("", "a", "ab", "abc"):
            path.write_text(piece)
            assert list(place.look()) == []
        os.utime(path, ns=(1, 1))  # as long, but written to
        assert list(place.look()) == [] and taken == []
        assert len(list(place.look())) == 1 and taken == ["abc"]
    finally:
        place.close()


def test_other_files_are_left_alone_and_told_once(folder: Path, drop: Drop) -> None:
    for name in (".hidden.csv", "~$open.xlsx", "notes.pdf", "parcels.map.csv"):
        (folder / name).write_text("x")
    said: list[str] = []
    assert drop(complain=said.append) == []
    assert len(said) == 1 and "notes.pdf is no sheet" in said[0]
    assert tree(folder) == [".hidden.csv", "notes.pdf", "parcels.map.csv", "~$open.xlsx"]


def test_a_mapping_beside_the_sheet_is_used(folder: Path, drop: Drop) -> None:
    (folder / "parcels.csv").write_text(PARCELS.format("A").replace("Tracking Number", "Zettel"))
    (folder / "parcels.map.csv").write_text("Zettel,tracking_number\n")
    (one,) = drop()
    assert one.ended.end == "done", one.ended.words


def test_one_process_looks_after_a_folder(shop: Shop, folder: Path, drop: Drop) -> None:
    place = dropping.DropFolder(folder, "shipments", lambda job: None, store="1", runs=folder)
    with pytest.raises(RunError, match="Another process looks after"):
        drop()
    place.close()
    assert drop() == []


def test_what_makes_no_sense_is_said(folder: Path, drop: Drop) -> None:
    for options in ({"yes": False}, {"every": 0}, {"resource": "weather"}, {"decimal": ";"}):
        with pytest.raises(UsageError):
            drop(**options)


def test_sheets_of_another_store_are_left_alone(shop: Shop, folder: Path, drop: Drop) -> None:
    job = folder / "working" / "one"
    job.mkdir(parents=True)
    dropping.Job(job, "x.csv", "shipments", str(folder / "x.run"), "other").note()
    (job / "x.csv").write_text(PARCELS.format("A"))
    said: list[str] = []
    assert drop(complain=said.append) == []
    assert "taken for the store other" in said[0] and (job / "x.csv").exists()


def test_a_wrong_key_ends_it_and_the_right_one_goes_on(shop: Shop, folder: Path, drop: Drop) -> None:
    (folder / "parcels.csv").write_text(PARCELS.format("A"))
    with shop.desk() as desk:
        right, desk.store._key._key = desk.store._key._key, "wrong"
        with pytest.raises(NotAllowed):
            list(desk.drop(folder, "shipments", yes=True, every=0.001, once=True))
    assert right and [path.rpartition("/")[2] for path in tree(folder)] == ["job.json", "parcels.csv"]
    (one,) = drop()
    assert one.ended.end == "done" and numbers(shop.box)["1ZA1"] == 1


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # who is killed closes nothing
def test_killed_at_any_step_it_goes_on_and_nothing_is_doubled_or_lost(
    shop: Shop, folder: Path, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 0

    def tick() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    def bomb(whole: Callable[..., Any], *, after: bool = False) -> Callable[..., Any]:
        def go(*given: Any, **named: Any) -> Any:
            tick()
            result = whole(*given, **named)
            if after:  # what the store did is done, and nobody here knows
                tick()
            return result

        return go

    start = shop.box.dump()
    for at in range(1, 400):
        shop.box.restore(start)
        shutil.rmtree(folder)
        folder.mkdir()
        shutil.rmtree(shop.folder / "home", ignore_errors=True)
        (folder / "good.csv").write_text(PARCELS.format("A"))
        (folder / "wrong.csv").write_text("Order #,Tracking Number\n99999,1ZB1\n")
        left = at
        with monkeypatch.context() as patched:
            for name in ("rename", "replace", "unlink", "mkdir", "fsync"):
                patched.setattr(os, name, bomb(getattr(os, name)))
            patched.setattr(Store, "_call", bomb(Store._call, after=True))
            with contextlib.suppress(Killed):
                drop(settle=0)
        survived, left = left > 0, 0
        drop(settle=0)
        sent = numbers(shop.box)
        assert (sent["1ZA1"], sent["1ZA2"], sent["1ZB1"]) == (1, 1, 0), at
        assert tree(folder) == [
            "done/good.csv", "done/good.results.csv", "refused/wrong.csv", "refused/wrong.problems.txt", "refused/wrong.problems.xlsx",
        ], at  # fmt: skip
        assert not any((folder / "working").iterdir()), at
        if survived:
            break
    gc.collect()
    assert 30 < at < 399


def ours(box: Sandbox) -> int:
    """How many parcels of the sheets A, B and C were sent."""
    return sum(number.startswith(("1ZA7", "1ZB7", "1ZC7")) for number in numbers(box))


@pytest.mark.slow
def test_killed_again_and_again_each_sheet_is_put_away_once(tmp_path: Path, folder: Path) -> None:
    chance = random.Random(5)
    with Sandbox(orders=60, inventory=0, bucket=(10**6, 1e6), latency=0.01) as box:
        orders = [order["id"] for order in box.orders()]
        for name in "ABC":
            rows = "".join(f"{number},1Z{name}{number},UPS\n" for number in orders)
            (folder / f"{name}.csv").write_text("order.id,Tracking Number,Carrier\n" + rows)
        words = ("drop", str(folder), "shipments", "--yes", "--every", "0.05", "--batch-size", "5", "--settle", "0.1")
        for count in (0, 5, 40, 60, 95, 120, 175, 180):
            with Process(box, tmp_path / "home", *words) as process:
                while ours(box) < count:
                    time.sleep(0.005)
                time.sleep(chance.uniform(0, 0.1))
                process.kill()
        with Process(box, tmp_path / "home", *words, "--once") as process:
            assert process.wait(60) == 0, [*process.out.queue, *process.err.queue]
        assert set(numbers(box).values()) == {1} and ours(box) == 3 * len(orders)
    assert [name for name in tree(folder) if "lock" not in name] == sorted(f"done/{name}{end}" for name in "ABC" for end in (".csv", ".results.csv"))


def test_a_command_that_stays_says_that_it_watches_and_how_to_end_it(tmp_path: Path, folder: Path) -> None:
    with Sandbox(orders=2, inventory=0) as box:
        for words, said in (
            (("watch", "orders"), "Watching orders, looking every 60 s. Ctrl-C ends it."),
            (("drop", str(folder), "shipments", "--yes"), f"Watching {folder}, looking every 5 s. Ctrl-C ends it."),
        ):
            with Process(box, tmp_path / "home", *words) as process:
                assert process.err.get(timeout=30) == said
                assert process.stop() == 130 and process.out.empty()


def test_the_command_tells_each_sheet_and_ends_with_what_became_of_them(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("BASE_URL", shop.box.url), ("STORE_ID", shop.box.store_id), ("API_KEY", shop.box.api_key)):
        monkeypatch.setenv(f"ORDERDESK_{name}", value)
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: False)
    (folder / "parcels.csv").write_text(PARCELS.format("A"))
    threads = threading.active_count()
    words = ["drop", str(folder), "shipments", "--once", "--every", "0.01"]
    assert run(words) == 2 and "--yes" in capsys.readouterr().err and tree(folder) == ["parcels.csv"]
    assert run([*words, "--yes"]) == 0
    assert "parcels.csv: 2 done." in capsys.readouterr().out
    (folder / "parcels.csv").write_text(PARCELS.format("A") + "99999,1ZA3,UPS\n")
    assert run([*words, "--yes", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["end"] == "refused" and told["problems"][0]["row"] == 4 and told["sheet"].endswith("refused/parcels.csv")
    assert threading.active_count() <= threads + 20  # the store's calls in flight, no more
