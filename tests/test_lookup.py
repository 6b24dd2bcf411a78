"""Look-ups: the right documents, in the fewest calls, whatever is remembered of the store."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import NotFound
from orderdesk_batch.lookup import PAGE, Lookup, OrderKey, Shelf
from orderdesk_batch.memory import Memory
from orderdesk_batch.sandbox import Sandbox, StoreSpec, Switches
from orderdesk_batch.store.paging import Page, pages
from tests.actions.stage import fast

Ahead = int | Callable[[], int] | None
START = dt.datetime(2026, 1, 1)


class Fake:
    """A store in memory that counts its calls."""

    def __init__(self, orders: int = 0, inventory: int = 0, *, total: Callable[[int], int] = int, bare: bool = False) -> None:
        self.orders = [dict(_made(n)) for n in range(orders)]
        self.items_ = [{"id": 300_000 + n, "code": f"SKU-{n}", "name": "x", "stock": 1} for n in range(inventory)]
        self.calls: list[str] = []
        self._total = total
        self.most = 0  # pages on their way at once
        self.before: Callable[[int], None] = lambda number: None  # what happens in the store before a page is given
        self._bare = bare  # orders come without their items and shipments

    def _records(self, listed: str, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        held = self.orders if listed == "orders" else self.items_
        if not filters:
            return held
        return [one for one in held if all(self._fits(one, name, str(value)) for name, value in filters.items())]

    def _fits(self, one: dict[str, Any], name: str, value: str) -> bool:
        if name == "search_start_date":
            return bool(str(one["date_added"]) >= value)
        if name == "search_end_date":
            return bool(str(one["date_added"]) <= value)
        return str(one.get(name)) == value

    def _out(self, one: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in one.items() if not name.startswith("order_")} if self._bare else dict(one)

    def _fetch(self, listed: str, filters: Mapping[str, Any] | None, offset: int, limit: int) -> Page:
        self.calls.append(f"{listed}?{filters} {offset}" if filters else f"{listed}?{offset}")
        self.before(len(self.calls))
        found = self._records(listed, filters)
        return Page([self._out(one) for one in found[offset : offset + limit]], offset, self._total(len(found)), 1000.0)

    def first_page(self, listed: str, filters: Mapping[str, Any] | None = None) -> Page:
        return self._fetch(listed, filters, 0, PAGE)

    def page_again(self, listed: str, offset: int, filters: Mapping[str, Any] | None = None) -> Page:
        return self._fetch(listed, filters, offset, PAGE)

    def pages(
        self, listed: str, filters: Mapping[str, Any] | None = None, *, first: Page | None = None, ahead: Ahead = None
    ) -> Iterator[Page]:
        """As the store's own: as many pages are asked for at once as it may be."""

        def several(calls: Iterable[Callable[[], Page]]) -> Iterator[Page]:
            source, had = iter(calls), deque[Page]()
            while True:
                most = 8 if ahead is None else max(1, ahead() if callable(ahead) else ahead)
                had += [call() for call in itertools.islice(source, most - len(had))]
                self.most = max(self.most, len(had))
                if not had:
                    return
                yield had.popleft()

        return pages(lambda offset, limit: self._fetch(listed, filters, offset, limit), several, first)

    def orders_page(self, limit: int = PAGE) -> Page:
        return self._fetch("orders", None, 0, limit)

    def inventory_page(self, limit: int = PAGE) -> Page:
        return self._fetch("inventory", None, 0, limit)

    def order(self, record: str) -> dict[str, Any]:
        return self._one("orders", record)

    def inventory_item(self, record: str) -> dict[str, Any]:
        return self._one("inventory", record)

    def _one(self, listed: str, record: str) -> dict[str, Any]:
        self.calls.append(f"{listed}/{record}")
        for one in self.orders if listed == "orders" else self.items_:
            if str(one["id"]) == record:
                return self._out(one)
        raise NotFound("not found")

    def items(self, record: str) -> list[dict[str, Any]]:
        self.calls.append(f"orders/{record}/order-items")
        return next(one["order_items"] for one in self.orders if one["id"] == record)

    def shipments(self, record: str) -> list[dict[str, Any]]:
        self.calls.append(f"orders/{record}/shipments")
        return next(one["order_shipments"] for one in self.orders if one["id"] == record)

    def together(self, calls: Iterable[Callable[[], Any]]) -> Iterator[Any]:
        for call in calls:
            try:
                yield call()
            except Exception as error:
                yield error


