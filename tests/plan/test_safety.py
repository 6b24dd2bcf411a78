"""The safety limits, to the number."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from orderdesk_batch.kinds import CLEAR
from orderdesk_batch.plan import Change, Plan, Step
from orderdesk_batch.plan.change import ItemChange
from orderdesk_batch.plan.safety import calls, limit_passed, needs_total, sets_off


def deletes(resource: str, count: int, undoes: int = 0) -> list[Change]:
    return [Change(n, resource, "delete", [n], "", steps=[Step("delete")], undoes=undoes) for n in range(1, count + 1)]


def zeroes(count: int, to: object = 0) -> list[Change]:
    return [Change(n, "inventory", "update", [n], "", fields={"stock": [5, to]}, steps=[Step("batch")]) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("changes", "total", "safe"),
    [
        (deletes("shipments", 10), 0, True),
        (deletes("shipments", 11), 0, False),
        (deletes("items", 5) + deletes("shipments", 5), 0, True),
        (deletes("items", 6) + deletes("shipments", 5), 0, False),
        (deletes("orders", 4), 4, True),
        (deletes("orders", 5), 16, False),  # 31 %
        (deletes("orders", 5), 17, True),  # 29 %
        (deletes("orders", 6), 20, True),  # 30 % is not more than 30 %
        (deletes("inventory", 6), 19, False),
        (deletes("shipments", 9), 9, True),
        (zeroes(3), 10, True),
        (zeroes(4), 10, False),
        (zeroes(4, CLEAR), 10, False),
        (zeroes(4, 1), 10, True),
        (deletes("orders", 50, undoes=1), 50, True),
        ([Change(1, "orders", "update", [1], "", items=[ItemChange("delete", str(n), "", [n], {}) for n in range(11)], steps=[Step("put")])], 0, False),
    ],
)  # fmt: skip
def test_what_passes_a_limit(changes: Iterable[Change], total: int, safe: bool) -> None:
    plan = Plan("x", list(changes))
    assert (limit_passed(plan, {"orders": total, "inventory": total}) == "") == safe


def test_the_sentence_gives_the_numbers() -> None:
    assert limit_passed(Plan("orders", deletes("orders", 5)), {"orders": 10}) == (
        "This would delete 50% of the store's orders (5 of 10); more than 30% needs --force."
    )
    assert "12 records" in limit_passed(Plan("items", deletes("items", 12)), {})


@pytest.mark.parametrize(
    ("changes", "needed"),
    [(deletes("orders", 4), []), (deletes("orders", 5), ["orders"]), (deletes("orders", 5, 1), []), (zeroes(1), ["inventory"]), (zeroes(1, 3), [])],
)
def test_a_total_is_asked_for_only_where_a_limit_may_be_passed(changes: list[Change], needed: list[str]) -> None:
    assert needs_total(Plan("x", changes)) == needed


def test_calls_are_counted_as_they_are_sent() -> None:
    batches = [Change(n, "shipments", "create", [n], "", steps=[Step("batch")]) for n in range(250)]
    moves = [Change(n, "orders", "update", [n], "", fields={"folder": ["1", str(n % 2)]}, steps=[Step("put"), Step("move")]) for n in range(3)]
    together = [Change(n, "items", "update", [n], "", order_id="7", steps=[Step("order-put")]) for n in range(5)]
    assert calls(Plan("x", batches), 100) == 3
    assert calls(Plan("x", moves), 100) == 3 + 2
    assert calls(Plan("x", together), 100) == 1


def test_what_is_set_off_is_said_in_numbers() -> None:
    parcels = [Change(n, "shipments", "create", [n], "", order_id=str(n // 2), steps=[Step("batch")]) for n in range(4)]
    assert "2 buyers may get an e-mail" in sets_off(Plan("x", parcels))[0]
    made = [Change(n, "orders", "create", [n], "", steps=[Step("post")]) for n in range(3)]
    assert "3 orders created here are billed" in sets_off(Plan("x", made))[0]
