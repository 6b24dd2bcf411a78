"""Files get each event exactly once, stdout and commands at least once, whenever the watcher is killed."""

from __future__ import annotations

import csv
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.cli import run
from orderdesk_batch.errors import RunError, UsageError
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.sheets import read
from orderdesk_batch.watch import Event
from orderdesk_batch.watch import log as logs
from orderdesk_batch.watch.sinks import COLUMNS, Lines, SinkError, sink_for
from tests.watch.process import Process
from tests.watch.shop import Shop, in_file


def an_event(number: int, **fields: Any) -> Event:
    return Event("order.updated", "2026-03-20 12:00:00", str(number), f"A-{number}", fields, {"id": str(number)}, f"{number:020x}")


def ids_in(path: Path) -> list[str]:
    """The records' ids in a file of events, whatever it is."""
    if path.suffix == ".jsonl":
        return [event["id"] for event in in_file(path)]
    if path.suffix == ".csv":
        return [row["id"] for row in csv.DictReader(path.read_text("utf-8-sig").split("\n")) if row["id"]]
    sheet = read(str(path))
    return [str(cell) for cell in sheet.columns[sheet.headings.index("id")]]


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".xlsx"])
def test_a_file_takes_the_events_of_each_look(shop: Shop, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"events{ending}"
    shop.watch_file(file)
    made = [shop.add("A-1"), shop.add("A-2")]
    shop.watch_file(file)
    shop.watch_file(file)
    made.append(shop.add("A-3"))
    shop.watch_file(file)
    assert ids_in(file) == made


def test_several_fields_of_an_event_share_a_row_and_formulas_are_defused(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    Lines(file).take([an_event(1, email=["", "=1+1"]), an_event(2, a=["1", "2"], b=["x\ny", "z\u2028"]), an_event(3)])
    rows = list(csv.reader(file.read_bytes().decode("utf-8-sig").split("\r\n")[:-1]))
    assert rows[0] == list(COLUMNS) and [row[4:7] for row in rows[1:]] == [
        ["email", "", "'=1+1"], ["a, b", '{"a": "1", "b": "x\\ny"}', '{"a": "2", "b": "z\\u2028"}'], ["", "", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_wherever_a_file_was_torn_each_event_is_in_it_once(tmp_path: Path, ending: str) -> None:
    events = [an_event(1, email=["ä", "b\u2028c"]), an_event(2, email=["", "x, y"]), an_event(3)]
    file = tmp_path / f"events{ending}"
    Lines(file).take(events)
    whole = file.read_bytes()
    for end in [*range(0, len(whole), 3), len(whole) - 2, len(whole) - 1]:
        file.write_bytes(whole[:end])
        Lines(file).take(events)
        assert file.read_bytes() == whole, end


def test_a_file_that_was_taken_away_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    sink = Lines(file)
    sink.take([an_event(1)])
    file.unlink()
    sink.take([an_event(2)])
    assert ids_in(file) == ["2"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "Order #,SKU\n1,2\n"), ("a.csv", "notes"), ("a.jsonl", '{"id": 1}\n'), ("a.jsonl", '{"id": 1'), ("a.jsonl", "x\n"), ("a.xlsx", "x")],
)
def test_a_file_that_is_none_of_ours_is_not_touched(shop: Shop, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match="is there"):
        shop.watch_file(tmp_path / name)
    assert (tmp_path / name).read_text() == content


def test_two_watchers_on_one_file_are_told(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    with shop.desk() as desk:
        watcher = desk.watcher("orders", output=file)
        (tmp_path / "link.jsonl").symlink_to(file)
        for path in (file, tmp_path / "link.jsonl"):
            with pytest.raises(RunError, match="Another watcher writes"):
                shop.watch_file(path, "inventory")
        watcher.close()
    shop.watch_file(file, "inventory")


def test_a_file_that_can_not_be_written_gets_its_events_later(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "events.jsonl"
    shop.watch_file(file)
    shop.add("A-1")
    real = os.open

    def denied(path: Any, *given: Any, **named: Any) -> int:
        if str(path) == str(file):
            raise PermissionError(13, "it is open in another program")
        return real(path, *given, **named)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(SinkError, match="The events are kept"):
        shop.watch_file(file)
    monkeypatch.setattr(os, "open", real)
    shop.add("A-2")
    shop.watch_file(file)
    assert [event["key"] for event in in_file(file)] == ["A-1", "A-2"]


def test_a_workbook_has_all_events_and_is_whole_at_any_time(shop: Shop, tmp_path: Path) -> None:
    log = logs.Log(tmp_path / "log.sqlite")
    sink = sink_for(tmp_path / "events.xlsx", log)
    for number in range(1, 4):
        log.commit({}, [an_event(number)])
        sink.take([])
        assert ids_in(tmp_path / "events.xlsx") == [str(one) for one in range(1, number + 1)]
    sink.close()
    log.close()


SCRIPT = """
import sys, json
event = json.load(sys.stdin)
with open(sys.argv[1], "a") as file:
    file.write(event["event_id"] + " " + sys.argv[2] + "\\n")
sys.exit(int(open(sys.argv[1] + ".code").read()))
"""


def test_a_command_gets_each_event_on_its_input_until_it_succeeds(shop: Shop, tmp_path: Path) -> None:
    script, file = tmp_path / "take.py", tmp_path / "taken"
    script.write_text(SCRIPT)
    code = tmp_path / "taken.code"
    code.write_text("7")
    command = f'"{sys.executable}" "{script}" "{file}" {{}}'

    def look() -> None:
        with shop.desk() as desk:
            watcher = desk.watcher("orders", command=command)
            try:
                watcher.once()
            finally:
                watcher.close()

    look()
    made = [shop.add("A-1"), shop.add("A-2")]
    with pytest.raises(SinkError, match="ended with 7"):
        look()
    code.write_text("0")
    look()
    look()
    lines = [line.split() for line in file.read_text().splitlines()]
    assert [record for _, record in lines] == [made[0], *made] and lines[0] == lines[1]


def test_a_command_is_not_run_through_a_shell(shop: Shop, tmp_path: Path) -> None:
    for bad in ("", "'"):
        with pytest.raises(UsageError):
            shop.desk().watcher("orders", command=bad)
    shop.desk().watcher("orders", command="touch {}").close()


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


@pytest.mark.parametrize("ending", [".jsonl", pytest.param(".csv", marks=pytest.mark.slow), pytest.param(".xlsx", marks=pytest.mark.slow)])
def test_killed_before_or_after_any_commit_nothing_is_lost_and_nothing_doubled(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    real: Callable[..., Any] = logs.Log.commit
    start = shop.box.dump()
    left = 0

    def commit(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        result = real(self, *given, **named)
        left -= 1
        if left == 0:
            raise Killed
        return result

    monkeypatch.setattr(logs.Log, "commit", commit)
    for at in range(1, 100):
        shop.box.restore(start)
        file = tmp_path / f"events-{at}{ending}"
        kills = [at, at, 0]
        expected = []

        def look(left_now: int, file: Path = file) -> bool:
            nonlocal left
            left = left_now
            try:
                shop.watch_file(file, events="*", sweep="1h")
            except Killed:
                return True
            return False

        was_killed = look(kills[0])
        look(0)
        for round_ in range(3):
            number = f"{at}-{round_}"
            order = shop.add(number)
            shop.change(order, email=f"{number}@example.com")
            expected.append(order)
            shop.pass_time(1800)
            was_killed |= look(kills[round_])
        look(0)
        held = ids_in(file)
        assert [one for one in held if one in expected] == expected and len(held) == len(set(held)) == 6, at
        if not was_killed:
            break
    assert 5 < at < 99


@pytest.mark.slow
def test_a_watcher_that_is_killed_again_and_again_writes_each_event_once(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    chance = random.Random(11)
    with Sandbox(orders=40, inventory=0, bucket=(10**6, 1e6)) as box:
        words = ("watch", "orders", "-o", str(file))
        with Process(box, tmp_path / "home", *words, "--once") as process:
            assert process.wait() == 0
        made = []
        for number in range(12):
            for _ in range(10):
                order = box.add_order(
                    {"source_id": f"A-{len(made)}", "shipping": {"last_name": "B"}, "order_items": [{"name": "x", "quantity": 1}]}
                )
                made.append(order["id"])
            with Process(box, tmp_path / "home", *words, "--once") as process:
                seen = len(box.requests)
                while len(box.requests) == seen:
                    time.sleep(0.001)
                time.sleep(chance.uniform(0, 0.12))
                if number < 11:
                    process.kill()
                else:
                    assert process.wait() == 0
    assert [event["id"] for event in in_file(file)] == made


def test_the_command_prints_json_lines_and_remembers(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("BASE_URL", shop.box.url), ("STORE_ID", shop.box.store_id), ("API_KEY", shop.box.api_key)):
        monkeypatch.setenv(f"ORDERDESK_{name}", value)
    words = ["watch", "orders", "--once", "--event", "order.created"]
    assert run(words) == 0
    count = len(shop.box.dump()["stores"][shop.box.store_id]["orders"])
    said = f"The first look: {count} records remembered as the starting point, nothing was told. The next one tells what changed since.\n"
    assert capsys.readouterr() == ("", said)
    shop.add("A-1")
    assert run(words) == 0
    out, err = capsys.readouterr()
    assert err == "" and [json.loads(line)["key"] for line in out.splitlines()] == ["A-1"]
    assert run(words) == 0 and capsys.readouterr().out == ""
    assert run(["watch", "orders", "--every", "14", "--once"]) == 2
    assert run(["watch", "orders", "--port", "1"]) == 2 and "--port is for watch webhook" in capsys.readouterr().err
    assert run(["watch", "webhook", "--once"]) == 2 and "--once is for looking" in capsys.readouterr().err
    monkeypatch.setenv("ORDERDESK_API_KEY", "wrong")
    assert run(words) == 5
    monkeypatch.setenv("ORDERDESK_API_KEY", shop.box.api_key)
    monkeypatch.setenv("ORDERDESK_BATCH_HOME", str(shop.folder / "other"))
    monkeypatch.setenv("ORDERDESK_API_KEY", "wrong")
    assert run(["watch", "orders"]) == 5


def test_what_every_sink_had_is_not_kept(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    shop.watch_file(file)
    shop.add("A-1")
    shop.watch_file(file)
    (path,) = (tmp_path / "home" / "watch").glob("*.sqlite")
    log = logs.Log(path)
    assert list(log.after(0)) == [] and log.last() == 1
    log.close()
