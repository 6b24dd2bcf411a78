"""Whole lists: all records, each once, in the fewest requests, whatever the store does meanwhile; and calls together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdesk_batch.errors import Refused, Stopped, UsageError
from orderdesk_batch.store.paging import PAGE, Page, pages
from orderdesk_batch.store.together import together
from tests.stub import Received, Stub, bad, good


class Shelf:
    """A list in memory that may change before each request."""

    def __init__(self, count: int) -> None:
        self.records: list[dict[str, Any]] = [{"id": str(number)} for number in range(count)]
        self.asked: list[int] = []
        self.next = count
        self.before: Callable[[int], None] = lambda number: None
        self.total: Callable[[], int | None] = lambda: len(self.records)
        self.most = PAGE

    def fetch(self, offset: int, limit: int) -> Page:
        self.before(len(self.asked))
        self.asked.append(offset)
        return Page(self.records[offset : offset + min(limit, self.most)], offset, self.total())

    def add(self) -> None:
        self.records.append({"id": str(self.next)})
        self.next += 1

    def read(self, first: Page | None = None) -> list[str]:
        return [record["id"] for page in pages(self.fetch, in_turn, first) for record in page.records]


def in_turn(calls: Iterable[Callable[[], Page]]) -> Iterator[Page | Exception]:
    return (call() for call in calls)


# --- a quiet store ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (499, 1), (500, 1), (501, 2), (1000, 2), (2300, 5)])
def test_a_quiet_list_costs_one_request_for_500(count: int, requests: int) -> None:
    shelf = Shelf(count)
    assert shelf.read() == [str(number) for number in range(count)]
    assert len(shelf.asked) == requests


def test_a_first_page_in_hand_is_not_read_again() -> None:
    shelf = Shelf(1200)
    first = shelf.fetch(0, PAGE)
    assert len(shelf.read(first)) == 1200
    assert shelf.asked == [0, 500, 1000]


@pytest.mark.parametrize(("count", "requests"), [(3, 1), (500, 2), (900, 2), (1000, 3)])
@pytest.mark.parametrize("told", [0, None])
def test_a_total_that_cannot_be_is_not_believed(count: int, requests: int, told: int | None) -> None:
    shelf = Shelf(count)
    shelf.total = lambda: told
    assert len(shelf.read()) == count
    assert len(shelf.asked) == requests


def test_a_total_that_is_too_large_does_not_go_on_for_ever() -> None:
    shelf = Shelf(700)
    shelf.total = lambda: 5000
    assert len(shelf.read()) == 700
    assert len(shelf.asked) < 25


def test_a_server_that_gives_smaller_pages_is_read_to_the_end() -> None:
    shelf = Shelf(730)
    shelf.most = 100
    assert len(shelf.read()) == 730
    assert shelf.asked == list(range(0, 800, 100))


# --- a store that changes -----------------------------------------------------------------------------


def test_a_record_deleted_meanwhile_hides_no_other() -> None:
    shelf = Shelf(2000)

    def delete(number: int) -> None:
        if number == 2:
            del shelf.records[10]

    shelf.before = delete
    assert set(shelf.read()) == {str(number) for number in range(2000)}
    assert len(shelf.asked) == 5


def test_records_added_meanwhile_are_read_too() -> None:
    shelf = Shelf(1000)
    shelf.before = lambda number: shelf.add() if number == 1 else None
    assert len(shelf.read()) == 1001
    assert shelf.asked == [0, 500, 1000]


def test_equal_dates_sorted_differently_from_page_to_page_lose_nothing() -> None:
    shelf = Shelf(1500)

    def swap(number: int) -> None:
        if number == 1:
            shelf.records[499], shelf.records[500] = shelf.records[500], shelf.records[499]

    shelf.before = swap
    ids = shelf.read()
    assert len(ids) == len(set(ids)) == 1500


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2600), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.integers(0, 2600)), max_size=6))
def test_whatever_is_deleted_or_added_what_stays_is_read_once(count: int, changes: list[tuple[int, int, int]]) -> None:
    shelf = Shelf(count)
    there = {record["id"] for record in shelf.records}

    def change(number: int) -> None:
        for when, sort, where in changes:
            if when != number:
                continue
            if sort == 0:
                shelf.add()
            elif shelf.records:
                there.discard(shelf.records.pop(where % len(shelf.records))["id"])

    # Adding and deleting between the same two pages cancel out in the total; only one sort at a time is told apart.
    sorts = {sort == 0 for _, sort, _ in changes}
    if len(sorts) > 1:
        changes = [entry for entry in changes if entry[1]]
    shelf.before = change
    ids = shelf.read()
    assert len(ids) == len(set(ids))
    assert there <= set(ids)


# --- over the wire ------------------------------------------------------------------------------------


def list_of(count: int, resource: str = "orders") -> Callable[[Received], bytes]:
    def reply(request: Received) -> bytes:
        query = parse_qs(urlsplit(request.target).query)
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        records = [{"id": number} for number in range(offset, min(count, offset + limit))]
        return good(**{resource: records, "total_records": str(count)})

    return reply


def test_pages_are_fetched_several_at_once_and_come_in_order() -> None:
    several = threading.Barrier(3, timeout=10)

    def reply(request: Received) -> bytes:
        if "offset=0" not in request.target:
            several.wait()
        return list_of(2000)(request)

    with Stub(reply) as stub, stub.store(workers=3) as store:
        found = list(store.pages("orders", {"folder_name": "New"}))
    assert [page.offset for page in found] == [0, 500, 1000, 1500]
    assert all("folder_name=New" in request.target for request in stub.received)
    assert all("order_by=date_added&order=ASC" in request.target for request in stub.received)


def test_a_caller_who_stops_early_asks_for_no_more_than_it_said() -> None:
    with Stub(list_of(5000)) as stub, stub.store() as store:
        for page in store.pages("orders", ahead=1):
            if page.offset == 500:
                break
    assert len(stub.received) == 2


def test_how_far_to_read_ahead_is_asked_anew_after_each_page() -> None:
    allowed = {1: 3, 2: 2, 3: 1, 4: 1}  # by the pages that were had
    several = threading.Barrier(3, timeout=10)
    received: list[int] = []

    def reply(request: Received) -> bytes:
        if int(parse_qs(urlsplit(request.target).query)["offset"][0]) in (500, 1000, 1500):
            several.wait()
        return list_of(9000)(request)

    with Stub(reply) as stub, stub.store() as store:
        for page in store.pages("orders", ahead=lambda: allowed[len(received)]):
            received.append(len(stub.received))
            if page.offset == 2000:
                break
    # The first alone, then three at once; with two allowed, and one, none more leaves before the third is had.
    assert received == [1, 4, 4, 4, 5]


def test_records_come_one_by_one() -> None:
    with Stub(list_of(700, "inventory_items")) as stub, stub.store() as store:
        assert [record["id"] for record in store.records("inventory")] == list(range(700))
        assert store.first_page("inventory").total == 700
    assert not any("order_by" in request.target for request in stub.received)


def test_the_callers_order_is_kept_and_limits_are_no_filters() -> None:
    with Stub(list_of(3)) as stub, stub.store() as store:
        list(store.pages("orders", {"order_by": "id", "order": "DESC"}))
        with pytest.raises(UsageError, match="limit"):
            list(store.pages("orders", {"limit": 5}))
    assert "order_by=id&order=DESC" in stub.received[0].target


def test_a_page_that_fails_ends_the_reading() -> None:
    def reply(request: Received) -> bytes:
        return bad("No", 400) if "offset=1000" in request.target else list_of(2000)(request)

    with Stub(reply) as stub, stub.store() as store, pytest.raises(Refused):
        list(store.pages("orders"))


# --- together -----------------------------------------------------------------------------------------


def test_results_come_in_order_and_errors_as_values() -> None:
    def work(number: int) -> int:
        if number % 3 == 0:
            raise ValueError(number)
        return number

    results = list(together((partial(work, number) for number in range(50)), 8))
    assert [result for result in results if isinstance(result, int)] == [n for n in range(50) if n % 3]
    assert [result.args[0] for result in results if isinstance(result, ValueError)] == list(range(0, 50, 3))


def test_no_more_calls_run_at_once_than_there_are_workers_and_none_is_taken_too_early() -> None:
    lock = threading.Lock()
    four = threading.Barrier(4, timeout=10)
    running = most = 0

    def work(number: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if number < 8:
            four.wait()
        with lock:
            running -= 1

    def calls() -> Iterator[Callable[[], None]]:
        for number in range(60):
            with lock:
                assert running <= 3
            yield partial(work, number)

    assert list(together(calls(), 4)) == [None] * 60
    assert most == 4


def test_calls_do_not_run_away_from_a_caller_that_is_slower_than_they_are() -> None:
    taken = 0

    def calls() -> Iterator[Callable[[], None]]:
        nonlocal taken
        for _ in range(20):
            taken += 1
            yield lambda: None

    for had, _ in enumerate(together(calls(), 1)):
        assert taken - had <= 1  # each outcome may be a page of several megabytes
    assert taken == 20


def test_after_stop_no_call_begins_and_those_begun_are_told() -> None:
    stop = threading.Event()

    def work(number: int) -> int:
        if number == 5:
            stop.set()
        return number

    results: list[int | Exception] = []
    with pytest.raises(Stopped):
        results.extend(together((partial(work, number) for number in range(100)), 1, stop))
    assert results == list(range(6))


def test_stop_after_the_last_call_is_no_stop() -> None:
    stop = threading.Event()
    assert list(together([lambda: stop.set()], 2, stop)) == [None]


def test_ctrl_c_keeps_what_has_not_left_from_leaving() -> None:
    stop = threading.Event()

    def calls() -> Iterator[Callable[[], None]]:
        yield lambda: None
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(together(calls(), 2, stop))
    assert stop.is_set()
