"""Tests of the templates, and that the committed ones are in step with the field table."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from orderdesk_batch.errors import UsageError
from orderdesk_batch.fields import RESOURCES
from orderdesk_batch.kinds import KINDS
from orderdesk_batch.sheets import headings, read, read_book
from orderdesk_batch.sheets.template import COLUMNS, columns, template

COMMITTED = Path(__file__).parent.parent / "templates"
ALL = [*RESOURCES, "book"]
FOLDERS = {"21654": "New", "21655": "Shipped", "21656": "=1+1", "21657": "New"}


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/app.xml"}  # it names the library


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each template, opened."""
    folder = tmp_path_factory.mktemp("templates")
    return {name: openpyxl.load_workbook(template(name, folder / f"{name}.xlsx", folders=FOLDERS)) for name in ALL}


@pytest.mark.parametrize("name", ALL)
def test_the_committed_templates_are_in_step(name: str, tmp_path: Path) -> None:
    path = COMMITTED / f"{name}.xlsx"
    if os.environ.get("RENEW"):
        template(name, path)
    assert parts(template(name, tmp_path / "t.xlsx")) == parts(path), "write it anew: RENEW=1 pytest tests/test_templates.py"


def test_a_template_is_the_same_file_each_time(tmp_path: Path) -> None:
    first, second = template("shipments", tmp_path / "a.xlsx"), template("shipments", tmp_path / "b.xlsx")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", list(RESOURCES))
def test_every_heading_is_a_field_and_says_what_it_is(name: str, made: dict[str, Any]) -> None:
    sheet = made[name][name]
    for cell in sheet[1]:
        field = RESOURCES[name].field(cell.value)
        assert field.use != "read-only" and cell.comment is not None
        assert field.name == "action" or field.sentence in cell.comment.text


@pytest.mark.parametrize("name", list(RESOURCES))
def test_text_columns_are_formatted_as_text_far_below_the_example(name: str, made: dict[str, Any]) -> None:
    sheet = made[name][name]
    for cell in sheet[1]:
        kind = RESOURCES[name].field(cell.value).kind
        expected = {"whole": "General", "money": "General", "weight": "General", "date": "yyyy-mm-dd"}.get(kind.name, "@")
        formats = {sheet.cell(row, cell.column).number_format for row in (2, 3, 400)}
        assert formats | {sheet.column_dimensions[cell.column_letter].number_format} == {expected}, cell.value
    assert {kind.name for kind in KINDS} >= {"whole", "money", "weight", "date"}


@pytest.mark.parametrize("name", list(RESOURCES))
def test_choices_have_drop_downs(name: str, made: dict[str, Any]) -> None:
    sheet = made[name][name]
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    for cell in sheet[1]:
        field = RESOURCES[name].field(cell.value)
        rule = rules.pop(f"{cell.column_letter}2:{cell.column_letter}1048576", None)
        if field.choices:
            assert rule == f'"{",".join(field.choices)}"'
        elif field.name == "folder":
            assert rule is not None and rule.startswith("'About'!$G$")
        else:
            assert rule is None
    assert not rules


def test_folders_of_one_name_are_offered_by_their_ids(made: dict[str, Any]) -> None:
    about = made["orders"]["About"]
    cells = [cell for cell in about["G"] if cell.value is not None]
    assert [cell.value for cell in cells] == ["the store's folders", "21654", "Shipped", "=1+1", "21657"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_without_a_store_there_is_no_drop_down_for_folders(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(template("orders", tmp_path / "t.xlsx"))["orders"]
    assert all("About" not in rule.formula1 for rule in sheet.data_validations.dataValidation)


@pytest.mark.parametrize("name", list(RESOURCES))
def test_an_untouched_template_is_read_without_an_error_and_only_skipped(name: str, tmp_path: Path) -> None:
    from orderdesk_batch.checks import check

    of = RESOURCES[name]
    sheet = read(template(name, tmp_path / "t.xlsx"), knows=lambda given: headings.score(of, given))
    checked = check(sheet, of)
    assert sheet.tab == name and sheet.rows == [2]
    assert [problem for problem in checked.problems if problem.level == "error"] == []
    assert [row.action for row in checked.rows()] == ["skip"]


def test_the_book_has_a_tab_for_each_resource_and_items_apart(tmp_path: Path, made: dict[str, Any]) -> None:
    assert made["book"].sheetnames == [*RESOURCES, "About"]
    tabs = read_book(template("book", tmp_path / "t.xlsx"))
    assert not any(heading.startswith("item.") for heading in tabs["orders"].headings)
    assert all(tabs[name].columns[0] == ["skip"] for name in RESOURCES)


@pytest.mark.parametrize("name", ALL)
def test_the_explaining_sheet_knows_every_column_that_can_be_set(name: str, made: dict[str, Any]) -> None:
    about = made[name]["About"]
    said = {cell.value for cell in about["B"]}
    for of in RESOURCES.values() if name == "book" else [RESOURCES[name]]:
        for field in of.writable:
            stem = field.name.replace("#", "1").removesuffix("*")
            assert any(isinstance(text, str) and text.startswith(stem) for text in said), field.name
    assert not any(isinstance(text, str) and ("*" in text or "#" in text) for text in said)


@pytest.mark.parametrize("name", ALL)
def test_no_cell_is_a_formula(name: str, made: dict[str, Any]) -> None:
    assert all(cell.data_type != "f" for sheet in made[name].worksheets for row in sheet.iter_rows() for cell in row)


def test_the_common_columns_come_and_not_all_of_them() -> None:
    assert all(len(columns(RESOURCES[name])) <= 30 for name in COLUMNS)
    assert [field.name for field in columns(RESOURCES["shipments"])][:3] == ["action", "order", "tracking_number"]
    names = [field.name for field in columns(RESOURCES["orders"])]
    assert names.index("order_metadata.channel") < names.index("item.code") and names[-1].startswith("item.")


@pytest.mark.parametrize(
    ("resource", "path", "said"), [("parcels", "t.xlsx", "is no resource"), ("orders", "t.csv", r"ends in \.xlsx")]
)
def test_what_makes_no_sense_is_said(resource: str, path: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        template(resource, tmp_path / path)
