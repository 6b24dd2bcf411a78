"""Several stores watched at once: each event says whose it is, once, and a store that fails leaves the others."""

from __future__ import annotations

import csv
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import orderdesk_batch as od
from orderdesk_batch.desks import Desks
from orderdesk_batch.errors import NotAllowed, UsageError
from orderdesk_batch.profiles import Profile, Profiles
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.watch.log import Log
from orderdesk_batch.watch.sinks import Sink

from .conftest import IDS, NAMES, Said, mend, spoil

Cli = Callable[..., Said]


def mark(box: Sandbox, text: str, *names: str) -> None:
    """Somebody changes the first order of some stores."""
    for name in names or NAMES:
        with od.connect(name) as desk:
            order = desk.store.order(first(box, name))
            desk.call("PUT", f"/orders/{order['id']}", body={**order, "email": f"{text}@example.com"})


def first(box: Sandbox, name: str) -> str:
    return str(next(iter(box.dump()["stores"][IDS[name]]["orders"].values()))["id"])


def told(said: Said) -> list[tuple[str, str]]:
    return sorted((event["store"], event["event"]) for event in map(json.loads, said.out.splitlines()))


UPDATED = [(name, "order.updated") for name in NAMES]


def test_each_event_says_its_store_and_comes_once(cli: Cli, stores: Sandbox) -> None:
    said = cli("watch", "orders", "--once", "--all-stores")
    assert told(said) == []
    assert sorted(line.partition(" remembered")[0] for line in said.err.splitlines()) == [f"{name}: The first look: 60 records" for name in NAMES]
    mark(stores, "new")
    said = cli("watch", "orders", "--once", "--all-stores")
    assert (said.code, told(said)) == (0, UPDATED)
    assert next(iter(json.loads(said.out.splitlines()[0]))) == "store"
    assert told(cli("watch", "orders", "--once", "--all-stores")) == []


def test_one_store_goes_on_where_all_of_them_were(cli: Cli, stores: Sandbox) -> None:
    cli("watch", "orders", "--once", "--store", "north,south")
    mark(stores, "new")
    assert told(cli("watch", "orders", "--once", "--store", "south")) == UPDATED[1:2]
    assert told(cli("watch", "orders", "--once", "--store", "north,south")) == UPDATED[:1]


def test_an_unnamed_store_has_events_as_before(cli: Cli, stores: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("STORE_ID", IDS["north"]), ("API_KEY", "key-of-north"), ("BASE_URL", stores.url)):
        monkeypatch.setenv(f"ORDERDESK_{name}", value)
    cli("watch", "orders", "--once")
    mark(stores, "new", "north")
    (event,) = map(json.loads, cli("watch", "orders", "--once").out.splitlines())
    assert "store" not in event
    assert cli("watch", "orders", "--once", "-o", "{store}.csv").code == 2


def test_a_store_with_a_wrong_key_is_told_once_and_the_others_are_looked_at(cli: Cli, stores: Sandbox) -> None:
    cli("watch", "orders", "--once", "--all-stores")
    spoil("south", stores)
    mark(stores, "new", "north", "west")
    said = cli("watch", "orders", "--once", "--all-stores")
    assert (said.code, told(said)) == (1, [UPDATED[0], UPDATED[2]])
    assert said.err.count("south: Order Desk refused the key") == 1
    mend("south", stores)
    mark(stores, "newer", "south")
    assert told(cli("watch", "orders", "--once", "--all-stores")) == [UPDATED[1]]


def test_where_every_store_fails_watching_ends_as_for_one(cli: Cli, stores: Sandbox) -> None:
    for name in NAMES:
        spoil(name, stores)
    assert cli("watch", "orders", "--once", "--all-stores").code == 5


def written_and_killed(log: Log, sink: Sink) -> int:
    sink.take([event for _, event in log.after(0)])
    raise RuntimeError("killed")


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_one_file_gets_the_events_of_all_stores_each_exactly_once(
    cli: Cli, stores: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    file = tmp_path / f"events.{ending}"
    cli("watch", "orders", "--once", "--all-stores", "-o", file)
    mark(stores, "new")
    with monkeypatch.context() as patched:  # killed between writing and noting: what was written is offered again
        patched.setattr("orderdesk_batch.watch.delivery.deliver", written_and_killed)
        assert cli("watch", "orders", "--once", "--all-stores", "-o", file).code == 1
    mark(stores, "newer")
    assert cli("watch", "orders", "--once", "--all-stores", "-o", file).code == 0
    text = file.read_text("utf-8-sig").splitlines()
    events = list(csv.DictReader(text)) if ending == "csv" else [json.loads(line) for line in text]
    assert Counter(event["store"] for event in events) == dict.fromkeys(NAMES, 2)
    assert len({event["event_id"] for event in events}) == 6


def test_the_events_of_a_torn_file_come_again_whole(cli: Cli, stores: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    cli("watch", "orders", "--once", "--all-stores", "-o", file)
    mark(stores, "new")
    cli("watch", "orders", "--once", "--all-stores", "-o", file)
    whole = file.read_bytes()
    file.write_bytes(whole[:7])
    mark(stores, "newer")
    cli("watch", "orders", "--once", "--all-stores", "-o", file)
    lines = file.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("store,at,event") and len(lines) == 4


def test_a_file_for_each_store_or_one_for_all_but_no_workbook_for_all(cli: Cli, stores: Sandbox, tmp_path: Path) -> None:
    said = cli("watch", "orders", "--once", "--all-stores", "-o", tmp_path / "events.xlsx")
    assert said.code == 2 and "events-{store}.xlsx" in said.err
    for name in ("{store}.xlsx", "{store}.csv"):
        cli("watch", "orders", "--once", "--all-stores", "-o", tmp_path / name)
        mark(stores, name[8:])
        assert cli("watch", "orders", "--once", "--all-stores", "-o", tmp_path / name).code == 0
    names = sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".xlsx"))
    assert names == sorted(f"{name}.{ending}" for name in NAMES for ending in ("csv", "xlsx"))


