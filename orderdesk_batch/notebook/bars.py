"""This file holds Bar: how far a long verb has come, in a notebook.

It is drawn as plain HTML with a text beside it, not as a widget: a widget's picture is lost when the notebook is
saved and opened again, and leaves "model not found" behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from ..extras import need

DELAY: Final = 0.5  # seconds: what is done sooner needs no bar
OFTEN: Final = 0.1  # seconds between two drawings


class State(Protocol):
    """How far it has come; `desk.Progress` and `export.Progress` are such."""

    stage: str
    done: int
    total: int
    calls: int
    calls_left: int
    seconds_left: float


class Bar:
    """Draws each state that it is called with; ends with the cell it began in."""

    def __init__(self, shell: Any, *, clock: Callable[[], float] = time.monotonic, delay: float = DELAY) -> None:
        self._clock = clock
        self._delay = delay
        self._began: float | None = None
        self._drawn = 0.0
        self._handle: Any = None
        self._last: State | None = None
        shell.events.register("post_run_cell", self.end)

    def __call__(self, state: State) -> None:
        """Draw a state, unless it is too early or too soon."""
        now = self._clock()
        if self._began is None:
            self._began = now
        self._last = state
        if now - self._began < self._delay or now - self._drawn < OFTEN:
            return
        self._drawn = now
        self._draw(state, ended=False)

    def end(self, *_: object) -> None:
        """The cell is done: leave a line where the bar was; nothing if it only read."""
        if self._handle is not None and self._last is not None:
            self._draw(self._last, ended=True)
        self._began, self._handle, self._last, self._drawn = None, None, None, 0.0

    def _draw(self, state: State, *, ended: bool) -> None:
        ipython = need("IPython.display")
        said = words(state, ended=ended)
        bundle = {
            "text/plain": f"{drawn(state)} {said}".strip() if not ended else said,
            "text/html": html(state, said, ended=ended),
        }
        if self._handle is None:
            self._handle = ipython.display(bundle, raw=True, display_id=True)
        else:
            ipython.update_display(bundle, raw=True, display_id=self._handle.display_id)


def words(state: State, *, ended: bool) -> str:
    """How far it has come, in words."""
    calls = f"{state.calls:,} call{'s' * (state.calls != 1)}"
    if state.stage == "sending":
        said = f"{state.done:,} of {state.total:,} {'sent' if ended else 'done'}, {calls}"
    else:
        said = f"{state.done:,} read, {calls}" if state.done else f"Reading the store: {calls}"
    if state.calls_left and not ended:
        said += f", {state.calls_left:,} to go"
    if state.seconds_left >= 1 and not ended:
        minutes, seconds = divmod(round(state.seconds_left), 60)
        said += f", about {minutes} min {seconds} s" if minutes else f", about {seconds} s"
    return said


def drawn(state: State, width: int = 24) -> str:
    """The bar as signs; nothing where the total is not known."""
    if not state.total or not state.done:
        return ""
    full = min(width, width * state.done // state.total)
    return f"[{'#' * full}{'.' * (width - full)}]"


def html(state: State, said: str, *, ended: bool) -> str:
    """The bar as HTML."""
    style = "font: 14px system-ui, sans-serif; display: flex; gap: .8rem; align-items: center; margin: .3rem 0; opacity: .85"
    if not said:
        return ""
    if ended:
        return f'<div style="{style}">{said}</div>'
    value = f' value="{state.done}" max="{state.total}"' if state.total and state.done else ""
    return f'<div style="{style}"><progress style="width: 16rem"{value}></progress><span>{said}</span></div>'