def order(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(7_000_000 + n), "source_id": str(10_000 + n), "source_name": "Shopify", "date_added": str(added(n)),
        "order_items": [{"id": str(n)}], "order_shipments": [], **more,
    }  # fmt: skip


@functools.cache
def _made(n: int) -> dict[str, Any]:
    return order(n)


def added(n: int) -> dt.datetime:
    """When the nth order was added: one an hour."""
    return START + dt.timedelta(hours=n)


class Facts(Memory):
    """What is remembered, without a file."""

    def __init__(self, **totals: int) -> None:
        super().__init__(Path("nowhere"), "1", "http://localhost")
        self._facts = {f"total_{name}": total for name, total in totals.items()}

    def _save(self) -> None:
        pass


def looking(store: Fake, **totals: int) -> Lookup:
    return Lookup(store, Facts(**totals))  # type: ignore[arg-type]


def numbers(wanted: Iterable[int]) -> list[OrderKey]:
    return [OrderKey("order", str(10_000 + n)) for n in wanted]


# -- how many calls -----------------------------------------------------------------------------------


def test_two_hundred_numbers_in_three_thousand_orders_are_six_pages() -> None:
    store = Fake(orders=3000)
    found = looking(store).orders(numbers(range(0, 3000, 15)))
    assert len(store.calls) == 6
    assert all(len(fits) == 1 for fits in found.values())


def test_three_numbers_in_a_large_store_are_four_reads_at_most() -> None:
    store = Fake(orders=3000)
    looking(store).orders(numbers([1, 2, 2999]))
    assert len(store.calls) <= 4
    store.calls.clear()
    looking(store, orders=3000).orders(numbers([1, 2, 2999]))
    assert len(store.calls) == 3


def test_a_thousand_codes_in_three_thousand_items_are_six_pages() -> None:
    store = Fake(inventory=3000)
    _, by_code = looking(store).inventory([], [f"SKU-{n}" for n in range(0, 3000, 3)])
    assert len(store.calls) == 6
    assert len(by_code) == 1000 and all(by_code.values())


def test_codes_that_all_stand_on_the_first_page_need_no_second() -> None:
    store = Fake(inventory=3000)
    looking(store).inventory(["300007"], [f"SKU-{n}" for n in range(400)])
    assert len(store.calls) == 1


def test_paging_for_codes_ends_with_the_page_that_has_the_last() -> None:
    store = Fake(inventory=5000)
    looking(store, inventory=5000).inventory([], [f"SKU-{n}" for n in range(480, 990)])
    assert len(store.calls) == 2


def test_an_order_number_is_looked_for_on_every_page_for_a_twin_could_be_on_the_last() -> None:
    store = Fake(orders=2000)
    store.orders[1999]["source_id"] = "10000"
    found = looking(store).orders(numbers(range(100)))
    assert [doc["id"] for doc in found[OrderKey("order", "10000")]] == ["7000000", "7001999"]


def test_ids_stop_the_paging() -> None:
    store = Fake(orders=3000)
    found = looking(store, orders=3000).orders([OrderKey("id", str(7_000_000 + n)) for n in range(50)])
    assert len(store.calls) == 1
    assert all(found.values())


def test_a_single_row_is_one_call_though_nothing_is_remembered() -> None:
    store = Fake(orders=3000, inventory=3000)
    looking(store).orders(numbers([5]))
    looking(store).inventory([], ["SKU-5"])
    assert len(store.calls) == 2


