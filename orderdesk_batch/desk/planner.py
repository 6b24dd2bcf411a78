"""This file holds Planner: a store and what can be planned for it; nothing here sends."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .. import plan as planning
from ..doctor import batch_size
from ..errors import UsageError
from ..fields import resource as resource_of
from ..kinds import CellRefused
from ..lookup import Lookup
from ..memory import Memory, home
from ..plan import Plan, safety
from ..plan import inventory as plan_inventory
from ..plan import orders as plan_orders
from ..run import Run, new_name
from ..store import Store
from .options import Options, Progress, Teller
from .reading import check, held, read, source_path

if TYPE_CHECKING:
    import pandas as pd

    from ..checks import Checked


class Planner:
    """A store, its memory, and the plans that sheets ask for."""

    def __init__(
        self,
        store: Store,
        *,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        progress: Teller | None = None,
    ) -> None:
        self.store = store
        self.home = folder or home()
        self.memory = Memory(self.home, store.store_id, store.base_url, clock=clock)
        self.progress = progress
        self._clock = clock
        self._settings: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Desk({self.store.store_id}, {self.store.base_url})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self.store.close()

    # -- the store --------------------------------------------------------------------------------

    def settings(self, *, again: bool = False) -> dict[str, Any]:
        """The store's id, name, zone and folders; read once and remembered for a day. Never its secrets."""
        if self._settings is None or again:
            held = None if again else self.memory.settings()
            if held is None:
                answer = self.store.settings()
                folders = answer.get("folders")
                inner = answer.get("settings")
                held = {
                    "id": str(answer.get("id") or self.store.store_id),
                    "name": str(answer.get("name") or ""),
                    "zone": str((inner if isinstance(inner, dict) else {}).get("timezone") or "UTC"),
                    "folders": {str(k): str(v) for k, v in folders.items()} if isinstance(folders, dict) else {},
                }
                self.memory.put_settings(held)
            self._settings = held
        return self._settings

    # -- reading a sheet ----------------------------------------------------------------------------

    def check(self, resource: str, sheet: Any, **options: Any) -> Checked:
        """What can be said of a sheet without a store; see `orderdesk_batch.check`."""
        if options.get("weight_unit") is None:
            options["weight_unit"] = self.memory.get("weight_unit")
        return check(resource, sheet, **options)

    def template(self, resource: str, path: str | os.PathLike[str]) -> Path:
        """Write a workbook to fill in, with the store's folders to pick from."""
        from ..sheets.template import template

        template(resource, Path(path), folders=self.settings()["folders"])
        return Path(path)

    def fields(self, resource: str) -> pd.DataFrame:
        """The columns of a resource: name, meaning, kind, required, other headings."""
        import pandas as pd

        from ..fields.page import rows_of

        return pd.DataFrame(list(rows_of(resource_of(resource)))).set_index("name")

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

    def _how(self, options: Mapping[str, Any]) -> Options:
        """The options, with what `doctor` found on this store where nothing is given."""
        return Options(**{"batch_size": batch_size(self.memory, Options.batch_size), **options})

    def _plan(self, resource: str, source: Any, how: Options, run: str | os.PathLike[str] | None) -> Plan:
        started = time.monotonic()
        before = self.store.counts
        if how.weight_unit is not None:
            self.memory.put(weight_unit=how.weight_unit)
        else:
            how = replace(how, weight_unit=self.memory.get("weight_unit"))
        if how.then_move_to and resource == "inventory":
            raise UsageError("--then-move-to moves orders; an inventory sheet has none.")
        parts = [planning.Part(checked, checked.sheet.tab) for checked in read(resource, source, how)]
        settings = self.settings()
        lookup = Lookup(self.store, self.memory, clock=self._clock)
        with self._telling_of_reads(sum(len(part.rows) for part in parts)):
            found = self._find(parts, lookup)
        world = self._world(parts, how, settings)
        plan = planning.make(parts, found, world, then_move_to=how.then_move_to)
        plan.resource = resource
        plan.sheet_name = parts[0].checked.sheet.name
        self._learn_dates(plan)
        self._finish(plan, lookup, how, settings)
        if not plan.errors or (how.skip_bad_rows and not plan.hopeless):
            sheets = [held(part.checked.sheet, part.resource) for part in parts]
            once = self._once_marks(plan, parts)
            self._save(plan, run, how, sheets, once=once, source=source_path(source))
        elif how.problems is not None:
            self._write_problems(plan, parts, how.problems)
        self._count(plan, before, started)
        plan.parts = parts
        plan.lookup = lookup
        return plan

    def _find(self, parts: Sequence[planning.Part], lookup: Lookup) -> planning.Found:
        asked = planning.wanted(parts)
        orders = lookup.orders(asked.orders) if asked.orders else {}
        by_id, by_code = lookup.inventory(asked.ids, asked.codes) if asked.ids or asked.codes else ({}, {})
        return planning.Found(orders, by_id, by_code, lookup.shelves)

    def _world(self, parts: Sequence[planning.Part], how: Options, settings: Mapping[str, Any]) -> planning.World:
        now = dt.datetime.fromtimestamp(self._clock(), dt.UTC).replace(tzinfo=None, microsecond=0)
        world = planning.World(
            now, settings["folders"], secrets.token_hex(4) if how.mark else "", how.again, self.memory.get("once", {}),
            self.memory.get("dates_kept"), self.memory.get("dates_sent", {}),
        )  # fmt: skip
        named = {row.values["folder"] for part in parts for row in part.rows if isinstance(row.values.get("folder"), str)}
        if how.then_move_to:
            named.add(how.then_move_to)
        if any(not world.knows(name) for name in named):  # made since we last looked?
            world = replace(world, folders=self.settings(again=True)["folders"])
        if how.then_move_to:
            try:
                world.folder_id(how.then_move_to)
            except CellRefused as refused:
                raise UsageError(f'--then-move-to "{how.then_move_to}" {refused.reason}. {refused.hint}') from None
        return world

    def _finish(self, plan: Plan, lookup: Lookup, how: Options, settings: Mapping[str, Any]) -> None:
        plan.store_id, plan.store_name = settings["id"], settings["name"]
        plan.name_folders(settings["folders"])
        totals = {name: lookup.total(name) for name in safety.needs_total(plan)}  # type: ignore[arg-type]
        plan.unsafe = "" if how.force else safety.limit_passed(plan, totals)
        plan.sets_off += safety.sets_off(plan)
        plan.calls = safety.calls(plan, how.batch_size)
        plan.seconds = self.store.bucket.forecast(plan.calls)

    def _save(self, plan: Plan, path: Any, how: Options, sheets: Iterable[dict[str, Any]], **facts: Any) -> None:
        place = Path(path) if path else self.home / "runs" / new_name(plan.resource, self._clock())
        meta = {"at": self._clock(), "base_url": self.store.base_url, "forced": how.force, "skip_bad_rows": how.skip_bad_rows,
                "batch_size": how.batch_size, "settle": how.settle, **facts}  # fmt: skip
        Run.create(place, plan, meta, sheets).close()

    def _once_marks(self, plan: Plan, parts: Sequence[planning.Part]) -> dict[str, list[str]]:
        """The rows that can't be repeated harmlessly, by the change that uploads them."""
        rows = {(part.tab, row.number): row for part in parts for row in part.rows}
        marks: dict[str, list[str]] = {}
        for change in plan.writing():
            mine = {number: rows[change.tab, number] for number in change.rows if (change.tab, number) in rows}
            if change.resource == "orders" and len(mine) == len(change.rows):
                found = plan_orders.once_marks(change, mine)
            elif change.resource == "inventory":
                found = plan_inventory.once_marks(change, mine)
            else:
                continue
            if found:
                marks[str(change.number)] = found
        return marks

    def _learn_dates(self, plan: Plan) -> None:
        if plan.dates_kept is not None:
            self.memory.put(dates_kept=plan.dates_kept)

    def _count(self, plan: Plan, before: Any, started: float) -> None:
        now = self.store.counts
        for name in plan.requests:
            plan.requests[name] += getattr(now, name) - getattr(before, name)
        plan.took += time.monotonic() - started

    def _write_problems(self, plan: Plan, parts: Sequence[planning.Part], target: Any) -> None:
        from ..sheets import results

        bad = [
            (part.checked.sheet, part.problems, {row for tab, row in plan.refused_rows if tab == part.tab})
            for part in parts if any(problem.level == "error" for problem in part.problems)
        ]  # fmt: skip
        plan.problems_file = str(results.write_book_problems(Path(target), bad))

    @contextlib.contextmanager
    def _telling_of_reads(self, rows: int) -> Iterator[None]:
        """Tell how many calls the look-ups have taken so far."""
        tell = self.progress
        if tell is None:
            yield
            return
        before = self.store.on_request
        self.store.on_request = lambda _: tell(Progress("reading", 0, rows, self.store.counts.read))
        try:
            yield
        finally:
            self.store.on_request = before
