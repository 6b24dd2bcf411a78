"""This file holds Sending: upload, apply, resume and undo, for one store as for several."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..errors import Problem, Unsafe, UsageError
from ..plan import Plan
from ..run import Run, check_place, listing, new_run, taken_back
from .keeping import problems_place, reserve_results, save, unwritten, write_problems, write_results
from .options import Ask, Options, Refusal, TooMuch
from .reading import Tables, not_over, source_path, tables

OLD_RUN: Final = 7 * 24 * 3600.0  # seconds: resuming an older run is said aloud


class Sending(ABC):
    """Plans, what is sent of them, and the way back; whose stores they are about is for those who inherit to say."""

    home: Path
    _clock: Callable[[], float]

    @abstractmethod
    def _how(self, options: Mapping[str, Any]) -> Options:
        """The options, with what is known to be right for the store where nothing is given."""

    @abstractmethod
    def _plan_of(self, resource: str, found: Tables, how: Options) -> Plan:
        """What some sheets ask for; not saved yet."""

    @abstractmethod
    def _undo_of(self, old: Plan, facts: Mapping[str, Any], how: Options) -> Plan:
        """What takes a run back; not saved yet."""

    @abstractmethod
    def _check_own(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Raises Unsafe for a run of another store."""

    @abstractmethod
    def _check_once(self, path: Path, facts: Mapping[str, Any], plan: Plan) -> None:
        """Raises Unsafe where another run sent rows meanwhile that can't be repeated harmlessly."""

    @abstractmethod
    def _estimate(self, plan: Plan, how: Options) -> None:
        """Count the calls that are left, and the seconds that they take."""

    @abstractmethod
    def _carry_out(self, run: Run, facts: Mapping[str, Any], plan: Plan, how: Options) -> None:
        """Send what is waiting; the plan then holds the outcome, and what halted it."""

    @abstractmethod
    def _address(self) -> str:
        """The address of the store, kept with a run."""

    # -- plans --------------------------------------------------------------------------------------

    def plan(self, resource: str, sheet: Any, *, run: str | os.PathLike[str] | None = None, **options: Any) -> Plan:
        """What uploading a sheet would do to the store, as it is now. Nothing is sent.

        Args:
            resource: orders, items, shipments, inventory, or book for a workbook with several of them.
            sheet: a path, `book.xlsx#Tab`, `-` (CSV on standard input), or a DataFrame.
            run: where to save the plan; by default among the runs of this machine.
            options: see `Options`.

        Raises:
            SheetRefused: the file as a whole can't be read.
            UsageError: an option or a folder that makes no sense.
            StoreError: the store refused the key, or can't be reached.
        """
        return self._plan(resource, sheet, self._how(options), run)

    def _plan(self, resource: str, source: Any, how: Options, run: str | os.PathLike[str] | None) -> Plan:
        if how.then_move_to and resource == "inventory":
            raise UsageError("--then-move-to moves orders; an inventory sheet has none.")
        if run:
            check_place(Path(run))
        if how.problems is not None:
            not_over(source, how.problems)
        started = time.monotonic()
        plan = self._plan_of(resource, tables(resource, source, how), how)
        if not plan.errors or (how.skip_bad_rows and not plan.hopeless):
            self._save(plan, run, how, source=source_path(source))
        elif how.problems is not None:
            write_problems(plan, how.problems)
        plan.took = time.monotonic() - started
        return plan

    def _save(self, plan: Plan, run: str | os.PathLike[str] | None, how: Options, *, source: str | None = None) -> None:
        at = self._clock()
        place = Path(run) if run else new_run(self.home / "runs", plan.resource, at)
        save(plan, place, at, how, source=source, sheets=plan.parts, base_url=self._address())

    # -- sending ------------------------------------------------------------------------------------

    def upload(self, resource: str, sheet: Any, *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Check, plan, ask, send, and write the results beside the sheet.

        Without `yes`, and without an `ask` that says yes to the plan, the plan comes back unsent.

        Raises:
            SheetRefused: rows are bad and skip_bad_rows is not given; nothing was sent.
            Unsafe: a safety limit was passed and force is not given; nothing was sent.
            StoreError: the store refused the key or can't be reached; what was done is in the run.
        """
        how = self._how(options)
        plan = self._plan(resource, sheet, replace(how, problems=None), None)
        if plan.run is None:
            if (target := how.problems or problems_place(sheet)) is not None:
                write_problems(plan, target)
            raise Refusal(plan)
        if plan.unsafe:
            raise TooMuch(plan)
        if plan.is_empty():
            self._results(plan, how, Path(plan.run))
            plan.sent = True
            return plan
        if not yes and (ask is None or not ask(plan)):
            return plan
        return self._send(Path(plan.run), how, plan)

    def apply(self, run: str | os.PathLike[str], *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Send a saved plan: exactly what it says, but for what someone changed since.

        Raises:
            Unsafe: a run of another store, one that was applied already, or a safety limit.
            RunError: no such run, or another process is at work on it.
        """
        return self._go(run, yes, ask, as_saved(run, options), again=False)

    def resume(self, run: str | os.PathLike[str], *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Go on with a run: send what is waiting, settle what is unknown, try again what failed for a passing reason."""
        return self._go(run, yes, ask, as_saved(run, options), again=True)

    def _go(self, run: str | os.PathLike[str], yes: bool, ask: Ask | None, how: Options, *, again: bool) -> Plan:
        path = Path(run)
        with Run.open(path) as file:
            facts = file.meta()
            plan = file.plan()
        plan.run = str(path)
        try:
            return self._gone_on(path, facts, plan, yes, ask, how, again=again)
        except Unsafe as error:
            error.plan = error.plan or plan
            raise

    def _gone_on(
        self, path: Path, facts: Mapping[str, Any], plan: Plan, yes: bool, ask: Ask | None, how: Options, *, again: bool
    ) -> Plan:
        self._check_own(path, facts)
        if facts.get("applied") and not again:
            raise Unsafe(f"{path} was applied already. Nothing was sent. `orderdesk-batch resume` goes on with what is left.")
        if plan.errors and not facts.get("skip_bad_rows"):
            raise Refusal(plan)
        if facts.get("unsafe") and not how.force:
            raise TooMuch(plan)
        plan.unsafe = ""
        if facts.get("applied") and self._clock() - facts["at"] > OLD_RUN:
            days = int((self._clock() - facts["at"]) // 86400)
            plan.problems.append(Problem(f"the run is {days} days old", "Look at the plan again before going on.", "warning"))
        for change in plan.writing():
            for step in change.steps:
                if step.state == "failed" and (step.passing or (step.refused and how.retry_failed)):
                    step.state, step.message = "waiting", ""
        left = any(step.is_open for change in plan.writing() for step in change.steps)
        if not left:
            if unwritten(facts) is not None:  # it was killed before they were
                self._results(plan, how, path)
            plan.sent = True
            return plan
        if facts.get("applied") and (undos := sorted(set(taken_back(self.home / "runs", path).values()))):
            raise Unsafe(f"{path} was taken back by {', '.join(undos)}. Nothing was sent. Plan the sheet again if it is to be sent after all.")
        self._estimate(plan, how)
        if not yes and (ask is None or not ask(plan)):
            return plan
        return self._send(path, how, plan)

    def _send(self, path: Path, how: Options, plan: Plan) -> Plan:
        started = time.monotonic()
        with Run.open(path) as run:
            run.hold()
            if plan.journal and run.journal() != plan.journal:
                raise Unsafe(f"{path} was worked on by someone else meanwhile. Nothing was sent. `orderdesk-batch resume` goes on.")
            facts = run.meta()
            if facts["undoes"] and (others := taken_back(self.home / "runs", Path(facts["undoes"]), but=path)):
                self._not_taken_back(plan, others)
            self._check_once(run.path, facts, plan)
            target = self._reserve(run, facts, how)
            run.note(applied=self._clock(), results_file=str(target) if target else None)
            plan.sent = True
            plan.run = str(path)
            try:
                self._carry_out(run, facts, plan, how)
            finally:
                plan.took += time.monotonic() - started
                if target is not None:
                    plan.results_file = str(write_results(run, plan, target, how))
        return plan

    def _not_taken_back(self, undo: Plan, others: Mapping[int, str]) -> None:
        """Raises Unsafe for a saved undo of what another one has taken back meanwhile."""
        for change in undo.writing():
            if change.undoes in others and change.state == "waiting":
                raise Unsafe(f"What {undo.run} takes back was taken back by {others[change.undoes]} meanwhile. Nothing was sent.")

    def _results(self, plan: Plan, how: Options, path: Path) -> None:
        with Run.open(path) as run:
            target = self._reserve(run, run.meta(), how)
            if target is not None:
                plan.results_file = str(write_results(run, plan, target, how))

    def _reserve(self, run: Run, facts: Mapping[str, Any], how: Options) -> Path | None:
        """The place of the results, opened; None for a run that has none."""
        return reserve_results(run, facts, how)

    # -- undo, runs -----------------------------------------------------------------------------------

    def undo(self, run: str | os.PathLike[str], *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Take a run back: a plan made from the documents as they were, then sent like any other.

        What someone changed since is left alone and reported; what can't be taken back is listed.
        """
        how = as_saved(run, options)
        plan = self.plan_undo(run, how)
        if plan.is_empty():
            plan.sent = True
            return plan
        if not yes and (ask is None or not ask(plan)):
            return plan
        return self._send(Path(str(plan.run)), how, plan)

    def plan_undo(self, run: str | os.PathLike[str], how: Options | None = None) -> Plan:
        """The plan that takes a run back, saved as a run of its own. Nothing is sent.

        Raises:
            Unsafe: a run of another store, or one whose undo was begun and is not at its end.
        """
        how = how or Options()
        started = time.monotonic()
        with Run.open(Path(run)) as file:
            facts = file.meta()
            old = file.plan()
        self._check_own(Path(run), facts)
        old.taken_back = taken_back(self.home / "runs", Path(run))
        plan = self._undo_of(old, facts, how)
        plan.sheet_name = old.sheet_name
        self._save(plan, None, how)
        plan.took = time.monotonic() - started
        return plan

    def runs(self) -> list[dict[str, Any]]:
        """The runs of this machine, newest first."""
        return listing(self.home / "runs")


def as_saved(run: str | os.PathLike[str] | None, options: Mapping[str, Any]) -> Options:
    """The options, with those that a run was saved with where nothing is given."""
    if run is None:  # `desk.apply(plan.run)` of a plan with bad rows
        raise UsageError("There is no run: a plan with bad rows is not saved. Mend them, or plan again with skip_bad_rows=True.")
    with Run.open(Path(run)) as file:
        facts = file.meta()
    results = None if facts.get("applied") else facts.get("results")
    return Options(**{"batch_size": facts.get("batch_size", 100), "settle": facts.get("settle", 60.0), "results": results, **options})
