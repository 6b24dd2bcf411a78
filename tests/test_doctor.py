"""Doctor: each fact is found out as it is, on the sandbox with every switch both ways; nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch import doctor
from orderdesk_batch.errors import NotAllowed, Stopped, UsageError
from orderdesk_batch.memory import Memory
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox, StoreSpec, Switches
from orderdesk_batch.store import Store
from tests.faults import Fault, FaultServer, Request
from tests.sandbox.inprocess import Clock

WIDE = (10**6, 1e6)
NOW = datetime(2026, 11, 20, 12)
Examine = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[Sandbox, Clock, Any]]:
    clock = Clock()
    with Sandbox(orders=40, inventory=20, bucket=WIDE, clock=clock, now=NOW) as box:
        yield box, clock, box.dump()


@pytest.fixture
def box(_served: tuple[Sandbox, Clock, Any]) -> Sandbox:
    box, _, dump = _served
    box.restore(dump)
    box.switches = Switches()
    box.requests.clear()
    return box


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path, "1", "")


def store_at(box: Sandbox, url: str = "", **options: Any) -> Store:
    return Store(box.store_id, box.api_key, base_url=url or box.url, bucket=Bucket(*WIDE), **options)


@pytest.fixture
def examine(box: Sandbox, memory: Memory, _served: tuple[Sandbox, Clock, Any]) -> Examine:
    """What is found about each fact, with switches set: `examine(write=True, missing="error200")`."""
    clock = _served[1]

    def run(*, write: bool = False, store: Store | None = None, **switches: Any) -> dict[str, str]:
        box.switches = replace(Switches(), **switches)
        found = doctor.examine(
            store or store_at(box), memory, write=write, confirm=lambda name: name, wait=clock.tick, clock=lambda: NOW.timestamp() + clock.at
        )
        return {one.fact: one.found for one in found}

    return run


# fmt: off
READ = [
    ("filter_times",    "filter_times",  {"local": "local", "utc": "utc"}),
    ("missing",         "missing",       {"404": "404", "error200": "error200"}),
    ("total_records",   "total_records", {"right": "right", "zero": "wrong"}),
    ("order_history_in_get", "order_history_in_get", {"asked": "asked", "always": "always", "never": "never"}),
    ("text_filters",    "text_filters",  {"exact": "exact", "nocase": "nocase", "contains": "contains"}),
]
WRITE = [
    ("error_status",       "error_status",       {200: "200", 400: "400"}),
    ("batch_results",      "batch_results",      {True: "yes", False: "no"}),
    ("created_ids",        "created_ids",        {True: "yes", False: "no"}),
    ("created_status",     "created_status",     {200: "200", 201: "201"}),
    ("put_items_left_out", "put_items_left_out", {"removed": "removed", "kept": "kept"}),
    ("unknown_item_id",    "unknown_item_id",    {"added": "added", "error": "error", "ignored": "ignored"}),
    ("date_shipped",       "date_shipped",       {"kept": "kept", "server": "server"}),
    ("batch_size",         "batch_max",          {None: "100", 100: "100", 60: "50", 1: "1"}),
    ("move_status",        "move_status",        {True: "yes", False: "no"}),
    ("cc_kept",            "cc_kept",            {True: "kept", False: "blanked"}),
    ("touches",            "touches",            {frozenset(): "none of them", frozenset({"folder", "items"}): "items, folder",
                                                  frozenset({"shipments", "history"}): "shipments, history"}),
]
# fmt: on


@pytest.mark.parametrize(("fact", "switch", "value", "found"), [(f, s, v, w) for f, s, ways in READ for v, w in ways.items()])
def test_a_fact_that_reading_shows_turns_with_its_switch(examine: Examine, box: Sandbox, fact: str, switch: str, value: Any, found: str) -> None:
    assert examine(**{switch: value})[fact] == found
    assert {seen.method for seen in box.requests} == {"GET"}


@pytest.mark.parametrize(("fact", "switch", "value", "found"), [(f, s, v, w) for f, s, ways in WRITE for v, w in ways.items()])
def test_a_fact_that_writing_shows_turns_with_its_switch(examine: Examine, box: Sandbox, fact: str, switch: str, value: Any, found: str) -> None:
    before = box.dump()["stores"]
    assert examine(write=True, **{switch: value})[fact] == found
    assert box.dump()["stores"] == before


def test_every_switch_of_the_sandbox_is_tried_but_the_one_that_we_never_meet() -> None:
    tried = {switch for _, switch, _ in READ + WRITE}
    # An empty list is never sent for a map: whether it would be taken makes no difference.
    assert {one.name for one in fields(Switches)} - tried == {"list_for_map"}


def test_every_fact_of_the_table_is_found(examine: Examine) -> None:
    found = examine(write=True)
    assert set(found) == set(doctor.FACTS)
    assert {fact.name for fact in doctor.READ} == set(examine())
    assert all(fact.grade in ("doc", "help", "seen", "open") for fact in doctor.FACTS.values())
    assert [name for name, word in found.items() if word == doctor.UNTOLD] == ["weight_unit"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("reading", ["local", "utc"])
def test_the_zone_of_the_filters_is_found_anywhere_on_earth(memory: Memory, zone: str, reading: Any) -> None:
    with Sandbox(stores=[StoreSpec(timezone=zone)], orders=30, inventory=5, bucket=WIDE, switches=Switches(filter_times=reading)) as box:
        found = {one.fact: one for one in doctor.examine(store_at(box), memory)}
    assert found["filter_times"].found == (doctor.UNTOLD if zone == "UTC" else reading)
    assert found["inventory_times"].found == (doctor.UNTOLD if zone == "UTC" else "utc")
    assert found["zone"].found == zone


def test_an_empty_store_has_little_to_tell(memory: Memory) -> None:
    with Sandbox(orders=0, inventory=0, bucket=WIDE) as box:
        found = doctor.examine(store_at(box), memory)
    told = {one.fact for one in found if one.is_fine is not None}
    assert told == {"connection", "clock", "zone", "folders", "tokens", "missing"}


def test_findings_are_kept_and_what_is_not_to_be_told_leaves_an_earlier_one_alone(examine: Examine, memory: Memory, box: Sandbox) -> None:
    examine(write=True, batch_max=60, filter_times="utc", date_shipped="server")
    kept = memory.get("doctor")
    assert (kept["batch_size"], kept["filter_times"]) == ("50", "utc")
    assert doctor.batch_size(memory, 100) == 50
    assert doctor.batch_size(memory, 20) == 20
    assert memory.get("dates_kept") is False
    for order in box.orders():
        box.delete_order(order["id"])
    examine()
    assert memory.get("doctor")["filter_times"] == "utc"
    assert doctor.batch_size(Memory(memory.path.parent, "2", ""), 100) == 100


def test_the_unit_of_weight_is_taken_from_the_settings_if_they_tell_it(memory: Memory, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_at(box)
    told = store.settings()
    monkeypatch.setattr(store, "settings", lambda: {**told, "settings": {**told["settings"], "weight_unit": "Pounds"}})
    found = {one.fact: one for one in doctor.examine(store, memory)}
    assert found["weight_unit"].found == "lb"
    assert memory.get("weight_unit") == "lb"


def test_what_needs_attention_is_marked(box: Sandbox, memory: Memory) -> None:
    box.switches = Switches(total_records="zero")
    headings, rows = doctor.table(doctor.examine(store_at(box), memory))
    assert headings == ["", "fact", "assumed", "found", "grade", "note"]
    by_fact = {row[1]: row for row in rows}
    assert by_fact["Lists count their records"][0] == "!"
    assert by_fact["The store's unit of weight"][0] == "?"
    assert by_fact["The key opens the store"][0] == ""


@pytest.mark.parametrize("typed", ["", "sandbox store", "yes"])
def test_nothing_is_written_before_the_stores_name_is_typed(box: Sandbox, memory: Memory, typed: str) -> None:
    with pytest.raises(UsageError, match='Nothing was written: that takes the store\'s name, "Sandbox Store"'):
        doctor.examine(store_at(box), memory, write=True, confirm=lambda name: typed)
    with pytest.raises(UsageError, match="Nothing was written"):
        doctor.examine(store_at(box), memory, write=True)
    assert {seen.method for seen in box.requests} == {"GET"}


def test_a_refused_key_ends_it(box: Sandbox, memory: Memory) -> None:
    with pytest.raises(NotAllowed):
        doctor.examine(Store(box.store_id, "wrong-key", base_url=box.url), memory)


def on(method: str, path: str) -> Callable[[Request], bool]:
    """Matches the requests with a method, to a path that begins so."""
    return lambda request: request.method == method and request.path.startswith(path)


@pytest.mark.parametrize("fault", [
    Fault("500_after", match=on("POST", "/orders")), Fault("500_before", match=on("PUT", "/orders")), Fault("error200", match=on("POST", "/batch-shipments")),
    Fault("500_after", match=on("POST", "/inventory")), Fault("error200", match=on("PUT", "/inventory")), Fault("error200", match=on("POST", "/move-orders")),
])  # fmt: skip
def test_whatever_fails_on_the_way_nothing_is_left_behind(box: Sandbox, examine: Examine, fault: Fault) -> None:
    before = box.dump()["stores"]
    with FaultServer(box.app, [fault]) as server:
        found = examine(write=True, store=store_at(box, server.url, wait=lambda seconds: None))
        assert server.fired
    assert set(found) == set(doctor.FACTS)
    assert found["deleted"] == "yes"
    assert box.dump()["stores"] == before


def test_what_could_not_be_deleted_is_named(box: Sandbox, memory: Memory) -> None:
    with FaultServer(box.app, [Fault("error200", match=on("DELETE", "/orders"), times=9)]) as server:
        found = doctor.examine(store_at(box, server.url), memory, write=True, confirm=lambda name: name, wait=lambda seconds: None)
    (left,) = [one for one in found if one.fact == "deleted"]
    assert left.found == "no"
    assert left.is_fine is False
    assert "perhaps the order DOCTOR-" in left.note


def test_stopped_on_the_way_it_still_deletes_what_it_made(box: Sandbox, memory: Memory) -> None:
    before = box.dump()["stores"]
    store = store_at(box)
    with pytest.raises(Stopped, match="Nothing is left of it"):
        doctor.examine(store, memory, write=True, confirm=lambda name: name, wait=lambda seconds: store.stop.set())
    assert store.stop.is_set()
    assert box.dump()["stores"] == before


def test_the_page_about_doctor_has_every_fact() -> None:
    page = (Path(__file__).parent.parent / "docs" / "doctor.md").read_text("utf-8")
    for fact in doctor.FACTS.values():
        assert f"| `{fact.name}` | {fact.says} | {fact.assumed} | {fact.grade} |" in page, fact.name
