"""Planning takes steps in proportion to the rows."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from tests.plan.tables import order, plan, stock


def steps(rows: int, kind: str) -> int:
    """How many instructions of the package's own code a plan of so many rows takes."""
    if kind == "stock":
        text = "code | stock | price\n" + "\n".join(f"SKU-{n} | {n} | 9.50" for n in range(rows))
        held = {"inventory": [stock(n) for n in range(rows)]}
    else:  # all of them are refused, each with a hint
        text = "order | tracking_number\n" + "\n".join(f"000{10_000 + n} | A{n}" for n in range(rows))
        held = {"orders": [order(n) for n in range(rows)]}
    resource = "inventory" if kind == "stock" else "shipments"
    counted = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        if "orderdesk_batch" not in frame.f_code.co_filename:
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        counted += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        plan(resource, text, **held)
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stock", "refused"])
def test_eight_times_the_rows_take_about_eight_times_the_steps(kind: str) -> None:
    steps(10, kind)  # imports, caches
    few = steps(250, kind)
    assert few > 250 * 100  # it was counted
    assert steps(2000, kind) < 8.5 * few
