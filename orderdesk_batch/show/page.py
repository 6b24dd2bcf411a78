"""This file holds the HTML pictures of a plan: a page to send to whoever approves it, and a fragment for notebooks.

The page is one file without network: style and script are in it, and its content security policy allows
those two, by their hashes, and nothing else. All text of sheets and stores is escaped, once, in `_e`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Final

from ..errors import Problem
from ..plan.change import Change, Plan
from . import findings, table, words
from .table import Section
from .terminal import by_store, effort, store
from .words import SIGNS, clean, many, noun

MOST: Final = 5_000  # changes in a page; more of them no browser scrolls with pleasure
FOLD: Final = 50  # changes of a fragment before the rest is folded
MOST_FOLDED: Final = 1_000  # and in all: a notebook is kept with its outputs
_COLUMNS: Final = 6  # new records with more fields than this have them in one column
_WORDS: Final = {"create": "to create", "update": "to update", "delete": "to delete", "none": "as they are", "skip": "skipped"}


def html(plan: Plan, *, most: int = MOST) -> str:
    """The plan as one self-contained page: summary, filterable changes, problems, how to apply it."""
    style, script = _part("page.css"), _part("page.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    title = f"Plan: {plan.resource} → {store(plan)}"
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n',
            '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n',
            f"<title>{_e(title)}</title>\n<style>{style}</style>\n</head>\n",
            '<body class="od-page">\n<main class="od">\n',
            *_top(plan),
            _how(plan),
            _problems(plan.problems),
            _tools(plan),
            *_sections(plan, most, fold=0),
            _alone(plan),
            f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def html_fragment(plan: Plan, *, fold: int = FOLD) -> str:
    """The plan for a notebook's output: the first changes open, the rest folded."""
    return framed([*_top(plan), _problems(plan.problems), *changes(plan, fold=fold), _alone(plan)])


def changes(plan: Plan, *, fold: int = FOLD) -> Iterator[str]:
    """The changes of a plan as parts of a fragment: the first open, the rest folded."""
    return _sections(plan, MOST_FOLDED, fold=fold)


def problems_fragment(problems: Sequence[Problem]) -> str:
    """Problems for a notebook's output, grouped by reason."""
    return framed([_problems(problems) or "<p>No problems.</p>\n"])


def framed(parts: Iterable[str]) -> str:
    """Parts of a page as a fragment that brings its own style."""
    # Headings of an output would end up in the notebook's table of contents.
    body = re.sub(r"<(/?)h([12])( class=\"\w+\")?>", _as_paragraph, "".join(parts))
    return f'<style>{_part("page.css")}</style>\n<div class="od od-cell">\n{body}</div>\n'


def _as_paragraph(heading: re.Match[str]) -> str:
    if heading.group(1):
        return "</p>"
    word = (heading.group(3) or "").partition('"')[2].rstrip('"')
    return f'<p class="h{heading.group(2)}{" " * bool(word)}{word}">'


@cache
def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def escaped(text: str) -> str:
    """A text of a sheet or a store, for HTML: see `_e`."""
    return _e(text)


def _e(text: str) -> str:
    """A text of a sheet or a store: what it says, and nothing that a browser would act on."""
    return escape(clean(text), quote=True)


