"""Promise 5: whatever fails on the way, in the end the store is as without the failure, and the run tells the truth.

Each scenario plays one job on a store that fails at one request in one way (or at a write and then at the
look at it), and resumes until nothing is left. Its id says how to play it again:
`pytest tests/promises -k "ship-update-502_after-3"`. An index beyond a job's last request, or a kind that
can't strike there, is no scenario and is passed over; `test_the_number_of_scenarios` says how many count.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults import KINDS, Fault
from tests.promises.jobs import JOBS
from tests.promises.play import NoScenario, play
from tests.promises.stage import Scene, Stage

KINDS_ALONE = sorted(KINDS)
# The write fails, then the look at it.
PAIRS = (
    ("500_after", "502_before"), ("cut_after", "broken_before"), ("truncated_after", "429_bare"), ("hang_after", "html_after"),
    ("502_before", "empty_after"), ("cut_before", "cut_before"), ("503_before", "error200"), ("late", "504_before"),
)  # fmt: skip
THINNED = 8  # of the scenarios with one fault, every so many-th is played; all of them with THINNED = 1
SAMPLED = ("ship-500_after", "orders-create-cut_after", "stock-change-late")


def fault(kind: str, at: int) -> Fault:
    """A fault at the at-th request; `late` work is done when one further request was."""
    every = (lambda request: True) if kind == "refused" else None  # else it would count connections
    return Fault(kind, at=at, match=every, retry_after="0.01", rows=(0, 2, 5))


def chosen(name: str, kind: str, at: int) -> bool:
    """Every so many-th scenario, the same ones on every machine."""
    return zlib.crc32(f"{name} {kind} {at}".encode()) % THINNED == 0


def scenes() -> Iterator[Any]:
    """Every job with every kind; a few of them in the fast suite."""
    for name in JOBS:
        for kind in KINDS_ALONE:
            one = f"{name}-{kind}"
            yield pytest.param(name, kind, id=one, marks=[] if one in SAMPLED else [pytest.mark.slow])


@pytest.mark.parametrize(("name", "kind"), list(scenes()))
def test_after_any_fault_the_store_is_as_without_it(stage: Stage, name: str, kind: str) -> None:
    scene = stage.scene(name)
    indices = [at for at in range(scene.requests) if chosen(name, kind, at)]
    counted = sum(plays(stage, scene, at, (fault(kind, at),)) for at in indices)
    stage.count("one fault", counted)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
@pytest.mark.parametrize("name", list(JOBS))
def test_after_a_fault_of_a_write_and_one_of_the_look_at_it_too(stage: Stage, name: str, pair: tuple[str, str]) -> None:
    scene = stage.scene(name)
    counted = sum(plays(stage, scene, at, (fault(pair[0], at), fault(pair[1], at + 1))) for at in scene.writes[:8:2])
    stage.count("two faults", counted)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["500_after", "cut_before", "cut_after", "late", "429", "batch_failed", "hang_before"])
@pytest.mark.parametrize("name", list(JOBS))
def test_with_several_calls_in_flight_it_is_the_same(stage: Stage, name: str, kind: str) -> None:
    """Which call is struck depends on the threads; the end does not."""
    scene = stage.scene(name)
    counted = sum(plays(stage, scene, at, (fault(kind, at),), workers=5) for at in range(0, scene.requests, 3))
    stage.count("several calls in flight", counted)


def plays(stage: Stage, scene: Scene, at: int, faults: tuple[Fault, ...], workers: int = 1) -> bool:
    """Play a scenario; whether it counts: the faults struck."""
    try:
        play(stage, scene, faults, workers)
    except NoScenario:
        return False
    except AssertionError as error:
        kinds = "+".join(one.kind for one in faults)
        raise AssertionError(f"{scene.job.name}, {kinds} at request {at}: {error}") from None
    return True
