"""This file holds the front door: what `--help`, `--version`, `fields` and `runs` say, without loading click.

To load click takes three times as long as to start Python, and these are asked for again and again: by
people who look something up, and by scripts. Exactly the plain forms are answered here; whatever else is
asked goes through click, whose words these are. What never changes is kept in `said/`, written by
`make docs` from click's answers; a test holds both ways against each other.
"""

# ruff: noqa: PTH118, PTH119, PTH120, PTH122, PTH123

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

RESOURCES = ("orders", "items", "shipments", "inventory")
FORMS = ("", "--json", "--markdown")  # of `fields RESOURCE`
SAID = os.path.join(os.path.dirname(__file__), "said")
WIDE = 110  # columns; help is not set wider than this
NARROW = 80  # of a classic terminal, and where there is none


def answer(given: Sequence[str]) -> int | None:
    """Answer one of the plain forms; its exit code, or None if click has to."""
    try:
        text = _text(list(given))
    except KeyboardInterrupt:
        return 130
    except Exception:  # click's way says what is wrong
        return None
    if text is None or sys.stdout is None:
        return None
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        return lost(error)
    return 0


def lost(error: OSError) -> int:
    """The output can't be written: say so, unless its reader has gone, who needs no word; the exit code."""
    import contextlib

    with contextlib.suppress(OSError, ValueError, AttributeError):  # it may be closed, or no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # not tried again as Python ends
    if not isinstance(error, BrokenPipeError) and sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"The output can't be written: {error.strerror or error}.\n")
    return 1


def _text(given: list[str]) -> str | None:
    match given:
        case ["--help" | "-h"]:
            return _help(_columns())
        case ["--version"]:
            from .. import __version__

            return f"orderdesk-batch, version {__version__}\n"
        case ["fields", resource] if resource in RESOURCES:
            return _kept(name_of(resource, ""))
        case ["fields", resource, form] if resource in RESOURCES and form in FORMS[1:]:
            return _kept(name_of(resource, form))
        case ["fields", form, resource] if resource in RESOURCES and form in FORMS[1:]:
            return _kept(name_of(resource, form))
        case ["runs"]:
            return _runs(as_json=False)
        case ["runs", "--json"]:
            return _runs(as_json=True)
    return None


# -- what is kept -----------------------------------------------------------------------------------------


def name_of(resource: str, form: str) -> str:
    """The name of the kept answer to `fields RESOURCE FORM`.

    >>> name_of("orders", ""), name_of("items", "--json")
    ('fields-orders.txt', 'fields-items-json.txt')
    """
    return f"fields-{resource}{form.replace('--', '-')}.txt"


def _kept(name: str) -> str | None:
    try:
        with open(os.path.join(SAID, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def _help(columns: int) -> str | None:
    """The help where the terminal is as wide as when it was kept, or so wide that no line of it is broken."""
    if columns == NARROW:
        return _kept("help-narrow.txt")
    wide = _kept("help.txt")
    return wide if wide and max(map(len, wide.splitlines())) <= min(columns, WIDE) - 2 else None


def _columns() -> int:
    """How wide the terminal is, as `shutil.get_terminal_size` finds it."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
        except (AttributeError, ValueError, OSError):
            columns = 0
    return columns or NARROW


# -- the runs ---------------------------------------------------------------------------------------------


def _runs(*, as_json: bool) -> str | None:
    from ..home import home_folder

    folder = os.path.join(home_folder(), "runs")
    if folder != os.path.normpath(folder):  # click's way writes the paths tidily
        return None
    from ..run.glance import listing

    found = listing(folder)
    if as_json:
        import json

        return json.dumps({"runs": found}) + "\n"
    return runs_table(found, folder)


def runs_table(found: Iterable[dict[str, Any]], folder: str | os.PathLike[str]) -> str:
    """The list of runs as people see it."""
    import datetime as dt

    rows = [("run", "when", "store", "what", "sheet", "results")]
    for one in found:
        when = dt.datetime.fromtimestamp(one["at"]).strftime("%Y-%m-%d %H:%M")
        waiting = "waiting" if one["applied"] else "planned, not sent"
        counts = [(count, waiting if name == "waiting" else name) for name, count in one["results"].items() if count]
        results = ", ".join(f"{count:,} {name}" for count, name in counts) or "nothing to do"
        rows.append((_stem(one["run"]), when, one["store"]["name"] or one["store"]["id"],
                     f"undo of {_stem(one['undoes'])}" if one["undoes"] else one["resource"],
                     os.path.basename(one["sheet"]) if one["sheet"] else "", results))  # fmt: skip
    return f"{lines(rows)}\n" if len(rows) > 1 else f"There are no runs in {folder}.\n"


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows of words, aligned."""
    table = [list(row) for row in rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(table[0]))] if table else []
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)


# -- the streams ------------------------------------------------------------------------------------------


def prepare_streams() -> None:
    """UTF-8 on stdout and stderr, whatever the console is set to, and no crash on what it can't show."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if (os.name == "nt" and not stream.isatty()) or (stream.encoding or "").lower() in ("ascii", "ansi_x3.4-1968", "us-ascii"):
            reconfigure(encoding="utf-8")
        reconfigure(errors="replace")
