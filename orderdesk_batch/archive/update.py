"""This file holds Archiver: one update of one store's part of an archive, all of it or nothing."""

from __future__ import annotations

import copy
import datetime as dt
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .. import __version__
from ..errors import RunError, Stopped
from ..export.asking import Listed
from ..export.names import folder_names
from ..export.reading import Progress
from ..export.times import Zone, stamp, told_by
from ..extras import need
from ..lock import Lock
from ..sheets.write import names_to_disk
from ..store.verdict import Requests
from .index import Index
from .months import Months
from .moves import settle, strays
from .places import MADE_OF, RESOURCES, Manifest, Place, private
from .pull import Pull
from .reading import there
from .tables import facts, open_file

if TYPE_CHECKING:
    from ..memory import Memory
    from ..store import Store

OVERLAP: Final = dt.timedelta(minutes=10)  # what was being written while we began to read
USUAL, SURE = 7.0, 30.0  # days after which all is read again; where `doctor` found that every change moves the date
_NESTED: Final = ("items", "shipments", "folder")  # changes that may leave an order's date as it was


@dataclass
class Archived:
    """What an update did."""

    archive: Path
    store: dict[str, str]  # id, name
    resources: dict[str, dict[str, int]] = field(default_factory=dict)  # records, added, changed, deleted of each
    requests: Requests = field(default_factory=Requests)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {
            "archive": str(self.archive), "store": self.store, "resources": self.resources, "requests": self.requests.as_json(),
            "seconds": round(self.seconds, 3), "notes": self.notes,
        }  # fmt: skip


