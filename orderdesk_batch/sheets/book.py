"""This file holds how a workbook is read in a child process, which a hostile file may kill without harm to us."""

from __future__ import annotations

import marshal
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import parcel
from .content import AGAIN
from .refuse import Unreadable
from .sheet import Limits

# The child gets our import path as it is: nothing is looked up again, and no `__main__` is run twice.
_START = (
    "import marshal, sys; size = int(sys.stdin.buffer.readline()); order = marshal.loads(sys.stdin.buffer.read(size)); "
    "sys.path[:] = order['path']; from orderdesk_batch.sheets.child import main; main(order)"
)


class _Died(Unreadable):
    """The child ended without an answer."""


def read_workbook(data: bytes, form: str, limits: Limits, want: str | None = None, **more: Any) -> dict[str, Any]:
    """The grids of a workbook's visible tabs (or of the one wanted), and the names of all tabs."""
    limits = limits.for_size(len(data))
    order = {"form": form, "want": want, "memory": limits.memory_bytes, "seconds": limits.seconds,
             "unpacked": limits.unpacked_bytes, "cells": limits.cells, **more}  # fmt: skip
    if getattr(sys, "frozen", False) or not sys.executable:  # no Python to start: read here, under the parts' own limits
        from .child import answer

        message = parcel.unpack(answer(order, data))
    else:
        try:
            out = _ask(order, data, limits)
        except _Died:
            if form not in ("xlsx", "xlsm"):
                raise
            out = _ask({**order, "slow": True}, data, limits)  # without the library that may have died of it
        message = parcel.unpack(out)
    if "refused" in message:
        raise Unreadable(*message["refused"])
    return message


def _ask(order: dict[str, Any], data: bytes, limits: Limits) -> bytes:
    home = str(Path(__file__).resolve().parents[2])  # found there even where an import hook led us to it
    path = [home, *(place or str(Path.cwd()) for place in sys.path)]
    head = marshal.dumps({**order, "path": path}, 2)
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        creationflags=flags,
    )
    with child:
        try:
            out, _ = child.communicate(b"%d\n%s%s" % (len(head), head, data), timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            reason = f"the file takes more than {limits.seconds:g} seconds to read"
            raise Unreadable(reason, "Copy its cells into a new workbook.", "too-large") from None
        except BaseException:
            child.kill()
            raise
    if child.returncode or not out:
        raise _Died(
            "the file is damaged, or takes more memory to read than is allowed",
            f"Copy its cells into a new workbook. {AGAIN}",
            "damaged",
        )
    return out
