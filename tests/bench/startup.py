"""How long `--help`, `fields` and `runs` take from start to end, beside `python -c pass`.

    python tests/bench/startup.py [PYTHON] [times]

PYTHON is the interpreter of an environment in which the package is installed; by default this one.
All commands take turns, so that other work on the machine hits all alike; the median is what counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from orderdesk_batch.plan import Change, Plan, Step
from orderdesk_batch.run import Run

FORMS = ("--help", "fields orders", "fields orders --json", "fields orders --markdown", "runs", "runs --json")


def keep_runs(folder: Path, count: int) -> None:
    """Some runs of a hundred changes each."""
    for n in range(count):
        changes = [Change(m, "orders", "update", [m], f"#{m}", steps=[Step("put", "done")]) for m in range(100)]
        plan = Plan("orders", changes, store_id="1", store_name="A store", sheet_name="t.xlsx")
        Run.create(folder / f"20261123-0915{n:02d}-orders-a1b2.run", plan, {"at": 1.8e9 + n}).close()


def seconds(words: list[str], environment: dict[str, str]) -> float:
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a line for each."""
    python = Path(sys.argv[1] if len(sys.argv) > 1 else sys.executable)
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    command = python.with_name("orderdesk-batch.exe" if os.name == "nt" else "orderdesk-batch")
    with tempfile.TemporaryDirectory() as home:
        keep_runs(Path(home) / "runs", 10)
        environment = {**os.environ, "ORDERDESK_BATCH_HOME": home}
        asked = {"python -c pass": [str(python), "-c", "pass"], **{form: [str(command), *form.split()] for form in FORMS}}
        taken: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(times):
            for name, words in asked.items():
                taken[name].append(seconds(words, environment))
    bare = taken["python -c pass"]
    for name, all_of in taken.items():
        median, least = statistics.median(all_of), min(all_of)
        print(f"{name:26} {median * 1000:6.1f} ms  {median / statistics.median(bare):5.2f} ×   (least: {least / min(bare):.2f} ×)")


if __name__ == "__main__":
    main()