class Archiver:
    """Brings one store's part of an archive up to date."""

    def __init__(
        self,
        store: Store,
        memory: Memory,
        folder: Path,
        settings: Mapping[str, Any],
        *,
        full: bool = False,
        full_every: float | None = None,
        force: bool = False,
        progress: Callable[[Any], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare an update.

        Args:
            settings: the store's id, name, zone and folders.
            full: read all records, not only what was modified.
            full_every: days after which that is done anyway; 0 for never.
            force: take away however much is gone from the store.
        """
        self._store = store
        self._memory = memory
        self._settings = settings
        self._place = Place(folder, str(settings["id"]))
        self._full = full
        self._full_every = full_every
        self._force = force
        self._progress = progress
        self._clock = clock
        self._ahead = 0.0  # seconds by which the store's clock is ahead of ours

    def run(self) -> Archived:
        """Do the update.

        Raises:
            UsageError: pyarrow is not installed.
            RunError: the archive can't be read or written, is of another store, or is being updated already.
            StoreError: the store refused the key, or can't be reached; the next update goes on.
            Unsafe: much of the archive is gone from the store.
            Stopped: somebody stopped it; the next update goes on.
        """
        need("pyarrow.parquet", "archive")
        started, before = time.monotonic(), self._store.counts
        try:
            private(self._place.work)
        except OSError as error:
            raise RunError(f"{self._place.folder}: can't be written ({error.strerror}). Name another folder.") from None
        busy = "This store's part of the archive is being brought up to date already. It is {who}."
        hold = Lock(self._place.own / "lock", busy).take()
        try:
            manifest = self._manifest()
            settle(self._place, manifest)
            index = Index(self._place.own / "index.sqlite")
            try:
                with index.guarded():
                    done = self._update(manifest, index)
            except Stopped:
                raise Stopped("Stopped. The archive is as its last update left it. What was read is kept: run it again to go on.") from None
            finally:
                index.close()
        finally:
            hold.release()
        done.requests = self._store.counts - before
        done.seconds = time.monotonic() - started
        return done

    def _manifest(self) -> Manifest:
        host = urlsplit(self._store.base_url).hostname or ""
        manifest = Manifest.load(self._place)
        if manifest is None:
            if stray := strays(self._place):
                raise RunError(
                    f"{stray[0]} is there, but {self._place.manifest} is not, which tells what is in it. Restore that file, or archive to "
                    "a new folder."
                )
            return Manifest(self._place.store, host)
        if manifest.host != host:
            raise RunError(
                f"{self._place.folder} has the archive of another store {self._place.store}, at {manifest.host}; this one is at {host}. "
                "Archive to another folder."
            )
        return manifest

    # -- one update -------------------------------------------------------------------------------

    def _update(self, manifest: Manifest, index: Index) -> Archived:
        months = Months(self._place, manifest, index, self._settings["folders"])
        lost = self._lost(manifest)  # first, for an index that is lost as well is made anew from the other files
        self._know(manifest, index, months)
        for listed, gone in lost.items():
            for month in gone:
                index.lose(listed, month)
        now = self._now()
        began = f"{now - OVERLAP:%Y-%m-%d %H:%M:%S}"
        following = copy.deepcopy(manifest)
        done = Archived(self._place.folder, {"id": self._place.store, "name": str(self._settings["name"])})
        for listed in MADE_OF:
            pull = Pull(
                self._store, self._memory, index, listed, began=began, zone=Zone(self._settings["zone"]), ahead=self._ahead,
                force=self._force, progress=self._progress,
            )  # fmt: skip
            pull.read(manifest.marks.get(listed), full=self._full or listed in lost or self._is_due(listed, manifest, now))
            following.marks[listed] = pull.began
            if pull.full:
                following.full[listed] = pull.full
            done.notes += pull.notes
        counts = self._write(manifest, following, index, months)
        following.generation = manifest.generation + 1
        following.token = secrets.token_hex(8)
        following.version, following.at = __version__, f"{now:%Y-%m-%d %H:%M:%S}"
        following.folders = folder_names(self._settings["folders"])
        following.columns = {resource: flat.columns for resource, flat in months.flats.items()}
        index.put(committing=following.token)
        names_to_disk(self._place.work)
        following.save(self._place)  # now it is done; what follows can be made up for
        settle(self._place, following)
        index.apply(following.token)
        done.resources = {
            resource: {"records": following.rows(resource), **{word: counts[resource][word] for word in ("added", "changed", "deleted")}}
            for resource in RESOURCES
        }
        return done

    def _know(self, manifest: Manifest, index: Index, months: Months) -> None:
        """See that the index knows what the files hold."""
        token = index.fact("token") or ""
        if token == manifest.token:
            if index.fact("committing"):
                index.put(committing=None)
        elif index.fact("committing") == manifest.token:  # the update was done, and its end was cut off
            index.apply(manifest.token)
        else:
            index.restart()
            state = Progress("indexing", total=sum(manifest.rows(listed) for listed in MADE_OF))
            for listed in MADE_OF:
                for month in manifest.listing(listed):
                    for documents, _ in months.documents(listed, month):
                        with index.together():
                            index.hold(listed, documents)
                        state.done += len(documents)
                        self._show(state)
            index.put(token=manifest.token)

    def _lost(self, manifest: Manifest) -> dict[Listed, set[str]]:
        """The months of which a file was deleted by hand, or is of another update, as a restored one is: they are read again."""
        found: dict[Listed, set[str]] = {}
        for listed, resources in MADE_OF.items():
            gone = {
                month
                for resource in resources
                for month, entry in manifest.listing(resource).items()
                if not self._is_there(resource, month, entry["generation"])
            }
            if gone:
                found[listed] = gone
            for month in gone:
                for resource in resources:
                    manifest.listing(resource).pop(month, None)
        return found

    def _is_there(self, resource: str, month: str, generation: int) -> bool:
        try:
            with open_file(there(self._place, resource, month, generation)) as file:
                return facts(file.schema_arrow).get("generation") == generation
        except FileNotFoundError:
            return False

    def _now(self) -> dt.datetime:
        """The store's time, UTC; ours where that is earlier: whichever clock is wrong, nothing is missed."""
        ours = dt.datetime.fromtimestamp(self._clock(), dt.UTC)
        told = told_by(self._store)
        self._ahead = 0.0 if told is None else (told - ours).total_seconds()
        return ours if told is None else min(ours, told)

    def _is_due(self, listed: Listed, manifest: Manifest, now: dt.datetime) -> bool:
        """Whether all records should be read again, for what the dates don't tell."""
        days = self._full_every
        if days is None:
            told = str((self._memory.get("doctor") or {}).get("touches") or "")
            days = SURE if listed == "inventory" or all(word in told for word in _NESTED) else USUAL
        last = stamp(manifest.full.get(listed))
        return days > 0 and last is not None and (now - last).total_seconds() >= days * 86400

    # -- files ------------------------------------------------------------------------------------

    def _write(self, manifest: Manifest, following: Manifest, index: Index, months: Months) -> dict[str, Counter[str]]:
        """Write the files of all months that change; they take their places later."""
        counts: dict[str, Counter[str]] = {}
        plan: list[tuple[Listed, str, bool]] = []
        for listed, resources in MADE_OF.items():
            counts.update(index.differences(listed))
            other = any(manifest.columns.get(resource) != months.flats[resource].columns for resource in resources)
            stale = set(manifest.listing(listed)) if other else self._renamed(manifest, index) if listed == "orders" else set()
            plan += [(listed, month, month in stale) for month in sorted(index.months(listed) | stale)]
        state = Progress("writing", total=len(plan))
        for listed, month, anew in plan:
            if self._store.stop.is_set():
                raise Stopped
            entries = months.write(listed, month, anew=anew)
            for resource in MADE_OF[listed]:
                files = following.files.setdefault(resource, {})
                files.pop(month, None)
                if resource in entries:
                    files[month] = entries[resource]
            state.done += 1
            self._show(state)
        return counts

    def _renamed(self, manifest: Manifest, index: Index) -> set[str]:
        """The months of orders in folders that have another name by now."""
        old, new = manifest.folders, folder_names(self._settings["folders"])
        other = [folder for folder in old.keys() | new.keys() if old.get(folder, folder) != new.get(folder, folder)]
        return index.months_of_folders(other) & set(manifest.listing("orders")) if other else set()

    def _show(self, state: Progress) -> None:
        if self._progress is not None:
            self._progress(state)
