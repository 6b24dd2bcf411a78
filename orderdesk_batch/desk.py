"""This file holds Desk: every verb, for Python, notebooks and the command line alike."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from . import plan as planning
from .apply import Engine, Paused, Undo
from .errors import NotAllowed, Problem, RunError, SheetRefused, Stopped, Unreachable, Unsafe, UsageError
from .fields import RESOURCES, Resource, resource as resource_of
from .kinds import CellRefused
from .lookup import Lookup
from .memory import Memory, home
from .plan import Plan
from .plan import inventory as plan_inventory
from .plan import orders as plan_orders
from .plan import safety
from .run import Run, listing, new_name
from .store import DEFAULT_URL, Store

if TYPE_CHECKING:

    from .checks import Checked
    from .sheets import Sheet

OLD_RUN: Final = 7 * 24 * 3600.0  # seconds: resuming an older run is said aloud
BOOK: Final = "book"


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


class Desk:
    """A store, and what can be done with it. Make one with `orderdesk_batch.connect()`."""

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

    def __enter__(self) -> Desk:
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
        how = Options(**options)
        if how.weight_unit is None:
            how = replace(how, weight_unit=self.memory.get("weight_unit"))
        return check(resource, sheet, how)

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
        how = Options(**options)
        return self._plan(resource, sheet, how, run)

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
        found = self._find(parts, lookup)
        world = self._world(parts, how, settings)
        plan = planning.make(parts, found, world, then_move_to=how.then_move_to)
        plan.resource = resource
        plan.sheet_name = parts[0].checked.sheet.name
        self._learn_dates(plan)
        self._finish(plan, lookup, how, settings)
        if not plan.errors or (how.skip_bad_rows and not plan.hopeless):
            sheets = [_held(part.checked.sheet, part.resource) for part in parts]
            once = self._once_marks(plan, parts)
            self._save(plan, run, how, sheets, once=once, source=_source_path(source))
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
        read_at: dict[tuple[str, str], tuple[float, int]] = {
            (name, record): (seen.at, seen.page) for name, shelf in lookup.shelves.items() for record, seen in shelf.by_id.items()
        }
        return planning.Found(orders, by_id, by_code, read_at)

    def _world(self, parts: Sequence[planning.Part], how: Options, settings: Mapping[str, Any]) -> planning.World:
        now = dt.datetime.fromtimestamp(self._clock(), dt.UTC).replace(tzinfo=None, microsecond=0)
        world = planning.World(
            now, settings["folders"], secrets.token_hex(4) if how.mark else "", how.again, self.memory.get("once", {}),
            self.memory.get("dates_kept"),
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

    # -- sending ------------------------------------------------------------------------------------

    def upload(self, resource: str, sheet: Any, *, yes: bool = False, ask: Ask | None = None, **options: Any) -> Plan:
        """Check, plan, ask, send, and write the results beside the sheet.

        Without `yes`, and without an `ask` that says yes to the plan, the plan comes back unsent.

        Raises:
            SheetRefused: rows are bad and skip_bad_rows is not given; nothing was sent.
            Unsafe: a safety limit was passed and force is not given; nothing was sent.
            StoreError: the store refused the key or can't be reached; what was done is in the run.
        """
        how = Options(**options)
        plan = self._plan(resource, sheet, replace(how, problems=None), None)
        if plan.run is None:
            target = how.problems or _beside(_source_path(sheet), ".problems.xlsx")
            if target is not None:
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

    def _as_saved(self, run: str | os.PathLike[str], options: dict[str, Any]) -> dict[str, Any]:
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
            facts = run.meta()
            target = self._reserve(run, facts, how)
            if plan.lookup is None:
                _lay(plan, lookup)
            run.note(applied=self._clock(), results_file=str(target) if target else None)
            once = facts.get("once", {})
            engine = Engine(run, plan, self.store, lookup, batch_size=how.batch_size, settle=how.settle, clock=self._clock,
                            progress=self._tell if self.progress else None)  # fmt: skip
            plan.sent = True
            plan.run = str(path)
            try:
                engine.go()
            except (NotAllowed, Unreachable, RunError, Stopped, Paused) as error:
                plan.halted = error
            finally:
                done = [mark for c in plan.writing() if _left_home(c) for mark in once.get(str(c.number), ())]
                if done:
                    self.memory.put_once(done, str(path))
                self._count(plan, before, started)
                if target is not None:
                    plan.results_file = str(self._write_results(run, plan, target))
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
        from .sheets import results

        if how.results is not None:
            return results.reserve(Path(how.results))
        if facts.get("undoes"):
            return None
        source = facts.get("source")
        if source:
            return results.reserve(results.default_results(source))
        if facts.get("results_file"):
            return results.reserve(Path(facts["results_file"]))
        return results.reserve(run.path.with_suffix(".results.xlsx"))

    def _results(self, plan: Plan, how: Options, path: Path) -> None:
        with Run.open(path) as run:
            target = self._reserve(run, run.meta(), how)
            if target is not None:
                plan.results_file = str(self._write_results(run, plan, target))

    def _write_results(self, run: Run, plan: Plan, target: Path) -> Path:
        from .sheets import results
        from .sheets.sheet import Sheet

        parts = []
        for facts in run.sheets():
            sheet = Sheet(**{name: held for name, held in facts.items() if name != "resource"})
            one = RESOURCES[facts["resource"]].one
            parts.append(results.Part(sheet, verdicts(plan, facts["tab"], sheet.rows), f"{one} id"))
        return results.write_book_results(target, parts, fallback=run.path.parent)

    def _write_problems(self, plan: Plan, parts: Sequence[planning.Part], target: Any) -> None:
        from .sheets import results

        plan.problems_file = str(results.write_problems(Path(target), parts[0].checked.sheet, plan.problems))

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


class Refusal(SheetRefused):
    """Rows are bad, so nothing was sent; carries the plan with all problems."""

    def __init__(self, plan: Plan) -> None:
        count = len({problem.row for problem in plan.errors})
        rows = "1 row is" if count == 1 else f"{count:,} rows are"
        super().__init__(f"{plan.sheet_name}: {rows} bad, so nothing was sent.", plan.problems)
        self.plan = plan


class TooMuch(Unsafe):
    """The plan passes a safety limit, so nothing was sent; carries the plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{plan.unsafe} Nothing was sent.")
        self.plan = plan


