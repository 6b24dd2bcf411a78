"""This file holds Sender: what is sent to one store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import plan as planning
from ..apply import Engine, Paused, Undo
from ..errors import NotAllowed, RunError, Stopped, Unreachable, Unsafe
from ..lookup import Lookup, Seen
from ..plan import Plan, safety
from ..run import Run
from .options import Options, Progress
from .searcher import Searcher
from .sending import Sending


class Sender(Searcher, Sending):
    """A searcher that also sends."""

    def _address(self) -> str:
        return self.store.base_url

    def _check_own(self, path: Path, facts: Mapping[str, Any]) -> None:
        if facts["store_id"] != self.settings()["id"]:
            raise Unsafe(
                f"{path} is a run of the store {facts['store_name'] or facts['store_id']} ({facts['store_id']}), not of this one "
                f"({self.store.store_id}). Nothing was sent."
            )

    def _check_once(self, path: Path, facts: Mapping[str, Any], plan: Plan) -> None:
        self._check_made(path.resolve(), facts, plan)
        if facts.get("again"):
            return
        fresh = {mark for mark, change in _marked(facts, plan).items() if not any(step.tries for step in change.steps)}
        others = {run for run in self.memory.once(fresh).values() if run != str(path.resolve())}
        if facts.get("applied"):  # then it may be what remembered them, before its file was moved
            others = {run for run in others if Path(run).exists()}
        if others:
            raise Unsafe(
                f"Rows of {path} that can't be repeated harmlessly were sent meanwhile ({', '.join(sorted(others))}). Nothing was sent. "
                "Plan the sheet again; with --again if they are meant to count twice."
            )

    def _check_made(self, path: Path, facts: Mapping[str, Any], plan: Plan) -> None:
        """Raises Unsafe where a run that went off since this one was planned creates the same; the store would take it twice."""
        mine = planning.once.made(c for c in plan.writing() if not any(step.tries for step in c.steps))
        if not mine:
            return
        with self.memory.alone():
            others = {run: at for run, at in self.memory.creating().items() if run != str(path) and Path(run).is_file()}
            for run in [run for run, at in others.items() if at >= facts["at"]] if not facts.get("again") else ():
                with Run.open(Path(run)) as file:
                    theirs = planning.once.made(file.plan().writing())
                if mine.keys() & theirs.keys():
                    raise Unsafe(
                        f"Some of what {path} creates is on its way by another run, or was sent by it meanwhile ({run}), and would be there twice. "
                        "Nothing was sent. Plan the sheet again; with --again if it is meant to be there twice."
                    )
            self.memory.put(creating={**others, str(path): self._clock()})

    def _estimate(self, plan: Plan, how: Options) -> None:
        plan.calls = safety.calls(plan, how.batch_size)
        plan.seconds = self.store.bucket.forecast(plan.calls)

    def _undo_of(self, old: Plan, facts: Mapping[str, Any], how: Options) -> Plan:
        before = self.store.counts
        lookup = Lookup(self.store, self.memory, clock=self._clock)
        plan = Undo(old, lookup).plan()
        self._finish(plan, lookup, how, self.settings())
        plan.lookup = lookup
        self._count(plan, before)
        return plan

    def _carry_out(self, run: Run, facts: Mapping[str, Any], plan: Plan, how: Options) -> None:
        before = self.store.counts
        lookup = plan.lookup or Lookup(self.store, self.memory, clock=self._clock)
        if plan.lookup is None:
            _lay(plan, lookup)
        # Remembered before anything is sent: a process that is killed has no chance to do so afterwards.
        once = _marked(facts, plan)
        new = once.keys() - self.memory.once(once).keys()
        self.memory.put_once(new, str(run.path.resolve()))
        engine = Engine(run, plan, self.store, lookup, batch_size=how.batch_size, settle=how.settle, clock=self._clock,
                        progress=self._tell if self.progress else None)  # fmt: skip
        try:
            engine.go()
        except (NotAllowed, Unreachable, RunError, Stopped, Paused) as error:
            plan.halted = error
        finally:
            self.memory.forget_once(mark for mark in new if not _left_home(once[mark]))
            if dates := planning.dates_sent(plan.changes):  # the next plan sees whether they were kept [open]
                self.memory.put(dates_sent=dates)
            self._count(plan, before)

    def _tell(self, plan: Plan, calls_left: int) -> None:
        results = plan.results
        total = sum(results.values())
        counts = self.store.counts
        assert self.progress is not None
        self.progress(
            Progress("sending", total - results["waiting"], total, counts.read + counts.written, calls_left,
                     self.store.bucket.forecast(calls_left))
        )  # fmt: skip


def _marked(facts: Mapping[str, Any], plan: Plan) -> dict[str, planning.Change]:
    """The fingerprints of what can't be repeated harmlessly, with the change that each is of."""
    return {mark: c for c in plan.writing() for mark in facts.get("once", {}).get(str(c.number), ())}


def _left_home(change: planning.Change) -> bool:
    return any(step.state in ("begun", "done", "unknown") for step in change.steps)


def _lay(plan: Plan, lookup: Lookup) -> None:
    """Lay the saved documents on the shelf, with the age they have: it tells on which page to look for them."""
    for change in plan.changes:
        listed = "inventory" if change.resource == "inventory" else "orders"
        record = change.order_id or change.id
        if record and change.page >= 0:
            shelf = lookup.shelves[listed]  # type: ignore[index]
            shelf.among = change.among
            shelf.by_id.setdefault(record, Seen({"id": record}, 0.0, change.page))