def test_the_same_number_is_asked_for_once_however_many_keys_have_it() -> None:
    store = Fake(orders=3000)
    keys = [OrderKey("source_id", "10001", "Shopify"), OrderKey("source_id", "10001"), OrderKey("order", "10001")]
    found = looking(store, orders=3000).orders(keys)
    assert len(store.calls) == 1
    assert [len(found[key]) for key in keys] == [1, 1, 1]


def test_what_was_looked_up_is_not_asked_for_again() -> None:
    store = Fake(orders=3000, inventory=3000)
    lookup = looking(store, orders=3000, inventory=3000)
    for _ in range(2):
        lookup.orders([*numbers([1]), OrderKey("id", "99"), OrderKey("id", "7000009")])
        lookup.inventory(["300001", "1"], ["SKU-7", "none"])
    assert len(store.calls) == 3 + 4


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_at_most_one_call_more_than_a_planner_who_knows_the_totals_and_none_once_they_are_remembered(data: st.DataObject) -> None:
    listed = data.draw(st.sampled_from(["ids", "numbers", "spellings", "codes"]))
    size = data.draw(st.integers(0, 4200))
    rows = data.draw(st.sets(st.integers(0, max(size - 1, 0)), max_size=12)) if size else set()
    known = data.draw(st.booleans())
    store = Fake(inventory=size) if listed == "codes" else Fake(orders=size)
    lookup = looking(store, **({"inventory": size, "orders": size} if known else {}))
    if listed == "codes":
        lookup.inventory([], [f"SKU-{n}" for n in rows])
    else:
        by = {"ids": "id", "numbers": "source_id", "spellings": "order"}[listed]
        stem = 7_000_000 if listed == "ids" else 10_000
        found = lookup.orders(OrderKey(by, str(stem + n)) for n in rows)  # type: ignore[arg-type]
        assert all(len(fits) == 1 for fits in found.values())
    fewest = min(len(rows), max(1, math.ceil(size / PAGE)))
    assert len(store.calls) <= fewest + (not known)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2300), st.integers(0, 9000), st.sets(st.integers(0, 2400), max_size=40))
def test_a_total_that_is_remembered_wrongly_costs_calls_but_no_document(size: int, remembered: int, rows: set[int]) -> None:
    store = Fake(orders=size, inventory=size)
    lookup = looking(store, orders=remembered, inventory=remembered)
    found = lookup.orders(numbers(rows))
    assert {int(key.value) - 10_000 for key, fits in found.items() if fits} == {n for n in rows if n < size}
    _, by_code = lookup.inventory([], [f"SKU-{n}" for n in rows])
    assert {code for code, fits in by_code.items() if fits} == {f"SKU-{n}" for n in rows if n < size}


def test_a_store_that_grew_is_not_paged_through_for_a_few_rows() -> None:
    store = Fake(orders=20_000)
    looking(store, orders=400).orders(numbers(range(100, 105)))
    assert len(store.calls) <= 6


@pytest.mark.parametrize("size", [0, 3, 499, 500, 501, 1200])
def test_a_total_of_0_beside_records_hides_none(size: int) -> None:
    store = Fake(orders=size, inventory=size, total=lambda _: 0)
    lookup = looking(store)
    found = lookup.orders(numbers(range(max(size, 5))))
    assert sum(map(len, found.values())) == size
    by_id, _ = lookup.inventory([str(300_000 + n) for n in range(max(size, 5))], [])
    assert sum(map(len, by_id.values())) == size
    assert lookup.total("orders") == size
    assert looking(store).total("inventory") == size


def test_the_total_for_the_safety_limits_is_asked_for_once_and_never_taken_from_memory() -> None:
    store = Fake(inventory=30)
    lookup = looking(store, inventory=3000)
    assert (lookup.total("inventory"), lookup.total("inventory")) == (30, 30)
    assert len(store.calls) == 1


def test_the_total_costs_nothing_where_pages_were_read() -> None:
    store = Fake(orders=700)
    lookup = looking(store)
    lookup.orders(numbers(range(100)))
    store.calls.clear()
    assert lookup.total("orders") == 700 and not store.calls