# -- without a store ----------------------------------------------------------------------------------


def check(resource: str, sheet: Any, how: Options) -> Checked:
    """What can be said of one sheet without a store: its values and its problems.

    Raises:
        SheetRefused: the file as a whole can't be read.
        UsageError: an option or a resource that makes no sense.
    """
    (checked,) = read(resource, sheet, how) if resource != BOOK else _first(read(resource, sheet, how))
    return checked


def _first(many: list[Checked]) -> list[Checked]:
    if len(many) != 1:
        raise UsageError("A book has several sheets; check them one by one: orders book.xlsx#orders.")
    return many


def read(resource: str, source: Any, how: Options) -> list[Checked]:
    """A sheet, or the sheets of a book, read and checked."""
    from . import checks, sheets
    from .sheets import headings

    mapping = how.map if isinstance(how.map, Mapping) else headings.read_mapping(how.map, _mapping_file(source))
    options = checks.Options(
        action=how.action, decimal=how.decimal, dates=how.dates, weight_unit=how.weight_unit, mapping=mapping,
        guess_carrier=how.guess_carrier,
    )  # fmt: skip
    if resource == BOOK:
        found = {}

        def named(tab: str) -> str:
            return "".join(filter(str.isalnum, tab.casefold()))

        def judge(tab: str) -> Callable[[Sequence[str]], int]:
            return lambda given: headings.score(RESOURCES[named(tab)], given)

        for tab, one in sheets.read_book(source, wanted=lambda tab: named(tab) in RESOURCES, knows=judge).items():
            found[named(tab)] = one
        if not found:
            raise SheetRefused(f"The book has no sheet named {', '.join(RESOURCES)}. Name its sheets after what they hold.")
        return [checks.check(found[name], RESOURCES[name], options) for name in RESOURCES if name in found]
    of: Resource = resource_of(resource)
    sheet: Sheet = sheets.read(
        source, header_row=how.header_row, encoding=how.encoding, knows=lambda given: headings.score(of, given)
    )
    return [checks.check(sheet, of, options)]


