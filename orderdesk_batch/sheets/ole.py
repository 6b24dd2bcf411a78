"""This file holds a check of the container of old .xls files: a chain of sectors that runs in a circle never ends."""

from __future__ import annotations

import struct
from array import array

_END, _IN_HEADER = -2, 109


def is_sound(data: bytes) -> bool:
    """Whether no chain of sectors runs in a circle; files without a container are."""
    if not data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return True
    if len(data) < 512:
        return False
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        return False
    size = 1 << shift
    _, _, small_first, small_count, more_first, more_count = struct.unpack_from("<6i", data, 52)
    sectors = list(struct.unpack_from(f"<{_IN_HEADER}i", data, 76))
    for _ in range(min(more_count, len(data) // size)):
        more = _sector(data, more_first, size)
        sectors += more[:-1]
        more_first = more[-1] if more else _END
    table = array("i")
    for sector in sectors:
        if sector >= 0:
            table.extend(_sector(data, sector, size))
    if not _runs_out(table):
        return False
    small = array("i")
    for _ in range(min(max(small_count, 0), len(table))):
        if not 0 <= small_first < len(table):
            break
        small.extend(_sector(data, small_first, size))
        small_first = table[small_first]
    return _runs_out(small)


def _sector(data: bytes, number: int, size: int) -> array[int]:
    """The numbers in a sector; none where the file has ended."""
    begin = (number + 1) * size
    body = data[begin : begin + size] if number >= 0 else b""
    return array("i", struct.unpack(f"<{len(body) // 4}i", body[: len(body) // 4 * 4]))


def _runs_out(table: array[int]) -> bool:
    """Whether each sector of the table lies on a chain with a beginning, and on one chain only."""
    pointed = bytearray(len(table))
    used = 0
    for after in table:
        if after == _END or after >= 0:
            used += 1
        if 0 <= after < len(table):
            if pointed[after]:
                return False
            pointed[after] = 1
    reached = 0
    for first, after in enumerate(table):
        if pointed[first] or (after != _END and after < 0):
            continue
        at = first
        while 0 <= at < len(table) and (table[at] == _END or table[at] >= 0):
            reached += 1
            at = table[at]
    return reached == used
