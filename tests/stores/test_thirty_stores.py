"""Thirty stores: 3,000 rows in one run, each store at its own allowed rate, and one of them with a wrong key."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import orderdesk_batch as od
from orderdesk_batch.profiles import Profile, Profiles
from orderdesk_batch.sandbox import Sandbox, StoreSpec

STORES, ROWS = 30, 100
LATENCY = 1.0  # seconds an answer takes, so that one store after the other would take a minute and a half at least


@pytest.mark.slow
def test_three_thousand_tracking_numbers_go_to_thirty_stores_in_about_the_time_of_one(tmp_path: Path) -> None:
    names = [f"shop-{n:02d}" for n in range(STORES)]
    specs = [StoreSpec(id=str(100 + n), key=f"key-{n}", name=f"Shop {n}", seed=3) for n in range(STORES)]
    with Sandbox(orders=150, inventory=0, stores=specs, latency=LATENCY) as box:
        for spec, name in zip(specs, names, strict=True):
            Profiles().put(Profile(name, spec.id, box.url, "file"), spec.key if name != "shop-17" else "revoked")
        numbers = _numbers(box)
        started = time.monotonic()
        with od.connect_all(names[:1]) as one:
            alone = one.upload("shipments", _sheet(tmp_path / "one.csv", names[:1], numbers, "ALONE"), yes=True)
        of_one = time.monotonic() - started
        started = time.monotonic()
        with od.connect_all() as desks:
            plan = desks.upload("shipments", _sheet(tmp_path / "all.csv", names, numbers, "TRK"), yes=True)
        of_all = time.monotonic() - started
    assert alone.results["done"] == ROWS
    assert plan.results["done"] == (STORES - 1) * ROWS
    assert plan.refused == ROWS
    assert [problem.reason.partition(":")[0] for problem in plan.warnings] == ["shop-17"]
    assert plan.requests["rate_limited"] == 0
    assert plan.requests["read"] + plan.requests["written"] == 2 * (STORES - 1)  # a page and a batch each
    assert of_all < STORES * of_one / 3, f"{of_all:.1f} s for all, {of_one:.1f} s for one"


def _numbers(box: Sandbox) -> list[str]:
    """The numbers that one order alone has; the same in every store, which are made alike."""
    found = [str(order["source_id"]) for order in box.orders()]
    plain = [number for number in found if number.isdigit() and number.startswith("10") and len(number) == 5 and found.count(number) == 1]
    return plain[:ROWS]


def _sheet(path: Path, names: list[str], numbers: list[str], prefix: str) -> str:
    rows = [f"{name},{number},{prefix}{name[-2:]}{number}" for name in names for number in numbers]
    path.write_text("\n".join(["store,Order Number,Tracking Number", *rows]) + "\n", "utf-8")
    return str(path)
