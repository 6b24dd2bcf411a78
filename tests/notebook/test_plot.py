"""Plots and tables: what they say, that they are drawn without a screen, and that hostile text stays text."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import orderdesk_batch as od
from orderdesk_batch import plot, report
from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import UsageError

pytest.importorskip("matplotlib")
pytest.importorskip("great_tables")
NOW = dt.datetime(2026, 11, 16, 17)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A month of a lifelike store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERDESK_BATCH_HOME", str(tmp_path_factory.mktemp("home")))
        with od.sandbox(orders=300, inventory=30, lifelike=True, now="2026-11-16 17:00", bucket=(10**6, 1e6)) as desk:
            yield {name: desk.export(name) for name in ("orders", "items", "shipments", "inventory")}


@pytest.fixture(scope="module")
def plots(store: Any) -> dict[str, Any]:
    """Each plot of it, drawn once."""
    orders, items, shipments, inventory = (store[name] for name in ("orders", "items", "shipments", "inventory"))
    return {
        "day": plot.sales(orders, currency="USD"), "week": plot.sales(orders, by="week"), "month": plot.sales(orders, by="month"),
        "hours": plot.order_hours(orders, zone="America/Los_Angeles"), "time": plot.shipping_time(orders, shipments),
        "cost": plot.shipping_cost(orders, shipments), "stock": plot.stock(inventory, orders, items, now=NOW),
        "ages": plot.folder_ages(orders, now=NOW),
    }  # fmt: skip


def test_every_plot_has_a_title_and_axes_with_their_units(plots: dict[str, Any]) -> None:
    for name, figure in plots.items():
        assert figure.texts[0].get_text() and figure.texts[1].get_text(), name
        axes = figure.axes[0]
        assert axes.get_xlabel(), name
        assert axes.get_ylabel() or len(axes.get_yticklabels()) > 1, name
    assert plots["day"].axes[0].get_ylabel() == "Sales a day (USD)"


def test_a_plot_is_a_sharp_picture_in_a_notebook_and_the_same_each_time(store: Any, plots: dict[str, Any]) -> None:
    image = pytest.importorskip("PIL.Image")
    for name, figure in plots.items():
        png, size = figure._repr_png_()
        assert image.open(io.BytesIO(png)).size == (2 * size["width"], 2 * size["height"]), name
        assert 8_000 < len(png) < 90_000, name
    assert plot.sales(store["orders"])._repr_png_() == plot.sales(store["orders"])._repr_png_()


def test_a_plot_leaves_nothing_set_in_matplotlib(store: Any) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    plot.sales(store["orders"])._repr_png_()
    assert dict(matplotlib.rcParams) == before


def test_bands_of_age_are_told_apart_in_grey() -> None:
    from orderdesk_batch.plot.style import AGES

    def grey(ink: str) -> float:
        red, green, blue = (int(ink[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    greys = [grey(ink) for ink in AGES]
    assert all(light - dark > 15 for light, dark in itertools.pairwise(greys))


def test_with_nothing_to_plot_it_says_so(store: Any) -> None:
    orders, items, shipments, inventory = (store[name].iloc[:0] for name in ("orders", "items", "shipments", "inventory"))
    made = [
        plot.sales(orders), plot.shipping_time(orders, shipments), plot.shipping_cost(orders, shipments), plot.folder_ages(orders, now=NOW),
        plot.stock(inventory, orders, items, now=NOW),
    ]  # fmt: skip
    assert [figure.axes[0].texts[0].get_text() for figure in made] == [
        "No orders", "No shipments", "No shipments with a cost", "No orders in work", "Nothing was sold in 30 days",
    ]  # fmt: skip
    plot.order_hours(orders)._repr_png_()


def test_codes_with_signs_of_formulas_are_drawn_as_they_are(store: Any) -> None:
    inventory, items = store["inventory"].head(3).copy(), store["items"].copy()
    codes = ["$x_1$", "茶-01\U0001f375", "a" * 40]
    inventory["code"], inventory["stock"] = pd.Series(codes, dtype="string"), 0
    items["code"] = pd.Series([codes[n % 3] for n in range(len(items))], dtype="string")
    figure = plot.stock(inventory, store["orders"], items, now=NOW)
    said = {text.get_text() for text in figure.axes[0].texts}
    assert {"$x_1$", "茶-01\U0001f375", "a" * 15 + "…"} <= said
    figure._repr_png_()


def test_a_table_has_headings_for_people_and_hostile_text_stays_text(store: Any) -> None:
    frame = report.sales_by_sku(store["items"]).assign(name="<script>alert(1)</script>")
    html = plot.table(frame, "<b>Best</b> sellers", "a & b", bars="sales", limit=2, currency="$")._repr_html_()
    assert "<script>" not in html and "&lt;b&gt;Best&lt;/b&gt;" in html
    assert ">Units</span>" in html and "%" in html and "$" in html and "and 14 more" in html
    assert plot.table(frame, "x")._repr_html_() == plot.table(frame, "x")._repr_html_()


def test_a_table_of_any_columns_is_shown_too() -> None:
    frame = pd.DataFrame({"some_thing": ["a"], "n": [1], "x": [0.5], "blank": [None]})
    html = plot.table(frame, columns={"some_thing": "This", "n": "N", "x": "X", "blank": "B"})._repr_html_()
    assert ">This</span>" in html and "0.50" in html and "–" in html


def test_what_is_wrong_is_one_sentence(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="write day, week or month"):
        plot.sales(store["orders"], by="source")
    with pytest.raises(UsageError, match="no column colour"):
        plot.table(pd.DataFrame({"a": [1]}), columns=["colour"])
    monkeypatch.setitem(__import__("sys").modules, "great_tables", None)
    with pytest.raises(UsageError, match=r'great_tables, which is not installed: pip install "orderdesk-batch\[notebook\]"'):
        plot.table(pd.DataFrame({"a": [1]}))


def test_the_lifelike_sandbox_is_the_same_for_the_same_day() -> None:
    made = []
    for _ in range(2):
        with od.sandbox(orders=30, inventory=20, lifelike=True, now="2026-11-16 17:00", bucket=(10**6, 1e6)) as desk:
            assert desk.now().strftime("%Y-%m-%d %H:%M") == "2026-11-16 17:00"
            made.append((desk.export("orders", since="30d"), desk.export("inventory")))
    pd.testing.assert_frame_equal(made[0][0], made[1][0])
    pd.testing.assert_frame_equal(made[0][1], made[1][1])


def test_a_desk_of_a_real_store_lives_now(desk: Desk) -> None:
    assert abs((desk.now() - dt.datetime.now(dt.UTC)).total_seconds()) < 5


def test_the_page_about_reports_names_every_function_and_its_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text("utf-8")
    for module in (report, plot):
        assert [name for name in module.__all__ if f"`{name}(" not in page] == []
    example, *_ = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(example.replace("orders=1200", "orders=120"), names)
    names["desk"].close()
    assert (tmp_path / "sales.pdf").read_bytes().startswith(b"%PDF")
