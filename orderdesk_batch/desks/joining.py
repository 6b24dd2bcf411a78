"""This file holds how plans of several stores become one, and one becomes several again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..desk.routing import in_order
from ..plan import Change, Plan, safety


def joined(plans: Mapping[str, Plan]) -> Plan:
    """One plan of several stores: the changes of one after those of another, each with its store's name."""
    whole = Plan(next(iter(plans.values())).resource)
    for name, plan in plans.items():
        shift = len(whole.changes)
        for change in plan.changes:
            change.store = name
            change.number += shift
            change.after = [number + shift for number in change.after]
        whole.changes += plan.changes
        whole.once |= {str(int(number) + shift): marks for number, marks in plan.once.items()}
        whole.problems += plan.problems
        whole.refused += plan.refused
        whole.refused_rows |= plan.refused_rows
        whole.stores.append({"name": name, "id": plan.store_id, "store_name": plan.store_name})
        whole.undoes = whole.undoes or plan.undoes
        whole.sheet_name = whole.sheet_name or plan.sheet_name
        whole.calls += plan.calls
        whole.seconds = max(whole.seconds, plan.seconds)  # side by side: each has its own limit
        for kind, count in plan.requests.items():
            whole.requests[kind] += count
    whole.problems = in_order(whole.problems)
    whole.unsafe = " ".join(f"{name}: {plan.unsafe}" for name, plan in plans.items() if plan.unsafe)
    whole.sets_off = safety.sets_off(whole)
    whole.store_name = stores_named(list(plans))
    whole.members = dict(plans)
    return whole


def stores_named(names: Sequence[str]) -> str:
    """Several stores for people.

    >>> stores_named(["north", "south"]), stores_named([f"s{n}" for n in range(30)])
    ('2 stores (north, south)', '30 stores')
    """
    return f"{len(names)} stores" + (f" ({', '.join(names)})" if len(names) <= 5 else "")


def split(plan: Plan) -> dict[str, Plan]:
    """The plans of the single stores again; their changes are those of the whole plan, not copies."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for change in plan.changes:
        changes[change.store].append(change)
    parts = {}
    for store in plan.stores:
        name = store["name"]
        part = Plan(plan.resource, changes[name], store_id=store["id"], store_name=store["store_name"], run=plan.run, sheet_name=plan.sheet_name,
                    taken_back=plan.taken_back)  # fmt: skip
        if (member := plan.members.get(name)) is not None:
            part.lookup = member.lookup
        parts[name] = part
    return parts
