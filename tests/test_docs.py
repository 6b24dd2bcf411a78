"""The pages are in step with the code, their links lead somewhere, and what they tell to type exists."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from orderdesk_batch import cli

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SCRIPT = DOCS / "make_docs.py"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "samples" / "README.md", *DOCS.glob("*.md")])


def kept(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_page_of_commands_is_in_step(script: ModuleType) -> None:
    assert script.command_line() == kept("cli.md"), "run `make docs`"


def test_the_outputs_in_the_walk_through_are_in_step(script: ModuleType) -> None:
    assert script.with_outputs(kept("tracking.md")) == kept("tracking.md"), "run `make docs`"


def test_the_picture_shows_the_plan_as_it_is_drawn(script: ModuleType) -> None:
    assert words_in(script.picture()) == words_in(kept("plan.svg")), "run `make docs`"


def test_the_picture_fetches_nothing_from_elsewhere() -> None:
    svg = kept("plan.svg")
    assert set(re.findall(r"https?://[^\s\"<]+", svg)) <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
    assert "@font-face" not in svg and "url(http" not in svg


def words_in(svg: str) -> list[str]:
    """The texts of a picture; how they are placed is the library's affair."""
    return " ".join(html.unescape(text) for text in re.findall(r"<text [^>]*>(.*?)</text>", svg)).split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(there), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """The names that headings have as the end of a link."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_told_exists_with_its_options(page: Path) -> None:
    group = cli.cli
    context = click.Context(group)
    for told in told_commands(page.read_text(encoding="utf-8")):
        words = told.split()[1:]
        if words and words[0] == "--debug":
            words = words[1:]
        if not words or words[0].startswith("-") or words[0] in ("COMMAND", "[OPTIONS]"):
            continue
        command = group.get_command(context, words[0])
        assert command is not None, f"{page.name}: {told}"
        while isinstance(command, click.Group) and len(words) > 1 and not words[1].startswith("-"):
            words = words[1:]
            below = command.get_command(context, words[0])
            if below is None and words[0].isupper():  # RESOURCE stands for any of them
                below = next(one for name in command.list_commands(context) if (one := command.get_command(context, name)))
            assert below is not None, f"{page.name}: {told}"
            command = below
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
        used = {word.partition("=")[0] for word in words[1:] if re.match(r"--?[a-z]", word)}
        assert used <= known, f"{page.name}: {told}"


def told_commands(text: str) -> Iterator[str]:
    """What stands in code and begins with the program's name."""
    for block in re.findall(r"```(?:sh|powershell|bat)\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.strip().startswith("orderdesk-batch"):
                yield line.partition(" #")[0].strip()
    yield from re.findall(r"`(orderdesk-batch [^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def test_the_index_names_every_page() -> None:
    index = kept("README.md")
    assert [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index] == []


def test_no_page_is_longer_than_its_reader_is_patient() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 220
