"""This file holds what the commands share: streams, questions, progress, and JSON."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

import click

from ..errors import STORE_FAILED, Problem, UsageError
from .front import RESOURCES as RESOURCES
from .front import lines as lines

if TYPE_CHECKING:
    from rich.console import Console

    from ..desk import Desk, Progress
    from ..desks import Desks
    from ..plan import Plan

    D = TypeVar("D", bound=Desk | Desks)

AT_ONCE: Final = 20_000  # pieces of JSON that are written at once, some 200 KB
SENTENCES = {
    "demo": "The main job on the built-in sandbox, start to end; no account needed.",
    "template": "A workbook to fill in.",
    "fields": "The columns of a resource: name, meaning, kind, other headings.",
    "check": "What can be said of a sheet without a store.",
    "plan": "What uploading a sheet would do; nothing is sent.",
    "upload": "Check, plan, ask, send, and write the results.",
    "apply": "Send a saved plan.",
    "resume": "Go on with a run that was cut short.",
    "undo": "Take a run back.",
    "runs": "The runs of this machine, newest first.",
    "show": "One run: its plan and how far it has come.",
    "export": "Search the store; to a spreadsheet, JSON or Parquet.",
    "get": "One or more records by id.",
    "call": "Any authorised call to the API.",
    "store": "Test the connection; the store's name, zone and folders.",
    "login": "Give a store a name; its key is tried and kept in the keyring.",
    "logout": "Forget a store's name and its key.",
    "stores": "The stores that have a name, and whether their keys work.",
    "doctor": "Check what this tool assumes of the API against your store.",
    "archive": "Keep a Parquet data set of the store up to date.",
    "report": "What an archive says: sales, shipping, customers, stock.",
    "watch": "Events as they happen, one JSON object a line.",
    "drop": "Upload each sheet that is put into a folder.",
    "sandbox": "A local Order Desk to try things on.",
}

# -- streams ------------------------------------------------------------------------------------------


class OutputLost(OSError):
    """What was to be told on stdout can't be written: a full disk, where stdout is a file."""


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """What is done inside writes to stdout, and an OSError is about that.

    Raises:
        OutputLost: it can't be written.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputLost(*error.args) from error


def out() -> Console:
    """The console on stdout."""
    from rich.console import Console

    class Out(Console):
        def print(self, *objects: Any, **how: Any) -> None:
            with telling():
                super().print(*objects, **how)

    return Out(highlight=False, soft_wrap=not is_terminal(sys.stdout))


def err() -> Console:
    """The console on stderr: progress and words beside the output."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=not is_terminal(sys.stderr))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sees what is written there; a stream may be closed, and is None then."""
    return stream is not None and stream.isatty()


def say(text: str = "", *, json: bool = False) -> None:
    """A line for the person: on stdout, or on stderr where stdout is for JSON.

    Raises:
        OutputLost: stdout can't be written.
    """
    if json:
        click.echo(text, err=True)
        return
    with telling():
        click.echo(text)


def print_json(value: Any) -> None:
    """The one JSON object on stdout; iterators in it are arrays, written as they are made.

    Raises:
        OutputLost: stdout can't be written.
    """
    from ..store.wire import pieces

    with telling():
        rest = pieces(value)
        while some := "".join(itertools.islice(rest, AT_ONCE)):
            click.echo(some, nl=False)
        click.echo()


# What the JSON object of a command has that is no plan, where nothing came of it.
NOTHING: Mapping[str, Mapping[str, Any]] = {
    "get": {"resource": None, "documents": [], "missing": []},
    "export": {"path": None, "rows": 0, "documents": 0, "columns": [], "notes": []},
    "store": {"id": None, "name": None, "zone": None, "folders": {}},
    "template": {"resource": None, "path": None},
}


def print_answer(command: str, body: Mapping[str, Any], error: str | None = None, problems: Sequence[Problem] = ()) -> None:
    """The one JSON object of a command that is about no plan: the same names at every end."""
    print_json({**NOTHING[command], "problems": [problem.as_json() for problem in problems], **body, "error": error})


def print_failure(command: str, message: str, problems: Sequence[Problem] = ()) -> None:
    """The one JSON object of a command that came to nothing."""
    problems = list(problems) or [Problem(message)]
    if command in NOTHING:
        print_answer(command, {}, message, problems)
        return
    from ..plan.change import Plan

    body = Plan("", problems=problems).as_json()
    body["store"] = {"id": None, "name": None}
    body["error"] = message
    say(json.dumps(body, ensure_ascii=False, default=str))


def complain(command: str, message: str, as_json: bool, problems: Sequence[Problem] = (), plan: Plan | None = None) -> None:
    """An error that ends a command: its problems, then one sentence; as JSON where that was asked for."""
    if as_json and plan is not None:
        print_json({**plan.as_json(iter), "error": message})
    elif as_json:
        print_failure(command, message, problems)
    if plan is not None and problems and not as_json:
        from .. import show

        show.problems(err(), plan.problems)
        click.echo("", err=True)
    elif not (len(problems) == 1 and str(problems[0]) == message):
        for problem in problems[:10]:
            click.echo(str(problem), err=True)
    click.echo(message, err=True)
    for line in remedies(plan) if plan is not None and problems else ():
        click.echo(line, err=True)


