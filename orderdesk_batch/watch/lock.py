"""This file holds Hold: one process at a time works on a file; the system frees it when that process ends, however it ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
from pathlib import Path
from typing import IO

from ..errors import RunError


class Hold:
    """Holds a place for this process from the moment it is made until `release`."""

    def __init__(self, place: Path, busy: str) -> None:
        """Take the lock file at `place`.

        Args:
            busy: what is said when another process has it; who that is comes after it.

        Raises:
            RunError: another process has it, or the lock can't be written.
        """
        self.place = place
        while True:
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                file = os.fdopen(os.open(place, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
            except OSError as error:
                raise RunError(f"{place} can't be written ({error.strerror}).") from None
            if not _lock(file):
                who = file.read(200).strip() or "another process"
                file.close()
                raise RunError(f"{busy} It is {who}.")
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), place.stat()):
                    break
            file.close()  # whoever had it took the file away between our opening and our locking it
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} on {socket.gethostname()}, since {dt.datetime.now():%Y-%m-%d %H:%M:%S}")
        file.flush()
        self._file: IO[str] | None = file

    def release(self) -> None:
        """Let another process have it."""
        file, self._file = self._file, None
        if file is not None:
            with file, contextlib.suppress(OSError):  # Windows keeps a file that is open; a lock that is left does no harm
                self.place.unlink()


if os.name == "nt":  # pragma: no cover - the other system

    def _lock(file: IO[str]) -> bool:
        import msvcrt

        try:
            file.seek(4096)  # beyond the text, so that others can read who holds it
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            file.seek(0)
        except OSError:
            file.seek(0)
            return False
        return True

else:

    def _lock(file: IO[str]) -> bool:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
