"""Tests of what the terminal shows: pictures agreed upon, and texts that can do no harm."""

from __future__ import annotations

import io
import re

import pytest
import show_cases as cases
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from orderdesk_batch import show
from orderdesk_batch.errors import Problem
from orderdesk_batch.plan.change import Change, Plan, Step
from orderdesk_batch.show import table, words

ALL = ["shipments", "stock", "orders", "applied"]


def console(width: int = 100, *, color: bool = False, encoding: str = "utf-8", legacy: bool = False) -> Console:
    """A console that writes to memory."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding, newline="\n", write_through=True)
    return Console(
        file=stream,
        width=width,
        color_system="truecolor" if color else None,
        force_terminal=color,
        legacy_windows=legacy,
        no_color=not color,
    )


def written(to: Console) -> str:
    return to.file.buffer.getvalue().decode(to.encoding)  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("name", ALL)
def test_a_plan_looks_as_agreed(name: str, width: int) -> None:
    cases.as_agreed(f"plan-{name}-{width}.txt", show.plan_text(getattr(cases, name)(), width=width) + "\n")


def test_the_end_looks_as_agreed() -> None:
    cases.as_agreed("results.txt", show.results_text(cases.applied(), "shipstation.results.csv") + "\n")


@pytest.mark.parametrize("width", [30, 60, 80, 100, 200])
@pytest.mark.parametrize("name", ALL)
def test_no_line_is_longer_than_the_terminal(name: str, width: int) -> None:
    from rich.cells import cell_len

    for limit in (0, 3, 20):
        text = show.plan_text(getattr(cases, name)(), limit=limit, width=width)
        assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("name", ALL)
def test_an_old_console_gets_ascii_but_for_what_the_sheet_says(name: str) -> None:
    plan = getattr(cases, name)()
    to = console(80, encoding="ascii")
    own = "".join(table_text(plan)) + plan.store_name
    to.file.reconfigure(errors="replace")  # type: ignore[union-attr]
    show.plan(to, plan)
    show.results(to, plan, "r.xlsx")
    assert "→" not in written(to) and "…" not in written(to)
    legacy = console(80, legacy=True)
    show.plan(legacy, plan)
    assert {character for character in written(legacy) if ord(character) > 127} <= set(own)


def table_text(plan: Plan) -> list[str]:
    return [str(change) for change in plan.changes] + [str(problem) for problem in plan.problems]


@pytest.mark.parametrize("name", ALL)
def test_texts_of_sheets_and_stores_can_do_nothing(name: str) -> None:
    to = console(color=True)
    show.plan(to, getattr(cases, name)())
    show.results(to, getattr(cases, name)())
    text = re.sub(r"\x1b\[[\d;]*m", "", written(to))  # rich's own colours
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    plain = console()
    show.plan(plain, getattr(cases, name)())
    assert "\x1b" not in written(plain)


def test_markup_in_a_cell_is_shown_and_not_obeyed() -> None:
    problem = Problem("is [bold]not[/bold] a country", "[link=http://x]Mend[/link] :smile: it.", value="[red]", place="t.csv, A1")
    assert "[red]" in show.problems_text([problem]) and "[bold]not[/bold]" in show.problems_text([problem])
    assert ":smile:" in show.problems_text([problem, problem])


def test_a_long_plan_shows_some_of_each_action_and_counts_the_rest() -> None:
    changes = [
        Change(n, "inventory", action, [n + 1], f"K{n}", steps=[Step("put")], fields={"stock": [1, 2]})  # type: ignore[arg-type]
        for n, action in enumerate(["create"] * 3 + ["update"] * 300 + ["delete"] * 40, 1)
    ]
    text = show.plan_text(Plan("inventory", changes), limit=20)
    assert re.findall(r"(?m)^[-~+] .*|^  … .*", text) == [
        "- delete 40 inventory items", "  … and 31 more", "~ update 300 inventory items", "  … and 292 more", "+ create 3 inventory items",
    ]  # fmt: skip
    assert "3 to create  ·  300 to update  ·  40 to delete" in text
    assert "more" not in show.plan_text(Plan("inventory", changes), limit=0)


def test_a_plan_without_changes_says_so() -> None:
    assert "Nothing to do" in show.plan_text(Plan("shipments"))
    assert "takes" not in show.plan_text(Plan("shipments"))


def test_what_is_the_same_in_all_is_said_once() -> None:
    text = show.plan_text(cases.shipments(), width=140)
    assert text.count("2026-11-23") == 1 and "in all of them: date_shipped 2026-11-23 · weight 1.2 · cost 7.85" in text


def test_the_plan_names_what_it_sets_off_and_how_long_it_takes() -> None:
    text = show.plan_text(cases.shipments())
    assert "54 buyers may" in text and "This takes 1 call, under a second." in text


def test_the_safety_limit_is_shown() -> None:
    assert "Safety limit  This would delete 15 records; more than 10 need --force." in show.plan_text(cases.orders())


@pytest.mark.parametrize(
    ("plan", "asked"),
    [
        (cases.shipments(), "This takes 1 call, under a second. Create 54 shipments in Engine Works (store 42174)?"),
        (cases.stock(), "This takes 1 call, under a second. Update 3 inventory items in Engine Works (store 42174)?"),
        (Plan("book", [Change(1, "orders", "create", [2], "A-1", steps=[Step("post")])]), "This takes 0 calls, under a second. Create 1 record in the store?"),
    ],
)  # fmt: skip
def test_the_question_names_store_counts_calls_and_time(plan: Plan, asked: str) -> None:
    assert show.question(plan) == asked


def test_a_book_has_a_part_for_each_resource() -> None:
    changes = [
        Change(1, "orders", "create", [2], "new order", fields={"source_id": [None, "A-1"]}, steps=[Step("post")], tab="orders"),
        Change(
            2,
            "shipments",
            "create",
            [2, 3],
            "order A-1, 1Z",
            fields={"tracking_number": [None, "1Z"]},
            steps=[Step("batch")],
            tab="shipments",
        ),
    ]
    text = show.plan_text(Plan("book", changes))
    assert "+ create 1 order" in text and "+ create 1 shipment" in text and "2, 3  A-1    1Z" in text


# Problems


def test_problems_of_one_sort_are_told_together_with_a_few_places() -> None:
    problems = [
        Problem(
            "is not a country",
            "Write US or United States.",
            row=n,
            column="Country",
            value=f"c{n}",
            place=f"o.xlsx, Orders!F{n}",
            code="country",
        )
        for n in range(2, 14)
    ]
    problems.append(Problem("is blank", "Fill it in.", row=4, column="SKU", place="o.xlsx, Orders!A4"))
    problems.append(Problem("3 columns are not used", level="warning", place="o.xlsx"))
    cases.as_agreed("problems.txt", show.problems_text(problems) + "\n")


def test_problems_with_remedies_of_their_own_keep_them() -> None:
    problems = [
        Problem("is not there", f"Did you mean {n}?", row=n, column="SKU", value="x", place=f"t.csv, A{n}", code="sku")
        for n in (2, 3)
    ]
    text = show.problems_text(problems)
    assert "Did you mean 2?" in text and "Did you mean 3?" in text


def test_different_reasons_of_one_sort_are_told_apart() -> None:
    problems = [
        Problem(f"fits {n} orders", "Give its id.", row=n, column="Order", value="7", place=f"t.csv, A{n}", code="several")
        for n in (2, 3)
    ]
    text = show.problems_text(problems)
    assert "fits 2 orders" in text and "fits 3 orders" in text and text.count("Give its id.") == 1


def test_a_hundred_thousand_problems_are_a_screenful() -> None:
    problems = [Problem("is odd", "Mend it.", row=n, column="SKU", value=str(n), place=f"t.csv, A{n}") for n in range(2, 100_002)]
    assert len(show.problems_text(problems)) < 600


# The end


def test_all_done_is_said_plainly_and_the_way_back_named() -> None:
    plan = cases.shipments(5)
    plan.refused, plan.problems = 0, []
    for change in plan.writing():
        change.steps[0].state = "done"
    text = show.results_text(plan, "t.results.csv")
    assert (
        text.startswith("Done: 4 done, 1 as they are\n")
        and "t.results.csv" in text
        and "orderdesk-batch undo" in text
        and "resume" not in text
    )


def test_a_repeat_says_that_there_was_nothing_to_send() -> None:
    plan = cases.shipments(5)
    plan.changes = [change for change in plan.changes if not change.writes] * 3
    assert show.results_text(plan).startswith("Nothing to send: 3 as they are, 2 refused")


def test_a_command_stays_on_one_line_to_be_copied() -> None:
    plan = cases.applied()
    plan.run = "/home/ada/" + "very-long-folder/" * 20 + "x.run"
    assert f"orderdesk-batch resume {plan.run}\n" in show.results_text(plan, width=40)


def test_an_order_number_that_names_the_order_is_not_said_twice() -> None:
    changes = [
        Change(
            n,
            "orders",
            "create",
            [n],
            f"order W-{n}",
            fields={"source_id": [None, f"W-{n}"], "email": [None, f"{n}@x.de"]},
            steps=[Step("post")],
        )
        for n in (2, 3)
    ]
    text = show.plan_text(Plan("orders", changes))
    assert text.count("W-2") == 1 and "source_id" not in text


def test_what_was_not_done_is_told_with_the_way_on() -> None:
    text = show.results_text(cases.applied())
    assert "Not everything was done: 50 done, 1 failed, 1 stale, 1 unknown, 1 waiting, 3 as they are, 2 refused" in text
    assert "Shipment Not Added" in text and "orderdesk-batch resume /home/ada/runs/2026-11-23-1.run" in text
    assert "the store never said whether it was done" in text


# Words


@given(st.text())
def test_cleaned_text_has_no_control_characters_and_is_cleaned_once(text: str) -> None:
    cleaned = words.clean(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", cleaned)
    assert words.clean(cleaned) == cleaned


@pytest.mark.parametrize("text", ["Ünï 東京 😀", "می‌خواهم", "👩‍💻 x", "a\nb", "O\u2019Brien"])
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert words.clean(text) == text


@given(st.text(), st.text(), st.integers(8, 60))
def test_contrasted_values_fit_and_still_differ_if_they_did(old: str, new: str, width: int) -> None:
    first, second = words.contrast(words.clean(old), words.clean(new), width)
    assert len(first) <= width and len(second) <= width and "\n" not in first + second


@given(st.lists(st.integers(0, 300), max_size=6), st.integers(1, 40))
def test_shares_add_up_and_none_goes_without(sizes: list[int], limit: int) -> None:
    given = table.shares(sizes, limit)
    assert sum(given) == min(sum(sizes), limit) and all(a <= b for a, b in zip(given, sizes, strict=True))
    if limit >= len(sizes):
        assert all(a > 0 for a, b in zip(given, sizes, strict=True) if b)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/home/ada/x.run", "/home/ada/x.run"),
        ("C:\\Users\\Ada L\\x.run", '"C:\\Users\\Ada L\\x.run"'),
        ("/tmp/ünï.run", "/tmp/ünï.run"),
        ("a;b", '"a;b"'),
    ],
)
def test_paths_can_be_pasted(path: str, said: str) -> None:
    assert words.quoted(path) == said


def test_the_words_show_what_their_docstrings_say() -> None:
    import doctest

    from orderdesk_batch.sheets import results, workbook, write

    for module in (words, table, write, results, workbook):
        assert doctest.testmod(module).failed == 0