def remedies(plan: Plan) -> Iterator[str]:
    """How to go on with a sheet that was refused."""
    if plan.problems_file:
        yield f"The bad rows are in {plan.problems_file}: mend them there and upload that file."
    if plan.refused and not plan.hopeless and len(plan.changes):
        words = [word for word in sys.argv[1:] if word != "--json"]
        command = " ".join(f'"{word}"' if " " in word else word for word in words)
        lead = "To plan without the bad rows" if words[:1] == ["plan"] else "To send the good rows now"
        yield f"{lead}:  orderdesk-batch {command} --skip-bad-rows"


def unexpected(error: BaseException) -> str:
    """A fault of our own in one sentence."""
    return f"Something went wrong inside orderdesk-batch ({type(error).__name__}: {error})."


_debug = False


def log_requests() -> None:
    """`--debug`: one line a request on stderr."""
    global _debug
    _debug = True
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("orderdesk_batch")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)


def debugging() -> bool:
    """Whether --debug was given."""
    return _debug


# -- the store ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def desk() -> Iterator[Desk]:
    """The desk of the one store that the command is for, with a bar, and stopped cleanly by Ctrl-C or SIGTERM."""
    from .choosing import one_store

    with _tended(one_store()) as one:
        yield one


@contextlib.contextmanager
def desks(run: Path | None = None, *, by_column: bool = False) -> Iterator[Desk | Desks]:
    """The same for one store or several: see `choosing.stores`."""
    from .choosing import stores

    with _tended(stores(run, by_column=by_column)) as found:
        yield found


@contextlib.contextmanager
def _tended(one: D) -> Iterator[D]:
    with one, bar() as bar_of:
        one.progress = bar_of
        before = {}

        def stop(number: int, frame: Any) -> None:
            if one.is_stopped:  # a second Ctrl-C: at once
                raise KeyboardInterrupt
            one.stop()
            take_bars_away()
            click.echo("Stopping after the calls in flight …", err=True)

        for name in ("SIGINT", "SIGTERM"):
            if hasattr(signal, name):
                before[name] = signal.signal(getattr(signal, name), stop)
        try:
            yield one
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)


@contextlib.contextmanager
def bar() -> Iterator[Callable[[Progress], None] | None]:
    """A progress bar on stderr, when that is a terminal."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[more]}"))
    # Nothing is redirected through the bar: it would read the "[y/N]" of a question as markup and swallow it.
    shown = Progress(*columns, console=err(), transient=True, redirect_stdout=False, redirect_stderr=False)
    task = shown.add_task("Reading", total=None, more="")

    def tell(state: Any) -> None:
        more = f"{state.calls:,} call{'s' * (state.calls != 1)} made"
        if state.calls_left:
            more += f", {state.calls_left:,} to go, about {max(1, round(state.seconds_left)):,} s"
        shown.start()
        shown.update(task, description=state.stage.capitalize(), total=state.total or None, completed=state.done, more=more)

    _bars.append(shown.stop)
    try:
        yield tell
    finally:
        _bars.remove(shown.stop)
        shown.stop()


_bars: list[Callable[[], None]] = []  # takes away the bars that are drawn


def take_bars_away() -> None:
    """Make room for a plan, a question, a sentence; the next step draws them again."""
    for stop in _bars:
        stop()


def may_ask() -> bool:
    """Whether there is somebody to ask."""
    return is_terminal(sys.stdin)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """While somebody is asked, Ctrl-C ends the command at once: no call is in flight that would have to be waited for."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def asker(as_json: bool, yes: bool) -> Callable[[Plan], bool]:
    """Shows the plan and asks before anything is sent.

    Raises:
        UsageError: there is nobody to ask, and --yes was not given.
    """
    from .. import show

    def ask(plan: Plan) -> bool:
        if not may_ask():
            raise NobodyToAsk(plan)
        take_bars_away()
        console = err()
        show.plan(console, plan)
        click.echo("", err=True)
        with asking():
            return bool(click.confirm(show.question(plan), default=False, err=True))

    return ask


class NobodyToAsk(UsageError):
    """No terminal and no --yes: nothing was sent."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("Nothing was sent: there is no terminal to ask at. Look at the plan, then give --yes.")
        self.plan = plan


def finish(plan: Plan, as_json: bool, *, unseen: bool = False) -> int:
    """Tell what came of a plan; the exit code.

    Args:
        unseen: of an undo, nobody was shown the plan's problems, and what can't be taken back, before it was sent.
    """
    from .. import show

    if as_json:
        print_json(plan.as_json(iter))
    else:
        problems = [problem for problem in plan.problems if problem.code != STORE_FAILED] if unseen else []
        if problems:
            show.problems(err(), problems)
            click.echo("", err=True)
        show.results(out(), plan, plan.results_file)
        for lost in (said for said in plan.sets_off if unseen and said.startswith("Can't be taken back")):
            say(lost)
    if plan.halted is not None:
        click.echo(str(plan.halted), err=True)
    return plan.exit_code


def shown(value: Any) -> str:
    """A value on one line, without what a terminal would act on."""
    from ..show.words import shown as show

    return show(value).replace("\n", " ")
