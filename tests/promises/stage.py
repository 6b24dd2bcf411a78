"""This file holds the stage: a store behind a server of faults, and one job at a time played on it."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.plan import Plan
from orderdesk_batch.sandbox import Sandbox, Switches
from orderdesk_batch.store import Store
from tests.faults import Fault, FaultServer
from tests.promises.jobs import JOBS, Job, normal

SPEED = 1000.0  # waits for the store's rate pass so many times faster
SETTLE = 0.04  # seconds until the second look
TIMEOUT = 0.15  # seconds until the client gives up
BATCH = 7


class Player(Desk):
    """A desk that writes no results workbook: that is tested elsewhere, and would take longer than all the rest."""

    def _reserve(self, *args: Any) -> None:
        return None


@dataclass
class Scene:
    """A job that was planned once: its run as it was saved, the store before it, and after a run without faults."""

    job: Job
    run: Path
    dump: dict[str, Any]
    end: Any
    requests: int  # of the run without faults
    writes: list[int]  # which of them are writes
    changes: int


class Stage:
    """Plays jobs, each from the same start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.box = Sandbox(orders=60, inventory=40, bucket=(10**9, 1e9))
        self.server = FaultServer(self.box.app)
        self._start = self.fresh = self.box.dump()
        self._scenes: dict[str, Scene] = {}
        self._number = 0
        self.counted: Counter[str] = Counter()

    def close(self) -> None:
        self.server.close()
        self.box.close()

    def store(self, workers: int = 1) -> Store:
        """A client in a hurry."""
        return hurried(self.box.store_id, self.box.api_key, self.server.url, workers)

    def count(self, what: str, scenarios: int) -> None:
        """Add to the number of scenarios, printed at the end."""
        self.counted[what] += scenarios

    def desk(self, workers: int = 1) -> Desk:
        return Player(self.store(workers), folder=self.folder / "home")

    def scene(self, name: str) -> Scene:
        """A job, planned and played once without faults."""
        if name not in self._scenes:
            job = JOBS[name]
            self.box.restore(self._start)
            job.before(self.box)
            self.box.switches = replace(Switches(), **job.switches)
            dump = self.box.dump()
            run = self.folder / f"{name}.run"
            with self.desk() as desk:
                desk.memory.put(once={}, creating={})
                self.server.reset()
                plan = desk.plan(job.resource, job.write(self.folder), run=run, batch_size=BATCH, settle=SETTLE, **job.options)
                assert not plan.problems and plan.run, [str(problem) for problem in plan.problems]
                saved = self.copy(run)
                self.server.reset()
                plan = desk.apply(saved, yes=True)
                assert plan.results["done"] == sum(plan.results.values()) > 0, outcomes(plan)
            writes = [request.index for request in self.server.requests if request.method != "GET"]
            self._scenes[name] = Scene(
                job, run, dump, normal(self.box.dump(), dump), self.server.count, writes, len(list(plan.writing()))
            )  # fmt: skip
        return self._scenes[name]

    def copy(self, run: Path) -> Path:
        self._number += 1
        return Path(shutil.copy(run, self.folder / f"play-{self._number}.run"))

    def begin(self, scene: Scene, faults: Iterable[Fault] = ()) -> Path:
        """The store as it was before the job, with these faults to come; a copy of the run."""
        self.server.settle()
        self.box.restore(scene.dump)
        self.box.switches = replace(Switches(), **scene.job.switches)
        self.server.before = self.server.after = None
        self.server.reset(faults)
        with self.desk() as desk:
            desk.memory.put(once={}, creating={})  # nor was anything uploaded yet
        return self.copy(scene.run)

    def finish(self, run: Path, *, limit: int = 4) -> Plan:
        """Resume until nothing is left to do."""
        for _ in range(limit):
            with self.desk() as desk:
                plan = desk.resume(run, yes=True, retry_failed=True)
            if all(state == "done" for state in outcomes(plan)):
                break
        return plan

    def now(self, scene: Scene) -> Any:
        return normal(self.box.dump(), scene.dump)


def hurried(store_id: str, key: str, url: str, workers: int = 1) -> Store:
    """A client whose waits pass a thousand times faster, and that gives up early."""
    bucket = Bucket(10**6, 1e6, clock=lambda: time.monotonic() * SPEED, wait=_nap, chance=lambda: 0.0)
    return Store(
        store_id, key, base_url=url, bucket=bucket, timeouts=(2.0, TIMEOUT), workers=workers, wait=_nap, chance=lambda: 0.0
    )  # fmt: skip


def outcomes(plan: Plan) -> dict[str, list[str]]:
    """Each state with what is said of the changes that have it."""
    said: dict[str, list[str]] = {}
    for change in plan.writing():
        said.setdefault(change.state, []).append(f"{change.key}: {change.message}")
    return said


def _nap(seconds: float) -> None:
    if seconds > 0:
        time.sleep(min(seconds, 5.0) / SPEED)


def forget(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        with suppress(OSError):
            one.unlink()
