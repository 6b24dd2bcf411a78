"""This file holds how the scenarios are counted, over all processes, and printed at the end."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

COUNTED = pytest.StashKey[Counter[str]]()


def keep(config: pytest.Config, counted: Counter[str]) -> None:
    """Hand the numbers of this process over."""
    if hasattr(config, "workeroutput"):
        config.workeroutput["scenarios"] = json.dumps(counted)
    else:
        config.stash[COUNTED] = counted


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """With several processes, the first of them adds up."""
    told = json.loads(getattr(node, "workeroutput", {}).get("scenarios", "{}"))
    node.config.stash[COUNTED] = node.config.stash.get(COUNTED, Counter()) + Counter(told)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the number of scenarios that counted: whose fault struck."""
    counted = config.stash.get(COUNTED, Counter())
    if counted:
        each = ", ".join(f"{number:,} with {what}" for what, number in counted.items())
        terminalreporter.write_line(f"Scenarios of the promises: {sum(counted.values()):,} ({each}).")
