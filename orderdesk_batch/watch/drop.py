"""This file holds DropFolder: sheets that are put into a folder are taken, worked on, and put away, each exactly once.

    FOLDER/stock.csv                        left until it is whole: the same size and time at two looks
    FOLDER/working/<job>/stock.csv          taken, with a note of the run that uploads it
    FOLDER/done/stock.csv                   with stock.results.csv beside it
    FOLDER/refused/stock.csv                with stock.problems.xlsx beside it, to be mended and dropped again

Each step is one renaming, and what it leads to is noted before it. So a process that is killed anywhere goes
on from what lies in `working/`: what was planned is resumed and never planned again, what was done is put
away where it was to be put. The sheet itself is put away last.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import RunError, UsageError
from ..lock import Lock
from ..run import new_run
from ..sheets.write import atomic, cannot_write

SHEETS: Final = frozenset([".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"])
EMPTY: Final = 60.0  # seconds after which an empty file counts as whole
WORKING, DONE, REFUSED = "working", "done", "refused"
NOTE: Final = "job.json"

log = logging.getLogger("orderdesk_batch")
End = Literal["done", "refused"]


@dataclass(frozen=True)
class Job:
    """A sheet that was taken; what is known of it is on disk before anything is done with it."""

    folder: Path  # its own, in working/
    name: str  # of the sheet
    resource: str
    run: str  # where the plan is saved
    store: str
    tries: int = 0  # how often it was gone on with
    end: str = ""  # done or refused, once that is clear
    stem: str = ""  # the name under which it is put away

    @property
    def sheet(self) -> Path:
        """The sheet."""
        return self.folder / self.name

    @property
    def results(self) -> Path:
        """Where the results are to be written."""
        from ..sheets.results import default_results

        # Never the sheet's own name, which it would be for results that are given back.
        return self.folder / f"{Path(self.name).stem}.results{default_results(self.name).suffix}"

    @property
    def problems(self) -> Path:
        """Where the fix-and-retry workbook is to be written."""
        return self.folder / f"{Path(self.name).stem}.problems.xlsx"

    @property
    def reason(self) -> Path:
        """Where it is said in words why it was refused."""
        return self.folder / f"{Path(self.name).stem}.problems.txt"

    def note(self, **facts: Any) -> Job:
        """Change what is known of it, on disk first."""
        changed = dataclasses.replace(self, **facts)
        body = {one.name: getattr(changed, one.name) for one in dataclasses.fields(changed) if one.name != "folder"}
        with atomic(self.folder / NOTE) as beside:
            beside.write_text(json.dumps(body), encoding="utf-8")
        return changed


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    end: End
    words: str = ""  # for people
    plan: Any = None


@dataclass(frozen=True)
class PutAway:
    """A sheet that was put away."""

    sheet: Path  # where it is now
    ended: Ended


Work = Callable[[Job], Ended | None]  # None: it has to be gone on with at a later look


class DropFolder:
    """A folder for sheets; one process at a time looks after it."""

    def __init__(
        self, folder: Path, resource: str, work: Work, *, store: str, runs: Path, complain: Callable[[str], Any] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """Begin to look after it.

        Args:
            work: uploads a job's sheet, or goes on with it.
            store: which store that is; jobs of another one are left alone.
            runs: the folder for the runs.

        Raises:
            UsageError: it is no folder, or can't be written to.
            RunError: another process looks after it.
        """
        if not folder.is_dir():
            raise UsageError(f'"{folder}" is not a folder. Make it first.')
        self.folder = folder.absolute()
        self._resource = resource
        self._work = work
        self._store = store
        self._runs = runs
        self._complain = complain or log.warning
        self._clock = clock
        self._before: dict[str, tuple[int, int]] = {}
        self._told: set[str] = set()
        for name in (WORKING, DONE, REFUSED):
            try:
                (self.folder / name).mkdir(exist_ok=True)
            except OSError as error:
                raise cannot_write(self.folder / name, error) from None
        self._hold = Lock(self.folder / WORKING / ".lock", f"Another process looks after {folder}. It is {{who}}.").take()

    def close(self) -> None:
        """Let another process look after it."""
        self._hold.release()

    def look(self) -> Iterator[PutAway]:
        """Go on with what was taken, then take what is whole by now; what was put away."""
        for job in self._jobs():
            yield from self._go_on(job)
        for path in self._whole():
            taken = self._take(path)
            if taken is not None:
                yield from self._go_on(taken)

    def is_idle(self) -> bool:
        """Whether nothing is left: no sheet that came, none that was taken."""
        return not any(True for _ in self._sheets()) and not any(True for _ in self._jobs())

    # -- what came ----------------------------------------------------------------------------------------

    def _sheets(self) -> Iterator[Path]:
        for path in sorted(self.folder.iterdir()):
            name = path.name
            if name.startswith((".", "~$")) or name.lower().endswith(".map.csv") or not path.is_file():
                continue
            if path.is_symlink() or path.suffix.lower() not in SHEETS:
                if name not in self._told:
                    self._told.add(name)
                    self._complain(f"{path} is no sheet; it is left alone.")
                continue
            yield path

    def _whole(self) -> Iterator[Path]:
        """The sheets that are as they were at the last look."""
        now: dict[str, tuple[int, int]] = {}
        for path in self._sheets():
            try:
                facts = path.stat()
            except OSError:
                continue
            now[path.name] = (facts.st_size, facts.st_mtime_ns)
            is_filled = facts.st_size > 0 or self._clock() - facts.st_mtime > EMPTY
            if self._before.get(path.name) == now[path.name] and is_filled and not _is_held(path):
                yield path
        self._before = now

    # -- jobs ---------------------------------------------------------------------------------------------

    def _take(self, path: Path) -> Job | None:
        """Take a sheet: note what is to become of it, then move it, in one step."""
        run = new_run(self._runs, self._resource, self._clock())
        folder = self.folder / WORKING / run.stem
        try:
            folder.mkdir()
            job = Job(folder, path.name, self._resource, str(run), self._store).note()
            mapping = path.with_suffix(".map.csv")
            if mapping.is_file():
                shutil.copyfile(mapping, folder / mapping.name)
            path.rename(job.sheet)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            self._complain(f"{path} can't be taken now ({error.strerror}); it is tried again.")
            return None
        self._before.pop(path.name, None)
        return job

    def _jobs(self) -> Iterator[Job]:
        """What was taken and not put away; what is left of a job whose sheet is gone is cleared away."""
        for folder in sorted((self.folder / WORKING).iterdir()):
            if not folder.is_dir():
                continue
            try:
                body = json.loads((folder / NOTE).read_text("utf-8"))
                job = Job(folder, **body)
            except (OSError, ValueError, TypeError):
                self._clear(folder)
                continue
            if not job.sheet.exists():
                self._clear(folder)
            elif job.store != self._store:
                if folder.name not in self._told:
                    self._told.add(folder.name)
                    self._complain(f"{job.sheet} was taken for the store {job.store}, so it is left alone.")
            else:
                yield job

    def _clear(self, folder: Path) -> None:
        """Take a folder away that has no sheet in it; one that has anything else is somebody's."""
        ours = (NOTE, ".map.csv")
        kept = [path.name for path in folder.iterdir() if not path.name.startswith(".") and not path.name.endswith(ours)]
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.name not in self._told:
            self._told.add(folder.name)
            self._complain(f"{folder} holds what nothing is known of ({', '.join(kept)}); it is left alone.")

    def _go_on(self, job: Job) -> Iterator[PutAway]:
        ended = Ended(job.end) if job.end else None  # type: ignore[arg-type]
        if ended is None:
            job = job.note(tries=job.tries + 1)
            ended = self._work(job)
            if ended is None:
                return
            if ended.words and ended.end == REFUSED:
                job.reason.write_text(ended.words + "\n", encoding="utf-8")
            job = job.note(end=ended.end, stem=self._free(job, ended.end))
        place = self.folder / job.end
        try:
            for path in (job.results, job.problems, job.reason):
                if path.exists():
                    path.replace(place / (job.stem + path.name.removeprefix(Path(job.name).stem)))
            sheet = place / (job.stem + Path(job.name).suffix)
            job.sheet.replace(sheet)
        except OSError as error:
            self._complain(f"{job.name} can't be put away now ({error.strerror}); it is tried again.")
            return
        shutil.rmtree(job.folder, ignore_errors=True)
        yield PutAway(sheet, ended)

    def _free(self, job: Job, end: str) -> str:
        """A name under which nothing was put away before."""
        stem, place = Path(job.name).stem, self.folder / end
        taken = {path.name.casefold() for path in place.iterdir()}
        ours = [path.name.removeprefix(stem) for path in (job.sheet, job.results, job.problems, job.reason)]
        number = 1
        while True:
            free = stem if number == 1 else f"{stem}.{number}"
            if not any((free + ending).casefold() in taken for ending in ours):
                return free
            number += 1


def _is_held(path: Path) -> bool:
    """Whether another program has the file open; only Windows can tell."""
    if os.name != "nt":
        return False
    try:  # pragma: no cover - the other system
        with path.open("r+b"):
            pass
        path.rename(path)
    except OSError:
        return True
    return False


def undone(path: Path) -> None:
    """Take a file away that a killed process began; the next try writes it anew.

    Raises:
        RunError: it can't be taken away.
    """
    with contextlib.suppress(FileNotFoundError):
        try:
            path.unlink()
        except PermissionError as error:
            raise RunError(f"{path} can't be written anew ({error.strerror}).") from None
