"""Planning takes time in proportion to the rows."""

from __future__ import annotations

import time

import pytest

from tests.plan.tables import order, plan, stock


def seconds(rows: int, kind: str) -> float:
    if kind == "stock":
        text = "code | stock | price\n" + "\n".join(f"SKU-{n} | {n} | 9.50" for n in range(rows))
        held = {"inventory": [stock(n) for n in range(rows)]}
    else:  # all of them are refused, each with a hint
        text = "order | tracking_number\n" + "\n".join(f"000{10_000 + n} | A{n}" for n in range(rows))
        held = {"orders": [order(n) for n in range(rows)]}
    resource = "inventory" if kind == "stock" else "shipments"
    began = time.process_time()
    plan(resource, text, **held)
    return time.process_time() - began


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stock", "refused"])
def test_eight_times_the_rows_take_about_eight_times_as_long(kind: str) -> None:
    seconds(2000, kind)  # imports, caches
    few = min(seconds(4000, kind) for _ in range(3))
    assert seconds(32_000, kind) < 24 * max(few, 0.02)
