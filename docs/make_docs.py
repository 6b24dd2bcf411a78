"""Makes the parts of the docs that come from the code: `make docs` runs it, a test holds the pages against it.

    python docs/make_docs.py [FOLDER]

- `fields.md` from the field tables, the table in `sandbox.md` from the sandbox's facts;
- `cli.md` from the `--help` of each command;
- `plan.svg`, the picture in the README, from a real plan of a sample sheet on the sandbox;
- the outputs in `tracking.md` by running the commands above them on the sandbox;
- what `orderdesk_batch/cli/said` keeps of the command line's answers, so that they are there at once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest import mock

import click

from orderdesk_batch import cli, sample_files, show
from orderdesk_batch.cli import front, group
from orderdesk_batch.desk import Desk, connect
from orderdesk_batch.fields import RESOURCES
from orderdesk_batch.fields.page import page
from orderdesk_batch.pace import Bucket
from orderdesk_batch.run import listing
from orderdesk_batch.sandbox import Sandbox, facts
from orderdesk_batch.store import Store

DOCS = Path(__file__).parent
SHEET = "shipstation-tracking.csv"
WIDTH = 100
DAY = dt.datetime(2026, 11, 23, 9, 15)  # the sandbox's orders are dated from it backwards
FAST = (10**6, 1e6)  # nobody waits for the allowed rate
_RUN = re.compile(r"\d{8}-\d{6}-([a-z]+)-[0-9a-f]{4}")


def make() -> Iterator[tuple[str, str]]:
    """Each page with its text."""
    yield "fields.md", page(RESOURCES)
    yield "sandbox.md", facts.written((DOCS / "sandbox.md").read_text(encoding="utf-8"))
    yield "cli.md", command_line()
    yield "plan.svg", picture()
    yield "tracking.md", with_outputs((DOCS / "tracking.md").read_text(encoding="utf-8"))


# -- the commands -----------------------------------------------------------------------------------------


def command_line() -> str:
    """The `--help` of each command."""
    parent = cli.cli.make_context("orderdesk-batch", [], resilient_parsing=True, terminal_width=WIDTH)
    commands = [name for name in cli.cli.list_commands(parent) if _is_there(name)]
    lines = [
        "# The commands",
        "",
        "Made from `--help`; `orderdesk-batch COMMAND --help` prints the same.",
        "",
        *(f"- [{name}](#{name})" for name in commands),
        "",
        "```text",
        _without_absent(cli.cli.get_help(parent), commands),
        "```",
    ]
    for name in commands:
        command = cli.cli.get_command(parent, name)
        assert command is not None
        lines += help_of(command, parent, name, "##")
    return "\n".join(lines) + "\n"


def help_of(command: click.Command, parent: click.Context, name: str, level: str) -> list[str]:
    """The `--help` of a command, and of those below it."""
    with click.Context(command, parent=parent, info_name=name) as context:
        heading = context.command_path.removeprefix("orderdesk-batch ")
        lines = ["", f"{level} {heading}", "", "```text", command.get_help(context).rstrip(), "```"]
        below = (
            [command.get_command(context, one) for one in command.list_commands(context)]
            if isinstance(command, click.Group)
            else []
        )
        for one in below:
            assert one is not None and one.name is not None
            lines += help_of(one, context, one.name, level + "#")
    return lines


def _is_there(name: str) -> bool:
    try:
        return cli.cli.get_command(click.Context(cli.cli), name) is not None
    except AttributeError:  # named already, not written yet
        return False


def _without_absent(text: str, commands: list[str]) -> str:
    head, _, listed = text.partition("Commands:\n")
    kept = re.findall(r"^  \S.*\n?(?:^ {3,}\S.*\n?)*", listed, re.MULTILINE)
    return (head + "Commands:\n" + "".join(entry for entry in kept if entry.split()[0] in commands)).rstrip()


def said() -> Iterator[tuple[str, str]]:
    """Each answer that is kept beside the front door, with its text."""
    yield "help.txt", answer(["--help"], front.WIDE)
    yield "help-narrow.txt", answer(["--help"], front.NARROW)
    for resource in front.RESOURCES:
        for form in front.FORMS:
            yield front.name_of(resource, form), answer(["fields", resource, *([form] if form else [])], WIDTH)


def answer(words: list[str], columns: int) -> str:
    """What click's way prints."""
    printed = io.StringIO()
    with mock.patch.dict(os.environ, {"COLUMNS": str(columns)}), contextlib.redirect_stdout(printed):
        group.run(words)
    return printed.getvalue()


