"""`orderdesk-batch demo`: what a person sees first."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from orderdesk_batch import cli


def test_the_demo_plans_sends_and_sends_nothing_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo"]) == 0
    said = capsys.readouterr().out
    steps = [
        "1. A store to try things on", "2. The plan", "58 to create", "1 refused", "3. The upload", "58 done",
        "It took 1 call to read and 1 to write.", "4. The same sheet again", "59 parcels are on their orders already",
        "It took 1 call to read and 0 to write: nothing is sent twice.", "--keep FOLDER",
    ]  # fmt: skip
    places = [said.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), said


def test_the_commands_that_the_demo_shows_are_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    cli.run(["demo"])
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "upload shipments shipstation-tracking.csv --skip-bad-rows --weight-unit lb --results shipstation-tracking.results.xlsx"
        in shown
    )


def test_the_demo_leaves_the_sheet_and_the_results_workbook_where_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    assert cli.run(["demo", "--keep", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["shipstation-tracking.csv", "shipstation-tracking.results.xlsx"]
    book = CalamineWorkbook.from_path(str(folder / "shipstation-tracking.results.xlsx"))
    headings, *rows = book.get_sheet_by_index(0).to_python()
    results = [row[headings.index("result")] for row in rows]
    assert {result: results.count(result) for result in set(results)} == {"done": 58, "none": 1, "refused": 1}
    assert str(folder / "shipstation-tracking.results.xlsx") in capsys.readouterr().out.replace("\n", "")


def test_the_demo_a_second_time_keeps_the_first_results(tmp_path: Path) -> None:
    for _ in range(2):
        assert cli.run(["demo", "--keep", str(tmp_path)]) == 0
    assert (tmp_path / "shipstation-tracking.results.2.xlsx").is_file()


def test_the_demo_leaves_nothing_behind_and_touches_no_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, home = tmp_path / "tmp", tmp_path / "mine"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("ORDERDESK_BATCH_HOME", str(home))
    monkeypatch.setenv("ORDERDESK_STORE_ID", "1")
    monkeypatch.setenv("ORDERDESK_API_KEY", "a-key-of-a-real-store")
    monkeypatch.setenv("ORDERDESK_BASE_URL", "http://127.0.0.1:9/api/v2")
    assert cli.run(["demo"]) == 0
    assert list(scratch.iterdir()) == []
    assert not home.exists()
