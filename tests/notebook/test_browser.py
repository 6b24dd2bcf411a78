"""What a person sees: a notebook in JupyterLab, and the page of a plan, in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browsing
import pytest

from orderdesk_batch import show
from orderdesk_batch.desk import Desk

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Debian's Chromium is what CI has")]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium."""
    with browsing.chromium(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def browser(chromium: Any) -> Iterator[Any]:
    """It, with one empty tab of its usual size, and nothing in its log."""
    chromium.get("about:blank")
    chromium.get_log("browser")
    yield chromium
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.set_window_size(1280, 1600)


def until(browser: Any, seen: Any, seconds: float = 60) -> Any:
    """Wait for something to be seen."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, seconds, poll_frequency=0.2).until(seen)


def shown(browser: Any, css: str) -> list[Any]:
    """The elements that are really to be seen."""
    return [element for element in browser.find_elements("css selector", css) if element.is_displayed()]


@pytest.fixture
def page(browser: Any, desk: Desk, tmp_path: Path) -> Any:
    """The page of a plan with updates of three items and creates of two."""
    sheet = tmp_path / "stock.csv"
    sheet.write_text("code,name,stock,action\n00123,,7,upsert\n1E5,,8,upsert\n3-4,,9,upsert\nNEW-1,<b>Lamp</b>,1,upsert\nNEW-2,Desk,2,upsert\n", "utf-8")
    path = tmp_path / "plan.html"
    path.write_text(show.html(desk.plan("inventory", sheet)), "utf-8")
    browser.get(path.as_uri())
    return browser


def test_the_page_of_a_plan_is_filtered_by_what_is_typed_and_by_what_is_ticked(page: Any) -> None:
    assert len(shown(page, "tbody tr")) == 5
    field = page.find_element("css selector", ".tools input[type=search]")
    assert field.is_displayed()
    field.send_keys("1e5")
    assert [row.text.split()[1] for row in shown(page, "tbody tr")] == ["1E5"]
    assert "1" in page.find_element("css selector", ".tools output").text
    field.clear()
    field.send_keys("lamp")
    (row,) = shown(page, "tbody tr")
    assert "<b>Lamp</b>" in row.text  # text, not bold
    field.clear()
    field.send_keys(" ")
    page.find_element("css selector", '.tools input[value="create"]').click()
    assert len(shown(page, "tbody tr")) == 3
    page.find_element("css selector", '.tools input[value="update"]').click()
    assert shown(page, "tbody tr") == []


def test_the_page_of_a_plan_fits_a_phone_and_is_dark_at_night(page: Any) -> None:
    page.set_window_size(500, 900)  # the narrowest that the browser makes a window
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 375, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    assert page.execute_script("return document.documentElement.scrollWidth") <= 375
    light = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    assert page.execute_script("return getComputedStyle(document.body).backgroundColor") != light


def test_the_page_of_a_plan_asks_nothing_of_the_network_and_has_no_error(page: Any) -> None:
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert [line for line in page.get_log("browser") if line["level"] == "SEVERE"] == []


def plan_of(page: Any) -> Any:
    """The output that is a plan with 33 updates; None while there is none."""
    found = [cell for cell in shown(page, ".jp-OutputArea-output") if "update 33 inventory items" in cell.text]
    return found[0] if found else None


def test_a_notebook_is_read_and_run_in_jupyterlab(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    root = tmp_path / "root"
    for name in ("notebooks", "samples"):
        shutil.copytree(ROOT / name, root / name)
    with browsing.jupyterlab(root, tmp_path) as address:
        browser.get(address.format("notebooks/stock-count.ipynb"))
        # As it was kept: nobody trusts it yet, so it has no style; all that it says is there.
        until(browser, lambda page: any("to update" in cell.text for cell in shown(page, ".jp-OutputArea-output")))
        code = until(browser, lambda page: shown(page, ".jp-CodeCell .jp-InputArea-editor"))
        code[0].click()
        for _ in range(4):  # the first code, two texts, and the plan
            browser.switch_to.active_element.send_keys(Keys.SHIFT, Keys.ENTER)
        # Once it was run here it is trusted, and drawn with its style.
        until(browser, lambda page: plan_of(page) and plan_of(page).find_element("css selector", ".counts").value_of_css_property("display") == "flex")
        plan = plan_of(browser)
        assert "33 to update" in plan.text.replace("~", "") and len(plan.find_elements("css selector", "tbody tr")) == 33
        assert plan.find_element("css selector", "ins").value_of_css_property("font-weight") in ("600", "700")
        # JupyterLab's own style for tables does not reach ours.
        cell, field = plan.find_element("css selector", "tbody td"), plan.find_element("css selector", "dt")
        assert cell.value_of_css_property("text-align") == "left" and field.size["height"] < 30
        if kept := os.environ.get("ORDERDESK_TEST_PICTURES"):
            browser.save_screenshot(str(Path(kept) / "jupyterlab.png"))
