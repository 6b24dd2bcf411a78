"""Fixtures for the file reader's tests: workbooks read in this process, and the small files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sheet_cases import FILES, knows

from orderdesk_batch.sheets import Limits, Sheet, book, child, read


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are read in this process: starting another for each would take the tests minutes."""

    def ask(order: dict[str, Any], data: bytes, limits: Limits) -> bytes:
        return child.answer(order, data)

    monkeypatch.setattr(book, "_ask", ask)


@pytest.fixture
def file(here: None) -> Callable[..., Sheet]:
    """Reads one of the small files by its name."""

    def reading(name: str, **options: Any) -> Sheet:
        return read(str(FILES / name), **{"knows": knows, **options})

    return reading
