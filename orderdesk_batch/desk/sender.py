"""This file holds Sender: upload, apply, resume and undo, with their results."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import plan as planning
from ..apply import Engine, Paused, Undo
from ..errors import NotAllowed, Problem, RunError, Stopped, Unreachable, Unsafe, UsageError
from ..fields import RESOURCES
from ..lookup import Lookup, Seen
from ..plan import Plan, safety
from ..run import Run, listing
from .options import Ask, Options, Progress, Refusal, TooMuch
from .reading import beside, source_path
from .verdicts import verdicts

if TYPE_CHECKING:

    pass

from .searcher import Searcher

OLD_RUN: Final = 7 * 24 * 3600.0  # seconds: resuming an older run is said aloud


class Sender(Searcher):
    """A searcher that also sends."""

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
            if (target := how.problems or self._problems_place(sheet)) is not None:
                self._write_problems(plan, plan.parts, target)
            raise Refusal(plan)
        if plan.unsafe:
            raise TooMuch(plan)
        if plan.is_empty():
            self._results(plan, how, Path(str(plan.run)))
            plan.sent = True
            return plan
        if not yes and (ask is None or not ask(plan)):
            return plan
        return self._send(Path(str(plan.run)), how, plan)

    def _problems_place(self, sheet: Any) -> Path | None:
        """Where the fix-and-retry workbook goes: beside the sheet, over nothing that is there."""
        from ..sheets import results

        place = beside(source_path(sheet), ".problems.xlsx")
        try:
            return None if place is None else results.reserve(place)
        except UsageError:  # the folder can't be written to: the problems are told all the same
            return None

    def apply(self, run: str | os.PathLike[str], *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Send a saved plan: exactly what it says, but for what someone changed since.

        Raises:
            Unsafe: a run of another store, one that was applied already, or a safety limit.
            RunError: no such run, or another process is at work on it.
        """
        return self._go(run, yes, ask, Options(**self._as_saved(run, options)), again=False)

    def resume(self, run: str | os.PathLike[str], *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Go on with a run: send what is waiting, settle what is unknown, try again what failed for a passing reason."""
        return self._go(run, yes, ask, Options(**self._as_saved(run, options)), again=True)

    def _as_saved(self, run: str | os.PathLike[str] | None, options: dict[str, Any]) -> dict[str, Any]:
        if run is None:  # `desk.apply(plan.run)` of a plan with bad rows
            raise UsageError("There is no run: a plan with bad rows is not saved. Mend them, or plan again with skip_bad_rows=True.")
        with Run.open(Path(run)) as file:
            facts = file.meta()
        return {"batch_size": facts.get("batch_size", 100), "settle": facts.get("settle", 60.0), **options}

    def _go(self, run: str | os.PathLike[str], yes: bool, ask: Ask | None, how: Options, *, again: bool) -> Plan:
        path = Path(run)
        with Run.open(path) as file:
            facts = file.meta()
            plan = file.plan()
        if facts["store_id"] != self.settings()["id"]:
            raise Unsafe(
                f"{path} is a run of the store {facts['store_name'] or facts['store_id']} ({facts['store_id']}), not of this one "
                f"({self.store.store_id}). Nothing was sent."
            )
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
        left = any(step.state in ("waiting", "begun", "unknown") for change in plan.writing() for step in change.steps)
        if not left:
            plan.sent = True
            return plan
        plan.calls = safety.calls(plan, how.batch_size)
        plan.seconds = self.store.bucket.forecast(plan.calls)
        if not yes and (ask is None or not ask(plan)):
            return plan
        return self._send(path, how, plan)

    def _send(self, path: Path, how: Options, plan: Plan) -> Plan:
        started = time.monotonic()
        before = self.store.counts
        lookup = plan.lookup or Lookup(self.store, self.memory, clock=self._clock)
        with Run.open(path) as run:
            run.hold()
            if plan.journal and run.journal() != plan.journal:
                raise Unsafe(f"{path} was worked on by someone else meanwhile. Nothing was sent. `orderdesk-batch resume` goes on.")
            facts = run.meta()
            target = self._reserve(run, facts, how)
            if plan.lookup is None:
                _lay(plan, lookup)
            run.note(applied=self._clock(), results_file=str(target) if target else None)
            # Remembered before anything is sent: a process that is killed has no chance to do so afterwards.
            once = {mark: c for c in plan.writing() for mark in facts.get("once", {}).get(str(c.number), ())}
            new = once.keys() - self.memory.once(once).keys()
            self.memory.put_once(new, str(path))
            engine = Engine(run, plan, self.store, lookup, batch_size=how.batch_size, settle=how.settle, clock=self._clock,
                            progress=self._tell if self.progress else None)  # fmt: skip
            plan.sent = True
            plan.run = str(path)
            try:
                engine.go()
            except (NotAllowed, Unreachable, RunError, Stopped, Paused) as error:
                plan.halted = error
            finally:
                self.memory.forget_once(mark for mark in new if not _left_home(once[mark]))
                if dates := planning.dates_sent(plan.changes):  # the next plan sees whether they were kept [open]
                    self.memory.put(dates_sent=dates)
                self._count(plan, before, started)
                if target is not None:
                    plan.results_file = str(self._write_results(run, plan, target, how))
        return plan

    def _tell(self, plan: Plan, calls_left: int) -> None:
        results = plan.results
        total = sum(results.values())
        counts = self.store.counts
        assert self.progress is not None
        self.progress(
            Progress("sending", total - results["waiting"], total, counts.read + counts.written, calls_left,
                     self.store.bucket.forecast(calls_left))
        )  # fmt: skip

    # -- results ------------------------------------------------------------------------------------

    def _reserve(self, run: Run, facts: Mapping[str, Any], how: Options) -> Path | None:
        """Open the results' path before anything is sent (promise 9)."""
        from ..sheets import results

        if how.results is not None:
            return results.reserve(Path(how.results))
        if facts.get("undoes"):
            return None
        source = facts.get("source")
        if source:
            return results.reserve(results.default_results(source, "xlsx"))
        if facts.get("results_file"):
            return results.reserve(Path(facts["results_file"]))
        return results.reserve(run.path.with_suffix(".results.xlsx"))

    def _results(self, plan: Plan, how: Options, path: Path) -> None:
        with Run.open(path) as run:
            target = self._reserve(run, run.meta(), how)
            if target is not None:
                plan.results_file = str(self._write_results(run, plan, target, how))

    def _write_results(self, run: Run, plan: Plan, target: Path, how: Options) -> Path:
        from ..sheets import results
        from ..sheets.sheet import Sheet

        parts = []
        for facts in run.sheets():
            sheet = Sheet(**{name: held for name, held in facts.items() if name != "resource"})
            one = RESOURCES[facts["resource"]].one
            parts.append(results.Part(sheet, verdicts(plan, facts["tab"], sheet.rows), f"{one} id"))
        written = results.write_book_results(target, parts, fallback=run.path.parent)
        if how.results is None and [part.sheet.format for part in parts] == ["csv"]:  # and as what it came
            results.write_book_results(results.reserve(written.with_suffix(".csv")), parts, fallback=run.path.parent)
        return written

    # -- undo, runs -----------------------------------------------------------------------------------

    def undo(self, run: str | os.PathLike[str], *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Take a run back: a plan made from the documents as they were, then sent like any other.

        What someone changed since is left alone and reported; what can't be taken back is listed.
        """
        how = Options(**self._as_saved(run, options))
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
            Unsafe: a run of another store.
        """
        how = how or Options()
        started, before = time.monotonic(), self.store.counts
        with Run.open(Path(run)) as file:
            facts = file.meta()
            old = file.plan()
        settings = self.settings()
        if facts["store_id"] != settings["id"]:
            raise Unsafe(f"{run} is a run of the store {facts['store_id']}, not of this one ({self.store.store_id}).")
        lookup = Lookup(self.store, self.memory, clock=self._clock)
        plan = Undo(old, lookup).plan()
        self._finish(plan, lookup, how, settings)
        plan.sheet_name = old.sheet_name
        self._save(plan, None, how, ())
        plan.lookup = lookup
        self._count(plan, before, started)
        return plan

    def runs(self) -> list[dict[str, Any]]:
        """The runs of this machine, newest first."""
        return listing(self.home / "runs")




def _left_home(change: planning.Change) -> bool:
    return any(step.state in ("begun", "done", "unknown") for step in change.steps)


def _lay(plan: Plan, lookup: Lookup) -> None:
    """Lay the saved documents on the shelf, with the age they have: it tells on which page to look for them."""
    for change in plan.changes:
        listed = "inventory" if change.resource == "inventory" else "orders"
        record = change.order_id or change.id
        if record and change.page >= 0:
            shelf = lookup.shelves[listed]  # type: ignore[index]
            shelf.by_id.setdefault(record, Seen({"id": record}, 0.0, change.page))
