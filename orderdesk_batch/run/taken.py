"""This file holds what of a run was taken back: the journals of its undos say so."""

from __future__ import annotations

from pathlib import Path

from ..errors import Unsafe
from .file import Run
from .glance import listing


def taken_back(folder: Path, path: Path, *, but: Path | None = None) -> dict[int, str]:
    """The changes of a run that undos have taken back, by number, with the name of the undo that did.

    What an undo of the undo has done again is not taken back.

    Args:
        folder: the runs of this machine.
        but: an undo that doesn't count.

    Raises:
        Unsafe: an undo of it has been begun and is not at its end: it is to be resumed, not made a second time.
    """
    whole, but, at = path.resolve(), but and but.resolve(), 0.0
    if path.is_file():
        with Run.open(path) as file:
            at = file.meta()["at"]  # what undid an older run of that path does not count
    found: dict[int, str] = {}
    for one in listing(folder):
        undo = Path(one["run"])
        if not one["undoes"] or not one["applied"] or one["at"] < at or Path(one["undoes"]).resolve() != whole or undo.resolve() == but:
            continue
        again = taken_back(folder, undo)
        with Run.open(undo) as file:
            plan = file.plan()
        for change in plan.writing():
            if any(step.is_open for step in change.steps):
                raise Unsafe(
                    f"An undo of this run was begun and is not at its end. Nothing was sent. `orderdesk-batch resume {undo.name}` goes on with it."
                )
            if change.number not in again and any(step.state == "done" and step.tries for step in change.steps):
                found[change.undoes] = undo.name
    return found
