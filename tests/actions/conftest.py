"""Fixtures for whole uploads over HTTP: one sandbox, put back as it was before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.sandbox import Sandbox, Switches
from tests.actions.stage import Uploads, fast


@pytest.fixture(scope="session")
def standing() -> Iterator[tuple[Sandbox, dict[str, Any]]]:
    """A sandbox with 60 orders and 40 inventory items, and its state."""
    with Sandbox(orders=60, inventory=40, bucket=(10**6, 1e6)) as running:
        yield running, running.dump()


@pytest.fixture
def box(standing: tuple[Sandbox, dict[str, Any]]) -> Sandbox:
    """That sandbox, as it was at first."""
    running, state = standing
    running.restore(state)
    running.switches = Switches()
    running.requests.clear()
    return running


@pytest.fixture
def up(box: Sandbox, tmp_path: Path) -> Iterator[Uploads]:
    """Uploads to that sandbox."""
    with Desk(fast(box), folder=tmp_path / "home") as desk:
        yield Uploads(desk, box, tmp_path)
