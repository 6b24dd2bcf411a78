"""This file holds what is planned and sent to several stores in one run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..desk import Desk, Options
from ..desk.reading import Tables
from ..desk.routing import add_routed, failure, routed
from ..desk.sending import Sending
from ..doctor import batch_size
from ..errors import RunError, StoreError, Unsafe, UsageError
from ..plan import Plan
from ..run import Run
from .joining import joined, split
from .several import Several, had, refused


class SeveralSender(Several, Sending):
    """One plan, one run, one results workbook for several stores; each with its own limit, side by side."""

    def _address(self) -> str:
        return ""

    def _how(self, options: Mapping[str, Any]) -> Options:
        fitting = min(batch_size(desk.memory, Options.batch_size) for desk in self.values())
        return Options(**{"batch_size": fitting, **options})

    def _plan_of(self, resource: str, found: Tables, how: Options) -> Plan:
        self._away = {}
        chosen = {**{name: self.known.get(name, "") for name in self.failed}, **{name: desk.store.store_id for name, desk in self.items()}}
        rows = routed(found, chosen, self.known, self.twins)
        results = self.side_by_side(lambda name, desk: desk._plan_all(resource, rows.by_store[name], how), rows.by_store)
        failed = {**{name: error for name, error in self.failed.items() if name in rows.by_store}, **refused(results)}
        if wrong := [error for error in failed.values() if not isinstance(error, (StoreError, UsageError))]:
            raise wrong[0]
        plans = had(results)
        if failed and not plans:
            raise next(iter(failed.values()))
        plan = joined(plans) if plans else Plan(resource)
        plan.resource = resource
        plan.sheet_name = found.sheets[0][1].name
        plan.store_name = plan.store_name or "no store"
        add_routed(plan, rows, failed)
        return plan

    def _undo_of(self, old: Plan, facts: Mapping[str, Any], how: Options) -> Plan:
        parts = {name: part for name, part in split(old).items() if part.changes}
        away = {name: error for name, error in {**self.failed, **self._away}.items() if name in parts}
        results = self.side_by_side(lambda name, desk: desk._undo_of(parts[name], facts, how), parts.keys() - away.keys())
        failed = {**away, **refused(results)}
        plans = had(results)
        if failed and not plans:
            raise next(iter(failed.values()))
        plan = joined(plans)
        plan.resource = old.resource
        plan.problems += [failure(name, error, "Nothing of it is taken back. Undo the run again once that is mended.") for name, error in failed.items()]
        return plan

    def _check_own(self, path: Path, facts: Mapping[str, Any]) -> None:
        self._away = {}
        stores = facts.get("stores") or []
        if not stores:
            raise Unsafe(f"{path} is a run of one store, {facts['store_name'] or facts['store_id']}. Name that store alone. Nothing was sent.")
        for store in stores:
            name = store["name"]
            if name in self.failed:
                continue
            if name not in self and name not in self.known:
                self._away[name] = UsageError(f'No store is called "{name}" here any more. `orderdesk-batch login {name}` makes it known again.')
                continue
            if name not in self:
                raise Unsafe(f"{path} is a run of the store {name}, too, which is not among these. Nothing was sent.")
            try:
                found = self[name].settings()["id"]
            except StoreError as error:
                self._away[name] = error
                continue
            if found != store["id"]:
                raise Unsafe(f"{path} was made when {name} was the store {store['id']}; now it is {found}. Nothing was sent.")

    def _check_once(self, path: Path, facts: Mapping[str, Any], plan: Plan) -> None:
        for name, part in split(plan).items():
            if name in self:
                self[name]._check_once(path, facts, part)

    def _estimate(self, plan: Plan, how: Options) -> None:
        parts = split(plan)
        for name, part in parts.items():
            if name in self:
                self[name]._estimate(part, how)
        plan.calls = sum(part.calls for part in parts.values())
        plan.seconds = max((part.seconds for part in parts.values()), default=0.0)

    def _carry_out(self, run: Run, facts: Mapping[str, Any], plan: Plan, how: Options) -> None:
        parts = {name: part for name, part in split(plan).items() if not part.is_empty()}

        def send(name: str, desk: Desk) -> None:
            desk._carry_out(run, facts, parts[name], how)

        halted = {name: error for name, error in {**self.failed, **self._away}.items() if name in parts}
        results = self.side_by_side(send, parts.keys() - halted.keys())
        halted |= {name: part.halted for name, part in parts.items() if part.halted is not None} | refused(results)
        for part in parts.values():
            for kind, count in part.requests.items():
                plan.requests[kind] += count
        if self.is_stopped or len(halted) == len(parts) or any(isinstance(error, RunError) for error in halted.values()):
            plan.halted = next(iter(halted.values()), None)
        else:
            hint = f"Its other rows are waiting; `orderdesk-batch resume {run.path}` goes on."
            plan.problems += [failure(name, error, hint) for name, error in halted.items()]
