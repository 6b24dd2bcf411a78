"""What the tests of exports share: a served sandbox that is as new for every test, and a desk at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox, Switches
from orderdesk_batch.store import Store

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
WIDE = (10**6, 1e6)  # a bucket that never runs dry


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[Sandbox, dict[str, Any]]]:
    with Sandbox(orders=120, inventory=40, bucket=WIDE, now=NOW) as box:
        yield box, box.dump()


@pytest.fixture
def box(_served: tuple[Sandbox, dict[str, Any]]) -> Sandbox:
    """A served sandbox, as new for every test."""
    box, dump = _served
    box.restore(dump)
    box.switches = Switches()
    box.requests.clear()
    return box


@pytest.fixture(scope="session")
def pristine(_served: tuple[Sandbox, dict[str, Any]]) -> dict[str, Any]:
    """The sandbox's state as it was made."""
    return _served[1]


@pytest.fixture(scope="session")
def _store(_served: tuple[Sandbox, dict[str, Any]]) -> Iterator[Store]:
    box, _ = _served
    store = Store(box.store_id, box.api_key, base_url=box.url, bucket=Bucket(*WIDE))
    yield store
    store.close()


@pytest.fixture
def desk(box: Sandbox, _store: Store, tmp_path: Path) -> Desk:
    """A desk at that sandbox, which remembers nothing yet."""
    return Desk(_store, folder=tmp_path / "home")
