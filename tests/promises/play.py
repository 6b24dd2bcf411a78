"""This file holds how one scenario is played, and what is asked of its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from orderdesk_batch.plan import Plan
from tests.faults import Fault
from tests.promises.stage import Scene, Stage, forget, outcomes
from tests.promises.truth import lies


class NoScenario(Exception):
    """The fault did not fire: there is no such request, or no batch of that size."""


def play(stage: Stage, scene: Scene, faults: Iterable[Fault], workers: int = 1) -> Plan:
    """Play a job with these faults, then resume until nothing is left, and hold the end against the promise."""
    faults = list(faults)
    run = stage.begin(scene, faults)
    with stage.desk(workers) as desk:
        first = desk.apply(run, yes=True)
    stage.server.settle()
    if not all(any(fault is fired for fired, _ in stage.server.fired) for fault in faults):
        raise NoScenario
    stage.server.run_late()
    assert (told := lies(first, stage.box)) == [], told
    plan = first if done(first) else stage.finish(run)
    judge(stage, scene, plan)
    forget(run)
    return plan


def done(plan: Plan) -> bool:
    return set(outcomes(plan)) == {"done"}


def judge(stage: Stage, scene: Scene, plan: Plan) -> None:
    """The end of a scenario: all done, the store as after a run without faults, and nothing more to do."""
    assert done(plan), outcomes(plan)
    now = stage.now(scene)
    for name, wanted in scene.end.items():
        missing, more = Counter(wanted) - Counter(now[name]), Counter(now[name]) - Counter(wanted)
        assert not missing and not more, f"{name}:\nmissing {list(missing)}\ninstead {list(more)}"
