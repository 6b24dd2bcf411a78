"""The stage is built once for each process; a job is planned when the first of its scenarios is played."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.promises.counting import keep
from tests.promises.stage import Stage


@pytest.fixture(scope="session")
def the_stage(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()
    keep(pytestconfig, stage.counted)


@pytest.fixture
def stage(the_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("ORDERDESK_BATCH_HOME", str(the_stage.folder / "home"))
    return the_stage