def _top(plan: Plan) -> Iterator[str]:
    what = "Undo" if plan.undoes else "Plan"
    source = f" from {_e(Path(plan.sheet_name).name)}" if plan.sheet_name else ""
    yield f"<h1>{what}: {_e(plan.resource)}{source} → {_e(store(plan))}</h1>\n"
    counts = plan.counts
    shown = [(action, counts[action], said) for action, said in _WORDS.items() if counts[action]]
    yield '<ul class="counts">'
    for action, count, said in shown:
        yield f'<li class="{action}"><b>{_e(SIGNS[action])}{count:,}</b> {said}</li>'
    if plan.refused:
        yield f'<li class="bad"><b>{plan.refused:,}</b> refused</li>'
    if not shown and not plan.refused:
        yield "<li><b>0</b> changes: nothing to do</li>"
    yield "</ul>\n"
    begun = any(change.state != "waiting" for change in plan.writing())
    if begun:
        yield f"<p>{_e(', '.join(f'{count:,} {state}' for state, count in plan.results.items() if count))}.</p>\n"
    else:
        if each := by_store(plan):
            yield f"<p><b>By store</b> {_e(' · '.join(f'{name} {count:,}' for name, count in each.items()))}</p>\n"
        if not plan.is_empty():
            yield f'<p class="quiet">{_e(effort(plan))}</p>\n'
    if plan.unsafe:
        yield f'<div class="note bad"><b>Safety limit</b>{_e(plan.unsafe)}</div>\n'
    if plan.sets_off and not begun:
        said = "".join(f"<li>{_e(one)}</li>" for one in plan.sets_off)
        yield f'<div class="note sets"><b>What sending this sets off</b><ul>{said}</ul></div>\n'


def _how(plan: Plan) -> str:
    if not plan.run or plan.is_empty():
        return ""
    force = " --force" if plan.unsafe else ""
    command = f"orderdesk-batch apply {words.quoted(plan.run)}{force}"
    refused = f" The {many(plan.refused, 'refused record')} stay out." if plan.refused else ""
    refused = refused.replace("record stay", "record stays")
    return (
        '<div class="note"><b>To apply exactly this plan</b>'
        f'<code class="command">{_e(command)}</code>'
        "It shows the plan again and asks before it sends anything. What someone changes in the store meanwhile is not "
        f"overwritten: such a field is left alone and reported.{_e(refused)}</div>\n"
    )


def _problems(problems: Sequence[Problem]) -> str:
    parts: list[str] = []
    for level, one in (("error", "problem"), ("warning", "warning")):
        found = [problem for problem in problems if problem.level == level]
        if found:
            said = "".join(_group(group) for group in findings.groups(found))
            style = " bad" if level == "error" else ""
            parts.append(f'<div class="note{style}"><b>{many(len(found), one)}</b><ul>{said}</ul></div>\n')
    return "".join(parts)


def _group(group: Sequence[Problem]) -> str:
    if len(group) == 1:
        return f"<li>{_e(str(group[0]))}</li>"
    inner = "".join(f"<li>{_e(str(problem))}</li>" for problem in group[:500])
    more = f"<li>… and {len(group) - 500:,} more</li>" if len(group) > 500 else ""
    said = f"{findings.heading(group)} ({many(len(group), 'place')})"
    return f"<li><details><summary>{_e(said)}</summary><ul>{inner}{more}</ul></details></li>"


def _tools(plan: Plan) -> str:
    found = dict.fromkeys(section.action for section in table.sections(plan))
    if not found:
        return ""
    boxes = "".join(f'<label><input type="checkbox" value="{action}" checked> {action}</label>' for action in found)
    search = '<input type="search" placeholder="Filter: an order, a name, a value" aria-label="Filter the changes">'
    return f'<div class="tools" hidden>{search}{boxes}<output class="quiet"></output></div>\n'


def _sections(plan: Plan, most: int, *, fold: int) -> Iterator[str]:
    sections = table.sections(plan)
    shares = table.shares([len(section.changes) for section in sections], most)
    opens = table.shares(shares, fold) if fold else shares
    for section, share, first in zip(sections, shares, opens, strict=True):
        count = len(section.changes)
        yield f'<section data-action="{section.action}">\n'
        yield f'<h2 class="{section.action}">{SIGNS[section.action]} {section.action} {many(count, noun(section.resource))}</h2>\n'
        same = table.same_in_all(section.changes) if section.action == "create" else {}
        if same:
            said = ", ".join(f"{name} {words.cut(value, 60)}" for name, value in same.items())
            yield f'<p class="quiet">In all of them: {_e(said)}</p>\n'
        yield _table(section, section.changes[:first], same)
        if first < share:
            yield f"<details><summary>{share - first:,} more</summary>{_table(section, section.changes[first:share], same)}</details>\n"
        if share < count:
            yield f'<p class="quiet">… and {count - share:,} more, all of them in the workbook (<code>plan --xlsx</code>).</p>\n'
        yield "</section>\n"