def _mapping_file(source: Any) -> Path | None:
    path = _source_path(source)
    if path is None:
        return None
    beside = Path(path).with_suffix(".map.csv")
    return beside if beside.is_file() else None


def _source_path(source: Any) -> str | None:
    """The path of the file, without the tab; None for standard input and frames."""
    if not isinstance(source, (str, os.PathLike)) or str(source) == "-":
        return None
    text = os.fspath(source)
    if isinstance(text, bytes):
        return None
    if not Path(text).exists() and "#" in text:
        text = text.rpartition("#")[0]
    return os.path.abspath(text)


def _beside(path: str | None, ending: str) -> Path | None:
    return None if path is None else Path(path).with_suffix(ending)


def _held(sheet: Sheet, resource: str) -> dict[str, Any]:
    """What a run keeps of a sheet, so that the results can be written on another day."""
    return {
        "resource": resource, "name": sheet.name, "tab": sheet.tab, "headings": sheet.headings, "positions": sheet.positions, "rows": sheet.rows,
        "columns": sheet.columns, "heading_row": sheet.heading_row, "format": sheet.format, "delimiter": sheet.delimiter,
        "encoding": sheet.encoding,
    }  # fmt: skip


def _left_home(change: planning.Change) -> bool:
    return any(step.state in ("begun", "done", "unknown") for step in change.steps)


def _lay(plan: Plan, lookup: Lookup) -> None:
    """Lay the saved documents on the shelf, with the age they have: it tells on which page to look for them."""
    for change in plan.changes:
        listed = "inventory" if change.resource == "inventory" else "orders"
        record = change.order_id or change.id
        if record and change.page >= 0:
            from .lookup import Seen

            shelf = lookup.shelves[listed]  # type: ignore[index]
            shelf.by_id.setdefault(record, Seen({"id": record}, 0.0, change.page))


def verdicts(plan: Plan, tab: str, rows: Iterable[int]) -> dict[int, Any]:
    """What became of each row of a sheet."""
    from .sheets.results import Verdict

    reasons: dict[int, list[str]] = {}
    for problem in plan.problems:
        if problem.row is not None and problem.level == "error":
            reasons.setdefault(problem.row, []).append(str(problem))
    found: dict[int, Verdict] = {}
    for change in plan.changes:
        if change.tab != tab:
            continue
        result = change.state if change.steps else change.action
        result = "unknown" if result == "begun" else result
        message = change.message or (_WORDS.get(change.action, "") if result == "done" else "")
        order_id = change.order_id or (change.id if change.resource == "orders" else "")
        for row in change.rows:
            known = found.get(row)
            if known is not None and result in ("done", "none"):
                continue
            found[row] = Verdict(result, message, order_id, change.id)
    for row in rows:
        if row not in found:
            said = reasons.get(row) or ["its order has another row that is refused"]
            found[row] = Verdict("refused", "; ".join(said))
    return found


_WORDS: Final = {"create": "created", "update": "updated", "delete": "deleted"}


# -- connecting ---------------------------------------------------------------------------------------


def connect(
    store_id: str | None = None,
    api_key: str | None = None,
    *,
    base_url: str | None = None,
    progress: Teller | None = None,
    **options: Any,
) -> Desk:
    """A Desk for a store, from the environment where nothing is given.

    Raises:
        UsageError: ORDERDESK_STORE_ID or ORDERDESK_API_KEY is not set.
    """
    store_id = store_id or os.environ.get("ORDERDESK_STORE_ID")
    api_key = api_key or os.environ.get("ORDERDESK_API_KEY")
    missing = [name for name, held in (("ORDERDESK_STORE_ID", store_id), ("ORDERDESK_API_KEY", api_key)) if not held]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. You find both in Order Desk under "
            "Store Settings > API. To try without an account: `orderdesk-batch demo`."
        )
    url = base_url or os.environ.get("ORDERDESK_BASE_URL") or DEFAULT_URL
    store = Store(str(store_id), str(api_key), base_url=url, **options)
    return Desk(store, progress=progress)
