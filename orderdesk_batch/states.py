"""This file holds the states of a change and of its steps, and which of several says how far a change has come.

`runs` counts them without the rest of the product: nothing is imported here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Literal

    State = Literal["waiting", "begun", "done", "failed", "stale", "unknown"]

_GRAVEST: tuple[State, ...] = ("unknown", "failed", "stale", "begun", "waiting", "done")
_COUNTED = ("done", "failed", "stale", "unknown", "waiting")


def of_steps(states: Collection[str]) -> State:
    """How far a change has come: the gravest state of its steps.

    >>> of_steps({"done", "waiting"}), of_steps({"done", "failed"}), of_steps(())
    ('waiting', 'failed', 'done')
    """
    return next((state for state in _GRAVEST if state in states), "unknown" if states else "done")


def counted(states: Iterable[tuple[State, int]]) -> dict[str, int]:
    """How many changes are done, failed, stale, unknown and waiting, from pairs of a state and a number of changes.

    >>> counted([("done", 3), ("begun", 1)])
    {'done': 3, 'failed': 0, 'stale': 0, 'unknown': 1, 'waiting': 0}
    """
    numbers = dict.fromkeys(_COUNTED, 0)
    for state, number in states:
        numbers["unknown" if state == "begun" else state] += number
    return numbers
