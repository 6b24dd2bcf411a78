"""What plans, problems, results, runs and stores look like in a notebook, and how errors are told there."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

import orderdesk_batch as od
from orderdesk_batch import notebook
from orderdesk_batch.desk import Desk
from orderdesk_batch.notebook import bars
from orderdesk_batch.sandbox import Sandbox

SHEET = {"code": ["00123", "1E5", "3-4"], "stock": [7, 8, 9]}


def text(html: str | None) -> str:
    """What a person reads of some HTML."""
    without = re.sub(r"<style>.*?</style>", "", html or "", flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without)).strip()


def words(thing: Any) -> str:
    """What IPython shows where there is no HTML."""
    said: list[str] = []
    thing._repr_pretty_(SimpleNamespace(text=said.append), False)
    return "".join(said)


def test_a_plan_draws_itself_old_and_new(desk: Desk) -> None:
    plan = desk.plan("inventory", SHEET)
    html = plan._repr_html_()  # type: ignore[attr-defined]
    assert "~3 to update" in text(html) and "<ins>7</ins>" in html and "1 call" in text(html)
    assert "to update" in words(plan)


def test_results_say_what_was_done_and_how_to_take_it_back(desk: Desk) -> None:
    done = desk.upload("inventory", SHEET, yes=True)
    html = done._repr_html_()  # type: ignore[attr-defined]
    assert text(html).startswith("Done: inventory") and "3 done" in text(html) and "desk.undo(plan.run)" in html
    assert str(desk.home) not in html
    back = desk.undo(str(done.run), yes=True)
    assert text(back._repr_html_()).startswith("Taken back: inventory")  # type: ignore[attr-defined]


def test_results_name_what_was_not_done_and_why(desk: Desk, box: Sandbox) -> None:
    plan = desk.plan("inventory", SHEET)
    item = next(item for item in box.inventory() if item["code"] == "1E5")
    box.put_inventory(item | {"stock": 77})
    done = desk.apply(str(plan.run), yes=True)
    said = text(done._repr_html_())  # type: ignore[attr-defined]
    assert said.startswith("Not everything was done") and "1 stale" in said and "3 stale 1E5" in said.replace("  ", " ")


def test_a_list_of_problems_draws_itself_and_other_lists_do_not(desk: Desk) -> None:
    plan = desk.plan("inventory", {"code": ["00123", "none-such"], "stock": [1, 2]})
    assert "none-such" in text(notebook._list_html(plan.errors)) and "none-such" in text(plan.errors[0]._repr_html_())  # type: ignore[attr-defined]
    assert notebook._list_html([1, 2]) is None and notebook._list_html([]) is None
    assert notebook._list_html([{"run": 1}]) is None


def test_runs_are_listed_by_name_without_where_they_lie(desk: Desk) -> None:
    desk.upload("inventory", SHEET, yes=True)
    html = notebook._list_html(desk.runs())
    assert "3 done" in text(html) and "inventory" in text(html) and str(desk.home) not in str(html)


def test_a_store_shows_name_zone_and_folders_and_never_its_key(desk: Desk, box: Sandbox) -> None:
    html = str(desk._repr_html_())
    assert "Sandbox Store" in html and "America/Los_Angeles" in html and "Prepared" in html
    for shown in (html, words(desk), repr(desk)):
        assert box.api_key not in shown
    assert words(desk) == "Desk(Sandbox Store, store 40001)"


def test_a_store_that_can_not_be_reached_is_a_line(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    def refuse(**_: Any) -> Any:
        raise od.Unreachable("no connection")

    monkeypatch.setattr(desk, "settings", refuse)
    assert desk._repr_html_() is None and words(desk) == "Desk(store 40001): no connection"


def test_a_checked_sheet_tells_what_its_columns_mean(desk: Desk) -> None:
    found = desk.check("inventory", {"SKU": ["00123", "x"], "Counted": ["1", "many"], "By": ["Mo", "Mo"]})
    said = text(found._repr_html_())  # type: ignore[attr-defined]
    assert "2 rows" in said and "2 of 3 columns are used" in said and "many" in said
    assert "2 rows" in words(found)


def test_an_error_is_one_sentence_with_the_problems_of_a_sheet(desk: Desk) -> None:
    with pytest.raises(od.SheetRefused) as caught:
        desk.upload("inventory", {"code": ["00123"], "stock": ["many"]}, yes=True)
    lines = caught.value._render_traceback_()  # type: ignore[attr-defined]
    assert lines[0].endswith("1 row is bad, so nothing was sent.") and "many" in "\n".join(lines) and lines[-1].endswith("skip_bad_rows=True")
    assert od.UsageError("No such thing.")._render_traceback_() == ["No such thing."]  # type: ignore[attr-defined]


def test_applying_a_plan_that_was_not_saved_says_why(desk: Desk) -> None:
    plan = desk.plan("inventory", {"code": ["00123"], "stock": ["many"]})
    with pytest.raises(od.UsageError, match="a plan with bad rows is not saved"):
        desk.apply(plan.run, yes=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_text_stays_text_in_every_picture(desk: Desk, hostile: str) -> None:
    sheet = {"code": [hostile, "00123"], "stock": [1, 2], hostile: ["x", "y"]}
    plan = desk.plan("inventory", sheet, skip_bad_rows=True)
    done = desk.upload("inventory", sheet, skip_bad_rows=True, yes=True)
    for drawn in (plan, done, plan.problems[0], desk.check("inventory", sheet)):
        assert "<script" not in drawn._repr_html_() and "<img" not in drawn._repr_html_()
    assert "<script" not in str(notebook._list_html(plan.problems))


def state(**changed: Any) -> Any:
    return SimpleNamespace(**{"stage": "sending", "done": 50, "total": 200, "calls": 3, "calls_left": 9, "seconds_left": 75.0, **changed})


def test_a_bar_tells_how_far_it_has_come_in_words_and_signs() -> None:
    assert bars.words(state(), ended=False) == "50 of 200 done, 3 calls, 9 to go, about 1 min 15 s"
    assert bars.words(state(), ended=True) == "50 of 200 sent, 3 calls"
    assert bars.words(state(stage="reading", done=0, calls=1, calls_left=0, seconds_left=0.0), ended=False) == "Reading the store: 1 call"
    assert bars.drawn(state(), width=8) == "[##......]" and bars.drawn(state(total=0)) == ""
    assert 'value="50" max="200"' in bars.html(state(), "x", ended=False) and "progress" not in bars.html(state(), "x", ended=True)


def test_what_is_done_at_once_needs_no_bar() -> None:
    hooks: dict[str, Any] = {}
    shell = SimpleNamespace(events=SimpleNamespace(register=hooks.__setitem__))
    now = [0.0]
    bar = bars.Bar(shell, clock=lambda: now[0])
    drawn: list[tuple[str, bool]] = []
    bar._draw = lambda seen, *, ended: (drawn.append((seen.stage, ended)), setattr(bar, "_handle", 1))  # type: ignore[method-assign, assignment, func-returns-value]
    bar(state())
    now[0] = 0.3
    bar(state())
    hooks["post_run_cell"](None)
    assert drawn == []
    now[0] = 10.0
    bar(state())
    for seconds in (10.6, 10.62, 10.8):
        now[0] = seconds
        bar(state())
    hooks["post_run_cell"](None)
    assert drawn == [("sending", False), ("sending", False), ("sending", True)]


def test_outside_notebooks_there_is_no_bar(desk: Desk) -> None:
    assert notebook.bar() is None and desk.progress is None and not notebook.in_kernel()
