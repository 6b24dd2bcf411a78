"""This file holds Notes: what several threads note in the journal at the same time is one commit."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import RunError
from ..plan.change import Change, Step

if TYPE_CHECKING:
    from ..run import Run


@dataclass(slots=True, eq=False)
class _Entry:
    """What one thread wants to have on disk."""

    steps: list[tuple[Change, Step]]
    written: bool = False
    error: BaseException | None = None


class Notes:
    """Writes steps into a run's journal.

    A commit waits for the disk, some 10 ms. Where calls leave together, those that come while one commit is
    being made are written by the next one, all of them: eighteen calls take two or three commits, not eighteen.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting: list[_Entry] = []
        self._list = threading.Lock()
        self._disk = threading.Lock()

    def note(self, steps: Iterable[tuple[Change, Step]]) -> None:
        """Write the present state of some steps to disk before returning.

        Raises:
            RunError: it can't be written, nor was what others noted with it.
        """
        entry = _Entry(list(steps))
        with self._list:
            self._waiting.append(entry)
        with self._disk:
            if not entry.written:
                self._write()
        if entry.error is not None:
            raise RunError(str(entry.error)) if isinstance(entry.error, RunError) else entry.error

    def _write(self) -> None:
        with self._list:
            entries, self._waiting = self._waiting, []
        try:
            self._run.note_steps([pair for entry in entries for pair in entry.steps])
        except BaseException as error:
            for entry in entries:
                entry.error = error
        finally:
            for entry in entries:
                entry.written = True
