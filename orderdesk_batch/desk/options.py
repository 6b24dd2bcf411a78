"""This file holds Options, Progress, and the refusals that carry a plan."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import SheetRefused, Unsafe, UsageError
from ..plan import Plan


@dataclass(frozen=True)
class Options:
    """How a sheet is read, planned and sent; the same names as the command line's options."""

    action: str | None = None
    skip_bad_rows: bool = False
    map: Mapping[str, str] | Sequence[str] = ()
    decimal: Literal[".", ","] | None = None
    dates: Literal["mdy", "dmy"] | None = None
    weight_unit: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    batch_size: int = 100
    settle: float = 60.0
    force: bool = False
    again: bool = False
    then_move_to: str = ""
    results: str | os.PathLike[str] | None = None
    problems: str | os.PathLike[str] | None = None
    guess_carrier: bool = False
    mark: bool = True
    retry_failed: bool = False

    def __post_init__(self) -> None:
        if self.decimal not in (None, ".", ","):
            raise UsageError(f'--decimal "{self.decimal}" is neither "." nor ",".')
        if self.dates not in (None, "mdy", "dmy"):
            raise UsageError(f'--dates "{self.dates}" is neither mdy nor dmy.')
        if self.batch_size < 1:
            raise UsageError("--batch-size is a whole number from 1.")
        if self.settle < 0:
            raise UsageError("--settle is a number of seconds, 0 or more.")
        if self.action is not None and self.action not in ("create", "update", "upsert", "delete", "skip"):
            raise UsageError(f'--action "{self.action}" is none of create, update, upsert, delete, skip.')


@dataclass(slots=True)
class Progress:
    """How far a verb has come, for a bar."""

    stage: str  # "reading", "sending"
    done: int = 0  # rows
    total: int = 0
    calls: int = 0
    calls_left: int = 0
    seconds_left: float = 0.0


Teller = Callable[[Progress], None]
Ask = Callable[[Plan], bool]


class Refusal(SheetRefused):
    """Rows are bad, so nothing was sent; carries the plan with all problems."""

    def __init__(self, plan: Plan) -> None:
        count = len({(problem.place.rpartition("!")[0], problem.row) for problem in plan.errors})
        rows = "1 row is" if count == 1 else f"{count:,} rows are"
        super().__init__(f"{plan.sheet_name}: {rows} bad, so nothing was sent.", plan.problems)
        self.plan = plan


class TooMuch(Unsafe):
    """The plan passes a safety limit, so nothing was sent; carries the plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{plan.unsafe} Nothing was sent.")
        self.plan = plan
