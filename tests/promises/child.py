"""This file holds a process that plays runs and is killed: it forks for each, so that a start takes milliseconds.

On standard input come lines of JSON: `{"run", "url", "store_id", "key", "home", "die": [when, n] or null}`. For each it
forks; the child's number is written out, the child goes on with the run, and its end is written out, too. `die`
is `["before", n]` or `["after", n]`: the child ends at once, as if killed, around its n-th commit.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import requests  # noqa: F401 - loaded once, before the forks

from orderdesk_batch.run import Run
from tests.promises.stage import Player, hurried

KILLED = 137


def dying(when: str, number: int) -> None:
    """Let this process end around its n-th commit to a run file."""
    commit = Run.note_steps
    count = 0

    def note_steps(self: Run, steps: Any) -> None:
        nonlocal count
        count += 1
        if count == number and when == "before":
            os._exit(KILLED)
        commit(self, steps)
        if count == number:
            os._exit(KILLED)

    Run.note_steps = note_steps  # type: ignore[method-assign]


def play(order: dict[str, Any]) -> int:
    """Go on with a run, as `resume` does."""
    if order["die"]:
        dying(*order["die"])
    with Player(hurried(order["store_id"], order["key"], order["url"]), folder=Path(order["home"])) as desk:
        desk.resume(order["run"], yes=True)
    return 0


def main() -> None:
    """Fork for each line, until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        number = os.fork()
        if number == 0:
            status = 1
            try:
                status = play(order)
            finally:
                os._exit(status)
        print(number, flush=True)
        _, status = os.waitpid(number, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
