"""The table of facts: each is shown by a test, the page tells them all, and every switch stands for one."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

from orderdesk_batch.sandbox import Switches, facts

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "sandbox.md"


def marked() -> set[str]:
    """The facts that some test function says it shows."""
    found = set()
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= {
                    str(ast.literal_eval(mark.args[0]))
                    for mark in node.decorator_list
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fact"
                }
    return found


def test_every_fact_is_shown_by_a_test() -> None:
    assert marked() == {fact.id for fact in facts.FACTS if fact.imitated}


def test_facts_have_one_id_each() -> None:
    assert len({fact.id for fact in facts.FACTS}) == len(facts.FACTS)


def test_every_open_fact_has_a_switch_or_a_reason() -> None:
    assert [fact.id for fact in facts.FACTS if fact.grade == "open" and not (fact.switch or fact.note)] == []
    assert [fact.id for fact in facts.FACTS if not fact.imitated and not fact.note] == []


def test_every_switch_stands_for_one_fact() -> None:
    switches = [fact.switch for fact in facts.FACTS if fact.switch]
    assert sorted(switches) == sorted(field.name for field in fields(Switches))


def test_the_page_tells_the_facts_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert facts.written(page) == page, "run: python -m orderdesk_batch.sandbox.facts docs/sandbox.md"


def test_the_page_tells_every_argument_of_the_sandbox() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (
        "orders",
        "inventory",
        "seed",
        "port",
        "state",
        "bucket",
        "latency",
        "stores",
        "clock",
        "now",
    ):
        assert re.search(rf"^\| .*`{name}`.* \|", page, re.MULTILINE), name
