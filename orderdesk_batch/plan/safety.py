"""This file holds what keeps a plan safe: its limits, what it sets off, and how many calls it takes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from ..kinds import CLEAR
from .change import Change, Plan

MANY_DELETES = 10
LARGE_PART = 0.30  # of the store
FEW_DELETES = 5  # below this, a part of the store is no reason to worry


def needs_total(plan: Plan) -> list[str]:
    """The resources whose totals the limits need to know."""
    deletes = _deletes(plan)
    needed = [name for name in ("orders", "inventory") if deletes[name] >= FEW_DELETES]
    if "inventory" not in needed and any(_to_zero(change) for change in plan.writing()):
        needed.append("inventory")
    return needed


def limit_passed(plan: Plan, totals: Mapping[str, int]) -> str:
    """The safety limit that a plan passes, as a sentence with its numbers; "" when it is safe."""
    deletes = _deletes(plan)
    count = sum(deletes.values())
    if count > MANY_DELETES:
        return f"This would delete {count:,} records; more than {MANY_DELETES} need --force."
    for name in ("orders", "inventory"):
        total = totals.get(name, 0)
        if deletes[name] >= FEW_DELETES and total and deletes[name] > LARGE_PART * total:
            part = deletes[name] / total
            return (
                f"This would delete {part:.0%} of the store's {_many(name)} ({deletes[name]:,} of {total:,}); "
                f"more than {LARGE_PART:.0%} needs --force."
            )
    zero = sum(_to_zero(change) for change in plan.writing())
    total = totals.get("inventory", 0)
    if total and zero > LARGE_PART * total:
        return (
            f"This would set the stock of {zero / total:.0%} of the inventory to zero ({zero:,} of {total:,} items); "
            f"more than {LARGE_PART:.0%} needs --force."
        )
    return ""


def _deletes(plan: Plan) -> Counter[str]:
    """How many records are deleted, by resource; undoing what a run created does not count."""
    counted: Counter[str] = Counter()
    for change in plan.writing():
        if change.undoes:
            continue
        if change.action == "delete":
            counted[change.resource] += 1
        if change.items:
            counted["items"] += sum(item.action == "delete" for item in change.items)
    return counted


def _to_zero(change: Change) -> bool:
    if change.resource != "inventory" or change.action != "update" or "stock" not in change.fields:
        return False
    return change.fields["stock"][1] in (0, CLEAR)


def _many(name: str) -> str:
    return "orders" if name == "orders" else "inventory items"


def sets_off(plan: Plan) -> list[str]:
    """What sending the plan sets off, beside the changes themselves [help]."""
    said = []
    writing = list(plan.writing())
    parcels = [change for change in writing if change.resource == "shipments" and change.action == "create"]
    if parcels:
        buyers: defaultdict[str, set[Any]] = defaultdict(set)  # store → orders: those of two stores may have the same ids
        for change in parcels:
            buyers[change.store].add(change.order_id or tuple(change.after))
        count = sum(map(len, buyers.values()))
        who = "1 buyer" if count == 1 else f"{count:,} buyers"
        said.append(
            f"Adding shipments can push tracking numbers to the carts and run the store's rules: {who} may get an e-mail."
        )
    orders = [change for change in writing if change.resource == "orders"]
    created = sum(change.action == "create" for change in orders)
    if created:
        one = created == 1
        said.append(
            f"{'The order' if one else f'{created:,} orders'} created here {'is' if one else 'are'} billed by Order Desk "
            "like any other, and the store's rules may fire."
        )
    moved = sum(any(step.verb == "move" for step in change.steps) for change in orders)
    if moved:
        said.append(f"Moving {'an order' if moved == 1 else f'{moved:,} orders'} to another folder may fire the store's rules.")
    deleted = sum(change.action == "delete" for change in orders)
    if deleted:
        said.append("Deleted orders can be created again by `undo`, but under a new id.")
    return said


def calls(plan: Plan, batch_size: int) -> int:
    """How many writes sending the plan takes, as far as can be known before."""
    count = 0
    batches: Counter[tuple[str, ...]] = Counter()
    order_puts = set()
    for change in plan.writing():
        for step in change.steps:
            if step.state == "done":
                continue
            if step.verb == "batch":
                batches[(change.resource,)] += 1
            elif step.verb == "move":
                batches[("move", str(change.fields["folder"][1]))] += 1
            elif step.verb == "order-put":
                order_puts.add(change.order_id)
            elif step.verb == "with-order":
                pass  # its order's own call brings it
            else:
                count += 1
    return count + len(order_puts) + sum(math.ceil(number / batch_size) for number in batches.values())
