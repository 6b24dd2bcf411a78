"""What the tests of archives share: a store whose time moves when told, and its archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orderdesk_batch.sandbox import filters
from tests.archive.kept import Kept

pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """A store of 60 orders and 6 inventory items that gives 20 records a page, and an archive of it that is not there yet."""
    monkeypatch.setattr(filters, "LIMIT_MAX", 20)
    made = Kept(tmp_path)
    yield made
    made.close()
