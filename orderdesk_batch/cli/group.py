"""This file holds the group of all commands, and what is said when one of them fails."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from .. import __version__
from ..errors import OrderDeskBatchError, UsageError
from . import COMMANDS, common, front


class Commands(click.Group):
    """Loads a command's module when the command is used, so that `--help` starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, common.SENTENCES[name]) for name in COMMANDS])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="orderdesk-batch")
@click.option("--debug", is_flag=True, help="Log each request to stderr: method, path, status, seconds. Never the key.")
def cli(debug: bool) -> None:
    """Spreadsheets to Order Desk, and back: checked, previewed, sent once, undoable."""
    if debug:
        common.log_requests()


def run(given: list[str]) -> int:
    """Run the command line through click; its exit code. No traceback reaches a user."""
    if "--json" in given and sys.stdout is None:
        common.say("The output can't be written: stdout is closed. Nothing was done.", json=True)
        return UsageError.exit_code
    try:
        return _run(given)
    except OSError as error:
        if common.debugging():
            raise
        return front.lost(error)


def _run(given: list[str]) -> int:
    as_json = "--json" in given
    command = next((word for word in given if not word.startswith("-")), "")
    try:
        outcome: Any = cli.main(args=given, prog_name="orderdesk-batch", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        if as_json:
            common.print_failure(command, error.format_message())
        else:
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        common.complain(command, "Stopped. Nothing more was sent.", as_json)
        return 130
    except OrderDeskBatchError as error:
        common.complain(command, str(error), as_json, getattr(error, "problems", ()), getattr(error, "plan", None))
        return error.exit_code
    except common.OutputLost:
        raise
    except Exception as error:
        if common.debugging():
            raise
        common.complain(command, f"{common.unexpected(error)} Nothing more was sent. With --debug you see where.", as_json)
        return 1
