"""This file holds Lock: one process at a time works on a thing; the system lets go when that process ends, however it ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import time
from pathlib import Path
from typing import IO, Self

from .errors import RunError


class Lock:
    """A file that says who is at work."""

    def __init__(self, place: Path, busy: str) -> None:
        """Nothing is taken yet.

        Args:
            place: the lock's file.
            busy: what is said when another process has it; `{who}` stands for that process.
        """
        self._place = place
        self._busy = busy
        self._held: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._held is not None

    def take(self) -> Self:
        """Take it for this process.

        Raises:
            RunError: another process has it, or the lock can't be written.
        """
        while True:
            try:
                self._place.parent.mkdir(parents=True, exist_ok=True)
                file = os.fdopen(os.open(self._place, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
            except OSError as error:
                raise RunError(f"{self._place}: can't be written ({error.strerror}); nothing was sent.") from None
            if not _lock(file):
                who = file.read(200).strip() or "another process"
                file.close()
                raise RunError(self._busy.replace("{who}", who))
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), self._place.stat()):
                    break
            file.close()  # whoever had it took the file away between our opening and our locking it
        self._held = file
        try:
            file.seek(0)
            file.truncate()
            file.write(f"process {os.getpid()} on {socket.gethostname()}, since {dt.datetime.now():%Y-%m-%d %H:%M:%S}")
            file.flush()
        except OSError as error:
            self.release()
            raise RunError(f"{self._place}: can't be written ({error.strerror}); nothing was sent.") from None
        return self

    def wait(self, seconds: float) -> Self:
        """Take it as soon as whoever has it lets go.

        Raises:
            RunError: nobody let go in that time, or the lock can't be written.
        """
        end = time.monotonic() + seconds
        while not self.held:
            try:
                self.take()
            except RunError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        return self

    def release(self) -> None:
        """Let another process have it."""
        if self._held is not None:
            with contextlib.suppress(OSError):  # Windows keeps a file that is open; a lock that is left does no harm
                self._place.unlink()
            with contextlib.suppress(OSError):
                self._held.close()
            self._held = None


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
