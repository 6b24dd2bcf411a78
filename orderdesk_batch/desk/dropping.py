"""This file holds Dropping: sheets that are put into a folder are uploaded, each once."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import NotAllowed, OrderDeskBatchError, SheetRefused, Stopped, Unsafe, UsageError
from ..plan import Plan
from ..run import Run
from .keeping import write_results
from .options import Ask, Options, Refusal
from .reading import BOOK
from .sender import Sender

if TYPE_CHECKING:
    from ..watch import DropFolder, Ended, Job, PutAway

log = logging.getLogger("orderdesk_batch")
TRIES: Final = 5  # times that rows are gone on with that failed for a reason that may pass
MOST_SAID: Final = 20  # problems that are said in words; the workbook has them all


class Dropping(Sender):
    """A sender that also looks after a folder."""

    def drop(
        self,
        folder: str | os.PathLike[str],
        resource: str,
        *,
        yes: bool = False,
        ask: Ask | None = None,
        every: float = 5.0,
        once: bool = False,
        complain: Callable[[str], Any] | None = None,
        **options: Any,
    ) -> Iterator[PutAway]:
        """Upload each sheet that is put into a folder, and move it to `done/` or `refused/`; one by one as that happens.

        What was begun is gone on with, also by the next process; nothing is doubled.

        Args:
            resource: orders, items, shipments, inventory, or book.
            every: seconds between two looks; a file that differs between them is still being written.
            once: end once all that is there now was put away, or can't be.
            options: see `Options`.

        Raises:
            UsageError: no folder, or neither `yes` nor somebody to ask.
            RunError: another process looks after it.
            NotAllowed: the store refused the key.
        """
        from ..fields import resource as resource_of
        from ..watch import DropFolder

        if not yes and ask is None:
            raise UsageError("Nothing is uploaded without --yes.")
        if not every > 0:
            raise UsageError("--every is a number of seconds above 0.")
        if resource != BOOK:
            resource_of(resource)
        how = Options(**options)
        place = DropFolder(
            Path(folder), resource, lambda job: self._dropped(job, how, yes, ask, complain or log.warning), store=self.store.store_id,
            runs=self.home / "runs", complain=complain, clock=self._clock,
        )  # fmt: skip
        try:
            yield from self._looks(place, every, once)
        finally:
            place.close()

    def _looks(self, place: DropFolder, every: float, once: bool) -> Iterator[PutAway]:
        looks = 0
        while not self.store.stop.is_set():
            yield from place.look()
            looks += 1
            if once and looks > 1 and place.is_idle():
                return
            if once and looks > TRIES:
                raise OrderDeskBatchError(f"Not all of {place.folder} could be put away now. The next time goes on with it.")
            self.store.stop.wait(every)

    def _dropped(self, job: Job, how: Options, yes: bool, ask: Ask | None, complain: Callable[[str], Any]) -> Ended | None:
        """Upload a job's sheet, or go on with it; None if it has to be gone on with later.

        Raises:
            NotAllowed: the store refused the key.
            Stopped: somebody stopped it; the next process goes on.
        """
        from ..watch import Ended
        from ..watch.drop import undone

        try:
            undone(job.results)
            plan = self._go_on_with(job, how, yes, ask)
            if plan.halted is not None:
                raise plan.halted
        except (SheetRefused, Unsafe) as refused:
            found = [str(problem) for problem in getattr(refused, "problems", ()) if problem.level == "error"]
            words = "\n".join([str(refused), *found[:MOST_SAID]]).replace(f"{job.folder}{os.sep}", "")
            return Ended("refused", words, getattr(refused, "plan", None))
        except (NotAllowed, Stopped):
            raise
        except UsageError as error:
            return Ended("refused", str(error))
        except OrderDeskBatchError as error:  # the store, or the run's file
            complain(f"{job.name}: {error} It is gone on with.")
            return None
        if not plan.sent:
            return Ended("refused", "Not sent: it was not wanted.", plan)
        if _may_pass(plan) and job.tries < TRIES:
            complain(f"{job.name}: some rows failed for a reason that may pass. It is gone on with.")
            return None
        if plan.results_file is None:
            with Run.open(Path(job.run)) as run:
                plan.results_file = str(write_results(run, plan, job.results, replace(how, results=job.results)))
        return Ended("done", plan=plan)

    def _go_on_with(self, job: Job, how: Options, yes: bool, ask: Ask | None) -> Plan:
        """What `upload` does, with a run whose place is known beforehand: what was planned is never planned again."""
        from ..watch.drop import undone

        run = Path(job.run)
        if run.exists():
            return self.resume(run, yes=yes, ask=ask, results=job.results, batch_size=how.batch_size, settle=how.settle, force=how.force)
        undone(job.problems)
        plan = self.plan(job.resource, str(job.sheet), run=run, **_named(replace(how, problems=job.problems, results=None)))
        if plan.run is None:
            raise Refusal(plan)
        if plan.unsafe:
            run.unlink()  # nothing was sent; dropped again it is planned anew
            raise Unsafe(f"{plan.unsafe} Nothing was sent. `upload` with --force goes past the limit.")
        if plan.is_empty():
            plan.sent = True
            return plan
        if not yes and (ask is None or not ask(plan)):
            return plan
        return self._send(run, replace(how, results=job.results), plan)


def _named(how: Options) -> dict[str, Any]:
    return {name: getattr(how, name) for name in how.__dataclass_fields__}


def _may_pass(plan: Plan) -> bool:
    steps = [step for change in plan.writing() for step in change.steps]
    return any(step.is_open for step in steps)
