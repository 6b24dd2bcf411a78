"""This file holds Aside: bytes that are kept on the disk while we are at work, since all of them take too much memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from typing import Final

from .errors import RunError
from .home import home_folder

Place = int | bytes  # where bytes lie in the file; or the bytes themselves, where they stayed in memory
SPARE: Final = 2**30  # bytes that are left free on the disk: a run is to be saved there, too
LOOKS: Final = 4096  # so many blobs are put aside between two looks at how much is free
_AT_ONCE: Final = 1024  # bytes that are read at once: more than most blobs take


class Aside:
    """A private temporary file that is gone when nothing of it is needed any more, or this process ends.

    On Linux and macOS it has no name, so that nobody else can open it; on Windows the system deletes it as it is
    closed. It lies where the runs are, which hold the same records, else in the system's temporary folder. Where
    there is no room the bytes stay in memory. Threads may share it.
    """

    def __init__(self) -> None:
        self._folder = ""
        self._guard = threading.Lock()
        self._end = self._count = 0
        self._file = -1
        for folder in (home_folder(), tempfile.gettempdir()):
            try:
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103
                file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - it is closed with this object
            except OSError:
                continue
            weakref.finalize(self, file.close)
            self._folder, self._file = folder, file.fileno()
            break
        self._is_open = self._file >= 0

    def put(self, blob: bytes) -> Place:
        """Put bytes aside; gives what `get` asks for."""
        with self._guard:
            if not self._is_open:
                return blob
            place = self._end
            try:
                if self._count % LOOKS == 0 and shutil.disk_usage(self._folder).free < SPARE:
                    raise OSError("the disk is nearly full")
                if _write(self._file, blob, place) < len(blob):
                    raise OSError("the disk is full")
            except OSError:
                self._is_open = False  # what is there can still be read
                return blob
            self._count += 1
            self._end += len(blob)
            return place

    def get(self, place: Place, skip: int = 0) -> bytes:
        """The bytes put aside there, from the first `skip` on: not all of them, or more than them, where they lie in the file.

        Raises:
            RunError: they can't be read.
        """
        if isinstance(place, bytes):
            return place[skip:]
        try:
            if _HAS_PLACES:
                found = os.pread(self._file, _AT_ONCE + 8 * skip, place + skip)
            else:
                with self._guard:
                    os.lseek(self._file, place + skip, os.SEEK_SET)
                    found = os.read(self._file, _AT_ONCE + 8 * skip)
        except OSError as error:
            raise self.lost(str(error)) from None
        if not found:
            raise self.lost("its end is missing")
        return found

    def lost(self, why: str) -> RunError:
        """What there is to say where bytes can't be read again."""
        return RunError(f"{self._folder}: what was put aside there can't be read again ({why}). Run the command again; "
                        "ORDERDESK_BATCH_HOME may name a folder on another disk.")  # fmt: skip


_HAS_PLACES = hasattr(os, "pread")  # not on Windows


def _write(file: int, blob: bytes, place: int) -> int:
    """Write bytes at a place of a file; gives how many were written."""
    if _HAS_PLACES:
        return os.pwrite(file, blob, place)
    os.lseek(file, place, os.SEEK_SET)
    return os.write(file, blob)
