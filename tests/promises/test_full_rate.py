"""Whole jobs at the allowed rate of 20 at once and 3 a second: how long they take, beside a simulation; on a real socket, and
all sizes, latencies and ways of filling in a time of their own."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from orderdesk_batch.desk import Desk
from orderdesk_batch.plan import Plan
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from orderdesk_batch.store.verdict import Call
from tests.pacing import alone, chain, jitter, steady

pytestmark = pytest.mark.slow

SIZES = (5, 12, *range(19, 32), 36, 45, 60)  # calls of a job in all
WAITING = 24  # calls in flight or in line, as of a whole job

FIRST_ORDER, FIRST_ITEM = 7000001, 300001


@dataclass
class Timed:
    """A job's plan, and when its calls left and were answered, in seconds."""

    plan: Plan
    calls: list[tuple[float, float, str]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From the first call to the last answer."""
        return max(answered for _, answered, _ in self.calls) - min(sent for sent, _, _ in self.calls)

    def sent(self, method: str) -> int:
        return sum(one == method for _, _, one in self.calls)


def upload(box: Sandbox, folder: Path, resource: str, lines: list[str], **options: object) -> Timed:
    """Upload a sheet with the client as it is, the bucket as it is."""
    sheet = folder / "sheet.csv"
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    calls: list[tuple[float, float, str]] = []

    def heard(call: Call) -> None:
        now = time.monotonic()
        calls.append((now - call.seconds, now, call.method))

    with Desk(Store(box.store_id, box.api_key, base_url=box.url, on_request=heard), folder=folder / "home") as desk:
        return Timed(desk.upload(resource, str(sheet), yes=True, **options), calls)


def assert_at_full_rate(job: Timed, stages: list[int], latency: float) -> None:
    """At most 5 % + 0.3 s more than the simulation, in the calls that it counts, without a single 429."""
    assert job.plan.requests["rate_limited"] == 0
    assert len(job.calls) == sum(stages)
    assert job.seconds <= chain(stages, latency) * 1.05 + 0.3


def stock(rows: int) -> list[str]:
    return ["id,stock", *(f"{FIRST_ITEM + n},{5000 + n}" for n in range(rows))]


def test_a_thousand_stock_updates_at_fifty_milliseconds_take_no_longer_than_the_rate_asks_for(tmp_path: Path) -> None:
    with Sandbox(orders=5, inventory=1000, latency=0.05) as box:
        job = upload(box, tmp_path, "inventory", stock(1000), batch_size=25)
        assert [item["stock"] for item in box.inventory()] == [5000 + n for n in range(1000)]
    assert_at_full_rate(job, [1, 1, 1, 40], 0.05)


def test_orders_that_are_put_one_by_one_use_the_whole_rate_when_an_answer_takes_a_second(tmp_path: Path) -> None:
    lines = ["id,email", *(f"{FIRST_ORDER + n},new{n}@example.com" for n in range(42))]
    with Sandbox(orders=60, inventory=5, latency=1.0) as box:
        job = upload(box, tmp_path, "orders", lines)
        assert {order["email"] for order in box.orders()} >= {f"new{n}@example.com" for n in range(42)}
    assert_at_full_rate(job, [1, 1, 42], 1.0)


def test_a_full_bucket_of_batches_leaves_at_once_when_an_answer_takes_a_second(tmp_path: Path) -> None:
    lines = ["order.id,tracking_number,carrier_code,date_shipped"]
    lines += [f"{FIRST_ORDER + n},9400{n:06},USPS,2026-02-03" for n in range(180)]
    with Sandbox(orders=180, inventory=5, latency=1.0) as box:
        job = upload(box, tmp_path, "shipments", lines, batch_size=10)
    assert job.plan.results["done"] == 180
    assert (job.sent("GET"), job.sent("POST"), job.plan.requests["rate_limited"]) == (2, 18, 0)
    batches = [(sent, answered) for sent, answered, method in job.calls if method == "POST"]
    assert max(sent for sent, _ in batches) < min(answered for _, answered in batches)


def known_too_late(last: int, latency: float, steps: bool) -> bool:
    """Whether so many calls at once need a token before any answer can have told how the bucket fills."""
    return latency == 1.0 and 21 <= last <= (23 if steps else 21)


@pytest.mark.parametrize("steps", [False, True], ids=["smoothly", "by three once a second"])
@pytest.mark.parametrize("latency", [0.05, 1.0])
def test_a_job_of_any_length_reaches_the_rate_without_a_429_however_the_store_fills(latency: float, steps: bool) -> None:
    """First one to three calls that wait for each other, as when a plan is made, then all others at once."""
    for number, calls in enumerate(SIZES):
        for turn in range(9 if steps else 3):
            chained, late = 1 + turn % 3, (0.0, 0.5, 1.0)[(number + turn) % 3]
            job = {"workers": WAITING, "late": late, "chained": chained, "steps": steps}
            job["phase"] = (0.013 + 0.137 * number + turn / 9) % 1
            ours, ideal = (
                alone(calls, steady(latency), **job),
                alone(calls, steady(latency), ideal=True, **{**job, "workers": 60}),
            )
            assert (ours.refused, ours.done) == (0, calls)
            most = ideal.ended * 1.05 + 0.3
            if known_too_late(calls - chained, latency, steps):
                most = ideal.ended + 1.1
            assert ours.ended <= most, (calls, job)


@pytest.mark.parametrize("steps", [False, True], ids=["smoothly", "by three once a second"])
def test_latencies_from_seven_to_thirteen_tenths_of_a_second_cost_no_429_even_if_the_token_is_taken_last(steps: bool) -> None:
    for seed in range(12):
        job = {"workers": WAITING, "late": 1.0, "chained": 1 + seed % 3, "steps": steps, "phase": seed * 0.37 % 1}
        assert alone(25 + 5 * (seed % 5), jitter(0.7, 1.3, seed), **job).refused == 0


class Other:
    """Another program with the same key: it asks 3 times in 2 seconds, and waits when it is told to."""

    def __init__(self, box: Sandbox) -> None:
        self.asked = self.answered = 0
        self._url = f"{box.url}/inventory-items?limit=1"
        self._headers = {"ORDERDESK-STORE-ID": box.store_id, "ORDERDESK-API-KEY": box.api_key}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Other:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            wait = 0.0
            while not self._stop.wait(wait):
                answer = session.get(self._url, headers=self._headers, timeout=10)
                self.asked += 1
                self.answered += answer.status_code == 200
                wait = 2 / 3 if answer.status_code == 200 else float(answer.headers["X-Retry-After"])


def test_beside_a_client_that_takes_half_of_the_rate_both_get_on_and_no_row_is_lost(tmp_path: Path) -> None:
    with Sandbox(orders=5, inventory=400, latency=0.05) as box, Other(box) as other:
        job = upload(box, tmp_path, "inventory", stock(400), batch_size=10)
        assert [item["stock"] for item in box.inventory()] == [5000 + n for n in range(400)]
    assert job.plan.results["done"] == 400
    assert job.sent("PUT") <= 40 + job.plan.requests["rate_limited"]
    assert job.seconds <= chain([1, 1, 40], 0.05, rate=1.5) * 1.25 + 2
    assert other.answered >= 0.5 * job.seconds  # of the 1.5 a second that it asks for; a 429 costs it a second or more
