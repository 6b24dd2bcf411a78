"""Promise 3: what is sent whole was read at most 30 seconds before, also where reading, the disk or the process is slow; and the run ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.run import Run
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store.verdict import Call
from tests.conftest import fast_store

ENOUGH = 600  # requests, after which a run that goes round and round is stopped


class Slow:
    """A store of which each record that is read takes a while, by a clock that nothing else moves."""

    def __init__(self, folder: Path, box: Sandbox, reading: float) -> None:
        self.at = 1_700_000_000.0
        self.reading = reading
        self.asked: list[str] = []
        self.read: dict[str, float] = {}  # path → when its last reading began
        self.ages: list[float] = []  # of the documents of each PUT
        self.store = fast_store(box.url, box, workers=1, on_request=self.heard)
        self.desk = Desk(self.store, folder=folder / "home", clock=lambda: self.at)

    def heard(self, call: Call) -> None:
        path = call.path.partition("?")[0]
        self.asked.append(f"{call.method} {path}")
        if call.method == "GET":
            self.read[path] = self.at
            self.at += self.reading
        elif call.method == "PUT":
            self.ages.append(self.at - max(self.read.get(path, 0.0), self.read.get("/orders", 0.0)))
        if len(self.asked) > ENOUGH:
            self.store.stop.set()


def stock(folder: Path, box: Sandbox, rows: int) -> str:
    sheet = folder / "stock.csv"
    sheet.write_text("code,stock\n" + "".join(f"{item['code']},{7000 + n}\n" for n, item in enumerate(box.inventory()[:rows])), encoding="utf-8")
    return str(sheet)


def emails(folder: Path, box: Sandbox, rows: int) -> str:
    sheet = folder / "orders.csv"
    sheet.write_text("id,email\n" + "".join(f"{order['id']},new@example.com\n" for order in box.orders()[:rows]), encoding="utf-8")
    return str(sheet)


def test_a_batch_of_more_documents_than_can_be_read_in_thirty_seconds_goes_in_parts(tmp_path: Path) -> None:
    with Sandbox(orders=2, inventory=85, bucket=(10**9, 1e9)) as box:
        slow = Slow(tmp_path, box, reading=0.6)
        slow.desk.memory.put_total("inventory", 10**6)  # so many that each is looked up by itself
        slow.desk.plan("inventory", stock(tmp_path, box, 80), run=tmp_path / "a.run")
        slow.at += 60
        done = slow.desk.apply(tmp_path / "a.run", yes=True)
        assert done.results["done"] == 80, "and not read again and again for ever"
        assert [item["stock"] for item in box.inventory()][:80] == [7000 + n for n in range(80)]
    assert sum(one.startswith("PUT") for one in slow.asked) < 8
    assert sum(one.startswith("GET") for one in slow.asked) < 300


def test_a_store_that_is_too_slow_for_fresh_documents_pauses_the_run(tmp_path: Path) -> None:
    with Sandbox(orders=12, inventory=2, bucket=(10**9, 1e9)) as box:
        slow = Slow(tmp_path, box, reading=31.0)
        slow.desk.plan("orders", emails(tmp_path, box, 8), run=tmp_path / "a.run")
        slow.at += 60
        paused = slow.desk.apply(tmp_path / "a.run", yes=True)
        assert "more than 30 seconds old whenever their turn came" in str(paused.halted) and paused.results["waiting"] == 8
        assert not any(one.startswith("PUT") for one in slow.asked)
        slow.reading = 0.1
        assert slow.desk.resume(tmp_path / "a.run", yes=True).results["done"] == 8


def test_nothing_old_leaves_after_a_journal_that_took_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(orders=4, inventory=2, bucket=(10**9, 1e9)) as box:
        slow = Slow(tmp_path, box, reading=0.1)
        slow.desk.plan("orders", emails(tmp_path, box, 3), run=tmp_path / "a.run")
        slow.at += 60
        note, naps = Run.note_steps, [29.9, 0.0, 0.0, 40.0]

        def slowly(run: Run, steps: Any) -> None:
            note(run, steps)
            slow.at += naps.pop() if naps else 0.0

        monkeypatch.setattr(Run, "note_steps", slowly)
        done = slow.desk.apply(tmp_path / "a.run", yes=True)
        assert done.results["done"] == 3
        assert [change.steps[0].tries for change in done.writing()] == [1, 1, 1], "what did not leave was no try"
    assert len(slow.ages) == 3 and max(slow.ages) <= 30, slow.ages
