"""The journal of calls that leave together: one commit serves all, and nobody goes on before it is made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from orderdesk_batch.apply.notes import Notes
from orderdesk_batch.errors import RunError


class Disk:
    """Stands for a run: its first commit takes until `free` is set."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.commits: list[list[Any]] = []
        self.begun, self.free = threading.Event(), threading.Event()
        self._fails = fails

    def note_steps(self, steps: list[Any]) -> None:
        if not self.commits:
            self.commits.append(list(steps))
            self.begun.set()
            assert self.free.wait(10)
        else:
            if self._fails is not None:
                raise self._fails
            self.commits.append(list(steps))


def together(disk: Disk, then: Callable[[Notes, int], Any]) -> list[Any]:
    """One thread notes 0, and while the disk is at work on that, five others note 1 to 5; what `then` says for these."""
    notes = Notes(disk)  # type: ignore[arg-type]
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(notes.note, [(0, 0)])  # type: ignore[list-item]
        assert disk.begun.wait(10)
        others = [pool.submit(then, notes, number) for number in range(1, 6)]
        while len(notes._waiting) < 5:
            assert not any(other.done() for other in others)
        disk.free.set()
        first.result()
        return [other.result() for other in others]


def test_what_is_noted_while_the_disk_is_busy_is_one_commit() -> None:
    disk = Disk()

    def note(notes: Notes, number: int) -> bool:
        notes.note([(number, 0)])  # type: ignore[list-item]
        return any((number, 0) in commit for commit in disk.commits)

    assert together(disk, note) == [True] * 5  # each was on disk when its thread went on
    assert [sorted(commit) for commit in disk.commits] == [[(0, 0)], [(number, 0) for number in range(1, 6)]]


def test_where_a_commit_fails_nobody_whose_steps_were_in_it_goes_on() -> None:
    def note(notes: Notes, number: int) -> str:
        with pytest.raises(RunError, match="the disk is full") as error:
            notes.note([(number, 0)])  # type: ignore[list-item]
        return str(error.value)

    assert len(together(Disk(RunError("the disk is full")), note)) == 5


def test_another_fault_while_writing_is_told_as_it_is() -> None:
    def note(notes: Notes, number: int) -> None:
        with pytest.raises(ZeroDivisionError):
            notes.note([(number, 0)])  # type: ignore[list-item]

    together(Disk(ZeroDivisionError()), note)
