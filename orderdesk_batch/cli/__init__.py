"""This folder holds the command line: arguments → Desk → print. Nothing else prints."""

from __future__ import annotations

import sys

from . import front

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The commands, in the order in which `--help` lists them, and the module that holds each.
COMMANDS = {
    "demo": "trying", "template": "sheet", "fields": "sheet", "check": "sheet", "plan": "sheet", "upload": "sheet",
    "apply": "runs", "resume": "runs", "undo": "runs", "runs": "runs", "show": "runs",
    "login": "login", "logout": "stores", "stores": "stores",
    "export": "search", "get": "search", "call": "search", "store": "search", "doctor": "search",
    "archive": "archiving", "report": "reporting", "watch": "watching", "drop": "watching", "sandbox": "trying",
}  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    front.prepare_streams()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(given: list[str]) -> int:
    """Run the command line; its exit code."""
    code = front.answer(given)
    if code is not None:
        return code
    from . import group

    return group.run(given)


def __getattr__(name: str) -> Any:
    if name == "cli":  # the group of commands: click is loaded with it
        from .group import cli

        return cli
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
