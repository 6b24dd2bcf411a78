"""Tests of the HTML page of a plan and of the notebook's fragment: self-contained, and hostile text stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
import show_cases as cases

from orderdesk_batch import show
from orderdesk_batch.plan.change import Change, Plan, Step

ALL = ["shipments", "stock", "orders", "applied"]
VOID = {"meta", "input"}


class Page(HTMLParser):
    """A page taken apart: its tags, their attributes, its texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        where = self.open[-1] if self.open else ""
        if where in ("style", "script"):
            self.raw[where] = self.raw.get(where, "") + data
        else:
            self.texts.append(data)


@pytest.fixture(params=ALL)
def page(request: pytest.FixtureRequest) -> Page:
    """The page of each case."""
    return Page(show.html(getattr(cases, request.param)()))


def test_a_page_is_well_formed_and_has_one_script_and_one_style(page: Page) -> None:
    assert page.open == [] and page.tags.count("script") == 1 and page.tags.count("style") == 1


def test_a_page_asks_nothing_of_the_network(page: Page) -> None:
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "srcset", "action", "style", "background", "data"}
    assert not any(name.startswith("on") for name in names)
    assert not re.search(r"url\(|@import|https?:", page.raw["style"] + page.raw["script"])


def test_the_policy_allows_just_its_own_script_and_style(page: Page) -> None:
    policy = next(value for name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("draw", [show.html, show.html_fragment])
def test_hostile_text_stays_text(draw) -> None:  # type: ignore[no-untyped-def]
    page = Page(draw(cases.orders()))
    assert page.tags.count("script") == (1 if draw is show.html else 0)
    text = "".join(page.texts)
    assert "<script>alert(1)</script>[bold red]x[/]" in text and '& "quoted" =1+1' in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", text)
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "ul", "li", "b", "p", "div", "input", "label", "output",
        "section", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "del", "ins", "code", "details", "summary", "script",
    }  # fmt: skip


def test_the_page_says_how_to_apply_exactly_this_plan() -> None:
    text = "".join(Page(show.html(cases.shipments())).texts)
    assert "orderdesk-batch apply /home/ada/runs/2026-11-23-1.run" in text and "The 2 refused records stay out." in text
    plan = cases.shipments()
    plan.unsafe, plan.refused, plan.run = "This would delete 15 records; more than 10 need --force.", 1, "C:\\Users\\Ada L\\x.run"
    text = "".join(Page(show.html(plan)).texts)
    assert 'orderdesk-batch apply "C:\\Users\\Ada L\\x.run" --force' in text and "The 1 refused record stays out." in text


def test_a_plan_not_saved_or_with_nothing_to_send_has_no_command() -> None:
    assert "orderdesk-batch apply" not in show.html(cases.stock())
    assert "nothing to do" in show.html(Plan("shipments", run="x.run")) and "orderdesk-batch apply" not in show.html(
        Plan("shipments", run="x.run")
    )


def test_the_page_has_summary_problems_warnings_and_what_it_sets_off() -> None:
    text = "".join(Page(show.html(cases.shipments())).texts)
    for said in (
        "+54 to create",
        "=3 as they are",
        "2 refused",
        "2 problems",
        "1 warning",
        "54 buyers",
        "This takes 1 call",
        "is on the order already",
    ):
        assert said in text


def test_each_change_is_a_row_with_old_and_new() -> None:
    html = show.html(cases.stock())
    assert html.count("<tr>") == 4
    assert "<dt>stock</dt><dd><del>12</del> → <ins>15</ins></dd>" in html and "<ins>(clear)</ins>" in html


def test_new_records_with_many_fields_have_them_in_one_column() -> None:
    html = show.html(cases.orders())
    assert "<dt>shipping.address1</dt><dd>Domplatz 1</dd>" in html


def test_problems_of_one_sort_are_folded_together() -> None:
    plan = cases.shipments()
    plan.problems = [plan.problems[0]] * 600
    html = show.html(plan)
    assert "(600 places)</summary>" in html and "… and 100 more" in html


def test_a_huge_plan_is_cut_and_says_where_the_rest_is() -> None:
    changes = [
        Change(n, "inventory", "update", [n], f"K{n}", fields={"stock": [1, 2]}, steps=[Step("put")]) for n in range(1, 101)
    ]
    html = show.html(Plan("inventory", changes), most=10)
    assert html.count("<tr>") == 11 and "… and 90 more, all of them in the workbook" in html


def test_the_fragment_shows_the_first_fifty_and_folds_the_rest() -> None:
    html = show.html_fragment(cases.shipments(83))
    first, _, rest = html.partition("<details>")
    assert first.count("<tr>") == 51 and rest.startswith("<summary>30 more</summary>") and rest.count("<tr>") == 31


def test_the_fragment_has_no_headings_of_its_own_and_no_script() -> None:
    page = Page(show.html_fragment(cases.applied()))
    assert page.open == [] and not {"h1", "h2", "script", "html", "body"} & set(page.tags)


@pytest.mark.parametrize("name", ["stock", "shipments"])
def test_the_fragment_is_as_agreed(name: str) -> None:
    plan = cases.stock() if name == "stock" else cases.shipments(6)
    cases.as_agreed(f"fragment-{name}.html", show.html_fragment(plan).partition("</style>\n")[2])


def test_states_and_messages_are_shown_once_a_run_has_begun() -> None:
    text = "".join(Page(show.html(cases.applied())).texts)
    assert (
        "50 done, 1 failed, 1 stale, 1 unknown, 1 waiting." in text and "Shipment Not Added" in text and "This takes" not in text
    )
