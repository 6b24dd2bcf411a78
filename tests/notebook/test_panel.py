"""The panel is driven through its widgets alone, as an operator would with the mouse."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import UsageError
from orderdesk_batch.panel import Panel
from orderdesk_batch.sandbox import Sandbox

pytest.importorskip("ipywidgets")


@pytest.fixture
def panel(desk: Desk) -> Panel:
    """A panel for stock, as one gets it."""
    return desk.panel("inventory")


@pytest.fixture
def box() -> Any:
    """A sandbox with as many items as the sheet has rows."""
    with Sandbox(orders=3, inventory=200, bucket=(10**6, 1e6)) as running:
        yield running


def sheet_of(box: Sandbox, bad: dict[int, str]) -> bytes:
    """200 rows that add 1 to each stock; some rows with another text."""
    lines = ["SKU,Counted"]
    for place, item in enumerate(box.inventory()):
        code = '"{}"'.format(item["code"].replace('"', '""'))
        lines.append(f"{code},{bad.get(place, int(item['stock']) + 1)}")
    return "\n".join(lines).encode()


def choose(panel: Panel, name: str, content: bytes) -> None:
    """What the browser does when a file was chosen."""
    panel.chooser.value = ({"name": name, "type": "text/csv", "size": len(content), "content": memoryview(content), "last_modified": dt.datetime(2026, 11, 23, tzinfo=dt.UTC)},)


def is_seen(widget: Any) -> bool:
    return widget.layout.display != "none"


def text(html: str) -> str:
    """What a person reads of some HTML."""
    without = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without))


def downloads(panel: Panel) -> dict[str, bytes]:
    """The files behind the links."""
    found = re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', panel.files.value)
    return {name: base64.b64decode(held) for name, held in found}


def stocks(box: Sandbox) -> list[int]:
    return [int(item["stock"]) for item in box.inventory()]


def test_a_sheet_of_200_rows_with_3_bad_ones_goes_all_the_way_and_back(panel: Panel, box: Sandbox) -> None:
    before = stocks(box)
    assert not any(map(is_seen, (panel.upload, panel.leave_out, panel.take_back, panel.confirm, panel.bar)))

    choose(panel, "count.csv", sheet_of(box, {10: "many", 50: "4.5", 120: "1,5x"}))
    assert "3 rows to mend" in panel.said.value and "many" in text(panel.shown.value)
    assert is_seen(panel.leave_out) and not is_seen(panel.upload)
    assert "orderdesk-panel-" not in panel.shown.value + panel.said.value  # where the sheet is kept is nobody's affair
    rows = openpyxl.load_workbook(io.BytesIO(downloads(panel)["count.problems.xlsx"])).worksheets[0].max_row
    assert rows == 4  # a heading and the three rows
    assert stocks(box) == before

    panel.leave_out.value = True
    assert is_seen(panel.upload) and panel.upload.description == "Upload 197 changes"
    assert "~197 to update" in text(panel.shown.value) and stocks(box) == before

    panel.upload.click()
    assert panel.plan is not None and panel.plan.results["done"] == 197
    assert sum(new - old for new, old in zip(stocks(box), before, strict=True)) == 197
    assert "197 done" in text(panel.shown.value) and not is_seen(panel.upload) and not is_seen(panel.bar)
    assert openpyxl.load_workbook(io.BytesIO(downloads(panel)["count.results.xlsx"])).worksheets[0].max_row >= 201

    panel.take_back.click()
    assert is_seen(panel.confirm) and "Undo" in text(panel.shown.value)
    assert stocks(box) != before  # it is only asked so far
    panel.confirm.click()
    assert stocks(box) == before and panel.said.value == "Taken back."
    assert not is_seen(panel.take_back) and not is_seen(panel.confirm)


def test_a_mended_sheet_is_chosen_in_the_same_panel(panel: Panel, box: Sandbox) -> None:
    choose(panel, "count.csv", sheet_of(box, {10: "many"}))
    choose(panel, "count.csv", sheet_of(box, {}))
    assert panel.upload.description == "Upload 200 changes" and not downloads(panel)


def test_the_bar_is_seen_while_it_is_sent_and_the_buttons_are_not_to_be_pressed(panel: Panel, box: Sandbox) -> None:
    choose(panel, "count.csv", sheet_of(box, {}))
    seen = []
    panel.bar.observe(lambda change: seen.append((change["new"], is_seen(panel.bar), panel.upload.disabled)), names="value")
    panel.upload.click()
    assert (200, True, True) in seen


def test_a_question_answered_with_no_leaves_the_store_as_it_is(panel: Panel, box: Sandbox) -> None:
    choose(panel, "count.csv", sheet_of(box, {}))
    panel.upload.click()
    after = stocks(box)
    panel.take_back.click()
    panel.cancel.click()
    assert stocks(box) == after and is_seen(panel.take_back) and not is_seen(panel.confirm)


def test_past_a_safety_limit_the_button_waits_for_a_second_look(panel: Panel, box: Sandbox) -> None:
    choose(panel, "count.csv", sheet_of(box, dict.fromkeys(range(150), "0")))
    assert is_seen(panel.force) and (panel.upload.disabled or not is_seen(panel.upload))
    assert "zero" in panel.said.value
    panel.force.value = True
    assert is_seen(panel.upload) and not panel.upload.disabled
    panel.upload.click()
    assert stocks(box).count(0) >= 150


def test_another_resource_plans_the_sheet_again(panel: Panel, box: Sandbox) -> None:
    choose(panel, "count.csv", sheet_of(box, {}))
    panel.resource.value = "shipments"
    assert not is_seen(panel.upload) and panel.said.value
    panel.resource.value = "inventory"
    assert is_seen(panel.upload)


@pytest.mark.parametrize("name", ["../../etc/x.csv", "C:\\Users\\ada\\x.csv", ".csv", "<b>x</b>.csv"])
def test_hostile_names_of_files_stay_names(panel: Panel, box: Sandbox, name: str) -> None:
    choose(panel, name, sheet_of(box, {}))
    assert is_seen(panel.upload) and "<b>x" not in panel.shown.value


def test_a_file_that_is_no_sheet_is_one_sentence(panel: Panel) -> None:
    choose(panel, "photo.xlsx", b"\x89PNG not a workbook")
    assert panel.said.value and "Traceback" not in panel.said.value and not is_seen(panel.upload)


def test_a_store_that_refuses_the_key_is_told_and_one_can_go_on(panel: Panel, box: Sandbox) -> None:
    choose(panel, "count.csv", sheet_of(box, {}))
    stores, spec = box._backend.stores, box.stores[0]
    stores[spec.id] = replace(spec, key="another")
    panel.upload.click()
    assert "key" in panel.said.value and panel.plan is not None and panel.plan.results["done"] == 0
    assert is_seen(panel.go_on) and not is_seen(panel.upload)
    stores[spec.id] = spec
    panel.go_on.click()
    assert panel.plan.results["done"] == 200 and not is_seen(panel.go_on) and is_seen(panel.take_back)


def test_without_ipywidgets_it_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    with pytest.raises(UsageError, match=r'pip install "orderdesk-batch\[notebook\]"'):
        desk.panel()


def test_a_panel_is_shown_as_its_widgets(panel: Panel) -> None:
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