# -- where a sheet's dates say ------------------------------------------------------------------------


def ids(rows: Iterable[int]) -> list[OrderKey]:
    return [OrderKey("id", str(7_000_000 + n)) for n in rows]


def dates(rows: Iterable[int], by: dt.timedelta = dt.timedelta(0)) -> dict[str, dt.datetime]:
    """What a sheet says of when these orders were added."""
    return {str(7_000_000 + n): added(n) + by for n in rows}


def window_pages(rows: Collection[int], size: int) -> int:
    """The pages of the orders from the oldest to the newest of these, widened as documented: counted one by one."""
    start, end = added(min(rows)) - dt.timedelta(hours=14), added(max(rows)) + dt.timedelta(hours=38)
    return max(1, math.ceil(sum(start <= added(n) <= end for n in range(size)) / PAGE))


@pytest.mark.parametrize("totals", [{}, {"orders": 20_000}])
def test_the_orders_of_some_days_are_found_on_the_pages_of_those_days(totals: dict[str, int]) -> None:
    store = Fake(orders=20_000)
    rows = range(15_000, 15_900, 3)
    found = looking(store, **totals).orders(ids(rows), dates(rows))
    assert [doc["id"] for fits in found.values() for doc in fits] == [key.value for key in ids(rows)]
    assert len(store.calls) == 2  # instead of forty pages


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_with_dates_at_most_one_call_more_than_a_planner_who_knows_how_many_orders_each_filter_finds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 5000))
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))
    rows = data.draw(st.sets(st.integers(first, last), min_size=1, max_size=16))
    known = data.draw(st.booleans())
    store = Fake(orders=size)
    found = looking(store, **({"orders": size} if known else {})).orders(ids(rows), dates(rows))
    assert all(len(fits) == 1 for fits in found.values())
    singles, everything, filtered = len(rows), math.ceil(size / PAGE), window_pages(rows, size)
    assert len(store.calls) <= min(singles, everything, filtered) + 1
    if known and singles > everything:  # then no page is tried in vain
        assert len(store.calls) <= min(everything, filtered)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_dates_that_are_wrong_and_orders_that_are_gone_cost_calls_but_no_document(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 3500))
    rows = data.draw(st.sets(st.integers(0, 3600), max_size=30))
    wrong = {n: data.draw(st.integers(-4000, 4000)) for n in data.draw(st.sets(st.sampled_from(sorted(rows))))} if rows else {}
    known = data.draw(st.sampled_from([None, size, 0, 9000]))
    told: Callable[[int], int] = data.draw(st.sampled_from([int, lambda _: 0, lambda n: n + 700]))
    store = Fake(orders=size, total=told)
    said = {str(7_000_000 + n): added(n) + dt.timedelta(hours=wrong.get(n, 0)) for n in rows}
    found = looking(store, **({} if known is None else {"orders": known})).orders(ids(rows), said)
    assert {int(key.value) - 7_000_000 for key, fits in found.items() if fits} == {n for n in rows if n < size}
    astray = {n for n in rows if n >= size or wrong.get(n)}
    if known == size and told is int and rows:
        everything = max(1, math.ceil(size / PAGE))
        assert len(store.calls) <= min(len(rows), everything) + 1 + min(len(rows), everything) * bool(astray)


def test_dates_that_are_to_be_set_are_given_up_with_the_first_page() -> None:
    store = Fake(orders=20_000)
    rows = range(15_000, 15_300)
    said = dict.fromkeys(dates(rows), added(100))
    looking(store, orders=20_000).orders(ids(rows), said)
    assert len(store.calls) == 1 + 40 - 9  # the window; then the forty pages, up to that with the last
    store.calls.clear()
    looking(store, orders=20_000).orders(ids(rows), {record: at - dt.timedelta(days=200) for record, at in dates(rows).items()})
    assert len(store.calls) == 1 + 40 - 9


