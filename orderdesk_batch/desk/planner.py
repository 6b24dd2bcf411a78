"""This file holds Planner: a store and what can be planned for it; nothing here sends."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .. import plan as planning
from ..doctor import batch_size
from ..errors import Problem, Stopped, StoreError, UsageError
from ..fields import resource as resource_of
from ..kinds import CellRefused
from ..lookup import Lookup
from ..memory import Memory, home
from ..plan import Plan, once, safety
from ..store import Store
from .keeping import Planned
from .options import Options, Progress, Teller
from .reading import Tables, check
from .routing import add_routed, is_routing, routed

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
        self._clock = store.now = clock
        self._settings: dict[str, Any] | None = None
        self.name = ""  # what `login` called the store
        self.known: Mapping[str, str] = {}  # name → id of all stores that are known here, where it has a name

    def __repr__(self) -> str:
        return f"Desk({self.store.store_id}, {self.store.base_url})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self.store.close()

    def stop(self) -> None:
        """Let the calls in flight end, and begin no more."""
        self.store.stop.set()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self.store.stop.is_set()

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

    def _how(self, options: Mapping[str, Any]) -> Options:
        """The options, with what `doctor` found on this store where nothing is given."""
        return Options(**{"batch_size": batch_size(self.memory, Options.batch_size), **options})

    def _plan_of(self, resource: str, found: Tables, how: Options) -> Plan:
        """What some sheets ask of this store; not saved yet. Rows that are for another store are left alone."""
        if not is_routing(found, self.known):
            return self._plan_all(resource, found, how)
        rows = routed(found, {self.name: self.store.store_id}, self.known)
        plan = self._plan_all(resource, rows.of(self.name), how)
        add_routed(plan, rows, {})
        return plan

    def _plan_all(self, resource: str, found: Tables, how: Options) -> Plan:
        """What all rows of some sheets ask of this store; an error of the store carries a plan with the calls it took."""
        before = self.store.counts
        try:
            plan = self._made(resource, found, how)
        except (StoreError, Stopped) as error:
            error.plan = Plan(resource, problems=[Problem(str(error))], store_id=self.store.store_id)
            self._count(error.plan, before)
            raise
        self._count(plan, before)
        return plan

    def _made(self, resource: str, found: Tables, how: Options) -> Plan:
        if how.weight_unit is not None:
            self.memory.put(weight_unit=how.weight_unit)
        else:
            how = replace(how, weight_unit=self.memory.get("weight_unit"))
        parts = [planning.Part(checked, checked.sheet.tab) for checked in found.checked(how)]
        settings = self.settings()
        lookup = Lookup(self.store, self.memory, clock=self._clock, rows=sum(len(part.rows) for part in parts))
        with self._telling_of_reads(sum(len(part.rows) for part in parts)):
            documents = look_up(parts, lookup)
        world = self._world(parts, how, settings)
        plan = planning.make(parts, documents, world, then_move_to=how.then_move_to)
        plan.resource = resource
        plan.sheet_name = parts[0].checked.sheet.name
        plan.lookup = lookup
        plan.parts = [Planned(part.checked.sheet, part.resource, part.problems) for part in parts]
        plan.once = self._once_marks(plan, parts)
        self._learn_dates(plan)
        self._finish(plan, lookup, how, settings)
        return plan

    def _world(self, parts: Sequence[planning.Part], how: Options, settings: Mapping[str, Any]) -> planning.World:
        now = dt.datetime.fromtimestamp(self._clock(), dt.UTC).replace(tzinfo=None, microsecond=0)
        world = planning.World(
            now, settings["folders"], secrets.token_hex(4) if how.mark else "", how.again, self.memory.get("once", {}),
            self.memory.get("dates_kept"), self.memory.get("dates_sent", {}),
        )  # fmt: skip
        named = {row.values["folder"] for part in parts if "folder" in part.checked.columns for row in part.rows if isinstance(row.values.get("folder"), str)}
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

    def _once_marks(self, plan: Plan, parts: Sequence[planning.Part]) -> dict[str, list[str]]:
        """The rows that can't be repeated harmlessly, by the change that uploads them."""
        marked = [change for change in plan.writing() if once.is_marked(change)]
        if not marked:
            return {}
        wanted = {(change.tab, number) for change in marked for number in change.rows}
        rows = {place: row for part in parts for row in part.rows if (place := (part.tab, row.number)) in wanted}
        marks: dict[str, list[str]] = {}
        for change in marked:
            mine = {number: rows[change.tab, number] for number in change.rows if (change.tab, number) in rows}
            if len(mine) == len(change.rows) and (found := once.of_orders(change, mine) if change.resource == "orders" else once.of_inventory(change, mine)):
                marks[str(change.number)] = found
        return marks

    def _learn_dates(self, plan: Plan) -> None:
        if plan.dates_kept is not None:
            self.memory.put(dates_kept=plan.dates_kept)

    def _count(self, plan: Plan, before: Any) -> None:
        now = self.store.counts
        for name in plan.requests:
            plan.requests[name] += getattr(now, name) - getattr(before, name)

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


def look_up(parts: Sequence[planning.Part], lookup: Lookup) -> planning.Found:
    """Look up all that the rows are about."""
    asked = planning.wanted(parts)
    orders = lookup.orders(asked.orders, asked.added)
    by_id, by_code = lookup.inventory(asked.ids, asked.codes)
    return planning.Found(orders.find, by_id.find, by_code.find, lookup.shelves)
