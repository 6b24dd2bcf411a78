"""This file holds Memory: what is remembered of a store between runs, in a private JSON file.

Its name, zone and folders (for a day), its totals (they save a call when look-ups are planned), the
unit of weight it was said to use, what `doctor` found out, and which rows were uploaded that can't be
repeated harmlessly. Never a key.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from .home import home_folder
from .lock import Lock
from .private import write_private

DAY: Final = 24 * 3600
PATIENCE: Final = 10.0  # seconds for which another process is waited for


def home() -> Path:
    """The folder for runs and state: ORDERDESK_BATCH_HOME, else the platform's user-data folder."""
    return Path(home_folder())


def zone_of(store_id: str, folder: Path | None = None) -> str | None:
    """The time zone of a store, as it was last read, however long ago; None if stores of that id at several addresses differ.

    Args:
        folder: where runs and state are; by default `home()`.
    """
    settings = [_facts(path).get("settings") for path in ((folder or home()) / "stores").glob("*.json")]
    zones = {str(one["zone"]) for one in settings if isinstance(one, dict) and str(one.get("id")) == store_id and one.get("zone")}
    return zones.pop() if len(zones) == 1 else None


class Memory:
    """What is remembered of one store.

    A file that can't be read or written is no error: it only costs a request more.
    """

    def __init__(self, folder: Path, store_id: str, base_url: str, *, clock: Callable[[], float] = time.time) -> None:
        name = re.sub(r"[^A-Za-z0-9]+", "-", store_id)[:40]
        where = hashlib.sha256(f"{base_url}\n{store_id}".encode()).hexdigest()[:8]
        self.path = folder / "stores" / f"{name}-{where}.json"
        self._clock = clock
        self._facts = self._read()

    def _read(self) -> dict[str, Any]:
        return _facts(self.path)

    def get(self, name: str, default: Any = None) -> Any:
        """A fact, or the default."""
        return self._facts.get(name, default)

    def put(self, **facts: Any) -> None:
        """Remember facts; what other processes remembered meanwhile is kept."""
        changed = {name: fact for name, fact in facts.items() if self._facts.get(name) != fact}
        if changed:
            self._facts = {**self._read(), **changed}
            self._save()

    def _save(self) -> None:
        with contextlib.suppress(OSError):
            write_private(self.path, json.dumps(self._facts, ensure_ascii=False))

    # -- the store's settings --------------------------------------------------------------------

    def settings(self) -> dict[str, Any] | None:
        """The store's id, name, zone and folders, if they were read within a day."""
        held = self._facts.get("settings")
        if not isinstance(held, dict) or not 0 <= self._clock() - held.get("read_at", 0) < DAY:
            return None
        return held

    def put_settings(self, settings: dict[str, Any]) -> None:
        """Remember the store's name, zone and folders for a day."""
        self.put(settings={**settings, "read_at": self._clock()})

    # -- totals -----------------------------------------------------------------------------------

    def total(self, resource: str) -> int | None:
        """How many records of a resource the store had when last counted."""
        held = self._facts.get(f"total_{resource}")
        return held if isinstance(held, int) else None

    def put_total(self, resource: str, total: int) -> None:
        """Remember how many records of a resource there are."""
        self.put(**{f"total_{resource}": total})

    # -- rows that must not be uploaded twice -----------------------------------------------------

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else on this machine is in here meanwhile, for the same store.

        Raises:
            RunError: another process did not leave it in time, or the lock can't be written.
        """
        lock = Lock(self.path.with_suffix(".lock"), "{who} is about to send to the same store. Nothing was sent. Try it again.")
        lock.wait(PATIENCE)
        try:
            yield
        finally:
            lock.release()

    def creating(self) -> dict[str, float]:
        """The runs that create what the store would take twice, with when each went off, as it is known now."""
        return dict(self._read().get("creating", {}))

    def once(self, fingerprints: Iterable[str]) -> dict[str, str]:
        """Those of the fingerprints that were uploaded before, with the run that did it."""
        seen = self._facts.get("once", {})
        return {print_: seen[print_] for print_ in fingerprints if print_ in seen}

    def put_once(self, fingerprints: Iterable[str], run: str) -> None:
        """Remember rows that can't be repeated harmlessly."""
        self.put(once={**self._read().get("once", {}), **dict.fromkeys(fingerprints, run)})

    def forget_once(self, fingerprints: Iterable[str]) -> None:
        """Take rows back that were remembered before they were sent, and were not sent after all."""
        gone = set(fingerprints)
        if gone:
            self.put(once={mark: run for mark, run in self._read().get("once", {}).items() if mark not in gone})


def _facts(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}
