"""Tests of the workbook of a plan: a line for each changed field."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import show_cases as cases

from orderdesk_batch import show
from orderdesk_batch.plan.change import Change, Plan, Step


def rows(plan: Plan, path: Path, tab: str = "Plan") -> list[dict[str, Any]]:
    """The rows of a sheet of the plan's workbook, by heading."""
    assert show.workbook(plan, path) == []
    head, *lines = openpyxl.load_workbook(path)[tab].iter_rows(values_only=True)
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_each_changed_field_is_a_line(tmp_path: Path) -> None:
    lines = rows(cases.stock(), tmp_path / "p.xlsx")
    assert [(line["row"], line["key"], line["field"], line["old"], line["new"]) for line in lines] == [
        (2, "00123", "stock", 12, 15), (2, "00123", "price", 9.5, 9.95), (2, "00123", "location", "Leeds", "(clear)"),
        (3, "1E5", "stock", 1200, 0), (4, "3-4", "stock", 7, 6),
    ]  # fmt: skip
    assert (
        lines[0]["action"] == "update"
        and lines[0]["for"] == "Blue mug"
        and lines[0]["state"] == "waiting"
        and lines[4]["note"] == "+5"
    )


def test_changes_without_fields_are_lines_too(tmp_path: Path) -> None:
    lines = rows(cases.orders(), tmp_path / "p.xlsx")
    assert [(line["action"], line["row"], line["field"], line["state"]) for line in lines if line["action"] in ("delete", "skip")] == [
        ("delete", 9, None, "waiting"), ("skip", 12, None, None),
    ]  # fmt: skip
    assert {line["row"] for line in lines if line["action"] == "create"} == {"4-7"}


def test_values_keep_their_types(tmp_path: Path) -> None:
    lines = rows(cases.shipments(1), tmp_path / "p.xlsx")
    assert {line["field"]: line["new"] for line in lines} == {
        "tracking_number": "1Z999AA10000000000", "carrier_code": "UPS", "shipment_method": "Ground",
        "date_shipped": dt.datetime(2026, 11, 23), "weight": 1.2, "cost": 7.85,
    }  # fmt: skip


def test_a_text_that_says_clear_is_told_from_the_wish_to_empty(tmp_path: Path) -> None:
    change = Change(1, "orders", "update", [2], "order 1", fields={"order_metadata.a": ["(clear)", "=1+1"]}, steps=[Step("put")])
    (line,) = rows(Plan("orders", [change]), tmp_path / "p.xlsx")
    assert (line["old"], line["new"]) == ("'(clear)", "=1+1")


@pytest.mark.parametrize("name", ["shipments", "stock", "orders", "applied"])
def test_it_can_be_filtered_and_no_cell_is_a_formula(name: str, tmp_path: Path) -> None:
    show.workbook(getattr(cases, name)(), tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["Plan", "Problems", "Summary"]
    assert book["Plan"].auto_filter.ref and book["Plan"].freeze_panes == "A2"
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def test_problems_and_the_way_to_apply_it_are_beside_it(tmp_path: Path) -> None:
    found = rows(cases.shipments(), tmp_path / "p.xlsx", "Problems")
    assert [(line["row"], line["value"], line["level"]) for line in found] == [
        (60, "99999", "error"),
        (61, None, "error"),
        (None, None, "warning"),
    ]
    said = {line["what"]: line["said"] for line in rows(cases.shipments(), tmp_path / "q.xlsx", "Summary")}
    assert said["create"] == 54 and said["to apply exactly this"] == "orderdesk-batch apply /home/ada/runs/2026-11-23-1.run"


def test_states_are_shown_once_a_run_has_begun(tmp_path: Path) -> None:
    lines = rows(cases.applied(), tmp_path / "p.xlsx")
    assert {line["state"] for line in lines} == {"done", "failed", "stale", "unknown", "waiting", None}
    assert next(line["note"] for line in lines if line["state"] == "failed") == "Shipment Not Added"
