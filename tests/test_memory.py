"""What is remembered of a store is in a private file, whole or not at all, and no error where it can't be kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orderdesk_batch.memory import Memory, zone_of

URL = "https://example.com/v2"


def test_what_is_remembered_is_had_by_the_next_and_by_nobody_else(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "42", URL)
    memory.put(weight_unit="oz")
    assert Memory(tmp_path, "42", URL).get("weight_unit") == "oz"
    assert Memory(tmp_path, "43", URL).get("weight_unit") is None
    assert os.name != "posix" or memory.path.stat().st_mode & 0o777 == 0o600


def test_a_stores_zone_is_known_by_its_id_unless_two_addresses_differ_in_it(tmp_path: Path) -> None:
    assert zone_of("42", tmp_path) is None
    Memory(tmp_path, "42", URL).put_settings({"id": "42", "zone": "Asia/Tokyo"})
    Memory(tmp_path, "43", URL).put_settings({"id": "43", "zone": "Europe/Rome"})
    (tmp_path / "stores" / "spoilt.json").write_text('["', "utf-8")
    assert zone_of("42", tmp_path) == "Asia/Tokyo"
    Memory(tmp_path, "42", "https://example.org/v2").put_settings({"id": "42", "zone": "Europe/Oslo"})
    assert zone_of("42", tmp_path) is None


def test_a_full_disk_costs_no_more_than_what_was_to_be_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Memory(tmp_path, "42", URL).put(weight_unit="oz")

    def full(beside: Path, place: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    memory = Memory(tmp_path, "42", URL)
    memory.put(weight_unit="g")
    assert memory.get("weight_unit") == "g"
    assert Memory(tmp_path, "42", URL).get("weight_unit") == "oz"
    assert [path.name for path in (tmp_path / "stores").iterdir()] == [memory.path.name]