# -- what a plan looks like ----------------------------------------------------------------------------------


@contextlib.contextmanager
def played() -> Iterator[tuple[Sandbox, Path]]:
    """The sandbox and a folder with the sample sheets."""
    with tempfile.TemporaryDirectory(prefix="orderdesk-docs-") as scratch, Sandbox(bucket=FAST, now=DAY) as box:
        folder = Path(scratch).resolve()
        for name in (SHEET, "tracking.xlsx", "stock-count.csv"):
            shutil.copyfile(sample_files.sample(name), folder / name)
        yield box, folder


def picture() -> str:
    """A plan as a terminal shows it."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    with played() as (box, folder), Store(box.store_id, box.api_key, base_url=box.url) as store:
        desk = Desk(store, folder=folder / "home")
        plan = desk.plan("shipments", str(folder / SHEET), weight_unit="lb")
    plan.sheet_name = SHEET
    with mock.patch.dict(os.environ, {"COLUMNS": str(WIDTH)}):
        console = Console(
            record=True, width=WIDTH, force_terminal=True, color_system="truecolor", file=io.StringIO(), legacy_windows=False
        )
    console.print(Text.assemble(("$ ", "dim"), f"orderdesk-batch plan shipments {SHEET} --weight-unit lb"), highlight=False)
    console.print()
    show.plan(console, plan, limit=8)
    theme = TerminalTheme(
        (250, 250, 248), (40, 44, 52),
        [(40, 44, 52), (190, 40, 50), (30, 120, 60), (150, 95, 0), (40, 90, 180), (140, 50, 150), (0, 115, 130), (120, 124, 130)],
        [(110, 114, 120), (200, 50, 60), (40, 140, 70), (170, 110, 0), (50, 100, 200), (160, 60, 170), (0, 130, 150), (60, 64, 70)],
    )  # fmt: skip
    drawn = console.export_svg(title="orderdesk-batch", theme=theme, unique_id="plan")
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)  # no font is fetched from elsewhere
    drawn = drawn.replace("Fira Code,monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")
    return drawn.replace("font-family: Fira Code", "font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono'")


def with_outputs(text: str) -> str:
    """The page with the output of each command that stands in it as `<!-- output: COMMAND -->`."""
    with played() as (box, folder):
        environment = {
            "ORDERDESK_BASE_URL": box.url, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key,
            "ORDERDESK_BATCH_HOME": str(folder / "home"), "COLUMNS": str(WIDTH),
        }  # fmt: skip

        def output(match: re.Match[str]) -> str:
            said = run(match["command"].split(), folder, environment)
            return f"<!-- output: {match['command']} -->\n```text\n{said}\n```\n<!-- end -->"

        return re.sub(r"<!-- output: (?P<command>.*?) -->\n(?:```text\n.*?\n```\n)?<!-- end -->", output, text, flags=re.DOTALL)


def run(words: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command prints, without what differs from day to day; RUN in it is the latest that did anything."""
    if "RUN" in words:
        done = next(one["run"] for one in listing(folder / "home" / "runs") if one["results"]["done"])
        words = [Path(done).stem if word == "RUN" else word for word in words]
    said = io.StringIO()
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch("orderdesk_batch.desk.connect", partial(connect, bucket=Bucket(*FAST))),
        mock.patch.object(sys, "argv", ["orderdesk-batch", *words]),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        cli.run(words)
    found = said.getvalue()
    if "Something went wrong inside" in found:
        raise RuntimeError(found)
    for path in (str(folder / "home" / "runs") + os.sep, str(folder) + os.sep):
        found = found.replace(path, "")
    found = _RUN.sub(lambda match: f"20261123-091500-{match[1]}-a1b2", found)
    return "\n".join(line.rstrip() for line in found.strip("\n").splitlines())


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    kept = [((folder or Path(front.SAID)) / name, made) for name, made in said()]
    for target, made in [*(((folder or DOCS) / name, made) for name, made in make()), *kept]:
        if not target.is_file() or target.read_text(encoding="utf-8") != made:
            target.write_text(made, encoding="utf-8", newline="\n")
            print(f"Written: {target}")
