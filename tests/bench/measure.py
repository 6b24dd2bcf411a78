"""Runs the standard jobs against the sandbox at the real rate, and writes what came out into docs/benchmark.md.

    python -m tests.bench.measure [J1 J5 …]

With names, only these jobs are run, and the page is left alone. Takes some eight minutes, nearly all of it waiting.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from orderdesk_batch.desk import Desk
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.bench import rate
from tests.bench.jobs import JOBS, Floor, Job, Row, write
from tests.bench.usual import Script

PAGE = Path(__file__).parents[2] / "docs" / "benchmark.md"
BEGIN, END = "<!-- jobs -->", "<!-- /jobs -->"
PATIENCE = 180.0  # seconds: a usual script that needs longer is run without a limit, and its time computed
UNLIMITED = (10**6, 1e6)


@dataclass(frozen=True)
class Ours:
    """What our own tool took."""

    calls: int
    first: int  # the first time, when nobody knows how many records there are
    seconds: float
    refused: int


@dataclass(frozen=True)
class Usual:
    """What the usual script took, those requests included that were refused with 429."""

    calls: int
    seconds: float
    refused: int
    computed: bool


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    job: Job
    floor: Floor
    ours: Ours
    usual: Usual


def measure(job: Job, folder: Path) -> Line:
    """Run a job both ways, each on a fresh store with the same data."""
    with job.box() as box:
        rows = job.sheet(box)
        floor = job.floor(box, rows)
        ours = _ours(job, box, write(rows, folder / f"{job.name}.csv"), folder / job.name)
    return Line(job, floor, ours, _usual(job, rows))


def _ours(job: Job, box: Sandbox, sheet: Path, home: Path) -> Ours:
    def desk() -> Desk:
        return Desk(Store(box.store_id, box.api_key, base_url=box.url), folder=home)

    with desk() as newcomer:
        first_reads = job.reads(newcomer, sheet)
    box.requests.clear()
    box.bucket().fill()
    began = time.perf_counter()
    with desk() as regular:
        done = job.ours(regular, sheet)
    seconds = time.perf_counter() - began
    if done != job.rows:
        raise SystemExit(f"{job.name}: only {done} of {job.rows} were done")
    refused = sum(seen.status == 429 for seen in box.requests)
    methods = [seen.method for seen in box.requests]  # the store's settings are remembered by now
    reads = next((n for n, method in enumerate(methods) if method != "GET"), len(methods))
    return Ours(len(methods), len(methods) + first_reads - reads, seconds, refused)


def _usual(job: Job, rows: list[Row]) -> Usual:
    computed = rate.loop(job.usual_calls(), 0.0)[0] > PATIENCE
    with job.box(bucket=UNLIMITED if computed else (rate.BURST, rate.RATE)) as box:
        script, began = Script(box), time.perf_counter()
        job.usual(script, rows)
        script.close()
        seconds = time.perf_counter() - began
        calls, refused = script.sent, script.refused
    if computed:
        seconds, refused = rate.loop(calls, seconds / calls)
        calls += refused
    return Usual(calls, seconds, refused, computed)


def table(lines: list[Line]) -> str:
    """The table, and beneath it why there is no way with fewer requests."""
    head = [
        "| | the job | requests | fewest possible | usual script | time | at the allowed rate | usual script |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {line.job.name} | {line.job.sentence()} | **{line.ours.calls:,}**{_first(line.ours)} | {line.floor.calls:,} | "
        f"{line.usual.calls:,} | **{span(line.ours.seconds)}** | {span(rate.allowed(line.floor.calls))} | "
        f"{span(line.usual.seconds)}{' *' if line.usual.computed else ''} |"
        for line in lines
    ]
    why = [f"- **{line.job.name}**, {line.floor.calls:,} = {line.floor}: {line.job.why()}." for line in lines]
    refused = sum(line.ours.refused for line in lines)
    kept = "Of our requests none was refused for coming too fast." if not refused else f"Of our requests {refused} were refused with 429."
    made = f"Made by `make bench` on {dt.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores."
    return "\n".join([made, "", *head, *rows, "", kept, "", "Why it can't be fewer:", "", *why])


def _first(ours: Ours) -> str:
    return f" ({ours.first:,} the first time)" if ours.first != ours.calls else ""


def span(seconds: float) -> str:
    """Seconds as people say them.

    >>> span(0.0), span(0.2), span(63.4), span(662)
    ('at once', '1 s', '64 s', '11.0 min')
    """
    if not seconds:
        return "at once"
    return f"{math.ceil(seconds)} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def main(names: list[str]) -> None:
    """Run the jobs, show each as it is done, and write the table."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for job in JOBS:
            if not names or job.name in names:
                line = measure(job, Path(folder))
                lines.append(line)
                usual = "computed" if line.usual.computed else "run"
                print(f"{job.name}: {job.sentence()}: {line.ours.calls} requests (fewest {line.floor.calls}, first time {line.ours.first}) "
                      f"in {line.ours.seconds:.1f} s (allowed {rate.allowed(line.floor.calls):.1f}), refused {line.ours.refused}; the usual "
                      f"script, {usual}: {line.usual.calls} in {line.usual.seconds:.0f} s, refused {line.usual.refused}", flush=True)  # fmt: skip
    if not names:
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table(lines)}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