def _table(section: Section, changes: Sequence[Change], same: dict[str, str]) -> str:
    subjects = [table.subject(change) for change in changes]
    is_stock = section.resource == "inventory"
    stores = ["Store"] * any(subject.store for subject in subjects)
    heads = ["Row", *stores, "Item" if is_stock else "Order", ("Name" if is_stock else "For") if any(s.who for s in subjects) else ""]
    fields = [[field for field in table.fields_of(change) if field[0] not in same] for change in changes]
    names = list(dict.fromkeys(name for held in fields for name, _, _ in held))
    as_columns = section.action == "create" and len(names) <= _COLUMNS
    with_part = not as_columns and any(subject.part for subject in subjects) and section.resource in ("items", "shipments")
    heads += ["Which"] * with_part
    heads += names if as_columns else ["Fields"] * any(fields)
    moved = any(change.state != "waiting" for change in changes)
    noted = any(change.message for change in changes)
    heads += ["State"] * moved + ["Note"] * noted
    rows = []
    for change, subject, held in zip(changes, subjects, fields, strict=True):
        cells = [f'<td class="row" data-of="Row">{_e(table.rows_of(change))}</td>']
        cells += [f'<td class="who" data-of="Store">{_e(subject.store)}</td>' for _ in stores]
        cells.append(_number(subject.number))
        if any(one.who for one in subjects):
            cells.append(f'<td class="who">{_e(subject.who)}</td>')
        if with_part:
            cells.append(f"<td>{_e(subject.part)}</td>")
        if as_columns:
            by_name = {name: new for name, _, new in held}
            cells += [_cell(name, by_name.get(name, ""), first=not place) for place, name in enumerate(names)]
        elif any(fields):
            cells.append(f'<td class="changed">{_fields(change, held)}</td>')
        if moved:
            cells.append(f'<td class="state">{change.state}</td>')
        if noted:
            cells.append(f'<td class="quiet">{_e(change.message)}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    head = "".join(f'<th scope="col">{_e(name)}</th>' for name in heads if name)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{"".join(rows)}</tbody></table></div>\n'


def _number(number: str) -> str:
    return f'<td class="number{" short" if len(number) <= 24 else ""}">{_e(number)}</td>'


def _cell(name: str, value: str, *, first: bool) -> str:
    return f'<td{" class=key" if first else ""} data-of="{_e(name)}">{_e(value)}</td>'


def _fields(change: Change, held: Sequence[tuple[str, str, str]]) -> str:
    if not held:
        return ""
    new_only = change.action == "create"
    said = []
    for name, old, new in held:
        value = _e(new) if new_only else f"{_value('del', old)} → {_value('ins', new)}"
        said.append(f"<dt>{_e(name)}</dt><dd>{value}</dd>")
    return f'<dl class="fields">{"".join(said)}</dl>'


def _value(tag: str, value: str) -> str:
    return f"<{tag}>{_e(value)}</{tag}>" if value else f'<{tag} class="blank">blank</{tag}>'


def _alone(plan: Plan) -> str:
    said = []
    for (action, note), changes in table.left_alone(plan).items():
        rows = words.spans((row for change in changes for row in change.rows), 40)
        where = f" (row{'s' if len(changes) > 1 else ''} {rows})" if rows else ""
        said.append(f"<li>{many(len(changes), noun(plan.resource))}: {_e(note or _WORDS[action])}{where}</li>")
    return f'<h2 class="quiet">Left as they are</h2>\n<ul class="quiet">{"".join(said)}</ul>\n' if said else ""