def test_a_file_of_one_store_takes_no_events_of_several(cli: Cli, stores: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(b"\xef\xbb\xbfat,event,id,key,field,old,new,event_id\r\n")
    said = cli("watch", "orders", "--once", "--all-stores", "-o", file)
    assert said.code == 2 and "no column that tells the store" in said.err
    assert cli("watch", "orders", "--once", "--store", "north", "-o", file).code == 0


def test_a_command_gets_the_events_of_all_stores_one_at_a_time(cli: Cli, stores: Sandbox, tmp_path: Path) -> None:
    script = tmp_path / "take.py"
    busy = tmp_path / "busy"
    script.write_text(
        "import json, pathlib, sys\n"
        f"busy = pathlib.Path({str(busy)!r})\n"
        "busy.touch(exist_ok=False)\n"
        f"with open({str(tmp_path / 'had')!r}, 'a') as file: file.write(json.loads(sys.stdin.read())['store'] + '\\n')\n"
        "busy.unlink()\n"
    )
    command = f'"{sys.executable}" "{script}"'
    cli("watch", "orders", "--once", "--all-stores", "--exec", command)
    mark(stores, "new")
    assert cli("watch", "orders", "--once", "--all-stores", "--exec", command).code == 0
    assert sorted((tmp_path / "had").read_text().split()) == list(NAMES)


def test_a_webhook_is_of_one_store(cli: Cli, desks: Desks) -> None:
    said = cli("watch", "webhook", "--all-stores")
    assert said.code == 2 and "one store" in said.err
    with pytest.raises(UsageError, match="one store"):
        next(desks.watch("webhook"))


def test_in_python_an_event_counts_as_had_when_the_next_one_is_asked_for(desks: Desks, stores: Sandbox) -> None:
    assert list(desks.watch("orders", once=True)) == []
    mark(stores, "new")
    events = desks.watch("orders", every=60)
    had = [next(events), next(events)]
    events.close()  # the second one was not had
    left = [event.store for event in desks.watch("orders", once=True)]
    assert len(left) == 2 and had[1].store in left and had[0].store not in left
    assert not desks.is_stopped


def test_watching_goes_on_without_a_store_that_fails_and_ends_when_stopped(stores: Sandbox) -> None:
    with od.connect_all() as desks:
        list(desks.watch("orders", once=True))
    Profiles().put(Profile("south", IDS["south"], stores.url, "file"), "revoked-key")
    mark(stores, "new", "north", "west")
    said: list[str] = []
    heard = threading.Event()

    def complain(text: str) -> None:
        said.append(text)
        heard.set()

    with od.connect_all() as desks:
        events = desks.watch("orders", every=15, complain=complain)
        assert {next(events).store, next(events).store} == {"north", "west"}
        rest: list[object] = []
        reader = threading.Thread(target=lambda: rest.extend(events))  # what failed is told to who asks for the next event
        reader.start()
        assert heard.wait(10)
        desks.stop()
        reader.join(10)
        assert not reader.is_alive() and rest == []
    assert len(said) == 1 and said[0].startswith("south: Order Desk refused the key")


def test_where_every_store_fails_python_gets_the_error(stores: Sandbox) -> None:
    for name in NAMES:
        spoil(name, stores)
    with od.connect_all() as desks, pytest.raises(NotAllowed):
        list(desks.watch("orders"))


def test_an_option_that_makes_no_sense_ends_all(cli: Cli, desks: Desks) -> None:
    said = cli("watch", "orders", "--all-stores", "--event", "order.eaten")
    assert said.code == 2 and "order.eaten" in said.err and said.err.count("order.eaten") == 1
    said = cli("watch", "orders", "--all-stores", "--folder", "Nowhere")
    assert said.code == 2 and "Nowhere" in said.err