def test_where_the_window_is_all_there_is_one_call_tells_that_the_others_are_gone() -> None:
    store = Fake(orders=2000)
    rows = range(0, 2000, 2)
    for n in range(100, 0, -4):
        del store.orders[n]
    lookup = looking(store, orders=1975)
    found = lookup.orders(ids(rows), dates(rows))
    assert sum(not fits for fits in found.values()) == 25
    assert len(store.calls) == 4 + 1
    store.calls.clear()
    lookup.refresh("orders", [key.value for key in ids(range(101, 1900, 2))])
    assert len(store.calls) == 4  # the pages' numbers still hold


def test_two_orders_are_looked_up_singly_whatever_their_dates() -> None:
    store = Fake(orders=3000)
    looking(store).orders(ids([5, 6]), dates([5, 6]))
    assert store.calls == ["orders/7000005", "orders/7000006"]


def test_dates_beside_order_numbers_narrow_nothing_for_a_twin_could_be_of_another_time() -> None:
    store = Fake(orders=2000)
    store.orders[1999]["source_id"] = "10000"
    found = looking(store).orders([*numbers(range(100)), *ids(range(3))], dates(range(100)))
    assert [doc["id"] for doc in found[OrderKey("order", "10000")]] == ["7000000", "7001999"]
    assert len(store.calls) == 4


def test_orders_found_by_their_dates_are_read_again_by_the_same_pages() -> None:
    store = Fake(orders=20_000)
    rows = range(15_000, 15_900, 3)
    lookup = looking(store, orders=20_000)
    lookup.orders(ids(rows), dates(rows))
    before, store.calls = store.calls, []
    del store.orders[:5000]  # pages of the list of all would have moved
    again = lookup.refresh("orders", [key.value for key in ids(rows)])
    assert store.calls == before and all(again.values())


def test_pages_of_another_list_are_forgotten_when_it_is_turned_to() -> None:
    shelf = Shelf()
    shelf.put(order(1), 1.0, 4)
    shelf.turn_to("")
    assert shelf.by_id["7000001"].page == 4
    shelf.turn_to("search_start_date=2026-01-01")
    shelf.put(order(2), 1.0, 0)
    assert [seen.page for seen in shelf.by_id.values()] == [-1, 0]


def test_a_date_at_the_end_of_time_is_no_window() -> None:
    store = Fake(orders=3)
    rows = range(3)
    assert all(looking(store).orders(ids(rows), dict.fromkeys(dates(rows), dt.datetime.max)).values())


@pytest.mark.parametrize(("way", "zone"), [("local", "Pacific/Kiritimati"), ("utc", "America/Los_Angeles")])
def test_a_changed_export_costs_the_pages_of_its_days_whatever_the_server_takes_times_for(way: Any, zone: str, tmp_path: Path) -> None:
    spec = StoreSpec(timezone=zone)
    with Sandbox(orders=600, inventory=0, bucket=(10**6, 1e6), stores=[spec], switches=Switches(filter_times=way)) as box:
        some = sorted(box.orders(), key=lambda one: str(one["date_added"]))[300:320]
        lines = [f'{one["id"]},{one["date_added"]},{n}@example.com' for n, one in enumerate(some)]
        sheet = tmp_path / "orders.csv"
        sheet.write_text("\n".join(["id,date_added,email", *lines]))
        with Desk(fast(box), folder=tmp_path / "home") as desk:
            desk.settings()
            box.requests.clear()
            plan = desk.plan("orders", sheet)
            assert plan.counts["update"] == 20 and not plan.problems
            assert [request.path for request in box.requests] == ["/orders"]
        box.requests.clear()
        with Desk(fast(box), folder=tmp_path / "home") as desk:  # another day: what is old is read again by that page
            done = desk.apply(str(plan.run), yes=True)
            assert done.results["done"] == 20
            assert [request.path for request in box.requests if request.method == "GET"] == ["/orders"]
            box.requests.clear()
            undone = desk.undo(str(plan.run), yes=True)
            assert undone.results["done"] == 20
            assert [request.path for request in box.requests if request.method == "GET"] == ["/orders"]
        emails = {one["id"]: one["email"] for one in box.orders()}
        assert all(emails[one["id"]] == one["email"] for one in some)


