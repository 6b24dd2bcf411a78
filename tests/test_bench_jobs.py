"""The standard jobs of the benchmark, shortened, in a time of their own: each takes the fewest requests that can do it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.bench import rate
from tests.bench.jobs import Create, Export, FewTracking, Fields, Job, Move, Stock, Tracking, write

SHORT: tuple[Job, ...] = (
    Tracking("J1", 250, 1200),
    Stock("J2", 250, 1200),
    Move("J3", 250, 1200),
    Export("J4", 1200, 1200),
    Fields("J5", 104, 1500),
    Create("J6", 60, 600),
    FewTracking("J7", 3, 2600),
)


class Time:
    """A clock that only waiting turns, so that seconds of the allowed rate pass at once."""

    def __init__(self) -> None:
        self.now = 0.0
        self._began = time.time()

    def __call__(self) -> float:
        return self.now

    def since_1970(self) -> float:
        return self._began + self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def asked(box: Sandbox) -> list[int]:
    """The statuses of all requests but for that of the store's settings, which are read once a day."""
    return [seen.status for seen in box.requests if seen.path != "/store"]


@pytest.mark.parametrize("job", SHORT, ids=lambda job: f"{job.name}-{type(job).__name__}")
def test_a_standard_job_takes_the_fewest_requests_there_can_be_at_the_full_rate(job: Job, tmp_path: Path) -> None:
    clock = Time()
    with job.box(clock=clock) as box:
        rows = job.sheet(box)
        sheet = write(rows, tmp_path / "sheet.csv")

        def desk() -> Desk:
            bucket = Bucket(clock=clock, wait=clock.wait)
            store = Store(box.store_id, box.api_key, base_url=box.url, workers=1, clock=clock, wait=clock.wait, bucket=bucket)
            return Desk(store, folder=tmp_path / "home", clock=clock.since_1970)

        floor = job.floor(box, rows)
        with desk() as first:
            assert job.reads(first, sheet) <= floor.reads + 1  # the first time nobody knows how many records there are
        box.requests.clear()
        box.bucket().fill()
        began = clock.now
        with desk() as second:
            assert job.ours(second, sheet) == job.rows
        assert asked(box) == [200] * floor.calls
        assert clock.now - began <= rate.allowed(floor.calls) + 1


def test_the_readme_tells_of_tracking_numbers_what_the_table_says() -> None:
    top = Path(__file__).parents[1]
    line = next(line for line in (top / "docs" / "benchmark.md").read_text("utf-8").splitlines() if line.startswith("| J1 |"))
    _, _, job, ours, fewest, usual, seconds, _, minutes, _ = (cell.strip(" *") for cell in line.split("|"))
    told = re.search(
        r"1,000 tracking numbers for a store of 3,000 orders take (\d+) requests and a few seconds; "
        r"a script that goes row by row takes more than ([\d,]+)\s+requests and (\d+) minutes",
        (top / "README.md").read_text("utf-8"),
    )
    assert told and job == "1,000 tracking numbers by order number, among 3,000 orders"
    assert told[1] == ours == fewest
    assert int(told[2].replace(",", "")) == int(usual.replace(",", "")) // 100 * 100
    assert f"{int(told[3])} min" == re.sub(r"\.\d", "", minutes)
    assert seconds.endswith(" s") and int(seconds[:-2]) <= 9
