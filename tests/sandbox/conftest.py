"""What the sandbox's own tests share: a box with a clock that stands still, and a client for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from orderdesk_batch.sandbox import Sandbox, Switches  # noqa: E402 - after the path is set
from tests.sandbox.inprocess import Client, Clock  # noqa: E402 - after the path is set

NOW = datetime(2026, 3, 20, 12, 0, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "fact(id): the fact about the API, in the sandbox's table, that this test shows"
    )


Switch = Callable[..., None]


@pytest.fixture(scope="session")
def _shared() -> Iterator[tuple[Sandbox, Clock, dict[str, Any]]]:
    clock = Clock()
    box = Sandbox(orders=60, inventory=40, clock=clock, now=NOW, bucket=(20, 3.0))
    yield box, clock, box.dump()
    box.close()


@pytest.fixture
def clock(_shared: tuple[Sandbox, Clock, dict[str, Any]]) -> Clock:
    return _shared[1]


@pytest.fixture
def box(_shared: tuple[Sandbox, Clock, dict[str, Any]]) -> Sandbox:
    """A seeded sandbox, as new for every test, that isn't served."""
    box, clock, dump = _shared
    clock.at = 1000.0
    box.restore(dump)
    box.switches = Switches()
    box.requests.clear()
    box.bucket().fill()
    return box


@pytest.fixture
def client(box: Sandbox) -> Client:
    # Only the tests of the bucket want to run dry.
    box.bucket().size = box.bucket().rate = 1e9
    box.bucket().fill()
    return Client(box, box.stores[0])


@pytest.fixture
def switch(box: Sandbox) -> Switch:
    """Sets switches of the box: `switch(missing="error200")`."""

    def turn(**values: Any) -> None:
        box.switches = replace(box.switches, **values)

    return turn
