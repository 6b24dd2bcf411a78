"""This file holds what runs in the child process: it keeps to limits, reads one workbook and answers with its grids."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

from . import parcel
from .content import SAVE_AS
from .limits import limit
from .refuse import Unreadable


def main(order: dict[str, Any]) -> None:
    """Reads the workbook that follows on standard input and writes the answer to standard output."""
    gc.disable()  # one file, then the end: looking for cycles among a million cells is all cost
    order["limited"] = limit(order["memory"], order["seconds"])
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(order, data))
    sys.stdout.buffer.flush()
    os._exit(0)  # taking a million cells apart again would only cost time


def answer(order: dict[str, Any], data: bytes) -> bytes:
    """The packed answer: grids and tabs, or why not."""
    try:
        return parcel.pack(_read(order, data))
    except Unreadable as no:
        return parcel.pack({"refused": (no.reason, no.hint, no.code, no.row)})
    except ImportError as missing:
        reason = f"a part of this program is missing, so that {order['form']} files can't be read ({missing})"
        return parcel.pack({"refused": (reason, "Install orderdesk-batch anew.", "not-installed", None)})
    except RecursionError:
        return parcel.pack({"refused": ("the file is damaged: it is nested too deep", "", "damaged", None)})
    except MemoryError:
        hint = "Copy its cells into a new workbook."
        return parcel.pack({"refused": ("the file takes more memory to read than is allowed", hint, "too-large", None)})
    except Exception as error:  # whatever a damaged file leads to
        reason = f"the file is damaged, or of a kind that is not known ({type(error).__name__}: {error})"
        return parcel.pack({"refused": (reason[:200], SAVE_AS, "damaged", None)})


def _read(order: dict[str, Any], data: bytes) -> dict[str, Any]:
    if order["form"] == "xls":
        from .xls import read
    elif order["form"] == "xlsb":
        from .xlsb import read
    elif order["form"] == "ods":
        from .ods import read
    else:
        from .xlsx import read
    return read(data, order)
