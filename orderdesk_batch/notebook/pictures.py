"""This file holds what plans with results, problems, runs, stores and checked sheets look like in a notebook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from .. import show
from ..errors import Problem
from ..plan.change import Change, Plan
from ..show import page, table, words
from ..show.page import escaped as e
from ..show.terminal import store as store_of

_RUNS: Final = 20  # runs that are listed
_UNDONE: Final = 50  # changes that were not done, with the reason
_STYLES: Final = {
    "done": "create",
    "failed": "bad",
    "stale": "update",
    "unknown": "delete",
    "waiting": "update",
    "begun": "delete",
}


def plan(of: Plan) -> str:
    """A plan before it is sent, or what became of it."""
    if not of.sent:
        return show.html_fragment(of)
    return page.framed([*_outcome(of), *_fold("All changes", "".join(page.changes(of)))])


def plan_words(of: Plan, *, short: bool) -> str:
    """The same as text: a line for a notebook's file, all of it for a terminal."""
    if not short:
        return show.results_text(of) if of.sent else show.plan_text(of)
    counts = of.results if of.sent else of.counts
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing to do"
    kind = "Undo" if of.undoes else "Results" if of.sent else "Plan"
    return f"{kind}: {of.resource} → {store_of(of)}: {said}"


def _outcome(of: Plan) -> Iterator[str]:
    results = of.results
    total = sum(results.values())
    whole = results["done"] == total and not of.refused
    word = (
        "Nothing to send"
        if not total
        else "Taken back"
        if of.undoes and whole
        else "Done"
        if whole
        else "Not everything was done"
    )
    source = f" from {e(Path(of.sheet_name).name)}" if of.sheet_name else ""
    yield f"<h1>{word}: {e(of.resource)}{source} → {e(store_of(of))}</h1>\n"
    chips = [(state, count) for state, count in results.items() if count or (state == "done" and total)]
    yield '<ul class="counts">'
    for state, count in chips:
        yield f'<li class="{_STYLES[state]}"><b>{count:,}</b> {state}</li>'
    if alone := of.counts["none"] + of.counts["skip"]:
        yield f"<li><b>{alone:,}</b> as they are</li>"
    if of.refused:
        yield f'<li class="bad"><b>{of.refused:,}</b> refused</li>'
    yield "</ul>\n"
    if of.halted is not None:
        yield f'<div class="note bad"><b>It ended early</b>{e(str(of.halted))}</div>\n'
    undone = [change for change in of.writing() if change.state not in ("done", "waiting")]
    if undone:
        yield _undone(undone)
    said = []
    if of.results_file:
        said.append(f"Results: <b style='display: inline'>{e(Path(of.results_file).name)}</b>")
    if results["waiting"] or results["unknown"]:
        said.append("to go on: <code>desk.resume(plan.run)</code>")
    if results["done"] and not of.undoes:
        said.append("to take it back: <code>desk.undo(plan.run)</code>")
    if said:
        yield f'<p class="quiet">{" · ".join(said)}</p>\n'


def _undone(changes: Sequence[Change]) -> str:
    rows = []
    for change in sorted(changes, key=lambda one: (one.state, one.number))[:_UNDONE]:
        about = table.subject(change)
        rows.append((table.rows_of(change), change.state, about.number, about.who or about.part, change.message))
    more = len(changes) - len(rows)
    rest = f'<p class="quiet">… and {more:,} more</p>' if more > 0 else ""
    return _table(["Row", "State", "Which", "", "Why"], rows) + rest


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{e(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>\n'


def _fold(title: str, body: str) -> Iterator[str]:
    if body:
        yield f"<details><summary>{title}</summary>{body}</details>\n"


def listed(held: Sequence[Any]) -> str | None:
    """A list of problems, or of runs as `desk.runs()` gives them; None for any other list."""
    if not held:
        return None
    if all(isinstance(one, Problem) for one in held):
        return page.problems_fragment(held)
    return runs(held) if is_runs(held) else None


def is_runs(held: Sequence[Any]) -> bool:
    """Whether it is a list of runs."""
    return bool(held) and all(isinstance(one, dict) and {"run", "resource", "at", "results"} <= one.keys() for one in held)


def run_words(run: Mapping[str, Any]) -> str:
    """A run in a line, by its name: where it lies is nobody else's affair."""
    return f"{Path(run['run']).name}: {_counted(run['results'])}"


def _counted(results: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in results.items() if count) or "nothing to do"


def runs(found: Sequence[Mapping[str, Any]]) -> str:
    """The runs, newest first."""
    rows = []
    for one in found[:_RUNS]:
        at = dt.datetime.fromtimestamp(one["at"]).strftime("%Y-%m-%d %H:%M")
        what = f"undo of {Path(one['undoes']).name}" if one.get("undoes") else one.get("sheet") or ""
        rows.append((at, Path(one["run"]).name, one["resource"], what, _counted(one["results"])))
    more = len(found) - len(rows)
    rest = f'<p class="quiet">… and {more:,} older ones</p>' if more > 0 else ""
    return page.framed([_table(["When", "Run", "Resource", "From", "Results"], rows), rest])


def store(settings: Mapping[str, Any], base_url: str) -> str:
    """A store: name, number, zone, folders. Never its key, nor any of its secrets: `Desk.settings` has none."""
    name = settings.get("name") or "A store"
    host = urlsplit(base_url).hostname or ""
    where = "a sandbox on this computer" if host in ("127.0.0.1", "localhost", "::1") else host
    zone = str(settings.get("zone") or "UTC")
    folders = "".join(f"<li>{e(folder)}</li>" for folder in settings.get("folders", {}).values())
    return page.framed([
        f"<h1>{e(name)}</h1>\n",
        f'<p class="quiet">store {e(str(settings.get("id", "")))} · {e(where)} · {e(zone)}{_clock(zone)}</p>\n',
        f'<p>Folders</p><ul class="counts" style="margin-top: 0">{folders}</ul>\n' if folders else "",
    ])  # fmt: skip


def _clock(zone: str) -> str:
    """What the zone's name means for those who don't know it by heart."""
    try:
        offset = dt.datetime.now(ZoneInfo(zone)).utcoffset() or dt.timedelta()
    except (KeyError, ValueError, OSError):
        return ""
    hours = offset.total_seconds() / 3600
    return "" if zone == "UTC" else f" (UTC{hours:+.10g})".replace("-", "−")


def checked(of: Any) -> str:
    """A sheet that was checked: which column means what, and what is wrong."""
    fields = of.fields
    used = sum(field is not None for field in fields)
    rows = [
        (str(heading), field.name if field is not None else "") for heading, field in zip(of.sheet.headings, fields, strict=False)
    ]
    title = f"<h1>{e(Path(of.sheet.name).name or of.resource.name)}: {words.many(len(of.sheet.rows), 'row')}</h1>\n"
    columns = f"{used} of {words.many(len(fields), 'column')} {'is' if used == 1 else 'are'} used"
    return page.framed([
        title,
        *_fold(columns, _table(["Heading", "Field"], rows)),
        page.problems_fragment(found).partition("</style>")[2] if (found := of.all_problems()) else "<p>No problems.</p>\n",
    ])  # fmt: skip