# -- how far ahead ------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_pages_read_ahead_are_such_as_are_needed_in_any_case(data: st.DataObject) -> None:
    size = data.draw(st.integers(3000, 8000))
    step = data.draw(st.integers(1, 6))
    until = data.draw(st.integers(600, size))
    rows = range(0, until, step)
    store = Fake(inventory=size)
    _, found = looking(store, inventory=size).inventory([], [f"SKU-{n}" for n in rows])
    assert all(found.values())
    if len(rows) > math.ceil(size / PAGE):
        paged = sum("?" in call and "code" not in call for call in store.calls)
        assert paged <= rows[-1] // PAGE + 1  # none after the page that has the last
        assert len(store.calls) <= math.ceil(size / PAGE)


def test_many_skus_in_a_large_inventory_are_read_several_pages_at_once() -> None:
    store = Fake(inventory=30_000)
    looking(store, inventory=30_000).inventory([], [f"SKU-{n}" for n in range(5000)])
    assert len(store.calls) == 10 and store.most == 9
    few = Fake(inventory=30_000)
    looking(few, inventory=30_000).inventory([], [f"SKU-{n}" for n in range(0, 30_000, 100)])
    assert len(few.calls) == 60 and few.most > 8
    skewed = Fake(inventory=30_000)
    looking(skewed, inventory=30_000).inventory([], ["SKU-7", *(f"SKU-{n}" for n in range(600, 660))])
    assert len(skewed.calls) < 60


@settings(max_examples=60, deadline=None)
@given(st.integers(600, 3000), st.sets(st.integers(0, 2999), min_size=1, max_size=20), st.lists(st.integers(-1, 2999), max_size=4),
       st.booleans())  # fmt: skip
def test_a_store_that_grows_or_shrinks_meanwhile_hides_no_order(size: int, rows: set[int], changes: list[int], dated: bool) -> None:
    store = Fake(orders=size)
    rows = {n for n in rows if n < size}
    keep = {str(7_000_000 + n) for n in rows}
    sort = changes[0] < 0 if changes else True

    def change(_: int) -> None:
        if not changes:
            return
        where = changes.pop()
        if sort:
            store.orders.append(order(9000 + len(changes)))
        elif store.orders[where % len(store.orders)]["id"] not in keep:
            del store.orders[where % len(store.orders)]

    store.before = change
    keys = ids(rows) if dated else numbers(rows)
    found = looking(store).orders(keys, dates(rows) if dated else None)
    assert all(len(fits) == 1 for fits in found.values())


# -- how a sheet spells its numbers -------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 5000), st.sets(st.integers(0, 4999), min_size=1, max_size=14),
    st.sampled_from([("{}", 1, 1), ("#{}", 2, 1), ("", 3, 2)]), st.booleans(),
)  # fmt: skip
def test_numbers_that_are_all_spelled_alike_cost_little_more_than_if_that_were_known(
    size: int, rows: set[int], spelling: tuple[str, int, int], known: bool
) -> None:
    written, readings, more = spelling  # as in the store, with the other sign, Order Desk's own id
    store = Fake(orders=size)
    rows = {n for n in rows if n < size} or {0}
    keys = [OrderKey("order", str(7_000_000 + n) if readings == 3 else written.format(10_000 + n)) for n in rows]
    found = looking(store, **({"orders": size} if known else {})).orders(keys)
    assert all(len(fits) == 1 for fits in found.values())
    assert len(store.calls) <= min(len(rows) * readings, math.ceil(size / PAGE)) + more


