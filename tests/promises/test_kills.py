"""Promise 5: a run that is killed, anywhere, and resumed, ends as if it had not been.

A child process goes on with a run and is killed with SIGKILL when the store reads its n-th request (before the
work is done), when the work of its n-th request was done (before the answer), or ends without a word right
before or after its n-th commit to the run file. Then `resume` goes on, in another process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import Request
from tests.promises.child import KILLED
from tests.promises.jobs import JOBS
from tests.promises.play import judge
from tests.promises.stage import Scene, Stage, forget

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the child forks")
SAMPLED = ("ship", "orders-all-at-once")


class Child:
    """The process that forks."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.promises.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )  # fmt: skip
        self.number = 0  # of the process that plays

    def play(self, stage: Stage, run: Path, die: tuple[str, int] | None = None) -> int:
        """Let it go on with a run; the exit status, negative for a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"run": str(run), "url": stage.server.url, "store_id": stage.box.store_id, "key": stage.box.api_key,
                 "home": str(stage.folder / "home"), "die": die}  # fmt: skip
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.number = int(self._process.stdout.readline())
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child.close()


def names() -> list[Any]:
    """Every job, killed everywhere; two of them, killed here and there, are in the fast suite."""
    slow = [pytest.param(name, 1, id=name, marks=pytest.mark.slow) for name in JOBS]
    return [*slow, *(pytest.param(name, 7, id=f"{name}-sample") for name in SAMPLED)]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("name", "every"), names())
def test_killed_at_any_request_it_goes_on_as_if_it_had_not_been(stage: Stage, child: Child, name: str, every: int, moment: str) -> None:
    scene = stage.scene(name)
    for at in range(every // 2, scene.requests, every):
        run = stage.begin(scene)

        def strike(request: Request, at: int = at) -> None:
            if request.index == at:
                os.kill(child.number, signal.SIGKILL)

        setattr(stage.server, moment, strike)
        status = child.play(stage, run)
        setattr(stage.server, moment, None)
        if status != -signal.SIGKILL:
            assert status == 0  # a look that this start did not need
            continue
        ends_well(stage, scene, run, f"{name}, killed {moment} the work of request {at}")
        stage.count("kills at a request", 1)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("name", "every"), names())
def test_killed_at_any_commit_it_goes_on_as_if_it_had_not_been(stage: Stage, child: Child, name: str, every: int, moment: str) -> None:
    scene = stage.scene(name)
    for at in range(1 + every // 2, 3 * scene.requests, every):
        run = stage.begin(scene)
        status = child.play(stage, run, (moment, at))
        if status == 0:
            break  # there are fewer commits
        assert status == KILLED
        ends_well(stage, scene, run, f"{name}, killed {moment} commit {at}")
        stage.count("kills at a commit", 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(JOBS))
def test_killed_twice_it_goes_on_as_if_it_had_not_been(stage: Stage, child: Child, name: str) -> None:
    scene = stage.scene(name)
    for at in range(2, 2 * scene.requests, 5):
        run = stage.begin(scene)
        if child.play(stage, run, ("after", at)) == KILLED and child.play(stage, run, ("after", 2)) == KILLED:
            ends_well(stage, scene, run, f"{name}, killed after commit {at}, and again after the second")
            stage.count("kills in pairs", 1)


def ends_well(stage: Stage, scene: Scene, run: Path, what: str) -> None:
    stage.server.settle()
    try:
        judge(stage, scene, stage.finish(run))
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from None
    forget(run)