# -- which order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("10001", ["7000001"]),  # as written
        ("#10001", ["7000001"]),  # the other spelling
        ("777", ["7000002"]),  # #777 is there
        ("7000003", ["7000003"]),  # Order Desk's own id
        ("#7000003", []),  # an id has no #
        ("0777", []),  # zeros count
        ("07000003", []),
    ],
)
@pytest.mark.parametrize("way", ["singly", "by pages"])
def test_an_order_is_looked_for_as_written_then_spelled_otherwise_then_by_id(asked: str, fits: list[str], way: str) -> None:
    store = Fake(orders=600)
    store.orders[2]["source_id"] = "#777"
    lookup = looking(store, orders=100_000 if way == "singly" else 1)
    found = lookup.orders([OrderKey("order", asked), *(numbers(range(100, 110)) if way == "by pages" else ())])
    assert [doc["id"] for doc in found[OrderKey("order", asked)]] == fits
    assert lookup.shelves["orders"].complete == (way == "by pages")


def test_singly_the_first_reading_that_finds_something_ends_the_search() -> None:
    store = Fake(orders=1000)
    store.orders[5]["source_id"] = "7000006"
    found = looking(store, orders=100_000).orders([OrderKey("order", "7000006")])
    assert [doc["id"] for doc in found[OrderKey("order", "7000006")]] == ["7000005"]
    assert len(store.calls) == 1


def test_with_pages_in_hand_all_readings_are_compared() -> None:
    store = Fake(orders=400)
    store.orders[5]["source_id"] = "7000006"
    store.orders[7]["source_id"] = "#10008"
    found = looking(store).orders([OrderKey("order", "7000006"), OrderKey("order", "10008"), OrderKey("order", "#10008")])
    assert [sorted(doc["id"] for doc in fits) for fits in found.values()] == [
        ["7000005", "7000006"], ["7000007", "7000008"], ["7000007", "7000008"],
    ]  # fmt: skip


def test_a_cart_narrows_the_number_however_its_name_is_cased() -> None:
    store = Fake(orders=400)
    store.orders[9] |= {"source_id": "10001", "source_name": "Amazon "}
    found = looking(store).orders([OrderKey("source_id", "10001", "AMAZON"), OrderKey("source_id", "10001")])
    assert [[doc["id"] for doc in fits] for fits in found.values()] == [["7000009"], ["7000001", "7000009"]]


def test_an_order_without_its_items_and_shipments_gets_them_apart() -> None:
    store = Fake(orders=3, bare=True)
    lookup = looking(store)
    found = lookup.orders(numbers([1]))
    assert found[numbers([1])[0]][0]["order_items"] == [{"id": "1"}]
    assert lookup.refresh("orders", ["7000001", "7000002"])["7000002"]["order_items"] == [{"id": "2"}]  # type: ignore[index]
    lookup.read_pages("orders", [0])
    assert lookup.shelves["orders"].by_id["7000000"].at == 0.0  # never young enough to be sent back


# -- reading again ------------------------------------------------------------------------------------


def test_documents_are_read_again_by_the_page_where_it_serves_several_and_singly_else() -> None:
    store = Fake(orders=2000)
    lookup = looking(store)
    lookup.orders(numbers(range(0, 2000, 2)))
    store.calls.clear()
    lookup.refresh("orders", ["7000001", "7000002", "7000003", "7000700", "7009999"])
    assert sorted(store.calls) == ["orders/7000700", "orders/7009999", "orders?0"]


def test_what_is_gone_is_none_and_leaves_the_shelf() -> None:
    store = Fake(inventory=5)
    lookup = looking(store)
    lookup.inventory(["300001"], [])
    del store.items_[1]
    assert lookup.refresh("inventory", ["300001"]) == {"300001": None}
    assert "300001" not in lookup.shelves["inventory"].by_id


def test_an_age_is_counted_from_before_the_request_left() -> None:
    store = Fake(orders=5)
    ticks = iter(range(100))
    lookup = Lookup(store, Facts(), clock=lambda: float(next(ticks)))  # type: ignore[arg-type]
    lookup.orders([OrderKey("id", "7000001")])
    assert lookup.shelves["orders"].by_id["7000001"].at == 0.0
